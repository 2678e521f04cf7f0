"""TinyDB over persistent tables, through the classes TinyDB lets one replace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from threading import RLock
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from greenroom.state.contents import Content, empty
from greenroom.state.entries import Entry, Json, pack
from greenroom.state.errors import RecordConflictError
from greenroom.state.planner import select
from greenroom.state.storage import LiveStorage, documents
from greenroom.state.transaction import Transaction

Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]


class LiveTable(Table):
    """A TinyDB table whose operations cost the same at any size.

    It reads and writes a persistent `Content`; every writing operation is all or nothing. A
    query that an index can answer uses it. TinyDB's cache holds entries, which nobody can
    change, and is forgotten whenever the table is no longer the one it was filled from.
    """

    def __init__(
        self,
        storage: LiveStorage,
        name: str,
        cache_size: int = Table.default_query_cache_capacity,
        persist_empty: bool = False,
    ) -> None:
        self._live = storage
        self._cached: Content | None = None
        super().__init__(storage, name, cache_size, persist_empty)

    @property
    def content(self) -> Content:
        """What the table holds at this moment."""
        return self._live.content(self._name)

    @property
    def lock(self) -> RLock:
        """What must be held from reading the content to replacing it."""
        return self._live.lock

    def transaction(self) -> Transaction:
        """A stretch of work on this and other tables that stays whole or leaves no trace."""
        return Transaction(self._live)

    def add(self, entry: Entry, doc_id: Any = None) -> Entry:
        """Append an entry; an id or a unique value that is taken is a `RecordConflictError`.

        TinyDB's number says where a keyed record stands; a plain one may have any.
        """
        with self._live.lock:
            content = self.content
            number = content.place if content.layout.keyed else doc_id
            self._put_new(content, entry.at(content.place, number))
        return entry

    def add_at(self, entry: Entry, position: int) -> Entry:
        """Put an entry at a position of the caller's choice, which decides about its order."""
        with self._live.lock:
            self._put_new(self.content, entry.at(position, position))
        return entry

    def replace(self, old: Entry, entry: Entry) -> Entry:
        """Put an entry in the place of another; a unique value that is taken is a conflict."""
        content = self.content
        entry.at(old.position, old.doc_id)
        key = content.key(entry)
        if content.keys.get(key, old).position != old.position:
            raise RecordConflictError(content.layout.name, "id", key)
        content.check_unique(entry)
        self._live.put(self._name, content.put(entry), entry.position)
        return entry

    def discard(self, entry: Entry) -> None:
        """Take an entry out."""
        self._live.put(self._name, self.content.remove(entry), entry.position)

    def _put_new(self, content: Content, entry: Entry) -> None:
        key = content.key(entry)
        if key in content.keys:
            raise RecordConflictError(content.layout.name, "id", key)
        content.check_unique(entry)
        self._live.put(self._name, content.put(entry), entry.position)

    def insert(self, document: Mapping[str, Any]) -> int:
        """Append a document and answer its number."""
        if not isinstance(document, Mapping):
            raise ValueError("Document is not a Mapping")
        doc_id = document.doc_id if isinstance(document, self.document_class) else None
        entry = pack(dict(document))
        with Transaction(self._live):
            if doc_id is None:
                doc_id = self._get_next_id()
            elif self.content.numbered(doc_id) is not None:
                raise ValueError(f"Document with ID {doc_id} already exists")
            self.clear_cache()
            number: int = self.add(entry, doc_id).doc_id
        return number

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Append documents, all or none, and answer their numbers."""
        with Transaction(self._live):
            return [self.insert(document) for document in documents]

    def search(self, cond: QueryLike) -> list[Document]:
        """The documents that satisfy a query, in the order of insertion."""
        content = self.content
        if content is not self._cached:
            self.clear_cache()
            self._cached = content
        entries: Any = self._query_cache.get(cond)
        if entries is None:
            entries = list(select(content, cond, {}))
            if getattr(cond, "is_cacheable", lambda: True)():
                self._query_cache[cond] = entries
        return [self._document(entry) for entry in entries]

    def get(  # type: ignore[override]  # TinyDB's overloads say what the three arguments mean
        self,
        cond: QueryLike | None = None,
        doc_id: int | None = None,
        doc_ids: list[int] | None = None,
    ) -> Document | list[Document] | None:
        """The first document that satisfies a query, or has a number; or those of the numbers."""
        content = self.content
        if doc_id is not None:
            return self._optional(content.numbered(doc_id))
        if doc_ids is not None:
            entries = (content.numbered(number) for number in dict.fromkeys(doc_ids))
            known = (entry for entry in entries if entry is not None)
            return [self._document(entry) for entry in sorted(known, key=_by_position)]
        if cond is not None:
            return self._optional(next(select(content, cond, {}), None))
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def update(
        self,
        fields: Fields,
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
    ) -> list[int]:
        """Change the documents that satisfy a query, or have a number, or all; all or none."""
        with Transaction(self._live):
            self.clear_cache()
            return [self._updated(entry, fields) for entry in self._targets(cond, doc_ids)]

    def remove(
        self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None
    ) -> list[int]:
        """Remove the documents that satisfy a query or have a number; all or none."""
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with Transaction(self._live):
            self.clear_cache()
            entries = self._targets(cond, doc_ids)
            for entry in entries:
                self.discard(entry)
        return [entry.doc_id for entry in entries]

    def truncate(self) -> None:
        """Remove all documents and begin to number from 1."""
        with self._live.lock:
            old = self.content
            self.clear_cache()
            positions = [entry.position for entry in old.entries]
            self._live.put(self._name, empty(old.layout), *positions)

    def __len__(self) -> int:
        return len(self.content.entries)

    def __iter__(self) -> Iterator[Document]:
        return map(self._document, self.content.entries)

    def _get_next_id(self) -> int:
        with self._live.lock:
            content = self.content
            self._live.put(self._name, content.counted((content.place, content.next_id + 1)))
        return content.next_id

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return {**documents(self.content)}

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with Transaction(self._live):
            self.clear_cache()
            before = {entry.doc_id: entry for entry in self.content.entries}
            table: dict[int, Any] = {
                self.document_id_class(doc_id): entry.copy() for doc_id, entry in before.items()
            }
            updater(table)
            self._live.put(self._name, self.content)
            for doc_id in before.keys() - table.keys():
                self.discard(before[doc_id])
            for doc_id, document in table.items():
                self._settle(doc_id, document, before.get(doc_id))

    def _settle(self, doc_id: int, document: Mapping[str, Any], old: Entry | None) -> None:
        entry = pack(document)
        if old is None:
            self.add(entry, doc_id)
        elif entry.dump() != old.dump():
            self.replace(old, entry)

    def _updated(self, entry: Entry, fields: Fields) -> int:
        record: Json = entry.copy()
        if callable(fields):
            fields(record)
        else:
            record.update(fields)
        number: int = self.replace(entry, pack(record)).doc_id
        return number

    def _targets(self, cond: QueryLike | None, doc_ids: Iterable[int] | None) -> list[Entry]:
        content = self.content
        if doc_ids is None:
            return list(select(content, cond, {}))
        entries = (content.numbered(doc_id) for doc_id in doc_ids)
        return [entry for entry in entries if entry is not None]

    def _document(self, entry: Entry) -> Document:
        return self.document_class(entry.copy(), entry.doc_id)

    def _optional(self, entry: Entry | None) -> Document | None:
        return None if entry is None else self._document(entry)


class LiveDB(TinyDB):
    """A TinyDB of live tables; in memory unless its storage has a log."""

    table_class = LiveTable  # type: ignore[assignment]  # TinyDB's default fixes the type
    default_storage_class = LiveStorage  # type: ignore[assignment]  # as above

    @property
    def live(self) -> LiveStorage:
        """The storage, as what it is."""
        storage = self._storage
        assert isinstance(storage, LiveStorage)
        return storage

    def live_table(self, name: str) -> LiveTable:
        """The table of that name, with TinyDB's cache of queries off."""
        table = self.table(name, cache_size=0)
        assert isinstance(table, LiveTable)
        return table

    def tables(self) -> set[str]:
        """The names of the tables somebody has written to."""
        return set(self.live.root.order)

    def drop_table(self, name: str) -> None:
        """Remove a table with all it holds."""
        self._tables.pop(name, None)
        self.live.drop(name)

    def drop_tables(self) -> None:
        """Remove all tables with all they hold."""
        self._tables.clear()
        self.live.drop(*self.live.root.order)


def _by_position(entry: Entry) -> int:
    return entry.position
