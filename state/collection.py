"""The records of one kind, of one provider and one tenant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tinydb.queries import QueryLike

from greenroom.state.entries import Entry, Json, pack
from greenroom.state.errors import RecordNotFoundError
from greenroom.state.planner import first, select, size
from greenroom.state.table import LiveTable


class Collection:
    """The records of one kind that one tenant has, in the order of insertion.

    A record is a JSON object with a text `id`. What goes in and what comes out are copies.
    Finding takes a TinyDB query, or names and values that must be equal, or both; a name is a
    dotted path (`find(**{"owner.name": "bob"})`), and a list at a path counts as each of its
    elements. A query's own functions look at the record itself and must not change it.
    """

    __slots__ = ("_table", "name", "provider", "tenant")

    def __init__(self, table: LiveTable, provider: str, name: str, tenant: str) -> None:
        self._table = table
        self.provider = provider
        self.name = name
        self.tenant = tenant

    def add(self, record: Json) -> Json:
        """Append a record and answer a copy of what was stored.

        An id or the value of a unique field that is taken raises `RecordConflictError`; what is
        not JSON raises TypeError or ValueError, naming the place.
        """
        return self._table.add(pack(record)).copy()

    def get(self, id: str) -> Json:
        """The record with that id; none raises `RecordNotFoundError`."""
        return self._entry(id).copy()

    def find(
        self,
        query: QueryLike | None = None,
        /,
        *,
        skip: int = 0,
        limit: int | None = None,
        **equals: Any,
    ) -> list[Json]:
        """The records that match, without the first `skip`, at most `limit` of them."""
        if skip < 0 or (limit is not None and limit < 0):
            raise ValueError(f"A page cannot begin at {skip} and hold {limit} records.")
        entries = select(self._table.content, query, equals, skip)
        return [entry.copy() for entry in islice(entries, limit)]

    def first(self, query: QueryLike | None = None, /, **equals: Any) -> Json | None:
        """The first record that matches, if any does."""
        entry = first(self._table.content, query, equals)
        return None if entry is None else entry.copy()

    def count(self, query: QueryLike | None = None, /, **equals: Any) -> int:
        """How many records match."""
        return size(self._table.content, query, equals)

    def save(self, record: Json) -> Json:
        """Replace the record with that id, in its place, and answer a copy of what was stored.

        An unknown id raises `RecordNotFoundError`, the taken value of a unique field
        `RecordConflictError`.
        """
        entry = pack(record)
        with self._table.lock:
            old = self._entry(self._table.content.key(entry))
            return self._table.replace(old, entry).copy()

    def remove(self, id: str) -> Json:
        """Remove the record with that id and answer it; none raises `RecordNotFoundError`."""
        with self._table.lock:
            entry = self._entry(id)
            self._table.discard(entry)
        return entry.copy()

    def __contains__(self, id: object) -> bool:
        return type(id) is str and id in self._table.content.keys

    def __len__(self) -> int:
        return len(self._table.content.entries)

    def __iter__(self) -> Iterator[Json]:
        return (entry.copy() for entry in self._table.content.entries)

    def __repr__(self) -> str:
        return f"<Collection {self.provider}/{self.name} of {self.tenant or 'nobody'}>"

    def _entry(self, id: str) -> Entry:
        entry = self._table.content.keys.get(id) if type(id) is str else None
        if entry is None:
            raise RecordNotFoundError(self.name, id)
        return entry
