"""Everything that a reset must bring back, as one value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from greenroom.state.clock import ClockState, from_microseconds
from greenroom.state.layouts import Layouts
from greenroom.state.storage import Root, differences
from greenroom.state.transaction import Change, compare


class Snapshot(NamedTuple):
    """A world at one moment: records, ids, random stream, timers and clock. Taking one is free."""

    root: Root
    clock: ClockState
    layouts: Layouts

    def now(self) -> datetime:
        """The time its clock showed."""
        return from_microseconds(self.clock.now)

    def changes(self, since: Snapshot) -> list[Change]:
        """What became of the records between an earlier snapshot and this one, net."""
        return compare(since.root, self.root, differences(since.root, self.root))

    def digest(self) -> str:
        """A text that is the same for the same state; where a running clock stands is left out."""
        sum = blake2b(digest_size=32)
        for part in self._parts():
            sum.update(len(part).to_bytes(8, "big"))
            sum.update(part)
        return sum.hexdigest()

    def _parts(self) -> Iterator[bytes]:
        root = self.root
        yield _dump(list(self.clock) if self.clock.frozen else None)
        yield _dump([str(root.seed), root.ids, root.random, root.snowflake])
        yield _dump(sorted(root.counts.items()))
        for name in root.order:
            content = root.tables[name]
            yield _dump([name, len(content.entries)])
            for entry in content.entries:
                yield entry.dump()


def _dump(value: Any) -> bytes:
    return orjson.dumps(value)
