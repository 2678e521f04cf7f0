"""How the API speaks: dollar signs it tolerates, and the list of errors it refuses with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from greenroom.emulator.toolkit import ApiError, Json, Reply, Request, Violation, Wire

JSON = "application/json"
MOST_ERRORS = 100

# Code and message of refusals that are not this API's own, by status; the code of the engine's
# "already_exists" is told apart because two things share 409.
WORDS = {
    400: ("VALIDATE_FAILED", "field validation failed"),
    401: ("UNAUTHORIZED", "authentication required"),
    403: ("FORBIDDEN", "permission denied"),
    404: ("NOT_FOUND", "resource not found"),
    405: ("METHOD_NOT_ALLOWED", "method not allowed"),
    409: ("CONFLICT", "conflict"),
    413: ("PAYLOAD_TOO_LARGE", "request body too large"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "unsupported media type"),
}
UNKNOWN = ("UNKNOWN", "unknown error")
KINDS = {
    "conference_servers": "conference server",
    "conference_rooms": "conference room",
    "participants": "participant",
    "recordings": "recording",
    "blobs": "file",
    "path": "path",
}
REASONS = {
    "bcp47": "is not a BCP 47 language tag such as en-US.",
    "email-list": "must hold e-mail addresses, separated by ; or ,.",
    "iana-timezone": "is not a time zone's IANA name such as Asia/Shanghai.",
    "json": "is not JSON.",
}
# The one choice in a schema of this API: which address a new server has.
ADDRESS = {"field": "ipv4", "reason": "at least one of ipv4 and ipv6 is required."}


def read_request(request: Request) -> Request:
    """Take list options with a dollar sign, and no body under any label for an empty object."""
    query = "&".join(map(_without_dollar, request.query.split("&"))) if request.query else ""
    if request.method == "POST" and not request.body:
        request = request.replaced(body=b"{}")
        if request.media_type not in ("", JSON):  # the label of something that is not there
            others = [each for each in request.raw_headers if each[0] != b"content-type"]
            request = request.replaced(raw_headers=others)
    return request if query == request.query else request.replaced(query=query)


def _without_dollar(pair: str) -> str:
    return pair.removeprefix("%24").removeprefix("$")


def write_error(error: ApiError, request: Request) -> Reply:
    """Write the refusal as a list of errors, one per field if fields are to blame."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    return Reply({"errors": list(_entries(error))[:MOST_ERRORS]}, error.status, headers)


def _entries(error: ApiError) -> Iterator[Json]:
    if any(each.keyword == "malformed" and each.limit == "JSON" for each in error.violations):
        message = "malformed JSON body"
        yield {"code": "VALIDATE_FAILED", "message": message, "detail": {"reason": error.detail}}
    elif error.violations:
        for detail in _by_field(error.violations):
            code, message = WORDS[400]
            yield {"code": code, "message": message, "detail": detail}
    else:
        yield _entry(error)


def _by_field(violations: tuple[Violation, ...]) -> list[Json]:
    """The first thing that is wrong with each field."""
    found: dict[str, Json] = {}
    for each in violations:
        detail = ADDRESS if each.keyword == "anyOf" else _detail(each)
        found.setdefault(detail["field"], detail)
    return list(found.values())


def _detail(violation: Violation) -> Json:
    named = str(violation.limit) if violation.keyword == "format" else ""
    reason = REASONS.get(named, violation.message)
    return {"field": violation.field or violation.where, "reason": reason}


def _entry(error: ApiError) -> Json:
    if error.code.isupper():  # our own
        code, message, detail = error.code, error.detail, error.subject
    elif error.code == "already_exists":
        code, message = "ALREADY_EXISTS", "already exists"
        detail = {"field": error.subject, "reason": error.detail}
    else:
        code, message = WORDS.get(error.status, UNKNOWN)
        told = error.status < 500 and error.status != 401 and error.detail
        detail = {"reason": error.detail} if told else None
    if error.status == 404:
        detail = _kind(error.subject)
    return {"code": code, "message": message} | ({"detail": detail} if detail else {})


def _kind(subject: Any) -> Json | None:
    return {"kind": KINDS[subject]} if subject in KINDS else None


WIRE = Wire(read_request=read_request, write_error=write_error)
