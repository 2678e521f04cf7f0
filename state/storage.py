"""The one reference that is the whole state of a world, and the only place that moves it.

Everything a transaction can roll back hangs on a `Root`: all tables, the counters of the ids
and the position of the random stream. Roots are immutable, so beginning a transaction, rolling
it back, forking and taking a snapshot each keep or replace one reference.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, NamedTuple, Protocol

from immutables import Map
from tinydb.storages import Storage

from greenroom.state.clock import ClockState
from greenroom.state.contents import PLAIN, Content, Layout, empty
from greenroom.state.entries import Entry, Json, pack
from greenroom.state.trie import Trie

# What was written to, in order of first touch: the name of a table and a position in it, or one
# of the marks, for the table itself and for the named counter.
Touched = dict[tuple[str, int], None]
TABLE = -1
COUNTER = -2


class Root(NamedTuple):
    """The state of a world apart from its clock.

    `order` names the tables in the order of first use; `ids` and `random` count what was drawn
    from the two streams; `counts` are the named counters; `snowflake` is the last one given.
    """

    tables: Map[str, Content] = Map()
    order: tuple[str, ...] = ()
    seed: int = 0
    ids: int = 0
    random: int = 0
    counts: Map[str, int] = Map()
    snowflake: int = 0


class Log(Protocol):
    """What keeps the commits of a durable world."""

    def commit(
        self, before: Root, after: Root, touched: Touched, clock: ClockState | None = None
    ) -> None:
        """Write down what leads from one root to the other, and the clock if it was moved."""

    def tick(self, clock: ClockState) -> None:
        """Write down that the clock was wound, frozen or let run."""

    def close(self) -> None:
        """Write nothing any more; a commit after this fails."""


def plain(name: str) -> Layout:
    """The layout of a table that nobody declared."""
    return PLAIN


class LiveStorage(Storage):
    """TinyDB's storage whose tables are persistent values; in memory unless it has a log.

    `depth` is how many transactions are open, `touched` what the innermost has written.
    """

    def __init__(
        self,
        root: Root | None = None,
        *,
        layout: Callable[[str], Layout] = plain,
        log: Log | None = None,
    ) -> None:
        self.root = Root() if root is None else root
        self.layout = layout
        self.log = log
        self.lock = RLock()
        self.depth = 0
        self._empty: dict[str, Content] = {}
        self.touched: Touched = {}

    def content(self, name: str) -> Content:
        """What a table holds at this moment."""
        content = self.root.tables.get(name)
        if content is None:
            content = self._empty.get(name)
        if content is None:
            content = self._empty[name] = empty(self.layout(name))
        return content

    def put(self, name: str, content: Content, *positions: int) -> None:
        """Give a table new content that differs at these positions; the lock must be held."""
        root = self.root
        order = root.order if name in root.tables else (*root.order, name)
        for position in positions or (TABLE,):
            self.touched[name, position] = None
        self.move(Root(root.tables.set(name, content), order, *root[2:]))

    def move(self, root: Root) -> None:
        """Go to another root; outside a transaction it is committed at once."""
        before, self.root = self.root, root
        if not self.depth:
            touched, self.touched = self.touched, {}
            self.commit(before, touched)

    def commit(self, before: Root, touched: Touched) -> None:
        """Write down what led from `before` to here, or go back there when that fails."""
        if self.log is None or self.root is before:
            return
        try:
            self.log.commit(before, self.root, touched)
        except BaseException:
            self.root = before
            raise

    def restore(self, root: Root, clock: ClockState) -> None:
        """Go to a root of another time and clock; the clock itself is the caller's to set."""
        if self.log is not None:
            self.log.commit(self.root, root, differences(self.root, root), clock)
        self.root = root

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Everything, as TinyDB lays it out: tables, then documents by number; None: nothing."""
        root = self.root
        return {name: documents(root.tables[name]) for name in root.order} or None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace everything by what TinyDB laid out."""
        self._replace({name: self._filled(name, table) for name, table in data.items()})

    def drop(self, *names: str) -> None:
        """Remove tables with all they hold."""
        with self.lock:
            root = self.root
            if any(name in root.tables for name in names):
                kept = (name for name in root.order if name not in names)
                self._replace({name: root.tables[name] for name in kept})

    def _replace(self, tables: dict[str, Content]) -> None:
        with self.lock:
            root = Root(Map(tables), tuple(tables), *self.root[2:])
            self.touched.update(differences(self.root, root))
            self.move(root)

    def close(self) -> None:
        """Let go of the log; what is in memory can still be read."""
        if self.log is not None:
            self.log.close()

    def _filled(self, name: str, table: dict[str, Any]) -> Content:
        content = empty(self.layout(name))
        for doc_id, document in table.items():
            number = content.place if content.layout.keyed else int(doc_id)
            content = content.put(pack(document).at(content.place, number))
        return content


def documents(content: Content) -> dict[str, Json]:
    """The records of a table by TinyDB's number, as text."""
    return {str(entry.doc_id): entry.copy() for entry in content.entries}


def differences(before: Root, after: Root) -> Touched:
    """Everything in which two roots differ: counters, then positions table by table."""
    touched: Touched = {
        (name, COUNTER): None
        for name in dict.fromkeys((*before.counts, *after.counts))
        if before.counts.get(name) != after.counts.get(name)
    }
    for name in dict.fromkeys((*before.order, *after.order)):
        old, new = before.tables.get(name), after.tables.get(name)
        if old is new:
            continue
        touched[name, TABLE] = None
        entries = Trie[Entry]() if old is None else old.entries
        others = Trie[Entry]() if new is None else new.entries
        touched.update(((name, position), None) for position in entries.differences(others))
    return touched
