"""Isolated universes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from greenroom.emulator.kit import Kit
from greenroom.emulator.toolkit import ControlError
from greenroom.emulator.world import Beginning
from greenroom.emulator.worlds import TooManyWorldsError, Worlds, WorldTakenError
from greenroom.state import Store

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SECOND = 1_000_000


class Outside:
    """The time outside, which a test winds itself."""

    def __init__(self) -> None:
        self.time = 0

    def __call__(self) -> int:
        return self.time


def worlds(**settings: Any) -> Worlds:
    store = Store(seed=1, at=START, frozen=True)
    store.collection("tiny", "notes").add({"id": "first"})
    settings = {"wall": Outside(), **settings}
    return Worlds(Beginning(store, {"tiny": {"limit": 3}}, "default", 1), make_kit=Kit, **settings)


def names(these: Worlds) -> list[str]:
    return [world.name for world in these]


def test_main_exists_always() -> None:
    these = worlds()
    assert names(these) == ["main"]
    assert these.get("main").store.collection("tiny", "notes").get("first") == {"id": "first"}


def test_a_world_is_made_on_first_use_and_stays() -> None:
    these = worlds()
    made = these.get("t1")
    assert made is these.get("t1")
    assert (made.name, made.scenario, made.options["tiny"]["limit"]) == ("t1", "default", 3)


def test_what_is_due_in_a_world_that_begins_late_is_counted_from_its_own_beginning() -> None:
    store = Store(at=START, frozen=True)
    due = START + timedelta(seconds=30)
    store.timers.add(due, provider="tiny", tenant="", name="bell_rings", body={"loud": True})
    beginning = Beginning(store, {"tiny": {}}, "default", start=START)
    these = Worlds(beginning, make_kit=Kit, wall=Outside())
    store.clock.advance(timedelta(hours=1))
    (timer,) = these.get("late").store.timers
    assert (timer.at, timer.body) == (due + timedelta(hours=1), {"loud": True})
    assert [each.at for each in these.get("main").store.timers] == [due]


def test_worlds_share_their_beginning_and_nothing_else() -> None:
    these = worlds()
    one, other = these.get("one"), these.get("other")
    assert one.store.digest() == other.store.digest()
    one.store.collection("tiny", "notes").add({"id": one.store.ids.uuid()})
    one.store.clock.set(START.replace(year=2027))
    assert len(other.store.collection("tiny", "notes")) == 1
    assert other.store.clock.now() == START
    assert len(these.get("later").store.collection("tiny", "notes")) == 1


def test_reset_brings_back_records_time_ids_chance_and_exchanges() -> None:
    world = worlds().get("t1")
    before = world.store.digest()
    drawn = [(world.store.ids.uuid(), world.store.random.random()) for _ in range(2)]
    world.store.collection("tiny", "notes").remove("first")
    world.store.clock.set(START.replace(year=2027))
    assert world.next_exchange() == "e1"
    world.reset()
    assert world.store.digest() == before
    assert world.store.clock.now() == START
    assert [(world.store.ids.uuid(), world.store.random.random()) for _ in range(2)] == drawn
    assert world.next_exchange() == "e1"


def test_reset_may_lead_to_another_beginning_for_good() -> None:
    world = worlds().get("t1")
    other = Store(seed=2, at=START, frozen=True)
    world.reset(Beginning(other, {"tiny": {"limit": 9}}, "empty", 2))
    for _ in range(2):
        assert len(world.store.collection("tiny", "notes")) == 0
        assert (world.scenario, world.seed, world.options["tiny"]["limit"]) == ("empty", 2, 9)
        world.store.collection("tiny", "notes").add({"id": "x"})
        world.reset()


@pytest.mark.parametrize("name", ["", "A", "-a", "a_b", "x" * 64, "a\n", "..", "main "])
def test_a_name_is_small_letters_digits_and_hyphens(name: str) -> None:
    these = worlds()
    with pytest.raises(ControlError, match="is no name of a world; use a-z, 0-9 and -"):
        these.get(name)
    assert names(these) == ["main"]


def test_there_is_a_cap() -> None:
    these = worlds(cap=3)
    for name in ("a", "b"):
        these.get(name)
    with pytest.raises(TooManyWorldsError, match=r"^There are 3 worlds already; drop some\.$"):
        these.get("c")
    assert these.drop("a") is True
    assert these.get("c").name == "c"


def test_worlds_that_nobody_uses_are_dropped_but_never_main() -> None:
    outside = Outside()
    these = worlds(cap=3, idle=60, wall=outside)
    these.get("a")
    outside.time = 30 * SECOND
    these.get("b")
    outside.time = 59 * SECOND
    these.get("a")
    assert names(these) == ["main", "b", "a"]
    outside.time = 95 * SECOND
    assert these.get("c").name == "c"
    assert names(these) == ["main", "a", "c"]
    outside.time = 10**6 * SECOND
    assert names(these) == ["main"]


def test_looking_at_a_world_is_not_using_it() -> None:
    outside = Outside()
    these = worlds(idle=60, wall=outside)
    assert these.look("a") is None
    made = these.get("a")
    outside.time = 59 * SECOND
    assert these.look("a") is made
    outside.time = 60 * SECOND
    assert these.look("a") is None


def test_a_fork_begins_where_the_other_was() -> None:
    these = worlds()
    origin = these.get("t1")
    origin.next_exchange()
    origin.store.collection("tiny", "notes").add({"id": "second"})
    fork = these.fork("t2", origin.moment())
    origin.store.collection("tiny", "notes").add({"id": "third"})
    assert len(fork.store.collection("tiny", "notes")) == 2
    assert fork.next_exchange() == "e2"
    fork.store.collection("tiny", "notes").remove("first")
    fork.reset()
    assert len(fork.store.collection("tiny", "notes")) == 2


def test_a_taken_name_is_refused() -> None:
    these = worlds()
    these.get("t1")
    moment = these.get("main").moment()
    with pytest.raises(WorldTakenError, match=r"^There is a world t1 already\.$"):
        these.fork("t1", moment)


def test_a_free_name_is_one_that_no_world_has() -> None:
    these = worlds()
    these.get("w1")
    taken = [these.get(these.free_name()).name for _ in range(2)]
    assert taken == ["w2", "w3"]


def test_a_snapshot_is_kept_and_forgotten() -> None:
    these = worlds()
    world = these.get("t1")
    assert these.keep(world, "before") is True
    world.store.collection("tiny", "notes").remove("first")
    world.go_to(world.snapshots["before"])
    assert len(world.store.collection("tiny", "notes")) == 1
    assert these.keep(world, "before") is False
    assert [these.forget(world, "before"), these.forget(world, "before")] == [True, False]


def test_many_worlds_are_cheap_and_dropping_frees_them() -> None:
    these = worlds(cap=2_000)
    for number in range(1_999):
        these.get(f"t{number}").next_exchange()
    assert len(names(these)) == 2_000
    assert [these.drop("t0"), these.drop("t0")] == [True, False]
