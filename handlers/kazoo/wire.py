"""How Kazoo speaks: everything in an envelope, going in and coming out."""

from __future__ import annotations

from hashlib import md5

import orjson

from greenroom.emulator.toolkit import ApiError, Call, Json, Reply, Request
from greenroom.handlers.kazoo.errors import (
    MissingDataError,
    NotAcceptableError,
    UnreadableEnvelopeError,
    spoken,
)
from greenroom.handlers.kazoo.revisions import names

NODE = "dJX5pTQbQbqqZrKuKqCBbg"
VERSION = "4.1.39"
JSON = "application/json"
# dossier 2.1: `curl -d` says form, and means JSON
JSON_LABELS = frozenset({"", JSON, "application/x-json", "application/x-www-form-urlencoded"})
ACCEPTABLE = frozenset({JSON, "application/x-json", "application/*", "*/*"})
REFUSED = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})
TUNNELLED = frozenset({"PUT", "PATCH", "DELETE"})
WITH_BODY = frozenset({"PUT", "POST", "PATCH"})
TAGGED = frozenset({"POST", "PATCH"})
WITHOUT_BODY = frozenset({406, 412, 415})
ALWAYS = {"Content-Language": "en", "Vary": "accept-language, accept"}
LONG_AGO = "Fri, 01 Jan 1999 00:00:00 GMT"


def read_request(request: Request) -> Request:
    """Read the envelope under any label, and do what it says about verb and token."""
    query = dict(request.query_pairs())
    envelope = _envelope(request)
    verb = envelope.get("verb", query.get("verb"))
    token = envelope.get("auth_token", query.get("auth_token"))
    if request.method == "POST" and isinstance(verb, str) and verb.upper() in TUNNELLED:
        request = request.replaced(method=verb.upper())
    if isinstance(token, str) and token:
        request = _with_header(request, "x-auth-token", token)
    is_readable = request.media_type in JSON_LABELS or not request.body
    if request.method in WITH_BODY and is_readable:
        request = _with_header(request.replaced(body=_written(envelope)), "content-type", JSON)
    return request


def _written(envelope: Json) -> bytes:
    """The envelope as the specification has it; one without data for none."""
    try:
        return orjson.dumps(envelope or {"data": {}})
    except orjson.JSONEncodeError as error:
        raise UnreadableEnvelopeError(f"The body cannot be kept: {error}.") from None


def _with_header(request: Request, name: str, value: str) -> Request:
    others = [each for each in request.raw_headers if each[0].decode("latin-1").lower() != name]
    return request.replaced(raw_headers=[*others, (name.encode(), value.encode("utf-8"))])


def _envelope(request: Request) -> Json:
    """The envelope of the request, its keys as Kazoo reads them; empty for none."""
    reads = request.method in WITH_BODY or request.method == "DELETE"
    if not (reads and request.body and request.media_type in JSON_LABELS):
        return {}
    try:
        envelope = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise UnreadableEnvelopeError(f"The body is not JSON: {error}.") from None
    if not isinstance(envelope, dict):
        raise UnreadableEnvelopeError("The body is no JSON object.")
    envelope = {key.lower().replace("-", "_"): value for key, value in envelope.items()}
    if envelope.get("data") is None:
        raise MissingDataError
    return envelope


def presented_token(request: Request) -> str | None:
    """The token a request is made with, or what it presents in place of one."""
    token = request.headers.get("x-auth-token")
    if token:
        return token
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() or None if scheme.lower() == "basic" else None


def write_reply(reply: Reply, call: Call) -> Reply:
    """Put a success into its envelope; 304 when the client has this revision already."""
    request = call.request
    body: Json = _around(request) | {"status": "success"} | reply.body
    headers = {**ALWAYS, "X-Request-ID": body["request_id"], **reply.headers}
    reads = call.operation is not None and call.operation.method == "GET"
    if reads:
        headers["Expires"] = LONG_AGO
        tags = request.headers.get("if-none-match", "")
        if "revision" in body and names(tags, body["revision"]):
            return Reply(status=304, headers=headers | {"ETag": _tag(body)})
        if body["data"]:  # what has no revision has a digest, of the request's id as well
            body.setdefault("revision", md5(orjson.dumps(body)).hexdigest())
    if "revision" in body and (reads or request.method in TAGGED):
        headers["ETag"] = _tag(body)
    return Reply(body, reply.status, headers)


def _tag(body: Json) -> str:
    return f'"{body["revision"]}"'


def write_error(error: ApiError, request: Request) -> Reply:
    """Put a refusal into its envelope; some have no body at all."""
    around = _around(request)
    headers = {**error.headers, "X-Request-ID": around["request_id"]}
    if error.status in WITHOUT_BODY:
        return Reply(status=error.status, headers=headers)
    status, message, data = spoken(error, request.path)
    told = {"data": data, "error": str(status), "message": message, "status": "error"}
    return Reply(around | told, status, headers, JSON)


def write_options(reply: Reply, request: Request) -> Reply:
    """Say what may be done at an address, with the status that Kazoo has for it."""
    headers = {**reply.headers, "X-Request-ID": _around(request)["request_id"]}
    return Reply(status=200, headers=headers)


def _around(request: Request) -> Json:
    """The keys that every envelope has."""
    asked = request.headers.get("x-request-id")
    return {
        "request_id": asked or md5(request.exchange.encode()).hexdigest(),
        "auth_token": presented_token(request) or "undefined",
        "node": NODE,
        "version": VERSION,
        "timestamp": request.at.strftime("%Y-%m-%dT%H:%M:%S"),
    }


def expect_acceptable(request: Request) -> None:
    """Refuse a client that takes no JSON; a body that cannot be read is told of before that."""
    is_unread = request.method in WITH_BODY and request.media_type != JSON
    accepted = request.headers.get("accept", "").lower()
    if accepted.strip() and not is_unread and not any(map(_offers_json, accepted.split(","))):
        raise NotAcceptableError


def _offers_json(media_range: str) -> bool:
    media_type, *parameters = (part.strip() for part in media_range.split(";"))
    return media_type in ACCEPTABLE and not REFUSED.intersection(parameters)
