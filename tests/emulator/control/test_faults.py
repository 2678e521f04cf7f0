"""Misbehaviour on order, as a client without a port sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from greenroom.emulator.toolkit import Json
    from tests.emulator.conftest import Tiny

ADA = {"Authorization": "Bearer ada"}
EVE = {"Authorization": "Bearer eve"}
HALL = {"name": "Hall", "seats": [1, {"a/b": True}]}


def order(served: Tiny, effect: Json, *, world: str = "main", **more: Any) -> str:
    """Order a fault; its id."""
    path = f"/~{world}/_greenroom/faults"
    answer = served.send_to(f"POST {path}", json={"effect": effect, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def statuses(served: Tiny, line: str = "GET /rooms", count: int = 3) -> list[int]:
    return [served.send(line, headers=ADA).status_code for _ in range(count)]


def test_a_status_is_dressed_by_the_provider(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"status": 503})
    answer = served.send("GET /rooms", headers=ADA)
    assert (answer.status_code, answer.json()) == (503, served.refusal(503, "status_503"))


@pytest.mark.parametrize(
    ("effect", "status", "media_type", "body"),
    [
        ({"status": 500, "body": {"a": 1}}, 500, "application/json", b'{"a":1}'),
        ({"status": 502, "body": "<html>"}, 502, "text/plain; charset=utf-8", b"<html>"),
        ({"body": [1]}, 200, "application/json", b"[1]"),
        ({"body": 10**20}, 200, "application/json", b"1" + b"0" * 20),
        ({"body": None}, 200, "application/json", b"null"),
        ({"status": 202}, 202, None, b""),
        ({"status": 204, "body": {"a": 1}}, 204, None, b""),
        ({"status": 204}, 204, None, b""),
        ({"body": "a,b", "headers": {"Content-Type": "text/csv"}}, 200, "text/csv", b"a,b"),
    ],
)
def test_an_answer_may_be_given_in_place_of_the_providers(
    rooms: Callable[..., Tiny], effect: Json, status: int, media_type: str | None, body: bytes
) -> None:
    served = rooms()
    order(served, effect)
    answer = served.send("POST /rooms", headers=ADA, json={})
    assert (answer.status_code, answer.content) == (status, body)
    assert answer.headers.get("content-type") == media_type
    assert len(served.main.collection("tiny", "rooms", "acme")) == 2


def test_headers_are_set_on_the_providers_own_answer(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"headers": {"X-Odd": "yes", "Content-Type": "text/odd"}})
    answer = served.send("GET /rooms", headers=ADA)
    assert (answer.status_code, len(answer.json())) == (200, 2)
    assert answer.headers.get_list("content-type") == ["text/odd"]
    assert answer.headers["x-odd"] == "yes"


def test_headers_come_with_a_dressed_status(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"status": 429, "headers": {"Retry-After": "7"}})
    answer = served.send("GET /rooms", headers=ADA)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, True),
        ({"provider": "tiny"}, True),
        ({"provider": "t?ny", "path": "/rooms", "method": "post"}, True),
        ({"operation": "operation3"}, True),
        ({"operation": "operation1"}, False),
        ({"method": "GET"}, False),
        ({"path": "/rooms/{id}"}, False),
        ({"who": "ada"}, True),
        ({"who": "eve"}, False),
        ({"header": {"authorization": "Bearer *"}}, True),
        ({"header": {"x-none": "*"}}, False),
        ({"body": {"/name": "Hall", "/seats/1/a~1b": True}}, True),
        ({"body": {"/seats/0": True}}, False),
        ({"who": "ada", "body": {"/name": "Attic"}}, False),
    ],
)
def test_it_hits_the_requests_that_match(
    rooms: Callable[..., Tiny], match: Json, hit: bool
) -> None:
    served = rooms()
    order(served, {"status": 503}, match=match)
    answer = served.send("POST /rooms", headers=ADA, json=HALL)
    assert answer.status_code == (503 if hit else 200)


def test_it_may_hit_what_fits_no_operation(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"status": 503}, match={"path": "/no*", "operation": "", "who": ""})
    assert served.send("GET /nowhere").status_code == 503


def test_whom_it_hits_is_told_from_the_credentials_and_nobody_is_nobody(
    rooms: Callable[..., Tiny],
) -> None:
    served = rooms()
    order(served, {"status": 503}, match={"who": ""})
    told = [served.send("GET /rooms", headers=who).status_code for who in (ADA, EVE, {})]
    assert told == [200, 200, 503]
    assert served.send("GET /rooms", headers={"Authorization": "Bearer zoe"}).status_code == 503


def test_a_request_that_meets_it_changes_nothing(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    before = served.main.digest()
    order(served, {"status": 503}, match={"method": "POST"})
    served.send("POST /rooms", headers=ADA, json={})
    assert served.main.digest() == before


def test_after_and_times_bound_what_it_hits(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"status": 503}, after=1, times=2, match={"method": "GET"})
    served.send("POST /rooms", headers=ADA, json={})
    assert statuses(served, count=5) == [200, 503, 503, 200, 200]
    [shown] = served.send_to("GET /_greenroom/faults").json()
    assert (shown["matched"], shown["hits"]) == (5, 2)


def test_chance_follows_the_seed(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    told = []
    for seed in (1, 1, 2):
        served.send_to("POST /_greenroom/reset", json={"seed": seed})
        order(served, {"status": 503}, probability=0.5)
        told.append(statuses(served, count=30))
    assert told[0] == told[1] != told[2]
    assert 5 < told[0].count(503) < 25


@pytest.mark.parametrize(("probability", "status"), [(0, 200), (1, 503)])
def test_chance_may_be_none_or_certain(
    rooms: Callable[..., Tiny], probability: float, status: int
) -> None:
    served = rooms()
    order(served, {"status": 503}, probability=probability)
    assert statuses(served) == [status] * 3


def test_several_compose_in_order(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"headers": {"X-One": "1", "X-Both": "1"}})
    order(served, {"status": 503, "headers": {"X-Two": "2", "X-Both": "2"}})
    order(served, {"headers": {"X-Three": "3"}}, match={"method": "PUT"})
    answer = served.send("GET /rooms", headers=ADA)
    told = {name: value for name, value in answer.headers.items() if name.startswith("x-")}
    assert answer.status_code == 503
    assert told.items() >= {"x-one": "1", "x-two": "2", "x-both": "2"}.items()
    assert "x-three" not in told


def test_of_several_answers_each_has_its_turn(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"status": 503}, times=1)
    order(served, {"status": 500}, times=1)
    order(served, {"cut": "reset"}, times=1)
    assert statuses(served, count=2) == [503, 500]
    shown = served.send_to("GET /_greenroom/faults").json()
    assert [(each["matched"], each["hits"]) for each in shown] == [(2, 1), (2, 1), (2, 0)]


def test_faults_are_listed_in_order_and_taken_back(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    first = order(served, {"status": 503}, match={"method": "GET"}, times=2)
    second = order(served, {"status": 500})
    assert served.send_to("GET /_greenroom/faults").json() == [
        {
            "id": first,
            "match": {"method": "GET"},
            "times": 2,
            "effect": {"status": 503},
            "probability": 1,
            "matched": 0,
            "hits": 0,
        },
        {"id": second, "effect": {"status": 500}, "probability": 1, "matched": 0, "hits": 0},
    ]
    assert served.send_to(f"DELETE /_greenroom/faults/{first}").status_code == 204
    assert statuses(served, count=1) == [500]
    assert served.send_to("DELETE /_greenroom/faults").status_code == 204
    assert statuses(served, count=1) == [200]
    assert served.send_to(f"DELETE /_greenroom/faults/{second}").status_code == 404


def test_a_fault_stays_in_its_world(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, {"status": 503}, world="other")
    assert statuses(served, count=1) == [200]
    assert served.send_to("GET /~other/tiny/rooms", headers=ADA).status_code == 503


@pytest.mark.parametrize(
    "line",
    [
        "GET /_greenroom/health",
        "GET /_greenroom/faults",
        "GET /tiny/openapi.json",
        "GET /_greenroom/openapi.json",
        "GET /nothing",
    ],
)
def test_what_is_not_a_provider_meets_no_fault(rooms: Callable[..., Tiny], line: str) -> None:
    served = rooms()
    before = served.send_to(line).status_code
    order(served, {"cut": "reset"})
    order(served, {"status": 503}, match={"provider": "*"})
    assert served.send_to(line).status_code == before


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({}, "/effect"),
        ({"effect": {}}, "/effect"),
        ({"effect": {"status": 99}}, "/effect/status"),
        ({"effect": {"status": 600}}, "/effect/status"),
        ({"effect": {"cut": "off"}}, "/effect/cut"),
        ({"effect": {"delay": -1}}, "/effect/delay"),
        ({"effect": {"rate": 0}}, "/effect/rate"),
        ({"effect": {"nap": 1}}, "/effect/nap"),
        ({"effect": {"headers": {"a b": "c"}}}, "/effect/headers/a b"),
        ({"effect": {"headers": {"a": "b\r\nc: d"}}}, "/effect/headers/a"),
        ({"effect": {"headers": {"Content-Length": "1"}}}, "/effect/headers/Content-Length"),
        ({"effect": {"status": 500}, "times": 0}, "/times"),
        ({"effect": {"status": 500}, "after": -1}, "/after"),
        ({"effect": {"status": 500}, "probability": 1.1}, "/probability"),
        ({"effect": {"status": 500}, "match": {"planet": 1}}, "/match/planet"),
        ({"effect": {"status": 500}, "match": {"provider": "none"}}, "/match/provider"),
        ({"effect": {"status": 500}, "match": {"body": {"name": 1}}}, "/match/body/name"),
    ],
)
def test_a_bad_order_is_refused_with_its_place(
    rooms: Callable[..., Tiny], fault: Json, pointer: str
) -> None:
    served = rooms()
    answer = served.send_to("POST /_greenroom/faults", json=fault)
    assert answer.status_code == 400, answer.text
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert served.send_to("GET /_greenroom/faults").json() == []


def test_there_are_never_more_than_a_thousand(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    for _ in range(1000):
        order(served, {"status": 500})
    answer = served.send_to("POST /_greenroom/faults", json={"effect": {"status": 500}})
    assert answer.status_code == 429


def test_a_reset_takes_all_back_and_begins_to_count_anew(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    first = order(served, {"status": 503}, times=1)
    statuses(served)
    served.send_to("POST /_greenroom/reset")
    assert statuses(served, count=1) == [200]
    assert order(served, {"status": 503}, times=1) == first
    assert statuses(served, count=2) == [503, 200]


def test_a_snapshot_brings_faults_back_with_what_is_left_of_them(
    rooms: Callable[..., Tiny],
) -> None:
    served = rooms()
    order(served, {"status": 503}, times=2)
    statuses(served, count=1)
    served.send_to("PUT /_greenroom/snapshots/one")
    assert statuses(served, count=2) == [503, 200]
    served.send_to("DELETE /_greenroom/faults")
    served.send_to("POST /_greenroom/snapshots/one/restore")
    assert statuses(served, count=2) == [503, 200]


def test_a_fork_has_the_faults_of_its_origin_and_goes_its_own_way(
    rooms: Callable[..., Tiny],
) -> None:
    served = rooms()
    fault = order(served, {"delay": 0, "status": 503})
    served.send_to("POST /_greenroom/worlds", json={"name": "other", "from": {"world": "main"}})
    served.send_to(f"DELETE /~other/_greenroom/faults/{fault}")
    assert served.send_to("GET /~other/tiny/rooms", headers=ADA).status_code == 200
    assert statuses(served, count=1) == [503]


def test_the_journal_names_the_fault(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    fault = order(served, {"status": 503})
    id_ = served.send("GET /rooms", headers=ADA).headers["x-greenroom-exchange"]
    entry = served.send_to(f"GET /_greenroom/journal/{id_}").json()
    assert (entry["fault"], entry["status"], entry["why"]) == (fault, 503, "A fault was ordered.")


@pytest.mark.parametrize(
    ("cut", "error"),
    [
        ("reset", httpx.ReadError),
        ("empty", httpx.RemoteProtocolError),
        ("half", httpx.RemoteProtocolError),
        ("garbage", httpx.RemoteProtocolError),
    ],
)
def test_a_client_in_process_sees_a_connection_break(
    rooms: Callable[..., Tiny], cut: str, error: type[Exception]
) -> None:
    emulator = rooms()._emulator
    assert emulator is not None
    with emulator.client() as client:
        client.post("/_greenroom/faults", json={"effect": {"cut": cut}, "times": 1})
        with pytest.raises(error):
            client.get("/tiny/rooms", headers=ADA)
        assert client.get("/tiny/rooms", headers=ADA).status_code == 200
        [entry, _] = client.get("/_greenroom/journal").json()
    assert entry["fault"] == "f1"
    assert entry["status"] == (200 if cut == "half" else None)
