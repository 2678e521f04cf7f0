"""Worlds of one's own: made, forked, counted, dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from greenroom.emulator.toolkit import Json
    from tests.emulator.conftest import Tiny

ADA = {"Authorization": "Bearer ada"}
WORLDS = "/_greenroom/worlds"


def add(served: Tiny, name: str, world: str = "main") -> bytes:
    answer = served.send_to(f"POST /~{world}/tiny/rooms", headers=ADA, json={"name": name})
    assert answer.status_code == 200, answer.text
    return answer.content


def make(served: Tiny, status: Any = 201, **order: Any) -> Json:
    answer = served.send_to(f"POST {WORLDS}", json=order)
    assert answer.status_code == status, answer.text
    made: Json = answer.json()
    return made


def names(served: Tiny, world: str = "main") -> list[str]:
    path = f"/~{world}/_greenroom/state/tiny/rooms?tenant=acme"
    return [each["name"] for each in served.send_to(f"GET {path}").json() if "name" in each]


def test_a_world_is_made_and_shown(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    shape = {
        "name": "mine",
        "url": "http://127.0.0.1:8800/~mine",
        "scenario": "default",
        "seed": 7,
        "exchanges": 0,
        "snapshots": [],
    }
    made = served.send_to(f"POST {WORLDS}", json={"name": "mine"})
    assert (made.status_code, made.json()) == (201, shape)
    assert served.send_to(f"GET {WORLDS}/mine").json() == shape
    assert [each["name"] for each in served.send_to(f"GET {WORLDS}").json()] == ["main", "mine"]


def test_a_world_without_a_name_gets_one_that_is_free(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    make(served, name="w1")
    made = served.send_to(f"POST {WORLDS}")
    assert (made.status_code, made.json()["name"]) == (201, "w2")


@pytest.mark.parametrize("name", ["main", "mine"])
def test_a_taken_name_is_a_conflict(rooms: Callable[..., Tiny], name: str) -> None:
    served = rooms()
    make(served, name="mine")
    make(served, 409, name=name)


def test_a_world_may_begin_as_it_likes(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    made = make(served, name="mine", scenario="empty", seed=9, at="2030-01-01T00:00:00Z")
    assert (made["scenario"], made["seed"]) == ("empty", 9)
    assert served.send_to("GET /~mine/_greenroom/clock").json()["now"] == "2030-01-01T00:00:00Z"
    assert served.send_to("GET /~mine/tiny/rooms", headers=ADA).json() == []
    served.send_to("POST /~mine/_greenroom/reset")
    assert served.send_to("GET /~mine/_greenroom/clock").json()["now"] == "2030-01-01T00:00:00Z"


@pytest.mark.parametrize("served_frozen", [True, False])
@pytest.mark.parametrize("frozen", [True, False])
def test_a_world_may_begin_with_a_clock_that_stands_still_or_runs(
    rooms: Callable[..., Tiny], served_frozen: bool, frozen: bool
) -> None:
    served = rooms(frozen=served_frozen)
    make(served, name="mine", frozen=frozen)
    make(served, name="other")
    for order in ("GET /~mine/_greenroom/clock", "POST /~mine/_greenroom/reset"):
        served.send_to(order)
        assert served.send_to("GET /~mine/_greenroom/clock").json()["frozen"] is frozen
    assert served.send_to("GET /~other/_greenroom/clock").json()["frozen"] is served_frozen


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        ({"world": "first"}, ["one", "two", "three"]),
        ({"world": "first", "snapshot": "a"}, ["one", "two"]),
        ({"world": "first", "exchange": "e1"}, ["one"]),
        ({"world": "main"}, []),
    ],
)
def test_a_fork_begins_where_its_origin_is(
    rooms: Callable[..., Tiny], origin: Json, found: list[str]
) -> None:
    served = rooms()
    add(served, "one", "first")
    add(served, "two", "first")
    served.send_to("PUT /~first/_greenroom/snapshots/a")
    add(served, "three", "first")
    made = make(served, name="second", **{"from": origin})
    assert made["exchanges"] == len(found)
    assert names(served, "second") == found
    add(served, "more", "second")
    served.send_to("POST /~second/_greenroom/reset")
    assert names(served, "second") == found
    assert names(served, "first") == ["one", "two", "three"]


def test_a_fork_without_a_world_is_of_the_one_that_is_asked(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one", "first")
    body = {"name": "second", "from": {"exchange": "e1"}}
    assert served.send_to("POST /~first/_greenroom/worlds", json=body).status_code == 201
    assert names(served, "second") == ["one"]


def test_what_follows_in_a_fork_is_what_follows_in_its_origin(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    make(served, name="second", **{"from": {"world": "main"}})
    assert add(served, "two") == add(served, "two", "second")


def test_a_fork_begins_with_an_empty_journal(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    make(served, name="second", **{"from": {"world": "main"}})
    assert served.send_to("GET /~second/_greenroom/journal").json() == []


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"name": "A"}, 400),
        ({"name": "-a"}, 400),
        ({"name": "a" * 64}, 400),
        ({"name": "ä"}, 400),
        ({"name": "a\n"}, 400),
        ({"scenario": "none"}, 400),
        ({"from": {}}, 400),
        ({"from": {"world": "none"}}, 404),
        ({"from": {"snapshot": "none"}}, 404),
        ({"from": {"exchange": "e1"}}, 404),
        ({"from": {"world": "main"}, "seed": 1}, 400),
        ({"from": {"world": "main"}, "frozen": True}, 400),
        ({"frozen": "yes"}, 400),
        ({"planet": 1}, 400),
    ],
)
def test_what_cannot_be_made_is_refused(
    rooms: Callable[..., Tiny], order: Json, status: int
) -> None:
    served = rooms()
    make(served, status, **order)
    assert [each["name"] for each in served.send_to(f"GET {WORLDS}").json()] == ["main"]


def test_a_dropped_world_begins_anew(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one", "mine")
    served.send_to("PUT /~mine/_greenroom/snapshots/a")
    assert served.send_to(f"DELETE {WORLDS}/mine").status_code == 204
    assert served.send_to(f"GET {WORLDS}/mine").status_code == 404
    assert served.send_to(f"DELETE {WORLDS}/mine").status_code == 404
    assert names(served, "mine") == []
    assert served.send_to("GET /~mine/_greenroom/snapshots").json() == []


def test_a_world_may_drop_itself(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    assert served.send_to("DELETE /~mine/_greenroom/worlds/mine").status_code == 204
    assert served.send_to(f"GET {WORLDS}/mine").status_code == 404


def test_the_main_world_stays(rooms: Callable[..., Tiny]) -> None:
    assert rooms().send_to(f"DELETE {WORLDS}/main").status_code == 409


def test_looking_at_a_world_does_not_make_it(rooms: Callable[..., Tiny]) -> None:
    assert rooms().send_to(f"GET {WORLDS}/mine").status_code == 404


def test_more_worlds_than_there_may_be_are_refused_with_a_sentence(
    rooms: Callable[..., Tiny],
) -> None:
    served = rooms(world_cap=3)
    make(served, name="a")
    add(served, "one", "b")
    assert "3 worlds already" in make(served, 429, name="c")["detail"]
    answer = served.send_to("GET /~c/tiny/rooms", headers=ADA)
    assert (answer.status_code, "3 worlds already" in answer.json()["detail"]) == (429, True)
    assert served.send_to("GET /~b/tiny/rooms", headers=ADA).status_code == 200
    served.send_to(f"DELETE {WORLDS}/a")
    make(served, name="c")


def test_idle_worlds_are_dropped_and_the_main_one_never(rooms: Callable[..., Tiny]) -> None:
    served = rooms(world_idle=0)
    add(served, "one")
    add(served, "one", "mine")
    assert names(served, "mine") == []
    assert names(served) == ["one"]
    assert [each["name"] for each in served.send_to(f"GET {WORLDS}").json()] == ["main"]


@pytest.mark.parametrize("name", ["A", "-a", "a_b", "a" * 64, "%61", "a.b"])
def test_a_bad_name_is_no_world(rooms: Callable[..., Tiny], name: str) -> None:
    served = rooms()
    assert served.send_to(f"GET /~{name}/tiny/rooms", headers=ADA).status_code == 400
    answer = served.send("GET /rooms", headers={**ADA, "X-Greenroom-World": name})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["name"] for each in served.send_to(f"GET {WORLDS}").json()] == ["main"]


def test_the_address_decides_before_the_header(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    headers = {**ADA, "X-Greenroom-World": "two"}
    answers = [served.send_to(f"GET {path}/tiny/rooms", headers=headers) for path in ("/~one", "")]
    assert [each.headers["x-greenroom-world"] for each in answers] == ["one", "two"]


def test_a_thousand_worlds_have_a_life_each(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    told = set()
    for number in range(1000):
        world = f"t{number}"
        if number % 100 == 0:
            served.send_to(f"POST /~{world}/_greenroom/reset", json={"seed": number})
            served.send_to(f"POST /~{world}/_greenroom/clock/advance", json={"by": number})
        told.add(add(served, f"room {number}", world))
    assert len(told) == 1000
    for number in range(0, 1000, 99):
        world = f"t{number}"
        assert names(served, world) == [f"room {number}"]
        [entry] = served.send_to(f"GET /~{world}/_greenroom/journal").json()
        assert entry["request"]["body"] == {"name": f"room {number}"}
    clocks = [
        served.send_to(f"GET /~t{number}/_greenroom/clock").json()["now"] for number in (0, 100)
    ]
    assert clocks == ["2026-01-05T09:00:00Z", "2026-01-05T09:01:40Z"]


def test_worlds_survive_a_restart_with_their_beginning(
    rooms: Callable[..., Tiny], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = str(tmp_path_factory.mktemp("data"))
    served = rooms(data=data, frozen=False)
    add(served, "one", "mine")
    make(served, name="bare", scenario="empty", seed=9, at="2030-01-01T00:00:00Z", frozen=True)
    make(served, name="gone")
    make(served, name="fork", **{"from": {"world": "mine"}})
    add(served, "two", "fork")
    served.send_to(f"DELETE {WORLDS}/gone")
    assert served._emulator is not None
    served._emulator.close()
    served = rooms(data=data, frozen=False)
    assert names(served, "mine") == ["one"]
    known = {each["name"]: each for each in served.send_to(f"GET {WORLDS}").json()}
    assert known.keys() == {"main", "mine", "bare", "fork"}
    assert (known["bare"]["scenario"], known["bare"]["seed"]) == ("empty", 9)
    served.send_to("POST /~bare/_greenroom/reset")
    clock = served.send_to("GET /~bare/_greenroom/clock").json()
    assert clock == {"now": "2030-01-01T00:00:00Z", "frozen": True}
    assert served.send_to("GET /~bare/tiny/rooms", headers=ADA).json() == []
    assert names(served, "fork") == ["one", "two"]
    served.send_to("POST /~fork/_greenroom/reset")
    assert names(served, "fork") == ["one"]
