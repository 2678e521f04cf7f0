"""How the API speaks: JSON that says it is JSON, and refusals by code."""

from __future__ import annotations

from hashlib import md5
from uuid import UUID

from greenroom.emulator.toolkit import ApiError, Json, Reply, Request, Violation, Wire
from greenroom.handlers.opentalk.errors import (
    BAD_TOKEN,
    BareDenialError,
    OidcError,
    PayloadOverflowError,
    RejectedError,
    Rejection,
)
from greenroom.handlers.opentalk.profiles import PROFILES

MOST_BYTES = 2 * 1024 * 1024
MOST_ERRORS = 100
OIDC = "/oidc/"

# dossier 4.2: what can be read is judged (422), what cannot is no JSON of ours (400)
JUDGED = {
    "minLength": "invalid_length",
    "maxLength": "invalid_length",
    "minItems": "invalid_length",
    "maxItems": "invalid_value",
    "minimum": "out_of_range",
    "maximum": "out_of_range",
    "exclusiveMinimum": "out_of_range",
    "exclusiveMaximum": "out_of_range",
    "pattern": "invalid_value",
    "minProperties": "missing_values",
}
# The code of a refusal that is not this API's own, by status.
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_overflow",
    415: "invalid_content_type",
    422: "validation_failed",
    429: "too_many_requests",
    500: "internal_server_error",
    503: "service_unavailable",
}
# dossier 4.2: why a meeting cannot be started is said twice
START = frozenset(
    {"wrong_room_password", "no_breakout_rooms", "invalid_breakout_room_id", "banned_from_room"}
)
# What OAuth 2 calls a refusal that is not of the OpenID provider's own making.
OAUTH = {400: "invalid_request", 401: "invalid_token", 422: "invalid_request"}
# Where nobody lacks a right: a 403 there is about a feature that is switched off.
OPEN = frozenset({"/v1/rooms", "/v1/services/call_in/start"})
WRONG_VALUES = "one or more values are not valid"


def read_request(request: Request) -> Request:
    """Take an invite code under its own scheme, and a body only if it says what it is."""
    if len(request.body) > MOST_BYTES:
        raise PayloadOverflowError(f"The body is larger than {MOST_BYTES} bytes.")
    scheme, _, value = (request.header(b"authorization") or "").partition(" ")
    if scheme.lower() == "invitecode":
        request = _with_header(request, "authorization", f"Bearer {value}")
    if request.body and not request.media_type:
        request = _with_header(request, "content-type", "application/octet-stream")
    return request


def _with_header(request: Request, name: str, value: str) -> Request:
    others = [each for each in request.raw_headers if each[0].lower() != name.encode()]
    return request.replaced(raw_headers=[*others, (name.encode(), value.encode("latin-1"))])


def request_id(key: str) -> dict[str, str]:
    """The header that every answer has: a UUID that this exchange alone has."""
    return {"x-request-id": str(UUID(md5(key.encode()).hexdigest(), version=4))}


def write_error(error: ApiError, request: Request) -> Reply:
    """Write the refusal as the document and the server have it, both at once."""
    headers = dict(error.headers)
    if _is_bare(error, request):
        return Reply(b"", 403, headers, "text/plain")  # D20: not a word
    status, body = _spoken(error)
    if status == 401 and body["code"] == "unauthorized":
        headers = {**BAD_TOKEN, **headers}
    body |= {"status": str(status), "documentation_url": f"{request.base}/ui"}
    if request.path.startswith(OIDC):
        told = body["code"] if isinstance(error, OidcError) else OAUTH.get(status, "server_error")
        body |= {"error": told, "error_description": body["message"]}
    elif body["code"] in START:
        body["error"] = body["code"]
    return Reply(body, status, headers, "application/json")


def _is_bare(error: ApiError, request: Request) -> bool:
    """Whether this is said without a word, as a denial that has no reason of ours may have to."""
    if isinstance(error, BareDenialError):
        return True
    if error.status != 403 or _is_own(error) or request.path in OPEN:
        return False
    return PROFILES[request.options["profile"]].denies_bare


def _is_own(error: ApiError) -> bool:
    return type(error).__module__.startswith("greenroom.handlers.")


def _spoken(error: ApiError) -> tuple[int, Json]:
    """The status and what is told of the refusal."""
    if error.violations:
        return _of_violations(error.violations, error.detail)
    if isinstance(error, RejectedError):
        return 422, _rejected(list(error.rejections), error.code, error.detail)
    if error.status == 415:  # dossier 4.2: the server has it under 400
        return 400, {"code": "invalid_content_type", "message": error.detail}
    if error.status == 422:
        return 422, _rejected([], CODES[422], error.detail)
    return error.status, {"code": _code(error), "message": _message(error)}


def _code(error: ApiError) -> str:
    return error.code if _is_own(error) else CODES.get(error.status, error.code)


def _message(error: ApiError) -> str:
    return "An unexpected error has occurred." if error.code == "internal" else error.detail


def _of_violations(violations: tuple[Violation, ...], detail: str) -> tuple[int, Json]:
    """What the spec has against the request: path before query before body."""
    told = " ".join(each.sentence for each in violations[:3])
    if any(each.where == "path" for each in violations):
        return 404, {"code": "not_found", "message": f"There is nothing at this address: {told}"}
    if any(each.where != "body" for each in violations):
        return 400, {"code": "bad_request", "message": told}
    if any(each.keyword == "malformed" for each in violations):
        return 400, {"code": "invalid_json", "message": detail}
    if any(each.keyword not in JUDGED for each in violations):
        return 400, {"code": "invalid_json", "message": told}
    return 422, _rejected([_rejection(each) for each in violations], "validation_failed", "")


def _rejection(violation: Violation) -> Rejection:
    """What is wrong with a member, which goes by its last name (dossier 4.3)."""
    names = [part for part in violation.path if isinstance(part, str)]
    in_list = bool(violation.path) and isinstance(violation.path[-1], int)
    code = "invalid_value" if in_list else JUDGED[violation.keyword]
    field = names[-1] if names else None
    return Rejection(field, code, "" if code == "missing_values" else violation.message)


def _rejected(rejections: list[Rejection], code: str, detail: str) -> Json:
    errors = [
        {name: value for name, value in rejection._asdict().items() if value}
        for rejection in rejections[:MOST_ERRORS]
    ]
    return {"code": code, "message": detail or WRONG_VALUES, "errors": errors}


WIRE = Wire(read_request=read_request, write_error=write_error, request_id=request_id)
