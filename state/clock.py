"""The time of a world: wound by hand, frozen or running. Nothing else reads the wall clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ClockState(NamedTuple):
    """Whether a clock stands still, and what it shows in microseconds since 1970."""

    frozen: bool
    now: int

    @classmethod
    def starting(cls, at: datetime | None, *, frozen: bool) -> ClockState:
        """A clock that begins at a time, by default the one outside."""
        return cls(frozen, wall() if at is None else to_microseconds(at))


class Clock:
    """A clock in UTC with microseconds that runs with the wall clock unless it is frozen.

    It goes forwards only; a snapshot brings it back to where it was. `same_until` is the
    microsecond before which it would tell just what it told since it was last told to `listen`.
    """

    __slots__ = ("_changed", "_frozen", "_now", "_since", "same_until")
    same_until: float

    def __init__(
        self, state: ClockState, *, changed: Callable[[ClockState], None] | None = None
    ) -> None:
        self._changed = changed
        self.show(state)
        self.listen()

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen

    @property
    def state(self) -> ClockState:
        """What a snapshot keeps."""
        return ClockState(self._frozen, self._read())

    def now(self) -> datetime:
        """The time in this world."""
        return from_microseconds(self._told())

    def milliseconds(self) -> int:
        """The time in this world, in whole milliseconds since 1970."""
        return self._told() // 1000

    def has_reached(self, at: datetime | float) -> bool:
        """Whether a time has come: an instant, or seconds since 1970.

        Ask this rather than compare with `now`: it stays true for longer than a moment.
        """
        now = self._read()
        then = to_microseconds(at) if isinstance(at, datetime) else at * 1_000_000
        if then > now:
            self.same_until = min(self.same_until, then)
        return then <= now

    def listen(self) -> None:
        """Note anew until when what it tells is the same."""
        self.same_until = math.inf

    def freeze(self) -> None:
        """Stop the clock."""
        self._change(ClockState(True, self._read()))

    def resume(self) -> None:
        """Let the clock run on from where it stands."""
        self._change(ClockState(False, self._read()))

    def set(self, now: datetime) -> None:
        """Wind the clock to a time that is not in its past; that would be a ValueError."""
        self._wind(to_microseconds(now), now)

    def advance(self, by: timedelta) -> None:
        """Wind the clock forwards; backwards is a ValueError."""
        self._wind(self._read() + by // _MICROSECOND, by)

    def show(self, state: ClockState) -> None:
        """Show what a snapshot kept, be it earlier or later, and tell nobody."""
        self._frozen, self._now = state
        self._since = time.monotonic_ns()

    def _told(self) -> int:
        now = self._read()
        self.same_until = min(self.same_until, now + 1)
        return now

    def _read(self) -> int:
        if self._frozen:
            return self._now
        return self._now + (time.monotonic_ns() - self._since) // 1000

    def _change(self, state: ClockState) -> None:
        before = self.state
        self.show(state)
        if self._changed is not None:
            try:
                self._changed(state)
            except BaseException:
                self.show(before)
                raise

    def _wind(self, to: int, wanted: datetime | timedelta) -> None:
        now = self._read()
        if to < now:
            raise ValueError(
                f"The clock shows {from_microseconds(now).isoformat()} and only goes forwards, "
                f"so it cannot be wound to {wanted}."
            )
        from_microseconds(to)
        self._change(ClockState(self._frozen, to))


def wall() -> int:
    """The time outside, in microseconds since 1970."""
    return time.time_ns() // 1000


def to_microseconds(at: datetime) -> int:
    """A time in microseconds since 1970; one without a zone is a ValueError."""
    if at.utcoffset() is None:
        raise ValueError(f"The time {at.isoformat()} needs a time zone.")
    return (at - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The time that many microseconds after 1970; beyond the year 9999 is a ValueError."""
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise ValueError("The clock cannot show a time beyond the year 9999.") from None
