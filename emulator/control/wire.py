"""How the control plane says no: problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

from greenroom.emulator.toolkit import ApiError, Json, Reply, Request


def write_error(error: ApiError, _: Request) -> Reply:
    """A problem document; for bad input every mistake with its place."""
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
