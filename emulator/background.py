"""A server beside the code that uses it: on a free port of loopback, in a thread."""

from __future__ import annotations

import asyncio

import uvicorn
from starlette.types import ASGIApp, Message

from greenroom.emulator.loop import Loop
from greenroom.emulator.serving import listen, server_config

_HOST = "127.0.0.1"


class BackgroundServer:
    """Serves an application on its loop; `url` answers from the first moment."""

    def __init__(self, app: ASGIApp, loop: Loop) -> None:
        config = server_config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        bound = listen(_HOST, 0)
        bound.listen()  # who connects before the server runs waits in the queue
        self.url = f"http://{_HOST}:{bound.getsockname()[1]}"
        self._living = loop.submit(_live(app))
        self._serving = loop.submit(self._server.serve([bound]))

    def close(self) -> None:
        """Stop, and return once the port is free; the application goes on."""
        self._server.should_exit = True
        self._serving.result()
        self._living.cancel()


async def _live(app: ASGIApp) -> None:
    """Tell the application that a server has started, and never that it stops.

    It would close what others still use: the server is only one way in.
    """
    messages: list[Message] = [{"type": "lifespan.startup"}]

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop()

    async def send(_: Message) -> None:
        return

    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
