"""The client that needs no port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from greenroom.emulator.client import InProcessTransport, in_process_client
from greenroom.emulator.loop import Loop
from greenroom.emulator.toolkit import Call, Json

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny


def tell(call: Call, name: str, body: Any = None) -> Json:
    request = call.request
    return {
        "name": name,
        "query": request.query_pairs(),
        "body": body,
        "agent": request.headers.get("user-agent"),
        "url": call.url("/here"),
    }


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop that is closed at the end."""
    made = Loop()
    yield made
    made.close()


@pytest.fixture
def client(tiny: Tiny, loop: Loop) -> Iterator[httpx.Client]:
    """A client of an API that tells what it was asked."""
    tiny.answer("GET /tell/{name}", lambda call, name: tell(call, name))
    tiny.answer("PUT /tell/{name}", tell, body=tiny.content({}))
    settings = {"headers": {"user-agent": "tests"}, "params": {"key": "k"}}
    with in_process_client(tiny.app, "/~t1/tiny", loop=loop, **settings) as made:
        yield made


def test_requests_arrive_as_they_were_sent(client: httpx.Client) -> None:
    answer = client.put("/tell/a%2Fb c", params={"x": "é&="}, json={"y": [1]})
    assert answer.json() == {
        "name": "a/b c",
        "query": [["key", "k"], ["x", "é&="]],
        "body": {"y": [1]},
        "agent": "tests",
        "url": "http://127.0.0.1:8800/~t1/tiny/here",
    }
    assert answer.headers["x-greenroom-world"] == "t1"


def test_refusals_and_heads_are_answers(client: httpx.Client) -> None:
    assert client.get("/nothing").status_code == 404
    assert client.head("/tell/a").content == b""


def test_a_client_may_be_used_inside_a_running_loop(client: httpx.Client) -> None:
    async def ask() -> int:
        return client.get("/tell/a").status_code

    assert asyncio.run(ask()) == 200
    assert client.get("/tell/a").status_code == 200


def test_a_client_may_be_asynchronous(tiny: Tiny, loop: Loop, client: httpx.Client) -> None:
    async def ask() -> list[str]:
        transport = InProcessTransport(tiny.app, loop)
        base = "http://127.0.0.1:8800/tiny"
        async with httpx.AsyncClient(transport=transport, base_url=base) as asynchronous:
            answers = await asyncio.gather(*(asynchronous.get(f"/tell/{n}") for n in "abc"))
        return [answer.json()["name"] for answer in answers]

    assert asyncio.run(ask()) == ["a", "b", "c"]


def test_an_answer_that_takes_too_long_is_given_up(client: httpx.Client) -> None:
    headers = {"prefer": "wait=0.2"}
    with pytest.raises(httpx.ReadTimeout):
        client.get("/tell/a", headers=headers, timeout=0.01)
    assert client.get("/tell/a").status_code == 200


def test_a_body_in_chunks_arrives_whole(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"a":'
        yield b" 1}"

    headers = {"content-type": "application/json"}
    answer = client.put("/tell/a", content=chunks(), headers=headers)
    assert answer.json()["body"] == {"a": 1}
