"""Who is calling: a project, by its key."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from greenroom.emulator.toolkit import Call, Caller, Credentials, Request
from greenroom.handlers.boomstream.errors import KeyRefusedError


def bearer(request: Request) -> str:
    """The token of the Authorization header; empty when there is none."""
    kind, _, token = (request.header(b"authorization") or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def presenting(key: object, request: Request) -> Request:
    """The request with the key where the spec expects one, wherever it stood."""
    others = [pair for pair in request.raw_headers if pair[0].lower() != b"authorization"]
    header = b"Bearer " + quote(str(key), safe="").encode()
    return request.replaced(raw_headers=[*others, (b"authorization", header)])


def admit(call: Call, path: Mapping[str, str]) -> None:
    """Refuse what cannot be read, then what brings no key, before anything else is looked at."""
    if call.operation is None or not call.operation.path.startswith("/api/"):
        return
    if call.request.given["refusal"] is not None:
        raise call.request.given["refusal"]
    if "apikey" not in call.request.given["sent"]:
        raise KeyRefusedError("API key is required", strict=call.option("strict_http"))


def identify(call: Call, credentials: Credentials) -> Caller:
    """The project of the key; the one that counts is not always the one found first."""
    key = call.request.given["sent"]["apikey"]
    project = call.shared("projects").first(key=key) if isinstance(key, str) else None
    if project is None:
        raise KeyRefusedError("Invalid API key", strict=call.option("strict_http"))
    return Caller(who=project["owner"], tenant=project["id"], role="owner")
