"""Series of events: which instants a recurrence pattern means, from any place on.

The library walks one rule over wall-clock times. Here its walks begin near the place asked for,
are turned into instants, merged, and kept from going on for ever.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import dropwhile, islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule

from greenroom.handlers.opentalk.rules import (
    Pattern,
    PatternError,
    Rule,
    instant,
    pattern_of,
    zone_of,
)

# dossier 7.6: a series without an end, or one that counts further than this, ends a century on
CENTURY = timedelta(days=36_525)
COUNTED = 1_000
YEARS = range(200, 9_800)
# Clocks have been put on or back by a day, never further.
SLACK = timedelta(hours=26)
# How many periods without any instant a rule may come to before nothing more is expected: forty
# years, a dozen for daily rules. And how many instants a series may take in and leave out again.
PATIENCE = {YEARLY: 48, MONTHLY: 500, WEEKLY: 2_100, DAILY: 4_400}
EXCLUDED = 6_000
# How long a period is at least, in days.
PERIOD = {YEARLY: 365, MONTHLY: 28, WEEKLY: 7, DAILY: 1}
WINDOWS = (32, 400, 40_000)


class Place(NamedTuple):
    """An instant in a series, and how much of each counted rule is over by then.

    Where `taken` is empty nobody knows, and counted rules are walked from their beginning.
    """

    at: datetime
    taken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """A first start, an instant in whole seconds, its time zone, and what is repeated."""

    start: datetime
    zone: ZoneInfo
    pattern: Pattern

    @property
    def is_bounded(self) -> bool:
        """Whether all its rules end of themselves, and before very long."""
        horizon = self.start + CENTURY
        return all(
            (rule.count is not None and rule.count < COUNTED)
            or (rule.until is not None and rule.until <= horizon)
            for rule in self.pattern.rules
        )

    def after(self, place: Place | None = None) -> Iterator[Place]:
        """The places of the series after this one, by default all of them, in order."""
        pattern = self.pattern
        known = iter(place.taken if place else ())
        rules = [_Stream.of(self, rule, place, next(known, None)) for rule in pattern.rules]
        left_out = [_Stream.of(self, rule, place, next(known, None)) for rule in pattern.exclusions]
        kept = [*rules, _Stream.of_dates(pattern.dates, place)]
        counted = [*rules, *left_out]
        left_out.append(_Stream.of_dates(pattern.excluded_dates, place))
        told = 0
        while heads := [each.head for each in kept if each.head is not None]:
            at = min(heads)
            excluded = [each.passes(at) for each in left_out]
            for each in kept:
                each.passes(at)
            walked = sum(each.taken for each in (*kept, *left_out))
            if not any(excluded):
                told = walked
                yield Place(at, tuple(each.taken for each in counted))
            elif walked - told > EXCLUDED:
                return

    def includes(self, at: datetime) -> bool:
        """Whether this instant is one of the series."""
        if at.year not in YEARS:
            return False
        found = next(self.after(Place(at - timedelta(seconds=1))), None)
        return found is not None and found.at == at

    def last(self) -> datetime | None:
        """The last instant of a bounded series, if it has any at all."""
        pattern = self.pattern
        ends = [rule.until for rule in pattern.rules if rule.until is not None]
        limit = max([self.start, *ends, *pattern.dates]) if ends else self.start + CENTURY
        # Of what is counted the end is only known by walking there.
        windows = WINDOWS[-1:] if any(rule.count for rule in pattern.rules) else WINDOWS
        for days in windows:
            if found := deque(self.after(Place(limit - timedelta(days=days))), maxlen=1):
                return found[0].at
        return None


@lru_cache(maxsize=1_024)
def series_of(start: datetime, timezone: str, lines: tuple[str, ...]) -> Series:
    """The series of a first start in a time zone; `PatternError` when there is no such thing."""
    if start.year not in YEARS:
        raise PatternError(f"Nothing can be repeated from the year {start.year} on.")
    zone, first = zone_of(timezone), start.replace(microsecond=0)
    pattern = pattern_of(lines, first, zone)
    if any(abs(each - first) > CENTURY for each in pattern.dates):
        raise PatternError("A date is more than a century away from the first start.")
    return Series(first, zone, pattern)


@dataclass(slots=True)
class _Stream:
    """Instants still to come, and how many are over."""

    head: datetime | None
    rest: Iterator[datetime]
    taken: int

    @classmethod
    def of(cls, series: Series, rule: Rule, place: Place | None, taken: int | None) -> _Stream:
        """What is left of a rule after a place where so much of it is known to be over."""
        if place is None or (rule.count is not None and taken is None):
            return cls._begun(_limited(_walk(series, rule, None), rule, 0), 0, place)
        left = dropwhile(lambda at: at <= place.at, _walk(series, rule, place.at))
        return cls._begun(_limited(left, rule, taken or 0), taken or 0, None)

    @classmethod
    def of_dates(cls, dates: Iterable[datetime], place: Place | None) -> _Stream:
        """What is left of a list of instants after a place."""
        return cls._begun(iter(dates), 0, place)

    @classmethod
    def _begun(cls, instants: Iterator[datetime], taken: int, place: Place | None) -> _Stream:
        stream = cls(next(instants, None), instants, taken)
        if place is not None:
            stream.passes(place.at)
        return stream

    def passes(self, at: datetime) -> bool:
        """Leave everything up to an instant behind, and tell whether that was among it."""
        met = False
        while self.head is not None and self.head <= at:
            met = self.head == at
            self.taken += 1
            self.head = next(self.rest, None)
        return met


def _limited(instants: Iterator[datetime], rule: Rule, taken: int) -> Iterator[datetime]:
    return instants if rule.count is None else islice(instants, max(rule.count - taken, 0))


def _walk(series: Series, rule: Rule, since: datetime | None) -> Iterator[datetime]:
    """The instants of a rule in order, from somewhere before a given one on, uncounted."""
    end = series.start + CENTURY if rule.until is None else rule.until
    end = min(end, series.start + CENTURY)
    return (at for at in _in_order(_instants(series, rule, since, end)) if at <= end)


def _instants(
    series: Series, rule: Rule, since: datetime | None, end: datetime
) -> Iterator[datetime]:
    first = series.start.astimezone(series.zone).replace(tzinfo=None, fold=0)
    begin = first
    if since is not None and since > end + SLACK:
        return
    if since is not None and since > series.start + SLACK:
        begin = _anchor(rule, first, (since - SLACK).astimezone(series.zone).replace(tzinfo=None))
    # An interval that is longer than what is left does not come round.
    left = max((end + SLACK - begin.replace(tzinfo=UTC)).days, 0) // PERIOD[rule.frequency] + 2
    stride = _Stride(min(rule.interval, left))
    stride.patience = min(PATIENCE[rule.frequency], left // stride + 1)
    walk = rrule(dtstart=begin, interval=stride, **rule.words)
    try:
        for local in walk:
            stride.barren = 0
            # The first start is told apart where the clock shows its time twice.
            at = series.start if local == first else instant(local, series.zone)
            if at > end + SLACK:
                return
            yield at
    except _BarrenError:
        return


def _in_order(instants: Iterable[datetime]) -> Iterator[datetime]:
    """The instants in order, though a clock put on turns wall-clock order about."""
    waiting: list[datetime] = []
    for at in instants:
        heapq.heappush(waiting, at)
        while waiting[0] < at - SLACK:
            yield heapq.heappop(waiting)
    while waiting:
        yield heapq.heappop(waiting)


def _anchor(rule: Rule, first: datetime, near: datetime) -> datetime:
    """The beginning of the last period of a rule that begins before a wall-clock time."""
    if rule.frequency == YEARLY:
        years = _whole(near.year - first.year, rule)
        return _midnight(first.year + years) if years else first
    if rule.frequency == MONTHLY:
        months = _whole((near.year - first.year) * 12 + near.month - first.month, rule)
        years, month = divmod(first.month - 1 + months, 12)
        return _midnight(first.year + years, month + 1) if months else first
    midnight = datetime.combine(first, time.min)
    if rule.frequency == WEEKLY:
        midnight -= timedelta(days=(first.weekday() - rule.week_start) % 7)
        weeks = _whole((near - midnight).days // 7, rule)
        return midnight + timedelta(weeks=weeks) if weeks else first
    days = _whole((near - midnight).days, rule)
    return midnight + timedelta(days=days) if days else first


def _midnight(year: int, month: int = 1) -> datetime:
    return datetime.combine(date(year, month, 1), time.min)


def _whole(periods: int, rule: Rule) -> int:
    return max(periods - periods % rule.interval, 0)


class _BarrenError(Exception):
    """A rule has given nothing for so long that it is taken to be over."""


class _Stride(int):
    """The interval of a rule, which counts how often the library adds it in vain.

    A rule that matches nothing would be walked to the year 9999 otherwise, which takes seconds.
    """

    patience: int
    barren: int = 0

    def __radd__(self, period: int) -> int:
        """The next period of a daily, monthly or yearly rule."""
        self._tire()
        return period + int(self)

    def __mul__(self, days: int) -> int:
        """The days to the next period of a weekly rule."""
        self._tire()
        return int(self) * days

    def _tire(self) -> None:
        self.barren += 1
        if self.barren > self.patience:
            raise _BarrenError
