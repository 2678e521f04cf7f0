"""A world's state in one hand: records, clock, ids, chance and timers."""

from __future__ import annotations

from datetime import datetime

from greenroom.state.chance import Chance, blocks, draw
from greenroom.state.clock import Clock, ClockState
from greenroom.state.collection import Collection
from greenroom.state.everywhere import Everywhere
from greenroom.state.ids import Ids
from greenroom.state.layouts import (
    NO_COLLECTIONS,
    TIMERS,
    Kind,
    Schema,
    layouts_of,
    split_name,
    table_name,
)
from greenroom.state.snapshot import Snapshot
from greenroom.state.storage import LiveStorage, Log, Root
from greenroom.state.table import LiveDB
from greenroom.state.timers import Timers
from greenroom.state.transaction import Transaction

REMEMBERED_COLLECTIONS = 4096


class Store:
    """Everything that is true in one world.

    Records live in collections, one for each provider, kind and tenant. Beginning and rolling
    back a transaction, forking, taking and restoring a snapshot cost microseconds at any size.
    One thread uses a store at a time; a lock guards the rare other one.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        at: datetime | None = None,
        frozen: bool = False,
        collections: Schema = NO_COLLECTIONS,
    ) -> None:
        """Begin an empty world whose clock shows `at`, by default the time outside."""
        start = ClockState.starting(at, frozen=frozen)
        self._assemble(Snapshot(Root(seed=seed), start, layouts_of(collections)))

    def _assemble(self, snapshot: Snapshot, log: Log | None = None) -> None:
        self._layouts = snapshot.layouts
        self._storage = LiveStorage(snapshot.root, layout=snapshot.layouts.of, log=log)
        self._db = self._open_tables()
        self._collections: dict[tuple[str, str, str], Collection] = {}
        self._families = _Families()
        self._parts: dict[Kind, tuple[list[str], list[Collection]]] = {}
        self.clock = Clock(snapshot.clock, changed=None if log is None else log.tick)
        self.ids = Ids(self._storage, self.clock)
        self.timers = Timers(self._db.live_table(TIMERS), self.ids)
        self.random = Chance(self._take)

    def _open_tables(self) -> LiveDB:
        return LiveDB(storage=lambda: self._storage)

    def collection(self, provider: str, name: str, tenant: str = "") -> Collection:
        """The records of one kind of one tenant; without a tenant those that belong to nobody."""
        key = (provider, name, tenant)
        collection = self._collections.get(key)
        if collection is None:
            if len(self._collections) >= REMEMBERED_COLLECTIONS:
                self._db = self._open_tables()
                self._collections.clear()
            collection = Collection(self._db.live_table(table_name(*key)), *key)
            self._collections[key] = collection
        return collection

    def everywhere(self, provider: str, name: str) -> Everywhere:
        """The records of one kind of all tenants, to look at."""
        return Everywhere(self._collections_of, provider, name)

    def tenants(self, provider: str, name: str) -> list[str]:
        """The tenants that have or had such records, in the order of first use."""
        families = self._families.following(self._storage.root.order)
        return list(families.get((provider, name), ()))

    def collections(self) -> list[Kind]:
        """Provider and name of every kind of record that is declared or was ever used."""
        families = self._families.following(self._storage.root.order)
        return list(dict.fromkeys((*self._layouts.declared, *families)))

    def transaction(self) -> Transaction:
        """A context in which everything is done or nothing; see `Transaction`."""
        return Transaction(self._storage)

    def fork(self) -> Store:
        """An independent store that begins where this one is; always in memory."""
        return store_of(self.snapshot())

    def snapshot(self) -> Snapshot:
        """Everything as it is now, as a value that nothing changes any more."""
        return Snapshot(self._storage.root, self.clock.state, self._layouts)

    def is_at(self, snapshot: Snapshot) -> bool:
        """Whether nothing was written since that snapshot was taken."""
        return self._storage.root is snapshot.root

    def restore(self, snapshot: Snapshot) -> None:
        """Bring back everything a snapshot holds, be it of this store or of another.

        A snapshot of a store with other indexes is a ValueError, restoring inside a transaction
        a RuntimeError.
        """
        if snapshot.layouts != self._layouts:
            raise ValueError("A snapshot fits only stores that declare the same collections.")
        with self._storage.lock:
            if self._storage.depth:
                raise RuntimeError("A snapshot cannot be restored inside a transaction.")
            self._storage.restore(snapshot.root, snapshot.clock)
            self.clock.show(snapshot.clock)

    def digest(self) -> str:
        """A text that is the same for the same state; where a running clock stands is left out."""
        return self.snapshot().digest()

    def close(self) -> None:
        """Let go of the data folder, if the store is in one."""
        self._storage.close()

    def _collections_of(self, provider: str, name: str) -> list[Collection]:
        families = self._families.following(self._storage.root.order)
        tenants = families.get((provider, name), [])
        known, collections = self._parts.get((provider, name), ([], []))
        if known is not tenants:
            collections = []
        for tenant in tenants[len(collections) :]:
            collections.append(self.collection(provider, name, tenant))
        self._parts[provider, name] = (tenants, collections)
        return collections

    def _take(self, bits: int) -> int:
        with self._storage.lock:
            root = self._storage.root
            position = root.random + blocks(bits)
            self._storage.move(Root(*root[:4], position, *root[5:]))
        return draw(root.seed, "random", root.random, bits)


def store_of(snapshot: Snapshot, log: Log | None = None) -> Store:
    """A store that begins with what a snapshot holds and keeps its commits in a log."""
    store = Store.__new__(Store)
    store._assemble(snapshot, log)
    return store


class _Families:
    """The tenants of each kind of record, read off the names of the tables."""

    def __init__(self) -> None:
        self._order: tuple[str, ...] = ()
        self._tenants: dict[Kind, list[str]] = {}

    def following(self, order: tuple[str, ...]) -> dict[Kind, list[str]]:
        """The tenants, when the tables in order of first use are these."""
        if order is not self._order:
            known = len(self._order)
            if order[:known] != self._order:
                self._tenants, known = {}, 0
            for name in order[known:]:
                self._include(name)
            self._order = order
        return self._tenants

    def _include(self, name: str) -> None:
        place = split_name(name)
        if place is not None:
            provider, collection, tenant = place
            self._tenants.setdefault((provider, collection), []).append(tenant)
