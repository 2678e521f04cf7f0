"""The store against a model of plain dictionaries, through any mixture of what it can do."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from greenroom.state import (
    DataFolder,
    Indexes,
    RecordConflictError,
    RecordNotFoundError,
    Store,
    where,
)

Json = dict[str, Any]

KIND = ("api", "rooms")
SCHEMA = {KIND: Indexes(plain=("status", "numbers", "owner.name"), unique=("pin",))}
START = datetime(2026, 1, 1, tzinfo=UTC)

IDS = st.sampled_from(["a", "b", "c", "d", "e", "ä\x00😀"])
TENANTS = st.sampled_from(["", "acme", "globex"])
STATUSES = st.sampled_from(["live", "over", None, 1, True, {}, {"live": 1}])
PINS = st.sampled_from([None, 1, 2, 3, "1"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**63, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
RECORDS = st.fixed_dictionaries(
    {"id": IDS},
    optional={
        "status": STATUSES,
        "pin": PINS,
        "numbers": st.lists(st.sampled_from([1, 2, "2"]), max_size=3),
        "owner": st.fixed_dictionaries({}, optional={"name": st.sampled_from(["bob", "eve"])}),
        "more": VALUES,
    },
)


@dataclass
class Model:
    """What a store should hold: records by tenant and id, counters, timers and the time."""

    records: dict[str, dict[str, Json]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    timers: list[tuple[datetime, str]] = field(default_factory=list)
    now: datetime = START

    def clashes(self, tenant: str, record: Json) -> bool:
        """Whether another record of the tenant has the record's pin."""
        pin = record.get("pin")
        others = self.records.get(tenant, {}).values()
        return pin is not None and any(
            other.get("pin") == pin for other in others if other["id"] != record["id"]
        )


@dataclass
class World:
    """A store and what it should hold."""

    store: Store
    model: Model


class StoreMachine(RuleBasedStateMachine):
    """Does the same to stores and models; what is named `name` is durable."""

    worlds = Bundle("worlds")
    snapshots = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp())
        self.folder = DataFolder(self.path, fsync="never")
        self.all: list[World] = []

    def teardown(self) -> None:
        self.folder.close()
        shutil.rmtree(self.path)

    def keep(self, store: Store, model: Model) -> World:
        self.all.append(World(store, model))
        return self.all[-1]

    @initialize(target=worlds)
    def begin(self) -> Any:
        memory = Store(seed=7, at=START, frozen=True, collections=SCHEMA)
        self.durable = self.keep(self.folder.save("main", memory), Model())
        return multiple(self.durable, self.keep(memory, Model()))

    @rule(world=worlds, tenant=TENANTS, record=RECORDS)
    def add(self, world: World, tenant: str, record: Json) -> None:
        rooms, model = world.store.collection(*KIND, tenant), world.model
        taken = record["id"] in model.records.get(tenant, {})
        if taken or model.clashes(tenant, record):
            assert_raises(RecordConflictError, lambda: rooms.add(record))
            return
        assert rooms.add(record) == record
        model.records.setdefault(tenant, {})[record["id"]] = deepcopy(record)

    @rule(world=worlds, tenant=TENANTS, record=RECORDS)
    def save(self, world: World, tenant: str, record: Json) -> None:
        rooms, model = world.store.collection(*KIND, tenant), world.model
        if record["id"] not in model.records.get(tenant, {}):
            assert_raises(RecordNotFoundError, lambda: rooms.save(record))
        elif model.clashes(tenant, record):
            assert_raises(RecordConflictError, lambda: rooms.save(record))
        else:
            assert rooms.save(record) == record
            model.records[tenant][record["id"]] = deepcopy(record)

    @rule(world=worlds, tenant=TENANTS, id=IDS)
    def remove(self, world: World, tenant: str, id: str) -> None:
        rooms, model = world.store.collection(*KIND, tenant), world.model
        if id in model.records.get(tenant, {}):
            assert rooms.remove(id) == model.records[tenant].pop(id)
        else:
            assert_raises(RecordNotFoundError, lambda: rooms.remove(id))

    @rule(world=worlds, tenant=TENANTS, status=STATUSES, number=st.sampled_from([1, 2, "2"]))
    def find(self, world: World, tenant: str, status: Any, number: Any) -> None:
        rooms = world.store.collection(*KIND, tenant)
        records = list(world.model.records.get(tenant, {}).values())
        by_status = [r for r in records if "status" in r and r["status"] == status]
        by_number = [r for r in records if number in r.get("numbers", ())]
        assert rooms.find(status=status) == rooms.find(where("status") == status) == by_status
        assert rooms.find(numbers=number) == by_number
        assert rooms.find(where("numbers").any([number])) == by_number
        both = [record for record in by_status if record in by_number]
        assert rooms.find(where("status") == status, numbers=number) == both
        assert rooms.count(status=status, numbers=number) == len(both)
        assert rooms.first(status=status) == (by_status[0] if by_status else None)

    @rule(world=worlds, tenant=TENANTS, skip=st.integers(0, 4), limit=st.integers(0, 4))
    def page(self, world: World, tenant: str, skip: int, limit: int) -> None:
        rooms = world.store.collection(*KIND, tenant)
        records = list(world.model.records.get(tenant, {}).values())
        assert rooms.find(skip=skip, limit=limit) == records[skip : skip + limit]
        bobs = [r for r in records if r.get("owner", {}).get("name") == "bob"]
        found = rooms.find(skip=skip, limit=limit, **{"owner.name": "bob"})
        assert found == bobs[skip : skip + limit]

    @rule(world=worlds, name=st.sampled_from(["x", "y"]))
    def count(self, world: World, name: str) -> None:
        expected = world.model.counts.get(name, 0) + 1
        assert world.store.ids.count(name) == expected
        world.model.counts[name] = expected

    @rule(world=worlds, minutes=st.integers(0, 3))
    def let_fall_due(self, world: World, minutes: int) -> None:
        at = world.model.now + timedelta(minutes=minutes)
        id = world.store.timers.add(at, provider="api", tenant="", name="end", body={})
        world.model.timers.append((at, id))
        world.model.timers.sort(key=lambda timer: timer[0])

    @rule(world=worlds, pop=st.booleans())
    def take_timer(self, world: World, pop: bool) -> None:
        timer = world.store.timers.next()
        if timer is None:
            assert world.model.timers == []
            return
        assert (timer.at, timer.id) == world.model.timers.pop(0)
        assert world.store.timers.pop(timer.id) == timer if pop else True
        assert world.store.timers.cancel(timer.id) is not pop

    @rule(world=worlds)
    def draw(self, world: World) -> None:
        twin = world.store.fork()
        draws = [(s.ids.uuid(), s.ids.snowflake(), s.random.random()) for s in (twin, world.store)]
        assert draws[0] == draws[1]

    @rule(world=worlds)
    def wind(self, world: World) -> None:
        world.model.now += timedelta(minutes=1)
        world.store.clock.advance(timedelta(minutes=1))

    @rule(world=worlds, tenant=TENANTS, records=st.lists(RECORDS, max_size=4), inner=st.booleans())
    def roll_back(self, world: World, tenant: str, records: list[Json], inner: bool) -> None:
        before = world.store.digest()
        with suppress(ZeroDivisionError), world.store.transaction():
            if inner:
                with world.store.transaction():
                    meddle(world.store, tenant, records)
            else:
                meddle(world.store, tenant, records)
            raise ZeroDivisionError
        assert world.store.digest() == before

    @rule(world=worlds, tenant=TENANTS, records=st.lists(RECORDS, max_size=4))
    def commit(self, world: World, tenant: str, records: list[Json]) -> None:
        before = deepcopy(world.model.records.get(tenant, {}))
        with world.store.transaction() as transaction:
            for record in records:
                self.add(world, tenant, record)
                self.save(world, tenant, record)
        after = world.model.records.get(tenant, {})
        changed = {id for id in after if repr(after[id]) != repr(before.get(id))}
        assert {change.id for change in transaction.changes} == changed
        for change in transaction.changes:
            assert (change.before, change.after) == (before.get(change.id), after[change.id])

    @rule(target=worlds, world=worlds)
    def fork(self, world: World) -> World:
        return self.keep(world.store.fork(), deepcopy(world.model))

    @rule(target=snapshots, world=worlds)
    def take_snapshot(self, world: World) -> Any:
        return world.store.snapshot(), deepcopy(world.model), world.store.digest()

    @rule(world=worlds, snapshot=snapshots)
    def restore(self, world: World, snapshot: Any) -> None:
        kept, model, digest = snapshot
        world.store.restore(kept)
        world.model = deepcopy(model)
        assert world.store.digest() == digest

    @rule()
    def reopen(self) -> None:
        before = self.durable.store.digest()
        self.folder.close()
        self.folder = DataFolder(self.path, fsync="never")
        self.durable.store = self.folder.open("main", collections=SCHEMA)
        assert self.durable.store.digest() == before

    @invariant()
    def nothing_else_changed(self) -> None:
        for world in self.all:
            store, model = world.store, world.model
            assert store.clock.now() == model.now
            assert [(timer.at, timer.id) for timer in store.timers] == model.timers
            assert store.tenants(*KIND) == list(model.records)
            for tenant, records in model.records.items():
                assert list(store.collection(*KIND, tenant)) == list(records.values())


def meddle(store: Store, tenant: str, records: list[Json]) -> None:
    """Change whatever can be changed."""
    rooms = store.collection(*KIND, tenant)
    for record in list(rooms):
        rooms.remove(record["id"])
    for record in records:
        with suppress(RecordConflictError):
            rooms.add(record)
    store.ids.uuid()
    store.ids.count("x")
    store.ids.snowflake()
    store.random.random()
    store.timers.add(START, provider="api", tenant=tenant, name="end", body={})


def assert_raises(kind: type[Exception], work: Callable[[], object]) -> None:
    """Check that something is refused."""
    try:
        work()
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was not raised")


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
