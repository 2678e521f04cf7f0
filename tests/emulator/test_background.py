"""A server beside the code that uses it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from greenroom.emulator.background import BackgroundServer
from greenroom.emulator.loop import Loop


class Application:
    """Answers with the name of the thread it runs in."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ended = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            assert await receive() == {"type": "lifespan.startup"}
            await send({"type": "lifespan.startup.complete"})
            self.begun.set()
            await receive()
            self.ended.set()
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            name = threading.current_thread().name.encode()
            await send({"type": "http.response.body", "body": name})


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


def test_the_address_answers_from_the_first_moment(loop: Loop) -> None:
    server = BackgroundServer(Application(), loop)
    assert httpx.get(server.url).text == "greenroom"
    server.close()


def test_the_port_is_free_afterwards(loop: Loop) -> None:
    server = BackgroundServer(Application(), loop)
    server.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_the_application_hears_that_it_is_served_and_outlives_the_server(loop: Loop) -> None:
    application = Application()
    server = BackgroundServer(application, loop)
    assert application.begun.wait(5)
    server.close()
    assert not application.ended.is_set()
