"""How HooT speaks: JSON under any label, tokens with a word before them, and one error form."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from greenroom.emulator.toolkit import ApiError, Json, Reply, Request, Violation, Wire
from greenroom.handlers.hoot.errors import REASON

TOKEN, INSTANCE, LABEL = b"authorization", b"x-hoot-instance", b"content-type"
JSON = b"application/json"
XFORM = "/v1/x/"
CHECK = "/v1/check_conf/"
DOOR = "/hoot/api/join"

REASONS = {
    400: "invalid request",
    401: "missing or malformed Authorization header",
    403: "You are not the owner of this conference",
    404: "not found",
    405: "method not allowed",
    413: "request too large",
    414: "address too long",
    431: "headers too large",
    500: "internal error",
}
KINDS = {
    "conferences": "conference not found",
    "participants": "participant not found",
    "subscriptions": "subscription not found",
    "users": "user not found",
}
MOST_ERRORS = 100
_BEARER = re.compile(rb"\s*bearer +", re.IGNORECASE)
_SLASHES = re.compile("/{2,}")


def read_request(request: Request) -> Request:
    """Take one slash for two, a bearer's token, any label of a body, and base64 as it is."""
    headers = _forgiven(request)
    path = _straightened(request.path)
    if path == "/v1/x" and "+" in request.query:
        request = request.replaced(query=request.query.replace("+", "%2B"))
    if path != request.path:
        request = request.replaced(path=path)
    if headers is not request.raw_headers:
        request = request.replaced(raw_headers=headers)
    return request


def _straightened(path: str) -> str:
    """The path with single slashes; behind `/v1/x/` all is one segment, its slashes data."""
    if path == DOOR.removeprefix("/hoot"):
        return DOOR  # served without a prefix, its beginning is taken for one
    if path.startswith("//") or path.startswith("/v1//"):
        path = "/" + path.lstrip("/")
        path = "/v1/" + path[4:].lstrip("/") if path.startswith("/v1//") else path
    if path.startswith(XFORM):
        return XFORM + quote(unquote(path[len(XFORM) :]), safe="")  # what is no UTF-8 is no link
    return _SLASHES.sub("/", path) if "//" in path else path


def _forgiven(request: Request) -> list[tuple[bytes, bytes]]:
    headers = request.raw_headers
    token = request.header(TOKEN)
    if token is not None and (word := _BEARER.match(token.encode("latin-1"))):
        bare = token.encode("latin-1")[word.end() :]
        headers = [*(each for each in headers if each[0] != TOKEN), (TOKEN, bare)]
    if request.body and request.media_type not in ("", "application/json"):
        headers = [*(each for each in headers if each[0] != LABEL), (LABEL, JSON)]
    if request.options.get("lenient_headers") and request.header(INSTANCE) is None:
        headers = [*headers, (INSTANCE, b"Generic")]
    return headers


def write_error(error: ApiError, request: Request) -> Reply:
    """Write code, reason and meta; an unknown conference that is only checked has no body."""
    status, reason = _told(error)
    if status == 404 and error.subject != "path" and request.path.startswith(CHECK):
        return Reply(None, status)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    meta = {"errors": _errors(error)} if status == 400 else {}
    return Reply({"code": status, "reason": reason, "meta": meta}, status, headers)


def _told(error: ApiError) -> tuple[int, str]:
    """The status and the reason, in the words of this API."""
    if error.code == "malformed_body":
        return 400, "malformed JSON body"
    if any(map(_is_a_token, error.violations)):
        return 401, REASONS[401]  # there were several, and together they have no form
    if error.violations and all(map(_is_no_base64, error.violations)):
        return 404, "link not valid"  # dossier 5.4: what is no base64 is no link either
    if error.code == REASON:
        return error.status, error.detail
    if error.status == 404 and error.subject in KINDS:
        return 404, KINDS[error.subject]
    return error.status, REASONS.get(error.status, error.detail)


def _is_a_token(violation: Violation) -> bool:
    return violation.where == "header" and violation.path == ("Authorization",)


def _is_no_base64(violation: Violation) -> bool:
    return violation.where == "path" and violation.path == ("b64_URL",)


def _errors(error: ApiError) -> list[Json]:
    if not error.violations:
        return [{"in": "request", "name": "", "message": error.detail}]
    return [
        {"in": each.where, "name": each.field, "message": each.sentence}
        for each in error.violations[:MOST_ERRORS]
    ]


WIRE = Wire(read_request=read_request, write_error=write_error)
