"""Going back: snapshots, what differs between them, rewinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from greenroom.emulator.toolkit import Json
    from tests.emulator.conftest import Tiny

ADA = {"Authorization": "Bearer ada"}
CONTROL = "/_greenroom"
Bytes = tuple[int, list[tuple[str, str]], bytes]


def add(served: Tiny, name: str, world: str = "main") -> Bytes:
    """Add a room; everything of the answer."""
    answer = served.send_to(f"POST /~{world}/tiny/rooms", headers=ADA, json={"name": name})
    assert answer.status_code == 200, answer.text
    return answer.status_code, answer.headers.multi_items(), answer.content


def names(served: Tiny, world: str = "main") -> list[str]:
    """The rooms that were added, by name."""
    path = f"/~{world}{CONTROL}/state/tiny/rooms?tenant=acme"
    return [each["name"] for each in served.send_to(f"GET {path}").json() if "name" in each]


def order(served: Tiny, line: str, body: Json | None = None) -> None:
    method, _, path = line.partition(" ")
    answer = served.send_to(f"{method} {CONTROL}{path}", json=body)
    assert answer.status_code < 300, answer.text


def test_a_snapshot_is_kept_under_its_name(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    answer = served.send_to(f"PUT {CONTROL}/snapshots/after-one")
    shape = {"name": "after-one", "at": "2026-01-05T09:00:00Z", "exchanges": 1}
    assert (answer.status_code, answer.json()) == (201, shape)
    assert served.send_to(f"GET {CONTROL}/snapshots").json() == [shape]


def test_a_snapshot_of_the_same_name_replaces_it(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, "PUT /snapshots/a")
    add(served, "one")
    assert served.send_to(f"PUT {CONTROL}/snapshots/a").status_code == 200
    add(served, "two")
    order(served, "POST /snapshots/a/restore")
    assert names(served) == ["one"]


def test_a_restored_world_gives_the_same_bytes_again(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    order(served, "PUT /snapshots/a")
    first = [add(served, "two"), add(served, "three")]
    order(served, "POST /snapshots/a/restore")
    assert names(served) == ["one"]
    assert [add(served, "two"), add(served, "three")] == first


def test_a_restore_brings_back_clock_timers_and_outbox(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    order(served, "PUT /snapshots/a")
    before = served.main.digest()
    order(served, "POST /clock/advance", {"by": "PT2H"})
    assert names(served) == []
    order(served, "POST /snapshots/a/restore")
    assert served.main.digest() == before
    fired = served.send_to(f"POST {CONTROL}/clock/advance", json={"by": "PT2H"}).json()["fired"]
    assert [each["kind"] for each in fired] == ["room_closes"]


def test_a_restore_drops_the_journal_after_the_snapshot_and_ids_stay_unique(
    rooms: Callable[..., Tiny],
) -> None:
    served = rooms()
    add(served, "one")
    order(served, "PUT /snapshots/a")
    add(served, "two")
    order(served, "POST /snapshots/a/restore")
    add(served, "three")
    entries = served.send_to(f"GET {CONTROL}/journal").json()
    assert [each["request"]["body"]["name"] for each in entries] == ["one", "three"]
    assert [each["id"] for each in entries] == ["e1", "e2"]


def test_a_restore_over_another_beginning_brings_all_of_it_back(
    rooms: Callable[..., Tiny],
) -> None:
    served = rooms()
    order(served, "PUT /snapshots/a")
    order(served, "POST /reset", {"scenario": "empty", "seed": 3})
    limit = "/_greenroom/providers"
    assert served.send_to(f"GET {limit}").json()[0]["options"]["limit"]["value"] == 10
    order(served, "POST /snapshots/a/restore")
    assert served.send_to(f"GET {limit}").json()[0]["options"]["limit"]["value"] == 3
    shown = served.send_to(f"GET {CONTROL}/worlds/main").json()
    assert (shown["scenario"], shown["seed"]) == ("default", 7)
    order(served, "POST /reset")
    assert served.send_to(f"GET {CONTROL}/worlds/main").json()["scenario"] == "default"


def test_snapshots_outlive_a_reset(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    order(served, "PUT /snapshots/a")
    order(served, "POST /reset")
    assert names(served) == []
    order(served, "POST /snapshots/a/restore")
    assert names(served) == ["one"]


def test_a_forgotten_snapshot_is_gone(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, "PUT /snapshots/a")
    assert served.send_to(f"DELETE {CONTROL}/snapshots/a").status_code == 204
    for line in ("DELETE /snapshots/a", "POST /snapshots/a/restore", "GET /snapshots/a/diff/now"):
        method, _, path = line.partition(" ")
        assert served.send_to(f"{method} {CONTROL}{path}").status_code == 404


@pytest.mark.parametrize("name", ["now", "-a", "a.b", "a%2Fb", "a" * 64, "%C3%A4"])
def test_a_snapshot_has_a_plain_name(rooms: Callable[..., Tiny], name: str) -> None:
    assert rooms().send_to(f"PUT {CONTROL}/snapshots/{name}").status_code == 400


def test_a_snapshot_belongs_to_its_world(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, "PUT /snapshots/a")
    assert served.send_to("POST /~other/_greenroom/snapshots/a/restore").status_code == 404


def test_a_difference_tells_what_became_of_the_records(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, "PUT /snapshots/a")
    path = f"{CONTROL}/state/tiny/rooms"
    served.send_to(f"PUT {path}/hall", json={"seats": 1})
    served.send_to(f"PUT {path}/new?tenant=acme", json={})
    served.send_to(f"DELETE {path}/attic")
    told = served.send_to(f"GET {CONTROL}/snapshots/a/diff/now").json()
    assert [(each["id"], each["change"], each["after"]) for each in told] == [
        ("hall", "changed", {"id": "hall", "seats": 1}),
        ("new", "added", {"id": "new"}),
        ("attic", "removed", None),
    ] or sorted((each["id"], each["change"]) for each in told) == [
        ("attic", "removed"),
        ("hall", "changed"),
        ("new", "added"),
    ]
    assert {(each["provider"], each["collection"], each["tenant"]) for each in told} == {
        ("tiny", "rooms", "acme")
    }


def test_a_difference_may_be_read_backwards(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    order(served, "PUT /snapshots/a")
    add(served, "one")
    order(served, "PUT /snapshots/b")
    assert served.send_to(f"GET {CONTROL}/snapshots/a/diff/a").json() == []
    forth = served.send_to(f"GET {CONTROL}/snapshots/a/diff/b").json()
    back = served.send_to(f"GET {CONTROL}/snapshots/b/diff/a").json()
    assert {each["change"] for each in forth} == {"added"}
    assert {each["change"] for each in back} == {"removed"}
    assert [each["after"] for each in forth] == [each["before"] for each in back]


def test_a_rewind_goes_back_to_just_after_an_exchange(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    first = [add(served, "two"), add(served, "three")]
    order(served, "POST /rewind", {"exchange": "e1"})
    assert names(served) == ["one"]
    assert [each["id"] for each in served.send_to(f"GET {CONTROL}/journal").json()] == ["e1"]
    assert [add(served, "two"), add(served, "three")] == first


def test_a_rewind_brings_back_clock_faults_and_what_is_left_of_them(
    rooms: Callable[..., Tiny],
) -> None:
    served = rooms()
    order(served, "POST /faults", {"effect": {"status": 503}, "times": 2})
    for _ in range(2):
        served.send("GET /rooms", headers=ADA)
    order(served, "POST /clock/advance", {"by": "PT1H"})
    order(served, "DELETE /faults")
    order(served, "POST /rewind", {"exchange": "e1"})
    assert served.send_to(f"GET {CONTROL}/clock").json()["now"] == "2026-01-05T09:00:00Z"
    told = [served.send("GET /rooms", headers=ADA).status_code for _ in range(2)]
    assert told == [503, 200]


def test_a_rewind_goes_back_to_a_refusal_too(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    assert served.send("GET /nowhere").status_code == 404
    add(served, "two")
    order(served, "POST /rewind", {"exchange": "e2"})
    assert names(served) == ["one"]


def test_there_is_no_way_back_to_what_never_was(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    answer = served.send_to(f"POST {CONTROL}/rewind", json={"exchange": "e1"})
    assert answer.status_code == 404
    assert served.send_to(f"POST {CONTROL}/rewind", json={}).status_code == 400


def test_an_edit_is_undone_by_a_rewind(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    add(served, "one")
    served.send_to(f"DELETE {CONTROL}/state/tiny/rooms/hall")
    order(served, "POST /rewind", {"exchange": "e1"})
    assert served.send_to(f"GET {CONTROL}/state/tiny/rooms/hall").status_code == 200


def test_there_are_never_more_than_a_thousand_snapshots(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    for number in range(1000):
        order(served, f"PUT /snapshots/s{number}")
    assert served.send_to(f"PUT {CONTROL}/snapshots/more").status_code == 429
    assert served.send_to(f"PUT {CONTROL}/snapshots/s1").status_code == 200


def test_snapshots_survive_a_restart(
    rooms: Callable[..., Tiny], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = str(tmp_path_factory.mktemp("data"))
    served = rooms(data=data)
    add(served, "one", "other")
    served.send_to("PUT /~other/_greenroom/snapshots/A_a")
    second = add(served, "two", "other")
    served.send_to("PUT /~other/_greenroom/snapshots/b")
    served.send_to("DELETE /~other/_greenroom/snapshots/b")
    assert served._emulator is not None
    served._emulator.close()
    served = rooms(data=data)
    assert names(served, "other") == ["one", "two"]
    shown = served.send_to("GET /~other/_greenroom/snapshots").json()
    assert [each["name"] for each in shown] == ["A_a"]
    served.send_to("POST /~other/_greenroom/snapshots/A_a/restore")
    assert names(served, "other") == ["one"]
    assert add(served, "two", "other")[2] == second[2]
