"""The immutable content of one table: its records in order, by id and by index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from immutables import Map

from greenroom.state.entries import Entry, Json
from greenroom.state.errors import RecordConflictError
from greenroom.state.indexes import OBJECT, Index, Indexes, Path, move, values_at
from greenroom.state.trie import Trie

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


def lay_out(name: str, indexes: Indexes) -> Layout:
    """The layout of a collection's tables."""
    fields = dict.fromkeys(indexes.plain, False) | dict.fromkeys(indexes.unique, True)
    fields.pop("id", None)
    paths = tuple(tuple(field.split(".")) for field in fields)
    return Layout(name, True, paths, tuple(fields.values()))


class Content:
    """What one table holds; adding, replacing and removing make a new one.

    `place` is the next position, `next_id` TinyDB's next number; neither is ever given twice.
    """

    __slots__ = ("entries", "indexes", "keys", "layout", "next_id", "place")

    def __init__(
        self,
        layout: Layout,
        entries: Trie[Entry],
        keys: Map[Any, Entry],
        indexes: tuple[Index, ...],
        counters: tuple[int, int],
    ) -> None:
        self.layout = layout
        self.entries = entries
        self.keys = keys
        self.indexes = indexes
        self.place, self.next_id = counters

    def key(self, entry: Entry) -> Any:
        """What tells the entry apart from the others."""
        return entry.record["id"] if self.layout.keyed else entry.doc_id

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
        if old is not None and self.key(old) != self.key(entry):
            keys = keys.delete(self.key(old))
        counters = (
            max(self.place, entry.position + 1),
            max(self.next_id, entry.doc_id + 1) if isinstance(entry.doc_id, int) else self.next_id,
        )
        return Content(
            self.layout,
            self.entries.set(entry.position, entry),
            keys.set(self.key(entry), entry),
            self._reindexed(entry.position, None if old is None else old.record, entry.record),
            counters,
        )

    def remove(self, entry: Entry) -> Content:
        """The content without this entry."""
        return Content(
            self.layout,
            self.entries.remove(entry.position),
            self.keys.delete(self.key(entry)),
            self._reindexed(entry.position, entry.record, None),
            (self.place, self.next_id),
        )

    def counted(self, place: int, next_id: int) -> Content:
        """The content with other counters."""
        return Content(self.layout, self.entries, self.keys, self.indexes, (place, next_id))

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

    def _reindexed(self, position: int, old: Json | None, new: Json | None) -> tuple[Index, ...]:
        if not self.indexes:
            return ()
        return tuple(self._followed(position, old, new))

    def _followed(self, position: int, old: Json | None, new: Json | None) -> Iterator[Index]:
        for path, index in zip(self.layout.paths, self.indexes, strict=True):
            before = () if old is None else values_at(old, path)
            after = () if new is None else values_at(new, path)
            yield index if before == after else move(index, position, old=before, new=after)


def empty(layout: Layout) -> Content:
    """The content of a table nobody has written to."""
    return Content(layout, Trie(), Map(), (Map(),) * len(layout.paths), (1, 1))
