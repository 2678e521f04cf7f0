"""Building a root again from the lines that described it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from immutables import Map

from greenroom.state.clock import ClockState, wall
from greenroom.state.contents import Content, Layout, empty, filled
from greenroom.state.entries import Entry, Json, adopt
from greenroom.state.storage import Root


def clock_words(state: ClockState) -> list[Any]:
    """A clock as a line has it: a running one by its lead over the time outside."""
    return [state.frozen, state.now if state.frozen else state.now - wall()]


class Replay:
    """A root in the making: first all that was there at once, then commit by commit."""

    def __init__(self, layout: Callable[[str], Layout]) -> None:
        self.clock: list[Any] = [False, 0]
        self._layout = layout
        self._numbers: list[Any] = ["0", 0, 0, 0]
        self._counts: dict[str, int] = {}
        self._tables: dict[str, Content] = {}
        self._loading: dict[str, list[Entry]] = {}

    def load(self, words: Json) -> None:
        """Take in a line of what was there at once."""
        for name, entry in _placed(words.get("put", ())):
            self._loading.setdefault(name, []).append(entry)
        self.apply({member: words[member] for member in words if member != "put"})

    def loaded(self) -> None:
        """Make the tables of what was there at once."""
        for name, entries in self._loading.items():
            self._tables[name] = filled(self._layout(name), entries, self._tables[name].counters)

    def apply(self, words: Json) -> None:
        """Take in the line of one commit."""
        self.clock = words.get("clock", self.clock)
        self._numbers = words.get("numbers", self._numbers)
        self._counts.update(words.get("counts", {}))
        if "tables" in words:
            self._tables = {name: self._table(name) for name in words["tables"]}
        for name in words.get("new", ()):
            self._tables[name] = self._table(name)
        for name, position in words.get("cut", ()):
            self._cut(name, position)
        for name, entry in _placed(words.get("put", ())):
            self._tables[name] = self._tables[name].put(entry)
        for name, place, number in words.get("count", ()):
            self._tables[name] = self._tables[name].counted((place, number))

    def root(self) -> Root:
        """The root that the lines described."""
        seed, ids, random, snowflake = self._numbers
        counts = {name: count for name, count in self._counts.items() if count is not None}
        tables = self._tables
        return Root(Map(tables), tuple(tables), int(seed), ids, random, Map(counts), snowflake)

    def clock_state(self) -> ClockState:
        """What the clock shows now."""
        frozen, number = self.clock
        return ClockState(frozen, number if frozen else number + wall())

    def _table(self, name: str) -> Content:
        return self._tables.get(name) or empty(self._layout(name))

    def _cut(self, name: str, position: int) -> None:
        content = self._tables[name]
        entry = content.entries.get(position)
        if entry is None:
            raise ValueError(f"There is nothing at {position} of {name}.")
        self._tables[name] = content.remove(entry)


def _placed(puts: Iterable[list[Any]]) -> Iterable[tuple[str, Entry]]:
    for name, position, record, *number in puts:
        yield name, adopt(record).at(position, number[0] if number else position)
