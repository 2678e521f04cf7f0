"""Deliveries: what an endpoint gets, and what its answers mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from greenroom.emulator.events.carrying import AT_ONCE
from greenroom.emulator.faults import chance
from greenroom.emulator.toolkit import Webhooks
from tests.emulator.events.webhooks.conftest import WEBHOOKS, Got, Office, Receiver

Offices = Callable[..., Office]
Receivers = Callable[..., Receiver]
DENIED = b"HTTP/1.1 404 X\r\nContent-Length: 9\r\n\r\nwho's it?"


def steady(entry: Any) -> Any:
    """An attempt without what differs from run to run."""
    return {name: value for name, value in entry.items() if name != "milliseconds"}


def test_an_endpoint_gets_the_body_and_the_providers_headers(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    post.tell(endpoint.url("/hook?a=b%20c"), data={"text": "äß"})
    [sent] = post.outbox()
    [got] = endpoint.got
    assert (got.path, got.body) == ("/hook?a=b%20c", {"number": 0, "text": "äß"})
    assert got.headers == {
        "host": f"127.0.0.1:{endpoint.port}",
        "connection": "close",
        "user-agent": "Greenroom",
        "signature": "acme 2026-01-05T09:00:00+00:00 http://127.0.0.1:8800/~main/tiny/keys",
        "x-attempt": "1",
        "content-type": "application/json; charset=utf-8",
        "content-length": "26",
    }
    [attempt] = sent["attempts"]
    assert steady(attempt) == {"at": "2026-01-05T09:00:00Z", "status": 204}
    assert attempt["milliseconds"] > 0
    assert {key: sent[key] for key in ("kind", "event", "url", "status", "tenant")} == {
        "kind": "webhook",
        "event": "bell.rang",
        "url": endpoint.url("/hook?a=b%20c"),
        "status": "delivered",
        "tenant": "acme",
    }
    assert sent["headers"]["X-Attempt"] == "1"
    assert "over" not in sent
    assert post.order("GET", f"/outbox/{sent['id']}?settled=true") == sent


def test_whoever_listens_hears_of_every_attempt(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda got: 503 if got.headers["x-attempt"] == "1" else 200), office()
    post.tell(endpoint.url())
    post.advance(1)
    told = [each for each in post.order("GET", "/events") if each["kind"] == "delivery"]
    assert [(each["delivery"]["status"], each["attempt"]["status"]) for each in told] == [
        ("pending", 503),
        ("delivered", 200),
    ]


def test_a_provider_that_says_nothing_of_webhooks_delivers_plainly(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office(webhooks=None)
    post.tell(endpoint.url())
    assert post.statuses == ["delivered"]
    assert endpoint.got[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [408, 429, 500, 503, 599])
def test_what_may_pass_is_tried_again_by_the_worlds_clock(
    status: int, office: Offices, receiver: Receivers
) -> None:
    endpoint, post = (
        receiver(lambda got: 200 if got.headers["x-attempt"] == "3" else status),
        office(),
    )
    post.tell(endpoint.url())
    [sent] = post.outbox()
    assert (sent["status"], sent["due"]) == ("pending", "2026-01-05T09:00:01Z")
    assert post.advance(0.5)["fired"] == []
    [fired] = post.advance(0.5)["fired"]
    assert fired == {
        "at": "2026-01-05T09:00:01Z",
        "provider": "_greenroom",
        "kind": "delivery",
        "detail": {"delivery": sent["id"], "url": endpoint.url()},
    }
    post.order("POST", "/clock/advance", {"next": True})
    [sent] = post.outbox()
    assert sent["status"] == "delivered"
    assert [steady(each) for each in sent["attempts"]] == [
        {"at": "2026-01-05T09:00:00Z", "status": status, "answer": f"status {status}"},
        {"at": "2026-01-05T09:00:01Z", "status": status, "answer": f"status {status}"},
        {"at": "2026-01-05T09:00:03Z", "status": 200},
    ]
    assert len({got.headers["signature"] for got in endpoint.got}) == 3


def test_it_is_given_up_after_the_last_wait_and_the_next_has_its_turn(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(lambda got: 500 if got.body["number"] == 0 else 200), office()
    post.tell(endpoint.url(), events=2)
    post.advance(3600)
    assert [(each["status"], len(each["attempts"])) for each in post.outbox()] == [
        ("failed", 4),
        ("delivered", 1),
    ]
    assert endpoint.bodies == [{"number": number} for number in (0, 0, 0, 0, 1)]
    assert post.outbox()[1]["attempts"][0]["at"] == "2026-01-05T09:00:07Z"


@pytest.mark.parametrize("status", [300, 400, 401, 404, 422])
def test_any_other_answer_is_final(status: int, office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda _: status), office()
    post.tell(endpoint.url())
    [sent] = post.outbox()
    assert sent["status"] == "failed"
    assert [each["status"] for each in sent["attempts"]] == [status]
    assert "due" not in sent


def test_redirects_are_not_followed(office: Offices, receiver: Receivers) -> None:
    elsewhere = receiver()
    there = f"HTTP/1.1 307 X\r\nLocation: {elsewhere.url()}\r\nContent-Length: 0\r\n\r\n".encode()
    endpoint, post = receiver(lambda _: there), office()
    post.tell(endpoint.url())
    assert post.statuses == ["failed"]
    assert elsewhere.got == []


def test_gone_ends_the_subscription_and_the_rest_is_not_wanted(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(lambda _: 410), office()
    post.tell(endpoint.url(), events=3, subject="ada")
    first, *rest = post.outbox()
    assert (first["status"], len(endpoint.got)) == ("failed", 1)
    assert [(each["status"], each["attempts"]) for each in rest] == [("dropped", [])] * 2
    assert rest[0]["why"] == "The subscriber is not there any more."
    assert post.order("GET", "/state/tiny/gone") == [{"id": "ada"}]


def test_whoever_left_meanwhile_gets_nothing(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda _: 503), office()
    post.tell(endpoint.url(), subject="ada")
    post.outbox()
    post.order("POST", "/stimuli/tiny/leave", {"who": "ada"})
    post.advance(10)
    assert (post.statuses, len(endpoint.got)) == (["dropped"], 1)


def test_a_bug_of_the_provider_fails_one_delivery_only(
    office: Offices, receiver: Receivers, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint, post = receiver(), office()
    post.tell(endpoint.url(), subject="bug")
    post.tell(endpoint.url())
    assert post.statuses == ["failed", "delivered"]
    assert "no signature" in caplog.text


def test_a_delivery_can_be_made_again(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    post.tell(endpoint.url())
    [sent] = post.outbox()
    post.order("POST", f"/outbox/{sent['id']}/redeliver", expect=204)
    [again] = post.outbox()
    assert (again["id"], again["status"], len(again["attempts"])) == (sent["id"], "delivered", 2)
    assert endpoint.bodies == [{"number": 0}] * 2
    assert endpoint.got[1].headers["x-attempt"] == "2"


def test_making_it_again_begins_the_waits_anew(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda _: 503), office()
    post.tell(endpoint.url())
    post.advance(10)
    [sent] = post.outbox()
    assert (sent["status"], len(sent["attempts"])) == ("failed", 4)
    post.order("POST", f"/outbox/{sent['id']}/redeliver")
    post.advance(10)
    [sent] = post.outbox()
    assert (sent["status"], len(sent["attempts"])) == ("failed", 8)


def test_one_that_waits_can_be_hurried(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda got: 503 if got.headers["x-attempt"] == "1" else 200), office()
    post.tell(endpoint.url())
    [sent] = post.outbox()
    post.order("POST", f"/outbox/{sent['id']}/redeliver")
    assert post.statuses == ["delivered"]


def test_what_is_forgotten_is_not_delivered(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(lambda _: 503), office()
    post.tell(endpoint.url())
    post.outbox()
    post.order("DELETE", "/outbox")
    post.advance(10)
    assert (post.outbox(), len(endpoint.got)) == ([], 1)


def test_no_answer_in_time_is_an_error_that_is_tried_again(
    office: Offices, receiver: Receivers
) -> None:
    endpoint = receiver()
    endpoint.answer = lambda got: endpoint.hang if got.headers["x-attempt"] == "1" else 200
    post = office(webhooks=replace(WEBHOOKS, timeout=0.2))
    post.tell(endpoint.url())
    post.advance(1)
    [sent] = post.outbox()
    assert sent["status"] == "delivered"
    assert sent["attempts"][0]["error"] == "There was no answer within 0.2 s."


def test_nobody_there_is_an_error_that_is_tried_again(office: Offices) -> None:
    post = office()
    post.tell("http://127.0.0.1:1/hook", "http://localhost:1/hook", "http://tiny.localhost:1")
    for sent in post.outbox():
        assert sent["status"] == "pending"
        assert sent["attempts"][0]["error"].startswith("Nobody answers at ")


async def _flood(writer: asyncio.StreamWriter, head: bytes) -> None:
    writer.write(head)
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def flood_the_body(writer: asyncio.StreamWriter) -> None:
    await _flood(writer, b"HTTP/1.1 200 OK\r\n\r\n")


async def flood_the_head(writer: asyncio.StreamWriter) -> None:
    await _flood(writer, b"HTTP/1.1 200 OK\r\nX: ")


async def flood_with_waits(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)
        await writer.drain()


async def flood_with_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n" * 1000)
        await writer.drain()


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    await writer.drain()
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (flood_the_body, "delivered"),
        (flood_with_chunks, "delivered"),
        (drip, "delivered"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "delivered"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense", "delivered"),
        (flood_the_head, "pending"),
        (flood_with_waits, "pending"),
        (b"\x00\xff\x15 not HTTP at all\r\n\r\n", "pending"),
        (b"HTTP/1.1 99999 Far out\r\n\r\n", "pending"),
        (b"", "pending"),
    ],
)
def test_an_endpoint_that_answers_badly_harms_nobody(
    answer: Any, status: str, office: Offices, receiver: Receivers
) -> None:
    healthy, bad = receiver(), receiver(lambda _: answer)
    post = office(webhooks=replace(WEBHOOKS, timeout=1.0))
    post.tell(bad.url(), healthy.url())
    assert post.statuses == [status, "delivered"]
    [attempt] = post.outbox()[0]["attempts"]
    assert ("error" in attempt) == (status == "pending")


def test_what_an_endpoint_says_against_it_is_kept_in_short(
    office: Offices, receiver: Receivers
) -> None:
    long = b"HTTP/1.1 400 X\r\nContent-Length: 9000\r\n\r\n" + "ä".encode() * 4500
    short, endless = receiver(lambda _: DENIED), receiver(lambda _: long)
    post = office()
    post.tell(short.url(), endless.url())
    answers = [each["attempts"][0]["answer"] for each in post.outbox()]
    assert answers == ["who's it?", "ä" * 500]


def test_an_endpoint_that_hangs_holds_up_nobody(office: Offices, receiver: Receivers) -> None:
    healthy, hanging = receiver(), receiver()
    hanging.answer = lambda _: hanging.hang
    post = office()
    post.tell(hanging.url(), healthy.url(), events=3)
    assert hanging.reached.wait(10)
    while len(healthy.got) < 3:
        assert "pending" in [each["status"] for each in post.outbox(settled=False)]
    assert len(hanging.got) == 1
    hanging.answer = lambda _: 200
    hanging.let_go()
    post.advance(1)
    assert set(post.statuses) == {"delivered"}


def test_only_so_many_endpoints_are_spoken_to_at_a_time(
    office: Offices, receiver: Receivers
) -> None:
    endpoint = receiver()
    endpoint.answer = lambda _: endpoint.hang
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    post.tell(*(endpoint.url(f"/{number}") for number in range(AT_ONCE + 50)))
    while len(endpoint.got) < AT_ONCE:
        post.outbox(settled=False)
    post.outbox(settled=False)
    assert len(endpoint.got) == AT_ONCE
    endpoint.answer = lambda _: 200
    endpoint.let_go()
    post.advance(1)
    assert set(post.statuses) == {"delivered"}


def test_a_thousand_events_arrive_once_each_in_order_at_an_endpoint_that_fails_at_times(
    office: Offices, receiver: Receivers
) -> None:
    arrived: list[int] = []

    def answer(got: Got) -> int:
        if chance(5, len(endpoint.got)) < 0.3:
            return 500
        arrived.append(got.body["number"])
        return 200

    endpoint = receiver(answer)
    post = office(webhooks=Webhooks(WEBHOOKS.headers, WEBHOOKS.wanted, waits=(1.0,) * 30))
    post.tell(endpoint.url(), events=1000)
    post.advance(3600)
    assert set(post.statuses) == {"delivered"}
    assert arrived == list(range(1000))
    tries = sum(len(each["attempts"]) for each in post.outbox())
    assert tries == len(endpoint.got) > 1300


def test_https_wants_a_certificate_that_can_be_trusted(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    post.tell(endpoint.url().replace("http:", "https:"))
    [sent] = post.outbox()
    assert (sent["status"], endpoint.got) == ("pending", [])
    assert "error" in sent["attempts"][0]


def test_numbers_that_only_python_can_write_arrive(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    post.tell(endpoint.url(), data={"big": 1 << 70})
    assert post.statuses == ["delivered"]
    assert endpoint.bodies == [{"number": 0, "big": 1 << 70}]


def test_an_answer_that_says_to_wait_is_none_yet(office: Offices, receiver: Receivers) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
    endpoint = receiver(lambda _: early + b"HTTP/1.1 204 X\r\n\r\n")
    silent, post = receiver(lambda _: early), office()
    post.tell(endpoint.url(), silent.url())
    assert post.statuses == ["delivered", "pending"]
