"""What came in and what went out: the exchanges of one world, the newest last."""

from __future__ import annotations

import base64
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson

from greenroom.emulator.frames import Frames
from greenroom.emulator.matching import Matcher
from greenroom.emulator.toolkit import Json, Told
from greenroom.emulator.toolkit.writing import instant_text

if TYPE_CHECKING:
    from greenroom.state import Change, Snapshot

RawHeaders = list[tuple[bytes, bytes]]
EXCHANGE = b"x-greenroom-exchange"  # the header that tells an exchange's key
_OVERHEAD = 2_000
_EVENT = 1_000


@dataclass(slots=True)
class Side:
    """One side of an exchange: raw headers and the bytes of the body."""

    raw_headers: RawHeaders = field(default_factory=list)
    body: bytes = b""

    def headers(self) -> dict[str, str]:
        """The headers by lower-case name; repeated ones are joined by a comma."""
        found: dict[str, str] = {}
        for raw_name, raw_value in self.raw_headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    def shown(self) -> Json:
        """Headers and body as the control plane shows them: JSON as JSON, text as text."""
        headers = self.headers()
        body, encoding = _readable(self.body, headers.get("content-type", ""))
        return {"headers": headers, "body": body, **({"encoding": encoding} if encoding else {})}


def _readable(body: bytes, media_type: str) -> tuple[Any, str]:
    if not body:
        return None, ""
    if "json" in media_type:
        try:
            return orjson.loads(body), ""
        except orjson.JSONDecodeError:
            pass
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


@dataclass(slots=True)
class Entry:
    """One exchange.

    `began` and `ended` are the time outside in microseconds; `before` and `after` are the state
    around the operation, and `moment` is what a rewind goes back to. One that opened a socket has
    the last `frames` that went over it.
    """

    id: str
    provider: str
    method: str
    target: str
    path: str
    began: int
    request: Side
    before: Snapshot = field(init=False)
    after: Snapshot = field(init=False)
    moment: Any = None
    answer: Side = field(default_factory=Side)
    operation: str = ""
    who: str = ""
    tenant: str = ""
    status: int = 0
    ended: int = 0
    fault: str | None = None
    why: str = ""
    events: Sequence[Told] = ()
    frames: Frames | None = None
    size: int = 0

    def again(self, id_: str, began: int, now: Snapshot, own: Mapping[bytes, bytes]) -> Entry:
        """The same exchange once more, under that key and with headers of its own."""
        headers = [(name, own.get(name, value)) for name, value in self.answer.raw_headers]
        entry = Entry(  # by position, which takes half the time
            id_,
            self.provider,
            self.method,
            self.target,
            self.path,
            began,
            self.request,
            None,
            Side(headers, self.answer.body),
            self.operation,
            self.who,
            self.tenant,
            self.status,
        )
        entry.before = entry.after = now
        entry.why, entry.size = self.why, self.size
        return entry

    @property
    def at(self) -> datetime:
        """The world's time when it was answered."""
        return self.after.now()

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by lower-case name."""
        return self.request.headers()

    @property
    def body(self) -> bytes:
        """The request's body."""
        return self.request.body

    def weigh(self) -> int:
        """Roughly how many bytes it takes to keep."""
        asked, answered = self.request, self.answer
        headers = chain(asked.raw_headers, answered.raw_headers)
        size = sum(map(len, chain.from_iterable(headers)))
        size += len(asked.body) + len(answered.body) + len(self.target) + _OVERHEAD
        if self.events:
            size += len(self.events) * _EVENT
        if self.frames is not None:
            size += self.frames.size
        self.size = size
        return size

    def summary(self) -> Json:
        """The exchange in a line."""
        return {
            "id": self.id,
            "provider": self.provider,
            "operation": self.operation or None,
            "method": self.method,
            "path": self.path,
            "status": self.status or None,
            "who": self.who or None,
            "tenant": self.tenant or None,
            "at": instant_text(self.at),
            "why": self.why or None,
        }

    def shown(self) -> Json:
        """The whole exchange."""
        return {
            **self.summary(),
            "began": instant_text(datetime.fromtimestamp(self.began / 1_000_000, UTC)),
            "milliseconds": (self.ended - self.began) / 1000,
            "request": {
                "method": self.method,
                "target": self.target,
                **self.request.shown(),
            },
            "answer": {"status": self.status or None, **self.answer.shown()},
            "fault": self.fault,
            "events": [each.shown() for each in self.events],
            "changes": self.changes(),
            **self._frames_shown(),
        }

    def _frames_shown(self) -> Json:
        """What went over the socket that this exchange opened."""
        if self.frames is None:
            return {}
        return {
            "frames": [each.shown() for each in self.frames],
            "frames_dropped": self.frames.dropped,
        }

    def told(self) -> Json:
        """The exchange as something that happened."""
        return {"exchange": self.shown()}

    def changes(self) -> list[Json]:
        """What became of the records."""
        return [change_shown(each) for each in self.after.changes(self.before)]


def change_shown(change: Change) -> Json:
    """What became of a record, as the control plane shows it."""
    return {
        "provider": change.provider,
        "collection": change.collection,
        "tenant": change.tenant,
        "id": change.id,
        "change": change_word(change.before, change.after),
        "before": change.before,
        "after": change.after,
    }


def change_word(before: Json | None, after: Json | None) -> str:
    """What became of a record: added, removed or changed."""
    return "added" if before is None else "removed" if after is None else "changed"


class Journal:
    """The exchanges of one world, bounded by count and by bytes; what was dropped is counted."""

    def __init__(self, *, entries: int = 1_000, size: int = 4 * 1024 * 1024) -> None:
        self.dropped = 0
        self.calls: dict[tuple[str, str], Counter[int]] = {}
        self._limit = entries
        self._size_limit = size
        self._size = 0
        self._entries: deque[Entry] = deque()

    def add(self, entry: Entry) -> None:
        """Append a finished exchange; the oldest make room."""
        self._entries.append(entry)
        self._size += entry.size or entry.weigh()
        if entry.operation:
            key = (entry.provider, entry.operation)
            seen = self.calls.get(key)
            if seen is None:
                seen = self.calls[key] = Counter()
            seen[entry.status] += 1
        self._make_room()

    def _make_room(self) -> None:
        while len(self._entries) > self._limit or (
            self._size > self._size_limit and len(self._entries) > 1
        ):
            self._size -= self._entries.popleft().size
            self.dropped += 1

    def weigh_anew(self, entry: Entry) -> None:
        """Note that an exchange has grown since it was added."""
        if any(each is entry for each in self._entries):
            before = entry.size
            self._size += entry.weigh() - before
            self._make_room()

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.calls.clear()
        self._size = self.dropped = 0

    def get(self, id_: str) -> Entry | None:
        """The exchange with that key, if it is still there."""
        return next((each for each in reversed(self._entries) if each.id == id_), None)

    def drop_after(self, entry: Entry) -> None:
        """Forget whatever came after that exchange."""
        while self._entries[-1] is not entry:
            self._size -= self._entries.pop().size

    def drop_later(self, exchanges: int) -> None:
        """Forget whatever came after the first so many exchanges of the world."""
        while self._entries and self._entries[-1].moment.exchanges > exchanges:
            self._size -= self._entries.pop().size

    def find(self, matcher: Matcher, *, since: str | None = None) -> list[Entry]:
        """The exchanges that match, later than the one with the key `since`."""
        return [each for each in self._later(since) if matcher.meets(each)]

    def nearest(self, matcher: Matcher, *, count: int = 3) -> list[Json]:
        """The exchanges that come closest without matching, with what differs in each."""
        ranked = []
        for index, each in enumerate(self._entries):
            differences = matcher.differences(each)
            if differences:
                ranked.append((len(differences), -index, each, differences))
        return [
            {
                "exchange": each.summary(),
                "differences": [difference.shown() for difference in differences],
            }
            for _, _, each, differences in sorted(ranked, key=lambda rank: rank[:2])[:count]
        ]

    def _later(self, since: str | None) -> list[Entry]:
        """What came after the exchange with that key, everything if it is forgotten.

        A restored world counts its exchanges anew, so of several with a key the newest is meant.
        """
        entries = list(self._entries)
        places = [index for index, each in enumerate(entries) if each.id == since]
        return entries[places[-1] + 1 :] if places else entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)
