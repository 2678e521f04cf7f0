"""An HTTP client that calls the application in process, without a port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp, Message

_HOST = "http://127.0.0.1:8800"


class InProcessTransport(httpx.BaseTransport):
    """Runs the application's coroutine on a loop of its own, one request at a time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return self._loop.run_until_complete(self._answer(request))

    def close(self) -> None:
        """Let go of the loop."""
        self._loop.close()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: dict[str, Any] = {
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
        }
        await self._app(scope, receive, send)
        start, *parts = sent
        content = b"".join(part.get("body", b"") for part in parts)
        return httpx.Response(start["status"], headers=start["headers"], content=content)


def in_process_client(
    app: ASGIApp, path: str, *, headers: Mapping[str, str], params: Mapping[str, str]
) -> httpx.Client:
    """A client whose addresses are below this path of the application."""
    return httpx.Client(
        transport=InProcessTransport(app),
        base_url=_HOST + path,
        headers=headers,
        params=params,
    )
