"""What led from one root to another, written as a line.

Its members, all optional: `clock` ([true, microseconds since 1970], or, when it runs, [false,
its lead over the time outside]), `numbers` (the seed as text, then the counters of the ids, the
random stream and the snowflakes), `counts` (by name; null: gone), `tables` (the names of all
tables, in order), `new` (names appended), `cut` ([table, position]), `put` ([table, position,
record], and TinyDB's number if it is another than the position) and `count` ([table, next
position, next number], unless it follows from `put`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice
from typing import Any

import orjson

from greenroom.state.contents import empty, raised
from greenroom.state.entries import Entry
from greenroom.state.lines import frame
from greenroom.state.storage import COUNTER, Root, Touched

RECORDS_PER_LINE = 1000


class _Line:
    """A line in the making."""

    def __init__(self) -> None:
        self._odd = False
        self._members: list[bytes] = []

    def add(self, name: bytes, value: Any) -> None:
        self._members.append(b'"%s":%s' % (name, self._json(value)))

    def add_some(self, name: bytes, value: Any) -> None:
        if value:
            self.add(name, value)

    def put(self, placed: Sequence[tuple[str, Entry]]) -> None:
        if placed:
            puts = b",".join(self._put(name, entry) for name, entry in placed)
            self._members.append(b'"put":[%s]' % puts)

    def finish(self) -> bytes:
        return frame(b"{%s}" % b",".join(self._members), odd=self._odd)

    def _put(self, name: str, entry: Entry) -> bytes:
        self._odd = self._odd or entry.odd
        table, position = self._json(name), self._json(entry.position)
        number = b"" if entry.doc_id == entry.position else b"," + self._json(entry.doc_id)
        return b"[%s,%s,%s%s]" % (table, position, entry.dump(), number)

    def _json(self, value: Any) -> bytes:
        try:
            return orjson.dumps(value)
        except TypeError:
            self._odd = True
            return json.dumps(value).encode()


def describe(before: Root, after: Root, touched: Touched, clock: list[Any] | None) -> bytes:
    """The line that leads from one root to another, which differ only where it was touched."""
    line = _Line()
    line.add_some(b"clock", clock)
    if _numbers(before) != _numbers(after):
        line.add(b"numbers", _numbers(after))
    counted = [name for name, position in touched if position == COUNTER]
    line.add_some(b"counts", {name: after.counts.get(name) for name in counted})
    known = len(before.order)
    if after.order[:known] == before.order:
        line.add_some(b"new", after.order[known:])
    else:
        line.add(b"tables", after.order)
    _describe_tables(line, before, after, _by_table(touched))
    return line.finish()


def describe_all(root: Root, clock: list[Any]) -> Iterator[bytes]:
    """The lines that lead from nothing to a root."""
    line = _Line()
    line.add(b"clock", clock)
    line.add(b"numbers", _numbers(root))
    line.add(b"counts", dict(root.counts))
    line.add(b"tables", root.order)
    line.add(b"count", [(name, *root.tables[name].counters) for name in root.order])
    yield line.finish()
    for name in root.order:
        entries = root.tables[name].entries.walk()
        while some := [(name, entry) for entry in islice(entries, RECORDS_PER_LINE)]:
            line = _Line()
            line.put(some)
            yield line.finish()


def _describe_tables(
    line: _Line, before: Root, after: Root, touched: Mapping[str, list[int]]
) -> None:
    cuts: list[tuple[str, int]] = []
    puts: list[tuple[str, Entry]] = []
    counts: list[tuple[str, int, int]] = []
    for name, positions in touched.items():
        new = after.tables.get(name)
        if new is None:
            continue
        old = before.tables.get(name) or empty(new.layout)
        left = [at for at in positions if new.entries.get(at) is None]
        cuts += [(name, at) for at in left if old.entries.get(at) is not None]
        entries = [entry for at in positions if (entry := new.entries.get(at)) is not None]
        puts += [(name, entry) for entry in entries]
        if new.counters != reduce(raised, entries, old.counters):
            counts.append((name, *new.counters))
    line.add_some(b"cut", cuts)
    line.put(puts)
    line.add_some(b"count", counts)


def _by_table(touched: Touched) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for name, position in touched:
        if position != COUNTER:
            positions.setdefault(name, []).append(position)
    return positions


def _numbers(root: Root) -> list[Any]:
    return [str(root.seed), root.ids, root.random, root.snowflake]
