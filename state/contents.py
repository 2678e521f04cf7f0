"""The immutable content of one table: its records in order, by id and by index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from immutables import Map

from greenroom.state.entries import Entry, Json
from greenroom.state.errors import RecordConflictError
from greenroom.state.indexes import OBJECT, Index, Indexes, Path, fill, move, path_of, values_at
from greenroom.state.trie import Trie

Counters: TypeAlias = tuple[int, int]

KEY: Path = ("id",)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the records of a table are told apart and looked up.

    A keyed table belongs to a collection: its records have a text `id`. Any other is a plain
    TinyDB table, told apart by `doc_id`.
    """

    name: str = ""
    keyed: bool = False
    paths: tuple[Path, ...] = ()
    unique: tuple[bool, ...] = ()


PLAIN = Layout()
_NO_RECORD: Json = {}
_ABSENT: Final = object()


def lay_out(name: str, indexes: Indexes) -> Layout:
    """The layout of a collection's tables."""
    fields = dict.fromkeys(indexes.plain, False) | dict.fromkeys(indexes.unique, True)
    fields.pop("id", None)
    paths = tuple(path_of(field) for field in fields)
    return Layout(name, True, paths, tuple(fields.values()))


class Content:
    """What one table holds; adding, replacing and removing make a new one.

    `counters` are the next position and TinyDB's next number; neither is ever given twice.
    """

    __slots__ = ("counters", "entries", "indexes", "keys", "layout")

    def __init__(
        self,
        layout: Layout,
        entries: Trie[Entry],
        keys: Map[Any, Entry],
        indexes: tuple[Index, ...],
        counters: Counters,
    ) -> None:
        self.layout = layout
        self.entries = entries
        self.keys = keys
        self.indexes = indexes
        self.counters = counters

    @property
    def place(self) -> int:
        """The next position."""
        return self.counters[0]

    @property
    def next_id(self) -> int:
        """TinyDB's next number."""
        return self.counters[1]

    def key(self, entry: Entry) -> Any:
        """What tells the entry apart; a record without a text id is a ValueError."""
        if not self.layout.keyed:
            return entry.doc_id
        id = entry.record.get("id")
        if type(id) is not str:
            raise ValueError(f"A record of {self.layout.name} needs a text as its id, not {id!r}.")
        return id

    def numbered(self, doc_id: Any) -> Entry | None:
        """The entry with TinyDB's number."""
        if self.layout.keyed:
            return self.entries.get(doc_id) if isinstance(doc_id, int) else None
        return self.keys.get(doc_id)

    def index(self, path: Path) -> Index | None:
        """The index on that path, if one is declared."""
        paths = self.layout.paths
        return self.indexes[paths.index(path)] if path in paths else None

    def put(self, entry: Entry) -> Content:
        """The content with this entry at its position, instead of what is there."""
        old = self.entries.get(entry.position)
        keys = self.keys
        if old is not None and keys.get(self.key(old)) is old:
            keys = keys.delete(self.key(old))
        return Content(
            self.layout,
            self.entries.set(entry.position, entry),
            keys.set(self.key(entry), entry),
            self._reindexed(
                entry.position, _NO_RECORD if old is None else old.record, entry.record
            ),
            raised(self.counters, entry),
        )

    def remove(self, entry: Entry) -> Content:
        """The content without this entry."""
        return Content(
            self.layout,
            self.entries.remove(entry.position),
            self.keys.delete(self.key(entry)),
            self._reindexed(entry.position, entry.record, _NO_RECORD),
            self.counters,
        )

    def counted(self, counters: Counters) -> Content:
        """The content with other counters."""
        return Content(self.layout, self.entries, self.keys, self.indexes, counters)

    def check_unique(self, entry: Entry) -> None:
        """Refuse an entry that shares the value of a unique field with another."""
        layout = self.layout
        for path, unique, index in zip(layout.paths, layout.unique, self.indexes, strict=True):
            if not unique:
                continue
            for value in values_at(entry.record, path):
                if value not in (None, OBJECT) and self._is_taken(index, value, entry.position):
                    raise RecordConflictError(layout.name, ".".join(path), value)

    def _is_taken(self, index: Index, value: Any, position: int) -> bool:
        return any(member != position for member in index.get(value, ()))

    def _reindexed(self, position: int, old: Json, new: Json) -> tuple[Index, ...]:
        layout = self.layout
        return tuple(
            [
                index
                if old.get(path[0], _ABSENT) == new.get(path[0], _ABSENT)
                else move(index, position, old=values_at(old, path), new=values_at(new, path))
                for path, index in zip(layout.paths, self.indexes, strict=True)
            ]
        )


def raised(counters: Counters, entry: Entry) -> Counters:
    """The counters after an entry was put."""
    place, number = counters
    if isinstance(entry.doc_id, int):
        number = max(number, entry.doc_id + 1)
    return max(place, entry.position + 1), number


def empty(layout: Layout) -> Content:
    """The content of a table nobody has written to."""
    return Content(layout, Trie(), Map(), (Map(),) * len(layout.paths), (1, 1))


def filled(layout: Layout, entries: Sequence[Entry], counters: Counters) -> Content:
    """The content of a table with these entries, whose positions rise, made at once."""
    unkeyed = Content(
        layout,
        Trie.of((entry.position, entry) for entry in entries),
        Map(),
        tuple(
            fill(path, ((entry.position, entry.record) for entry in entries))
            for path in layout.paths
        ),
        counters,
    )
    unkeyed.keys = Map((unkeyed.key(entry), entry) for entry in entries)
    return unkeyed
