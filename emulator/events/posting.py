"""One delivery over HTTP: to a checked address, over a connection of its own, with bounds.

httpcore, the engine of httpx, speaks the HTTP. It is used without httpx around it, which would
follow, remember and read from the environment what a delivery must not.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from httpcore import (
    URL,
    AsyncHTTPConnection,
    ConnectError,
    NetworkError,
    RemoteProtocolError,
    Request,
    Response,
)

from greenroom.emulator.events.line import Line
from greenroom.emulator.events.reach import Endpoint

SHOWN = 500  # characters of an answer that are kept
_FRAMING = ("host", "connection", "content-length", "transfer-encoding", "upgrade")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BROKEN = (OSError, NetworkError, RemoteProtocolError)


class Answer(NamedTuple):
    """What an endpoint answered, and how its answer begins."""

    status: int
    text: str


async def post(
    endpoint: Endpoint, headers: Mapping[str, str], body: bytes, deadline: float
) -> Answer:
    """The endpoint's answer to a POST, whatever it is; a redirect is one and not followed.

    No answer is an OSError that says what happened instead, at the deadline a TimeoutError.
    """
    request = _request(endpoint, headers, body)
    trust = _trust() if endpoint.scheme == "https" else None
    reason = "Nobody answers there."
    for address in endpoint.addresses:
        line = Line(address, endpoint.port)
        async with AsyncHTTPConnection(request.url.origin, trust, network_backend=line) as call:
            async with asyncio.timeout_at(deadline):
                try:
                    response = await call.handle_async_request(request)
                except ConnectError as error:
                    reason = f"Nobody answers at {address} port {endpoint.port}: {_why(error)}."
                    continue
                except _BROKEN as error:
                    raise OSError(f"There was no answer: {_why(error)}.") from None
            return Answer(response.status, await _beginning(response, deadline))
    raise OSError(reason)


def _request(endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Request:
    given = [(name, value) for name, value in headers.items() if name.lower() not in _FRAMING]
    framing = [("Content-Length", str(len(body))), ("Connection", "close")]
    sent = [("Host", endpoint.named), *given, *framing]
    return Request(
        "POST",
        URL(scheme=endpoint.scheme, host=endpoint.host, port=endpoint.port, target=endpoint.target),
        headers=[(_plain(name), _plain(value)) for name, value in sent],
        content=body,
    )


def _plain(text: str) -> bytes:
    return _CONTROL.sub(" ", text).strip(" \t").encode("latin-1", "replace")


async def _beginning(response: Response, deadline: float) -> str:
    """How the answer begins; now that the status is known, whatever goes wrong changes nothing."""
    heard = bytearray()
    with suppress(TimeoutError, *_BROKEN):
        async with asyncio.timeout_at(deadline):
            async for part in response.aiter_stream():
                heard += part
    return heard.decode("utf-8", "replace")[:SHOWN]


def _why(error: BaseException) -> str:
    """What is at the bottom of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(why).rstrip(".")


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
