"""All or nothing, over several records and collections."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from greenroom.state.contents import Content
from greenroom.state.entries import Entry, Json
from greenroom.state.layouts import split_name
from greenroom.state.storage import LiveStorage, Root, Touched


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one record; `before` None: it was added, `after` None: it was removed."""

    provider: str
    collection: str
    tenant: str
    id: str
    before: Json | None
    after: Json | None


class Transaction:
    """A stretch of work that stays whole or leaves no trace.

    Entered as a context. Left by an exception, everything since its beginning is as it was:
    the records of all collections, ids, counters, the random stream and the timers, but not the
    clock. One inside another joins it: it can be undone alone and lasts only if the outer does.
    Others wait until the outermost is over.
    """

    __slots__ = ("_after", "_before", "_outer", "_storage", "_touched")

    def __init__(self, storage: LiveStorage) -> None:
        self._storage = storage
        self._after: Root | None = None

    def __enter__(self) -> Transaction:
        storage = self._storage
        storage.lock.acquire()
        storage.depth += 1
        self._before = storage.root
        self._outer = storage.touched
        self._touched = storage.touched = {}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        storage = self._storage
        storage.depth -= 1
        storage.touched = self._outer
        try:
            if kind is not None:
                storage.root = self._before
            elif storage.depth:
                self._outer.update(self._touched)
            elif storage.root is not self._before:
                storage.commit(self._before, self._touched)
        finally:
            self._after = storage.root
            storage.lock.release()

    @property
    def changes(self) -> list[Change]:
        """What the transaction changed so far: net per record, in order of first touch."""
        after = self._storage.root if self._after is None else self._after
        return compare(self._before, after, self._touched)


def compare(before: Root, after: Root, touched: Touched) -> list[Change]:
    """The net changes between two roots, looking only at what was touched."""
    changes: dict[tuple[str, str], Change | None] = {}
    for name, position in touched:
        place = split_name(name) if position >= 0 else None
        if place is None:
            continue
        old, new = before.tables.get(name), after.tables.get(name)
        for id in _ids_at(position, old, new):
            if (name, id) not in changes:
                changes[name, id] = _change(place, id, _entry(old, id), _entry(new, id))
    return [change for change in changes.values() if change is not None]


def _ids_at(position: int, *contents: Content | None) -> list[str]:
    entries = [content.entries.get(position) for content in contents if content is not None]
    return [entry.record["id"] for entry in entries if entry is not None]


def _entry(content: Content | None, id: str) -> Entry | None:
    return None if content is None else content.keys.get(id)


def _change(
    place: tuple[str, str, str], id: str, old: Entry | None, new: Entry | None
) -> Change | None:
    if (old and old.dump()) == (new and new.dump()):
        return None
    return Change(*place, id, _copy(old), _copy(new))


def _copy(entry: Entry | None) -> Json | None:
    return None if entry is None else entry.copy()
