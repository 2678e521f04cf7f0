"""How the control plane speaks: JSON whatever the label, refusals as problem details."""

from __future__ import annotations

from http import HTTPStatus

from greenroom.emulator.toolkit import ApiError, Json, Reply, Request

_FORM = "application/x-www-form-urlencoded"


def read_request(request: Request) -> Request:
    """Take JSON under the label that command-line tools put on it unasked."""
    if request.media_type != _FORM or not request.body.lstrip().startswith(b"{"):
        return request
    kept = [pair for pair in request.raw_headers if pair[0].lower() != b"content-type"]
    return request.replaced(raw_headers=[*kept, (b"content-type", b"application/json")])


def write_error(error: ApiError, _: Request) -> Reply:
    """A problem document (RFC 9457); for bad input every mistake with its place."""
    body: Json = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail or HTTPStatus(error.status).description,
    }
    if error.violations:
        body["errors"] = [
            {"pointer": each.pointer, "detail": each.message} for each in error.violations
        ]
    return Reply(body, error.status, media_type="application/problem+json")
