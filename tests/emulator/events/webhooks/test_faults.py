"""What can be ordered to go wrong with deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.events.webhooks.conftest import Office, Receiver

Offices = Callable[..., Office]
Receivers = Callable[..., Receiver]


def order(post: Office, effect: Any, match: Any = None, **more: Any) -> str:
    """Order a fault of deliveries; answers its id."""
    match = {"kind": "webhook", **(match or {})}
    made: str = post.order("POST", "/faults", {"match": match, "effect": effect, **more})["id"]
    return made


def numbers(endpoint: Receiver) -> list[int]:
    return [each["number"] for each in endpoint.bodies]


def test_a_delay_is_one_of_the_worlds_time_and_keeps_the_order(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"delay": 30}, times=1)
    post.tell(endpoint.url(), events=2)
    first, second = post.outbox()
    assert (first["due"], first["fault"]["ids"]) == ("2026-01-05T09:00:30Z", ["f1"])
    assert (second["status"], endpoint.got) == ("pending", [])
    post.advance(30)
    assert numbers(endpoint) == [0, 1]
    [attempt] = post.outbox()[0]["attempts"]
    assert (attempt["at"], attempt["faults"]) == ("2026-01-05T09:00:30Z", ["f1"])


def test_a_delayed_delivery_survives_a_restart(
    office: Offices, receiver: Receivers, tmp_path: Any
) -> None:
    endpoint, data = receiver(), str(tmp_path / "data")
    post = office(data=data)
    order(post, {"delay": 30, "duplicate": 1})
    post.tell(endpoint.url())
    post.outbox()
    post.emulator.close()
    again = office(data=data)
    assert again.statuses == ["pending"]
    again.advance(30)
    assert numbers(endpoint) == [0, 0]


def test_taking_a_fault_back_ends_its_delays(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    fault = order(post, {"delay": 30, "status": 500})
    post.tell(endpoint.url())
    assert post.statuses == ["pending"]
    post.order("DELETE", f"/faults/{fault}")
    assert (post.statuses, numbers(endpoint)) == (["delivered"], [0])


def test_taking_all_faults_back_ends_all_delays(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    order(post, {"reorder": True})
    post.tell(endpoint.url())
    assert post.statuses == ["pending"]
    post.order("DELETE", "/faults")
    assert (post.statuses, numbers(endpoint)) == (["delivered"], [0])


def test_duplicates_are_the_same_delivery_again(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    order(post, {"duplicate": 2}, times=1)
    post.tell(endpoint.url(), events=2)
    first, second = post.outbox()
    assert numbers(endpoint) == [0, 0, 0, 1]
    assert [each.get("duplicate", False) for each in first["attempts"]] == [False, True, True]
    assert len(second["attempts"]) == 1


def test_one_that_is_to_be_overtaken_lets_the_next_go_first(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"reorder": True}, {"body": {"/number": 0}})
    post.tell(endpoint.url())
    assert (post.statuses, endpoint.got) == (["pending"], [])
    post.tell(endpoint.url(), data={"number": 1})
    assert (post.statuses, numbers(endpoint)) == (["delivered", "delivered"], [1, 0])


def test_one_that_nothing_overtakes_goes_in_the_end(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    order(post, {"reorder": True})
    post.tell(endpoint.url())
    assert post.statuses == ["pending"]
    post.advance(60)
    assert (post.statuses, numbers(endpoint)) == (["delivered"], [0])


def test_reordering_at_random_loses_nothing(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    order(post, {"reorder": True}, probability=0.5)
    post.tell(endpoint.url(), events=30)
    post.advance(3600)
    assert set(post.statuses) == {"delivered"}
    assert sorted(numbers(endpoint)) == list(range(30)) != numbers(endpoint)


def test_a_delivery_can_be_lost(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    order(post, {"drop": True}, times=1)
    post.tell(endpoint.url(), events=2)
    first, second = post.outbox()
    assert (first["status"], first["faults"], first["attempts"]) == ("dropped", ["f1"], [])
    assert first["why"] == "It was lost: a fault was ordered."
    assert (second["status"], numbers(endpoint)) == ("delivered", [1])


@pytest.mark.parametrize(("status", "outcome"), [(503, "delivered"), (404, "failed")])
def test_an_endpoint_can_seem_to_answer(
    status: int, outcome: str, office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"status": status}, times=1)
    post.tell(endpoint.url())
    post.advance(10)
    [sent] = post.outbox()
    assert (sent["status"], len(endpoint.got)) == (outcome, int(outcome == "delivered"))
    assert sent["attempts"][0] == {"at": "2026-01-05T09:00:00Z", "status": status, "faults": ["f1"]}


@pytest.mark.parametrize(("cut", "arrived"), [("reset", [0]), ("empty", [0, 0])])
def test_a_connection_can_break_before_or_after_it_has_arrived(
    cut: str, arrived: list[int], office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"cut": cut}, times=1)
    post.tell(endpoint.url())
    post.advance(10)
    assert (post.statuses, numbers(endpoint)) == (["delivered"], arrived)
    assert post.outbox()[0]["attempts"][0]["error"].endswith("a fault was ordered.")


def test_a_delivery_with_a_number_of_any_size_meets_faults(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"drop": True}, match={"body": {"/seats": 10**20}})
    post.tell(endpoint.url(), data={"seats": 10**20})
    assert post.statuses == ["dropped"]


def test_headers_can_be_spoiled(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    order(post, {"headers": {"signature": "forged"}})
    post.tell(endpoint.url())
    assert post.statuses == ["delivered"]
    assert endpoint.got[0].headers["signature"] == "forged"


def test_several_faults_compose(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    order(post, {"delay": 10}, times=1)
    order(post, {"delay": 5, "jitter": 1, "status": 500}, times=1)
    order(post, {"status": 404})
    post.tell(endpoint.url())
    post.advance(16)
    [sent] = post.outbox()
    assert "2026-01-05T09:00:15" < sent["attempts"][0]["at"] < "2026-01-05T09:00:16"
    assert sent["attempts"][0]["faults"] == ["f1", "f2"]
    assert [each["status"] for each in sent["attempts"]] == [500]


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ({}, True),
        ({"provider": "tiny"}, True),
        ({"event": "bell.*"}, True),
        ({"event": "door.*"}, False),
        ({"url": "http://127.0.0.1:*/hook"}, True),
        ({"url": "http://127.0.0.1:*/other"}, False),
        ({"body": {"/number": 0}}, True),
        ({"body": {"/number": 1}}, False),
    ],
)
def test_a_fault_hits_what_it_matches(
    match: Any, hits: bool, office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"drop": True}, match)
    post.tell(endpoint.url())
    assert post.statuses == ["dropped" if hits else "delivered"]


def test_requests_and_webhooks_do_not_meet_each_others_faults(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"status": 404}, times=1)
    post.order(
        "POST", "/faults", {"effect": {"status": 418}, "match": {"kind": "request"}, "after": 1}
    )
    post.tell(endpoint.url())
    assert post.statuses == ["failed"]
    assert post.http.post("/tiny/tell", json={"to": []}).status_code == 418
    assert [each["hits"] for each in post.order("GET", "/faults")] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "match", "effect", "pointer"),
    [
        ("webhook", {"operation": "a"}, {"drop": True}, "/match/operation"),
        ("webhook", {"who": "a"}, {"drop": True}, "/match/who"),
        ("webhook", {}, {"rate": 1}, "/effect/rate"),
        ("webhook", {}, {"body": "x"}, "/effect/body"),
        ("webhook", {}, {"cut": "half"}, "/effect/cut"),
        ("webhook", {}, {"cut": "garbage"}, "/effect/cut"),
        ("webhook", {"url": 1}, {"drop": True}, "/match/url"),
        ("webhook", {}, {"duplicate": 11}, "/effect/duplicate"),
        ("request", {"url": "x"}, {"status": 500}, "/match/url"),
        ("request", {"event": "x"}, {"status": 500}, "/match/event"),
        ("request", {}, {"drop": True}, "/effect/drop"),
        ("request", {}, {"reorder": True}, "/effect/reorder"),
        ("request", {}, {"duplicate": 1}, "/effect/duplicate"),
        ("pigeon", {}, {"status": 500}, "/match/kind"),
    ],
)
def test_what_makes_no_sense_for_its_kind_is_refused(
    kind: str, match: Any, effect: Any, pointer: str, office: Offices
) -> None:
    post = office()
    body = {"match": {"kind": kind, **match}, "effect": effect}
    answer = post.order("POST", "/faults", body, expect=400)
    assert [each["pointer"] for each in answer["errors"]] == [pointer]


def test_however_many_are_to_be_overtaken_they_all_arrive(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(), office()
    order(post, {"reorder": True})
    post.tell(endpoint.url(), events=250)
    post.advance(3600)
    assert set(post.statuses) == {"delivered"}
    assert sorted(numbers(endpoint)) == list(range(250))
