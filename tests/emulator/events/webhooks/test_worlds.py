"""Deliveries in worlds that are taken back, taken elsewhere, restarted or killed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.emulator.background import BackgroundServer
from greenroom.emulator.client import in_process_async_client
from tests.emulator.events.webhooks.conftest import WEBHOOKS, Got, Office, Receiver

Offices = Callable[..., Office]
Receivers = Callable[..., Receiver]


def failing_at_first(got: Got) -> int:
    return 503 if got.headers["x-attempt"] == "1" else 200


def test_a_request_does_not_wait_for_its_deliveries(office: Offices, receiver: Receivers) -> None:
    endpoint = receiver()
    endpoint.answer = lambda _: endpoint.hang
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    post.tell(endpoint.url())
    [sent] = post.outbox(settled=False)
    assert (sent["status"], sent["attempts"]) == ("pending", [])


def test_nothing_is_lost_when_many_wait(office: Offices) -> None:
    post = office()
    post.tell("http://127.0.0.1:1", events=1100)
    assert [each["body"]["number"] for each in post.outbox()] == list(range(1100))
    post.advance(60)
    assert len(post.outbox()) >= 1000


def test_what_is_over_makes_room(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda _: 400), office()
    post.tell("http://127.0.0.1:1")
    post.tell(endpoint.url(), events=1005)
    sent = post.outbox()
    assert len(sent) == 1001
    assert (sent[0]["status"], sent[1]["body"]) == ("pending", {"number": 5})


def test_a_snapshot_brings_back_what_waited(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(failing_at_first), office()
    post.tell(endpoint.url())
    assert post.statuses == ["pending"]
    post.order("PUT", "/snapshots/waiting")
    post.advance(1)
    assert post.statuses == ["delivered"]
    post.order("POST", "/snapshots/waiting/restore")
    [sent] = post.outbox()
    assert (sent["status"], sent["due"]) == ("pending", "2026-01-05T09:00:01Z")
    post.advance(1)
    assert (post.statuses, len(endpoint.got)) == (["delivered"], 3)


def test_a_rewind_delivers_what_had_not_been_delivered_then(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    exchange = post.tell(endpoint.url()).headers["x-greenroom-exchange"]
    post.tell(endpoint.url(), data={"later": True})
    assert post.statuses == ["delivered", "delivered"]
    post.order("POST", "/rewind", {"exchange": exchange})
    assert post.statuses == ["delivered"]
    assert [each.get("later", False) for each in endpoint.bodies] == [False, True, False]


@pytest.mark.parametrize("order", ["reset", "rewind"])
def test_an_attempt_of_an_abandoned_past_leaves_no_trace(
    order: str, office: Offices, receiver: Receivers
) -> None:
    endpoint = receiver()
    endpoint.answer = lambda _: endpoint.hang
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    exchange = post.tell().headers["x-greenroom-exchange"]
    post.tell(endpoint.url())
    assert endpoint.reached.wait(10)
    post.order("POST", f"/{order}", {"exchange": exchange} if order == "rewind" else None)
    endpoint.let_go()
    assert post.outbox() == []


def test_a_world_that_is_dropped_delivers_nothing_more(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(lambda _: 503), office()
    other = post.elsewhere("other")
    other.tell(endpoint.url())
    assert other.statuses == ["pending"]
    post.order("DELETE", "/worlds/other")
    other.advance(60)
    assert len(endpoint.got) == 1


def test_a_fork_goes_on_with_what_waits_on_its_own(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(failing_at_first), office()
    post.tell(endpoint.url())
    assert post.statuses == ["pending"]
    post.order("POST", "/worlds", {"name": "fork", "from": {"world": "main"}})
    fork = post.elsewhere("fork")
    fork.advance(1)
    assert (fork.statuses, post.statuses) == (["delivered"], ["pending"])


def test_a_clock_is_not_wound_on_in_a_world_that_went_elsewhere(
    office: Offices, receiver: Receivers
) -> None:
    endpoint = receiver()
    endpoint.answer = lambda _: endpoint.hang
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    post.tell(endpoint.url())
    assert endpoint.reached.wait(10)

    async def wind_and_reset() -> int:
        client = in_process_async_client(
            post.emulator.app, "/~main/_greenroom", loop=post.emulator.loop, headers={}, params={}
        )
        async with client:
            winding = asyncio.create_task(client.post("/clock/advance", json={"by": 1}, timeout=60))
            await asyncio.sleep(0)
            await client.post("/reset")
            return (await winding).status_code

    assert asyncio.run(wind_and_reset()) == 409
    assert post.order("GET", "/clock")["now"] == "2026-01-05T09:00:00Z"


def test_a_restart_takes_up_what_waits(
    office: Offices, receiver: Receivers, tmp_path: Path
) -> None:
    endpoint, data = receiver(failing_at_first), str(tmp_path / "data")
    post = office(data=data)
    post.tell(endpoint.url(), events=2)
    assert post.statuses == ["pending", "pending"]
    post.emulator.close()
    again = office(data=data)
    assert again.statuses == ["pending", "pending"]
    again.advance(60)
    assert again.statuses == ["delivered", "delivered"]
    assert endpoint.bodies == [{"number": 0}, {"number": 0}, {"number": 1}, {"number": 1}]


def test_a_kill_in_mid_queue_loses_nothing(
    office: Offices, receiver: Receivers, tmp_path: Path
) -> None:
    endpoint, data = receiver(), tmp_path / "data"
    endpoint.answer = lambda got: endpoint.hang if got.body["number"] == 3 else 200
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0), data=str(data))
    post.tell(endpoint.url(), events=6)
    while len(endpoint.got) < 4:
        post.outbox(settled=False)
    shutil.copytree(data, tmp_path / "killed")  # what a killed process leaves behind
    post.emulator.close()
    endpoint.answer = lambda _: 200
    again = office(data=str(tmp_path / "killed"))
    assert again.statuses == ["delivered"] * 6
    assert [each["number"] for each in endpoint.bodies] == [0, 1, 2, 3, 3, 4, 5]


def test_a_server_goes_on_by_itself(office: Offices, receiver: Receivers, tmp_path: Path) -> None:
    endpoint, data = receiver(lambda _: 503), str(tmp_path / "data")
    post = office(webhooks=replace(WEBHOOKS, waits=(0.01,)), data=data, frozen=False)
    post.tell(endpoint.url())
    post.emulator.close()
    got = len(endpoint.got)
    endpoint.answer = lambda _: 200
    again = office(webhooks=replace(WEBHOOKS, waits=(0.01,)), data=data, frozen=False)
    endpoint.reached.clear()
    server = BackgroundServer(again.emulator.app, again.emulator.loop)
    try:
        assert endpoint.reached.wait(20)
    finally:
        server.close()
    assert again.statuses == ["delivered"]
    assert len(endpoint.got) == got + 1


def test_what_is_forgotten_during_an_attempt_stays_forgotten(
    office: Offices, receiver: Receivers
) -> None:
    endpoint = receiver()
    endpoint.answer = lambda _: endpoint.hang
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    post.tell(endpoint.url())
    assert endpoint.reached.wait(10)
    post.order("DELETE", "/outbox")
    endpoint.let_go()
    assert post.outbox() == []
    assert post.advance(60)["fired"] == []


def test_at_the_end_of_the_calendar_nothing_waits(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda _: 503), office(at=datetime.max.replace(tzinfo=UTC))
    post.tell(endpoint.url())
    [sent] = post.outbox()
    assert (sent["status"], len(sent["attempts"])) == ("failed", 4)


def test_a_loop_that_is_closed_in_mid_attempt_is_followed_by_another(
    office: Offices, receiver: Receivers
) -> None:
    endpoint = receiver()
    endpoint.answer = lambda _: endpoint.hang
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    application = httpx.ASGITransport(post.emulator.app)

    async def order(method: str, path: str, **more: Any) -> Any:
        async with httpx.AsyncClient(transport=application, base_url="http://127.0.0.1") as client:
            answer = await client.request(method, path, **more)
            return answer.json() if answer.content else None

    asyncio.run(order("POST", "/tiny/tell", json={"to": [endpoint.url()]}))
    endpoint.answer = lambda _: 200
    asyncio.run(order("POST", "/tiny/tell", json={"to": [endpoint.url()]}))
    sent = asyncio.run(order("GET", "/_greenroom/outbox?settled=true"))
    assert {each["status"] for each in sent} <= {"pending", "delivered"}
    asyncio.run(order("POST", f"/_greenroom/outbox/{sent[0]['id']}/redeliver"))

    async def settle() -> Any:
        await order("POST", f"/_greenroom/outbox/{sent[1]['id']}/redeliver")
        return await order("GET", "/_greenroom/outbox?settled=true")

    assert [each["status"] for each in asyncio.run(settle())] == ["delivered", "delivered"]
