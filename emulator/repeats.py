"""Answers that would come out the same again: kept while nothing they were made from changes.

Whoever looks every second whether there is something new gets most answers from here. An answer
is kept only if it was made from the request, the state and the time, and changed nothing. It is
given again to a request that is the same to the last header, while the state is the very same
and the time is one at which the clock would have told the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.types import Scope

from greenroom.emulator.journal import Entry

if TYPE_CHECKING:
    from greenroom.state import Snapshot

Asked = tuple[Any, ...]
_OVERHEAD = 1_000
_LARGEST = 512 * 1024
_SOON = 1_000_000  # microseconds
_MORE = frozenset((b"content-length", b"transfer-encoding", b"prefer"))


def _asked(scope: Scope) -> Asked:
    """What tells a request from others."""
    path = scope.get("raw_path") or scope["path"]
    headers = tuple(map(tuple, scope["headers"]))
    return path, scope["query_string"], scope["scheme"], scope.get("server"), headers


def _says_more(scope: Scope) -> bool:
    """Whether there is more to a request than that, or to its answer than is said."""
    return any(name in _MORE for name, _ in scope["headers"])


class Repeats:
    """The answers of one state of a world, bounded by count and by bytes."""

    __slots__ = ("_known", "_limit", "_root", "_size", "_size_limit")

    def __init__(self, *, answers: int = 1_000, size: int = 4 * 1024 * 1024) -> None:
        self._limit = answers
        self._size_limit = size
        self._size = 0
        self._root: Any = None
        self._known: dict[Asked, tuple[float, Entry]] = {}

    def find(self, scope: Scope, now: Snapshot) -> Entry | None:
        """The exchange whose answer this request would get once more."""
        if self._root is not now.root:
            return None
        found = self._known.get(_asked(scope))
        if found is None:
            return None
        until, entry = found
        return entry if now.clock.now < until else None

    def add(self, scope: Scope, entry: Entry, until: float) -> None:
        """Keep an exchange whose answer was made from the request, the state and the time alone.

        It would be the same before the microsecond `until`. What tells the time is worth keeping
        only where time stands still.
        """
        clock, size = entry.after.clock, entry.size + _OVERHEAD
        is_over = not clock.frozen and until - clock.now < _SOON
        if scope["method"] != "GET" or size > _LARGEST or is_over or _says_more(scope):
            return
        full = len(self._known) >= self._limit or self._size + size > self._size_limit
        if full or self._root is not entry.after.root:
            self.clear()
            self._root = entry.after.root
        asked = _asked(scope)
        if asked not in self._known:
            self._size += size
        self._known[asked] = (until, entry)

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._size = 0
        self._root = None
