"""An HTTP client that calls the application in process, without a port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp, Message

from greenroom.emulator.loop import Loop
from greenroom.emulator.transport import KEY

_HOST = "http://127.0.0.1:8800"
_CUTS: dict[str, tuple[type[httpx.TransportError], str]] = {
    "reset": (httpx.ReadError, "Connection reset by peer."),
    "empty": (httpx.RemoteProtocolError, "Server disconnected without sending a response."),
    "half": (httpx.RemoteProtocolError, "Server disconnected in the middle of its answer."),
    "garbage": (httpx.RemoteProtocolError, "Server sent something that is not HTTP."),
}


class InProcessTransport(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """Carries requests to an application on a loop; fails as a connection would fail."""

    def __init__(self, app: ASGIApp, loop: Loop) -> None:
        self._app = app
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        request.read()
        return self._loop.run(_Conversation(self._app, request).response())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request to a caller with a loop of its own."""
        await request.aread()
        answer = self._loop.submit(_Conversation(self._app, request).response())
        return await asyncio.wrap_future(answer)


class _Conversation:
    """One request and what the application does about it."""

    def __init__(self, app: ASGIApp, request: httpx.Request) -> None:
        self._app = app
        self._request = request
        self._asked = False
        self._over = asyncio.Event()
        self._sent: list[Message] = []
        self._cut = ""

    async def break_off(self, kind: str) -> None:
        """End as a connection does that breaks in that way; what an ordered fault asks for."""
        self._cut = kind

    async def response(self) -> httpx.Response:
        """The answer; after a silence that is too long the rest is not waited for."""
        answering = asyncio.ensure_future(self._app(self._scope(), self._receive, self._send))
        patience = self._request.extensions.get("timeout", {}).get("read")
        heard = -1
        while heard < len(self._sent) and not answering.done():
            heard = len(self._sent)
            await asyncio.wait([answering], timeout=patience)
        self._over.set()
        if not answering.done():
            raise httpx.ReadTimeout(f"No answer within {patience} s.", request=self._request)
        answering.result()
        return self._complete()

    async def _receive(self) -> Message:
        if self._asked:
            await self._over.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": self._request.content, "more_body": False}

    async def _send(self, message: Message) -> None:
        self._sent.append(message)

    def _scope(self) -> dict[str, Any]:
        request = self._request
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 0),
            "root_path": "",
            "extensions": {KEY: self},
        }

    def _complete(self) -> httpx.Response:
        if self._cut:
            kind, text = _CUTS[self._cut]
            raise kind(text, request=self._request)
        start, *parts = self._sent
        content = b"".join(part.get("body", b"") for part in parts)
        return httpx.Response(start["status"], headers=start["headers"], content=content)


def in_process_client(
    app: ASGIApp, path: str, *, loop: Loop, headers: Mapping[str, str], params: Mapping[str, str]
) -> httpx.Client:
    """A client whose addresses are below this path of the application."""
    transport = InProcessTransport(app, loop)
    return httpx.Client(transport=transport, base_url=_HOST + path, headers=headers, params=params)


def in_process_async_client(
    app: ASGIApp, path: str, *, loop: Loop, headers: Mapping[str, str], params: Mapping[str, str]
) -> httpx.AsyncClient:
    """The same, to be awaited; for asyncio."""
    transport = InProcessTransport(app, loop)
    return httpx.AsyncClient(
        transport=transport, base_url=_HOST + path, headers=headers, params=params
    )
