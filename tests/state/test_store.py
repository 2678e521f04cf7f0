"""A world can be forked, kept, brought back and compared."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from greenroom.state import Indexes, Store

START = datetime(2026, 1, 1, tzinfo=UTC)
ROOMS = ("api", "rooms")
CALLS = ("api", "calls")
SCHEMA = {ROOMS: Indexes(plain=("owner",))}


@pytest.fixture
def store() -> Store:
    """A store with a room, a timer and something drawn."""
    store = Store(seed=5, at=START, frozen=True, collections=SCHEMA)
    store.collection(*ROOMS, "acme").add({"id": "a", "owner": "alice"})
    store.timers.add(START, provider="api", tenant="acme", name="end", body={"n": 1})
    store.ids.uuid()
    return store


def meddle(store: Store) -> None:
    """Change whatever can be changed."""
    store.collection(*ROOMS, "acme").save({"id": "a", "owner": "bob"})
    store.collection(*CALLS, "globex").add({"id": "x"})
    store.timers.cancel("timer-1")
    store.ids.count("rooms")
    store.ids.hex(8)
    store.random.random()
    store.clock.advance(timedelta(hours=1))


def test_a_fork_goes_its_own_way(store: Store) -> None:
    before = store.digest()
    fork = store.fork()
    assert fork.digest() == before
    meddle(fork)
    assert store.digest() == before
    middle = fork.digest()
    meddle(store)
    assert fork.digest() == middle
    assert store.digest() == middle


def test_a_snapshot_brings_everything_back(store: Store) -> None:
    snapshot, digest = store.snapshot(), store.digest()
    meddle(store)
    assert store.digest() != digest
    store.restore(snapshot)
    assert store.digest() == digest
    assert store.clock.now() == START
    assert store.collection(*ROOMS, "acme").find(owner="alice") == [{"id": "a", "owner": "alice"}]
    assert store.tenants(*CALLS) == []


def test_a_snapshot_knows_its_time(store: Store) -> None:
    snapshot = store.snapshot()
    store.clock.advance(timedelta(hours=1))
    assert (snapshot.now(), store.snapshot().now()) == (START, START + timedelta(hours=1))


def test_a_snapshot_fits_another_store_with_the_same_collections(store: Store) -> None:
    other = Store(seed=9, collections={ROOMS: Indexes(plain=("owner",))})
    other.restore(store.snapshot())
    assert other.digest() == store.digest()
    assert other.ids.uuid() == store.ids.uuid()


def test_a_snapshot_does_not_fit_other_collections(store: Store) -> None:
    with pytest.raises(ValueError, match="declare the same collections"):
        Store().restore(store.snapshot())


def test_a_snapshot_cannot_be_restored_inside_a_transaction(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), store.transaction():
        store.restore(store.snapshot())


def test_two_snapshots_can_be_compared(store: Store) -> None:
    before = store.snapshot()
    meddle(store)
    after = store.snapshot()
    changes = {(c.collection, c.id): (c.before, c.after) for c in after.changes(before)}
    assert changes == {
        ("rooms", "a"): ({"id": "a", "owner": "alice"}, {"id": "a", "owner": "bob"}),
        ("calls", "x"): (None, {"id": "x"}),
    }
    assert [change.after for change in before.changes(after)][-1] is None
    assert after.changes(after) == []


def test_the_same_deeds_give_the_same_digest() -> None:
    stores = [Store(seed=1, at=START, frozen=True) for _ in range(2)]
    for each in stores:
        each.collection(*ROOMS).add({"id": "a", "long": 2**70})
        each.timers.add(START, provider="api", tenant="", name="end", body={})
        each.ids.count("x")
    assert stores[0].digest() == stores[1].digest()


@pytest.mark.parametrize(
    "other",
    [
        lambda store: store.collection(*ROOMS, "acme").save({"owner": "alice", "id": "a"}),
        lambda store: store.collection(*ROOMS, "acme").remove("a"),
        lambda store: store.collection(*ROOMS, "other").add({"id": "a"}),
        lambda store: store.timers.pop("timer-1"),
        lambda store: store.ids.uuid(),
        lambda store: store.ids.count("x"),
        lambda store: store.ids.snowflake(),
        lambda store: store.random.random(),
        lambda store: store.clock.advance(timedelta(microseconds=1)),
        lambda store: store.clock.resume(),
    ],
)
def test_every_part_of_the_state_shows_in_the_digest(store: Store, other: object) -> None:
    before = store.digest()
    assert callable(other)
    other(store)
    assert store.digest() != before


def test_the_seed_shows_in_the_digest() -> None:
    assert Store(seed=1).digest() != Store(seed=2).digest()


def test_a_running_clock_does_not_show_in_the_digest() -> None:
    store = Store(at=START)
    before = store.digest()
    time.sleep(0.001)
    assert store.digest() == before


def test_the_digest_is_the_same_in_another_process() -> None:
    code = (
        "from greenroom.state import Store;"
        "store = Store(seed=3);"
        "record = {'id': store.ids.uuid(), 'x': store.random.random()};"
        "store.collection('api', 'rooms').add(record);"
        "[store.ids.count(name) for name in 'abcdefgh'];"
        "print(store.digest())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def test_a_removed_record_leaves_nothing_but_its_tenant(store: Store) -> None:
    before = store.digest()
    rooms = store.collection(*ROOMS, "acme")
    rooms.add({"id": "b"})
    rooms.remove("b")
    assert store.digest() == before


def test_tenants_and_collections_are_in_order_of_first_use(store: Store) -> None:
    for tenant in ("zeta", "", "acme", "beta"):
        rooms = store.collection(*ROOMS, tenant)
        rooms.add({"id": "x"})
        rooms.remove("x")
    store.collection(*CALLS).add({"id": "x"})
    assert store.tenants(*ROOMS) == ["acme", "zeta", "", "beta"]
    assert store.tenants(*CALLS) == [""]
    assert store.tenants("api", "nothing") == []
    assert store.collections() == [ROOMS, CALLS]
    assert Store(collections=SCHEMA).collections() == [ROOMS]


def test_a_collection_is_the_same_each_time(store: Store) -> None:
    assert store.collection(*ROOMS, "acme") is store.collection(*ROOMS, "acme")


def test_collections_beyond_what_is_remembered_still_work(store: Store) -> None:
    first = store.collection(*ROOMS, "0")
    for number in range(5000):
        store.collection(*ROOMS, str(number))
    first.add({"id": "x"})
    assert store.collection(*ROOMS, "0").get("x") == {"id": "x"}


def test_a_store_in_memory_can_be_closed(store: Store) -> None:
    store.close()
    assert len(store.collection(*ROOMS, "acme")) == 1


def test_forking_and_going_back_cost_the_same_at_any_size() -> None:
    store = Store(collections=SCHEMA)
    rooms = store.collection(*ROOMS)
    for number in range(10_000):
        rooms.add({"id": str(number), "owner": number % 7})
    snapshot = store.snapshot()
    rooms.remove("5")
    began = time.perf_counter()
    for _ in range(100):
        store.fork()
        store.restore(snapshot)
    assert (time.perf_counter() - began) / 100 < 0.001
    assert len(rooms) == 10_000
