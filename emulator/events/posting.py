"""One delivery over HTTP: to a checked address, over a connection of its own, with bounds.

The connection goes to the very address that was judged, whatever the name means by then; bounds
hold for each part of the answer. `httptools`, which the server reads requests with, reads it.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from greenroom.emulator.events.reach import Endpoint

LONGEST = 64 * 1024  # bytes of an answer that are listened to
SHOWN = 500  # characters of it that are kept
_FRAMING = ("host", "connection", "content-length", "transfer-encoding")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


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
    request = _head(endpoint, headers, len(body)) + body
    reason = "Nobody answers there."
    async with asyncio.timeout_at(deadline) as limit:
        for address in endpoint.addresses:
            try:
                reader, writer = await _connect(address, endpoint)
            except OSError as error:
                why = error.strerror or str(error)
                reason = f"Nobody answers at {address} port {endpoint.port}: {why}."
                continue
            try:
                writer.write(request)
                return await _answer(reader, limit)
            finally:
                writer.transport.abort()
    raise OSError(reason)


async def _connect(
    address: str, endpoint: Endpoint
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if endpoint.scheme == "http":
        return await asyncio.open_connection(address, endpoint.port)
    host = endpoint.host
    return await asyncio.open_connection(address, endpoint.port, ssl=_trust(), server_hostname=host)


def _head(endpoint: Endpoint, headers: Mapping[str, str], length: int) -> bytes:
    lines = [f"POST {endpoint.target} HTTP/1.1", f"Host: {endpoint.named}"]
    for name, value in headers.items():
        if name.lower() not in _FRAMING:
            lines.append(_CONTROL.sub(" ", f"{name}: {value}"))
    lines += [f"Content-Length: {length}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


async def _answer(reader: asyncio.StreamReader, limit: asyncio.Timeout) -> Answer:
    """What is answered; once the status is known, whatever goes wrong changes nothing."""
    listener = _Listener()
    deadline = limit.when()
    try:
        while not listener.is_over and (part := await reader.read(LONGEST)):
            listener.hear(part)
            if listener.status and not limit.expired():
                limit.reschedule(None)
                break
        async with asyncio.timeout_at(deadline):
            while not listener.is_over and (part := await reader.read(LONGEST)):
                listener.hear(part)
    except (TimeoutError, OSError, HttpParserError, HttpParserUpgrade) as error:
        if not listener.status:
            raise OSError(f"There was no answer: {error or type(error).__name__}.") from None
    if not listener.status:
        raise OSError("There was no answer: the connection was closed.")
    return Answer(listener.status, listener.text.decode("utf-8", "replace")[:SHOWN])


class _Listener:
    """Hears an answer out, or as much of it as is good."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._heard = 0
        self.status = 0
        self.text = b""
        self.is_over = False

    def hear(self, part: bytes) -> None:
        """Take in what has come; what is no HTTP is an error of the parser."""
        self._heard += len(part)
        self._parser.feed_data(part)
        if self._heard >= LONGEST:
            if not self.status:
                raise OSError("its head has no end")
            self.is_over = True

    def on_headers_complete(self) -> None:
        """The status is known; one that only says to wait is none."""
        status = self._parser.get_status_code()
        if status >= 200:
            self.status = status

    def on_body(self, part: bytes) -> None:
        """A part of the body came."""
        if len(self.text) < 4 * SHOWN:
            self.text += part[: 4 * SHOWN]

    def on_message_complete(self) -> None:
        """That was all."""
        self.is_over = self.status > 0


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
