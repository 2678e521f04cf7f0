"""A transaction stays whole or leaves no trace, and can say what it changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from greenroom.state import Indexes, RecordConflictError, Store
from greenroom.state.transaction import Change, Transaction

Undone = Callable[[Transaction], AbstractContextManager[Transaction]]
START = datetime(2026, 1, 1, tzinfo=UTC)
ROOMS = ("api", "rooms")
CALLS = ("api", "calls")


@pytest.fixture
def store() -> Store:
    """A store with two rooms."""
    store = Store(seed=1, at=START, frozen=True, collections={ROOMS: Indexes(unique=("pin",))})
    rooms = store.collection(*ROOMS, "acme")
    rooms.add({"id": "a", "pin": 1})
    rooms.add({"id": "b", "pin": 2})
    return store


def test_leaving_by_an_exception_takes_everything_back(store: Store, undone: Undone) -> None:
    before, fork = store.digest(), store.fork()
    with undone(store.transaction()):
        store.collection(*ROOMS, "acme").remove("a")
        store.collection(*ROOMS, "globex").add({"id": "a"})
        store.collection(*CALLS).add({"id": "a"})
        store.ids.uuid()
        store.ids.count("room")
        store.ids.snowflake()
        store.random.random()
        store.timers.add(START, provider="api", tenant="", name="end", body={})
    assert store.digest() == before
    assert store.tenants(*ROOMS) == ["acme"]
    assert len(store.timers) == 0
    drawn = [(s.ids.uuid(), s.ids.count("room"), s.random.random()) for s in (store, fork)]
    assert drawn[0] == drawn[1]


def test_the_clock_is_not_taken_back(store: Store, undone: Undone) -> None:
    with undone(store.transaction()):
        store.clock.advance(timedelta(hours=1))
    assert store.clock.now() == START + timedelta(hours=1)


def test_one_inside_another_can_be_undone_alone(store: Store, undone: Undone) -> None:
    rooms = store.collection(*ROOMS, "acme")
    with store.transaction() as outer:
        rooms.add({"id": "c"})
        with undone(store.transaction()) as inner:
            rooms.remove("b")
            rooms.add({"id": "d"})
        rooms.add({"id": "d"})
    assert [record["id"] for record in rooms] == ["a", "b", "c", "d"]
    assert inner.changes == []
    assert [change.id for change in outer.changes] == ["c", "d"]


def test_one_inside_another_lasts_only_if_the_outer_does(store: Store, undone: Undone) -> None:
    rooms = store.collection(*ROOMS, "acme")
    with undone(store.transaction()):
        with store.transaction():
            rooms.add({"id": "c"})
        assert "c" in rooms
    assert "c" not in rooms


def test_what_one_inside_another_changed_the_outer_changed(store: Store) -> None:
    rooms = store.collection(*ROOMS, "acme")
    with store.transaction() as outer:
        with store.transaction() as inner:
            rooms.add({"id": "c"})
        rooms.remove("a")
    assert [change.id for change in inner.changes] == ["c"]
    assert [change.id for change in outer.changes] == ["c", "a"]


def test_changes_are_net_and_in_order_of_first_touch(store: Store) -> None:
    rooms = store.collection(*ROOMS, "acme")
    with store.transaction() as transaction:
        rooms.save({"id": "b", "pin": 3})
        rooms.add({"id": "c"})
        rooms.remove("a")
        rooms.save({"id": "b", "pin": 4})
        rooms.add({"id": "passing"})
        rooms.remove("passing")
        store.collection(*CALLS).add({"id": "x"})
        store.timers.add(START, provider="api", tenant="", name="end", body={})
        store.ids.count("[")
        assert len(transaction.changes) == 4
    rooms.save({"id": "b", "pin": 5})
    assert transaction.changes == [
        Change("api", "rooms", "acme", "b", {"id": "b", "pin": 2}, {"id": "b", "pin": 4}),
        Change("api", "rooms", "acme", "c", None, {"id": "c"}),
        Change("api", "rooms", "acme", "a", {"id": "a", "pin": 1}, None),
        Change("api", "calls", "", "x", None, {"id": "x"}),
    ]


def test_what_comes_back_as_it_was_is_no_change(store: Store) -> None:
    rooms = store.collection(*ROOMS, "acme")
    with store.transaction() as transaction:
        rooms.save(rooms.get("a"))
        rooms.add(rooms.remove("b"))
    assert transaction.changes == []


def test_a_change_of_type_is_a_change(store: Store) -> None:
    rooms = store.collection(*ROOMS, "acme")
    with store.transaction() as transaction:
        rooms.save({"id": "a", "pin": True})
    assert [change.after for change in transaction.changes] == [{"id": "a", "pin": True}]


def test_a_rolled_back_transaction_changed_nothing(store: Store, undone: Undone) -> None:
    transaction = store.transaction()
    with undone(transaction):
        store.collection(*ROOMS, "acme").remove("a")
    assert transaction.changes == []


def test_what_is_refused_changes_nothing(store: Store) -> None:
    rooms = store.collection(*ROOMS, "acme")
    before = store.digest()
    with pytest.raises(RecordConflictError):
        rooms.save({"id": "a", "pin": 2})
    with pytest.raises(TypeError):
        rooms.add({"id": "c", "at": START})
    assert store.digest() == before


def test_other_threads_wait_until_it_is_over(store: Store) -> None:
    rooms = store.collection(*ROOMS, "acme")
    other = threading.Thread(target=lambda: rooms.add({"id": "late"}))
    with store.transaction():
        other.start()
        other.join(0.05)
        assert "late" not in rooms
    other.join()
    assert "late" in rooms


def test_no_write_of_many_threads_is_lost(store: Store) -> None:
    rooms = store.collection(*ROOMS, "acme")

    def add(thread: int) -> None:
        for number in range(100):
            with store.transaction():
                rooms.add({"id": f"{thread}-{number}", "number": store.ids.count("rooms")})

    threads = [threading.Thread(target=add, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(room["number"] for room in rooms.find(skip=2)) == list(range(1, 801))
