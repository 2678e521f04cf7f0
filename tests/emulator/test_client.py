"""The client without a port, against applications of a few lines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.emulator.client import in_process_async_client, in_process_client
from greenroom.emulator.loop import Loop
from greenroom.emulator.transport import KEY

START = {"type": "http.response.start", "status": 200, "headers": []}


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body it gets."""
    message = await receive()
    await send({**START, "headers": [(b"x-path", scope["raw_path"])]})
    await send({"type": "http.response.body", "body": message["body"]})


def client(app: ASGIApp, loop: Loop) -> httpx.Client:
    return in_process_client(app, "/~one/place", loop=loop, headers={}, params={})


def test_a_request_goes_below_the_path(loop: Loop) -> None:
    answer = client(echo, loop).post("/a%2Fb", content=b"Hello.")
    assert (answer.headers["x-path"], answer.content) == ("/~one/place/a%2Fb", b"Hello.")


def test_it_can_be_used_inside_a_running_loop(loop: Loop) -> None:
    async def inside() -> bytes:
        return client(echo, loop).post("/", content=b"Hello.").content

    assert asyncio.run(inside()) == b"Hello."


def test_it_can_be_used_by_many_threads(loop: Loop) -> None:
    texts = [str(number).encode() for number in range(100)]
    shared = client(echo, loop)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda text: shared.post("/", content=text).content, texts)
        assert list(answers) == texts


def test_it_can_be_awaited(loop: Loop) -> None:
    async def ask() -> list[bytes]:
        async with in_process_async_client(
            echo, "/~one", loop=loop, headers={}, params={}
        ) as asking:
            answers = [asking.post("/", content=text) for text in (b"one", b"two")]
            return [answer.content for answer in await asyncio.gather(*answers)]

    assert asyncio.run(ask()) == [b"one", b"two"]


def test_an_answer_that_does_not_come_in_time_is_a_time_out_and_goes_on(loop: Loop) -> None:
    turn, done = threading.Event(), threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.to_thread(turn.wait)
        done.set()

    with pytest.raises(httpx.ReadTimeout):
        client(slow, loop).get("/", timeout=0.01)
    turn.set()
    assert done.wait(5)


def test_an_answer_that_comes_slowly_is_no_time_out(loop: Loop) -> None:
    async def drip(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        for _ in range(5):
            await asyncio.sleep(0.05)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    assert client(drip, loop).get("/", timeout=0.2).content == b"xxxxx"


def test_who_listens_on_hears_that_the_client_is_gone(loop: Loop) -> None:
    heard = []

    async def listen(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append((await receive())["type"])
        await send(START)
        heard.append((await receive())["type"])

    with pytest.raises(httpx.ReadTimeout):
        client(listen, loop).get("/", timeout=0.01)
    loop.run(asyncio.sleep(0))
    assert heard == ["http.request", "http.disconnect"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", httpx.ReadError),
        ("empty", httpx.RemoteProtocolError),
        ("half", httpx.RemoteProtocolError),
        ("garbage", httpx.RemoteProtocolError),
    ],
)
def test_a_connection_that_is_broken_is_the_error_it_is_over_a_port(
    loop: Loop, kind: str, error: type[Exception]
) -> None:
    async def break_off(scope: Scope, receive: Receive, send: Send) -> None:
        await scope["extensions"][KEY].break_off(kind)

    with pytest.raises(error) as raised:
        client(break_off, loop).get("/")
    assert type(raised.value) is error
