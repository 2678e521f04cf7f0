"""What is due later: timers are records, so forks, snapshots and roll-backs have them too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from greenroom.state.clock import from_microseconds, to_microseconds
from greenroom.state.entries import Entry, Json, pack
from greenroom.state.errors import RecordNotFoundError
from greenroom.state.ids import Ids
from greenroom.state.layouts import TIMERS
from greenroom.state.table import LiveTable

# A timer's position is its time with its number in the lower bits: the order of the table is
# the order of falling due. The offset keeps times before 1970 positive.
_NUMBER_BITS = 32
_OFFSET = 1 << 56


@dataclass(frozen=True, slots=True)
class Timer:
    """One thing that is due at a time: which provider's function, in which tenant, with what."""

    id: str
    at: datetime
    provider: str
    tenant: str
    name: str
    body: Json


class Timers:
    """The timers of a world, earliest first, those due at the same time in order of adding."""

    __slots__ = ("_ids", "_table")

    def __init__(self, table: LiveTable, ids: Ids) -> None:
        self._table = table
        self._ids = ids

    def add(self, at: datetime, *, provider: str, tenant: str, name: str, body: Json) -> str:
        """Let something fall due, answer the timer's id; a time without a zone is a ValueError."""
        due = to_microseconds(at)
        record = {"provider": provider, "tenant": tenant, "name": name, "body": body}
        with self._table.transaction():
            number = self._ids.count("greenroom.timers")
            id = f"timer-{number}"
            entry = pack({"id": id, "at": due, **record})
            self._table.add_at(entry, (due + _OFFSET) << _NUMBER_BITS | number)
        return id

    def cancel(self, id: str) -> bool:
        """Remove a timer; answers whether there was one."""
        with self._table.lock:
            entry = self._table.content.keys.get(id)
            if entry is not None:
                self._table.discard(entry)
        return entry is not None

    def next(self) -> Timer | None:
        """The timer that falls due first."""
        return next(iter(self), None)

    def pop(self, id: str) -> Timer:
        """Remove a timer and answer it; none raises `RecordNotFoundError`."""
        with self._table.lock:
            entry = self._table.content.keys.get(id)
            if entry is None:
                raise RecordNotFoundError(TIMERS, id)
            self._table.discard(entry)
        return _timer(entry)

    def __bool__(self) -> bool:
        return len(self._table.content.entries) > 0

    def __len__(self) -> int:
        return len(self._table.content.entries)

    def __iter__(self) -> Iterator[Timer]:
        return map(_timer, self._table.content.entries)


def _timer(entry: Entry) -> Timer:
    record = entry.copy()
    del record["at"]
    return Timer(at=from_microseconds(entry.record["at"]), **record)
