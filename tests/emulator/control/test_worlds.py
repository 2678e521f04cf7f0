"""Back to the beginning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

ADA = {"authorization": "Bearer ada"}


def add(tiny: Tiny) -> Any:
    answer = tiny.send("POST /rooms", json={"seats": 1}, headers=ADA)
    assert answer.status_code == 200
    return answer


def test_reset_brings_back_everything(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    before = tiny.main.digest()
    first = [add(tiny), add(tiny)]
    tiny.send_to("POST /_greenroom/clock/advance", json={"by": "P2D"})
    assert tiny.main.digest() != before
    reset = tiny.send_to("POST /_greenroom/reset")
    assert (reset.status_code, reset.content) == (204, b"")
    assert tiny.main.digest() == before
    assert tiny.send_to("GET /_greenroom/clock").json()["now"] == "2026-01-05T09:00:00Z"
    again = [add(tiny), add(tiny)]
    assert [each.content for each in again] == [each.content for each in first]
    assert [each.headers for each in again] == [each.headers for each in first]


def test_reset_may_begin_another_scenario_seed_and_time(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    first = add(tiny).json()
    order = {"scenario": "empty", "seed": 8, "at": "2030-02-01T12:00:00+02:00"}
    assert tiny.send_to("POST /_greenroom/reset", json=order).status_code == 204
    assert tiny.send("GET /rooms", headers=ADA).json() == []
    assert tiny.send_to("GET /_greenroom/clock").json()["now"] == "2030-02-01T10:00:00Z"
    other = add(tiny).json()
    assert other["id"] != first["id"]
    assert other["made"] == "2030-02-01T10:00:00+00:00"


@pytest.mark.parametrize("frozen", [True, False])
def test_reset_may_begin_with_a_clock_that_stands_still_or_runs(
    rooms: Callable[..., Tiny], frozen: bool
) -> None:
    tiny = rooms(frozen=not frozen)
    tiny.send_to("POST /_greenroom/reset", json={"frozen": frozen})
    assert tiny.send_to("GET /_greenroom/clock").json()["frozen"] is frozen


def test_after_another_beginning_a_bare_reset_leads_back_there(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    tiny.send_to("POST /_greenroom/reset", json={"scenario": "empty"})
    add(tiny)
    tiny.send_to("POST /_greenroom/reset")
    assert tiny.send("GET /rooms", headers=ADA).json() == []


def test_relative_times_of_a_scenario_follow_the_new_beginning(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    tiny.send_to("POST /_greenroom/reset", json={"at": "2030-01-10T00:00:00Z"})
    made = {each["id"]: each["made"] for each in tiny.send("GET /rooms", headers=ADA).json()}
    assert made == {"hall": "2030-01-09T00:00:00Z", "attic": "2030-01-10T00:00:00Z"}


@pytest.mark.parametrize(
    ("order", "pointers"),
    [
        ({"scenario": "none"}, ["/scenario"]),
        ({"scenario": 3}, ["/scenario"]),
        ({"seed": "x"}, ["/seed"]),
        ({"seed": 2**64}, ["/seed"]),
        ({"at": "noon"}, ["/at"]),
        ({"frozen": "yes"}, ["/frozen"]),
        ({"at": "9999-12-31T23:59:59-14:00"}, ["/at"]),
        ({"what": 1}, ["/what"]),
        ([], [""]),
    ],
)
def test_a_bad_beginning_is_refused_and_changes_nothing(
    rooms: Callable[..., Tiny], order: Any, pointers: list[str] | None
) -> None:
    tiny = rooms()
    add(tiny)
    before = tiny.main.digest()
    answer = tiny.send_to("POST /_greenroom/reset", json=order)
    assert answer.status_code == 400
    told = [each["pointer"] for each in answer.json().get("errors", [])] or None
    assert told == pointers
    assert tiny.main.digest() == before


def test_a_reset_concerns_its_own_world(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    add(tiny)
    tiny.send_to("POST /~t1/_greenroom/reset", json={"scenario": "empty"})
    assert len(tiny.send("GET /rooms", headers=ADA).json()) == 3
    inside = tiny.send("GET /rooms", headers={**ADA, "x-greenroom-world": "t1"})
    assert inside.json() == []
