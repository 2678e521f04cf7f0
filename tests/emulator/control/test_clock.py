"""The world's time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

ADA = {"authorization": "Bearer ada"}


def advance(tiny: Tiny, **order: Any) -> Any:
    return tiny.send_to("POST /_greenroom/clock/advance", json=order).json()


def time(tiny: Tiny) -> datetime:
    return datetime.fromisoformat(tiny.send_to("GET /_greenroom/clock").json()["now"])


def add(tiny: Tiny) -> str:
    """A room that closes in an hour."""
    answer = tiny.send("POST /rooms", json={"seats": 1}, headers=ADA)
    return str(answer.json()["id"])


def test_a_frozen_clock_stands_still(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    for _ in range(2):
        clock = tiny.send_to("GET /_greenroom/clock")
        assert clock.json() == {"now": "2026-01-05T09:00:00Z", "frozen": True}


def test_a_clock_runs_unless_it_is_frozen(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms(frozen=False)
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    first, second = time(tiny), time(tiny)
    assert start < first < second < start + timedelta(minutes=1)
    stopped = tiny.send_to("PUT /_greenroom/clock", json={"frozen": True}).json()
    assert stopped["frozen"] is True
    assert tiny.send_to("GET /_greenroom/clock").json() == stopped
    assert tiny.send_to("PUT /_greenroom/clock", json={"frozen": False}).json()["frozen"] is False
    assert time(tiny) > datetime.fromisoformat(stopped["now"])


def test_the_clock_is_set_forward(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms(frozen=False)
    order = {"now": "2026-03-01T00:00:00.25+01:00", "frozen": True}
    answer = tiny.send_to("PUT /_greenroom/clock", json=order)
    assert answer.json() == {"now": "2026-02-28T23:00:00.250000Z", "frozen": True}


def test_a_refused_time_does_not_stop_the_clock(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms(frozen=False)
    order = {"now": "2026-01-05T08:00:00Z", "frozen": True}
    assert tiny.send_to("PUT /_greenroom/clock", json=order).status_code == 409
    assert tiny.send_to("GET /_greenroom/clock").json()["frozen"] is False


@pytest.mark.parametrize("line", ["PUT /_greenroom/clock now", "POST /_greenroom/clock/advance to"])
def test_the_clock_does_not_go_back(rooms: Callable[..., Tiny], line: str) -> None:
    tiny = rooms()
    line, _, member = line.rpartition(" ")
    answer = tiny.send_to(line, json={member: "2026-01-05T08:59:59Z"})
    assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")
    assert tiny.send_to("GET /_greenroom/clock").json()["now"] == "2026-01-05T09:00:00Z"


@pytest.mark.parametrize(
    ("order", "now"),
    [
        ({"by": "PT45M"}, "2026-01-05T09:45:00Z"),
        ({"by": 90}, "2026-01-05T09:01:30Z"),
        ({"by": 0.5}, "2026-01-05T09:00:00.500000Z"),
        ({"by": 0}, "2026-01-05T09:00:00Z"),
        ({"by": "P1W"}, "2026-01-12T09:00:00Z"),
        ({"to": "2026-01-06T00:00:00Z"}, "2026-01-06T00:00:00Z"),
        ({"to": "2026-01-05T09:00:00Z"}, "2026-01-05T09:00:00Z"),
        ({"next": True}, "2026-01-05T09:00:00Z"),
    ],
)
def test_the_clock_is_wound_by_to_and_to_what_is_next(
    rooms: Callable[..., Tiny], order: Any, now: str
) -> None:
    assert advance(rooms(), **order) == {"now": now, "fired": []}


@pytest.mark.parametrize("order", [{"by": 0}, {"next": True}, {"by": "PT0S"}])
def test_winding_a_running_clock_by_nothing_is_no_step_back(
    rooms: Callable[..., Tiny], order: Any
) -> None:
    assert advance(rooms(frozen=False), **order)["fired"] == []


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({}, ""),
        ({"by": 1, "to": "2026-01-06T00:00:00Z"}, ""),
        ({"by": -1}, "/by"),
        ({"by": "-PT1S"}, "/by"),
        ({"by": "45 minutes"}, "/by"),
        ({"by": "P1M"}, "/by"),
        ({"by": 1e300}, "/by"),
        ({"by": 10**12}, "/by"),
        ({"by": "P4000000D"}, "/by"),
        ({"by": "P9999999999999D"}, "/by"),
        ({"by": True}, "/by"),
        ({"to": "tomorrow"}, "/to"),
        ({"to": "2026-01-06"}, "/to"),
        ({"next": False}, "/next"),
    ],
)
def test_a_bad_order_is_refused_and_moves_nothing(
    rooms: Callable[..., Tiny], order: Any, pointer: str
) -> None:
    tiny = rooms()
    refused = advance(tiny, **order)
    assert refused["status"] == 400
    assert [each["pointer"] for each in refused["errors"]][:1] == [pointer]
    assert tiny.send_to("GET /_greenroom/clock").json()["now"] == "2026-01-05T09:00:00Z"


def test_what_becomes_due_runs_in_order_at_its_own_time(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    first = add(tiny)
    tiny.send_to("POST /_greenroom/stimuli/tiny/person_arrives", json={"room": "hall"})
    advance(tiny, by="PT10M")
    second = add(tiny)
    assert advance(tiny, by="PT2H") == {
        "now": "2026-01-05T11:10:00Z",
        "fired": [
            {
                "at": "2026-01-05T09:30:00Z",
                "provider": "tiny",
                "kind": "bell_rings",
                "detail": {"room": "hall"},
            },
            {
                "at": "2026-01-05T10:00:00Z",
                "provider": "tiny",
                "kind": "room_closes",
                "detail": {"room": first},
            },
            {
                "at": "2026-01-05T10:10:00Z",
                "provider": "tiny",
                "kind": "room_closes",
                "detail": {"room": second},
            },
        ],
    }
    hall = tiny.send("GET /rooms/hall", headers=ADA).json()
    assert hall["rang"] == "2026-01-05T09:30:00+00:00"
    assert tiny.send(f"GET /rooms/{first}", headers=ADA).status_code == 404


def test_next_stops_at_the_first_thing_that_is_due(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    add(tiny)
    advance(tiny, by=60)
    add(tiny)
    assert [advance(tiny, next=True)["now"] for _ in range(3)] == [
        "2026-01-05T10:00:00Z",
        "2026-01-05T10:01:00Z",
        "2026-01-05T10:01:00Z",
    ]


def test_setting_the_clock_runs_what_is_due_on_the_way(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    room = add(tiny)
    tiny.send_to("PUT /_greenroom/clock", json={"now": "2026-01-05T10:00:00Z"})
    assert tiny.send(f"GET /rooms/{room}", headers=ADA).status_code == 404


def test_what_a_timer_may_not_do_is_told_and_undone(
    rooms: Callable[..., Tiny], caplog: pytest.LogCaptureFixture
) -> None:
    tiny = rooms()
    room = add(tiny)
    tiny.send_to("POST /_greenroom/stimuli/tiny/person_arrives", json={"room": room})
    fired = advance(tiny, by="PT2H")["fired"]
    assert [each["detail"] for each in fired] == [
        {"room": room},
        {"room": room, "refused": "Somebody is inside."},
    ]
    assert tiny.send(f"GET /rooms/{room}", headers=ADA).status_code == 200
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_timer_whose_record_is_gone_disturbs_nobody(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    room = add(tiny)
    tiny.main.collection("tiny", "rooms", "acme").remove(room)
    fired = advance(tiny, by="PT2H")["fired"]
    assert fired[0]["detail"] == {"room": room, "refused": f"There is no {room} in rooms."}


def test_a_timer_with_a_bug_is_told_in_the_log(
    rooms: Callable[..., Tiny], caplog: pytest.LogCaptureFixture
) -> None:
    tiny = rooms()
    store = tiny.main
    for name, body in (("goes_wrong", {"how": "a secret"}), ("goes_wrong", {}), ("unheard_of", {})):
        store.timers.add(store.clock.now(), provider="tiny", tenant="", name=name, body=body)
    store.timers.add(store.clock.now(), provider="other", tenant="", name="x", body={})
    answer = tiny.send("GET /rooms", headers=ADA)
    assert answer.status_code == 200
    assert len(store.timers) == 0
    assert "goes_wrong of tiny failed: ZeroDivisionError('a secret')" in caplog.text


def test_a_running_clock_settles_what_is_due_before_the_next_request(
    rooms: Callable[..., Tiny],
) -> None:
    tiny = rooms(frozen=False)
    store = tiny.main
    room = {"room": "hall"}
    store.timers.add(
        store.clock.now(), provider="tiny", tenant="acme", name="bell_rings", body=room
    )
    assert "rang" in tiny.send("GET /rooms/hall", headers=ADA).json()
