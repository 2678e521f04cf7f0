"""Series, held against the library's own expansion and led where it would not come back from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.opentalk.recurrence import CENTURY, Place, Series, series_of
from greenroom.handlers.opentalk.rules import PatternError

MANY = 60
SPAN = timedelta(days=12 * 365)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
# Clocks change in one of the zones a few days after each of these.
DAYS = ("2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-23", "2024-01-31")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BERLIN = ZoneInfo("Europe/Berlin")


def some(numbers: Sequence[int]) -> st.SearchStrategy[str]:
    chosen = st.lists(st.sampled_from(numbers), min_size=1, max_size=3, unique=True)
    return chosen.map(lambda each: ",".join(map(str, each)))


TIMES = {"BYHOUR": some(range(24)), "BYMINUTE": some(range(60))}
PARTS = {
    "BYDAY": st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3).map(",".join),
    "BYMONTH": some(range(1, 13)),
    "BYMONTHDAY": some([1, 2, 13, 28, -1, -2]),
    "BYSETPOS": some([1, -1]),
    "WKST": st.sampled_from(WEEKDAYS),
}
LONGER = {
    "BYMONTHDAY": some([1, 13, 28, 29, 30, 31, -1, -31]),
    "BYDAY": st.sampled_from(["1MO", "-1FR", "+2SU,4WE", "5SA", "TU,-1TU", "MO,TU,WE,TH,FR"]),
    "BYSETPOS": some([1, 2, 3, -1, -2]),
}
YEARLY = {"BYYEARDAY": some([1, 60, 100, 366, -1, -366]), "BYWEEKNO": some([1, 20, 53, -1])}
KNOWN = {
    "DAILY": PARTS | TIMES,
    "WEEKLY": PARTS | TIMES,
    "MONTHLY": PARTS | TIMES | LONGER,
    "YEARLY": PARTS | TIMES | LONGER | YEARLY,
}


@st.composite
def starts(draw: st.DrawFn) -> datetime:
    """A time within a few days of a change of the clocks, most often in the small hours."""
    hours = draw(st.integers(0, 5)) * 24 + draw(st.sampled_from([0, 1, 1, 2, 2, 2, 3, 12, 23]))
    local = datetime.fromisoformat(draw(st.sampled_from(DAYS))) + timedelta(hours=hours)
    local += timedelta(minutes=draw(st.sampled_from([0, 15, 30, 59])))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


@st.composite
def rules(draw: st.DrawFn, *, counted: bool = False) -> str:
    frequency = draw(st.sampled_from(sorted(KNOWN)))
    known = {
        name: values
        for name, values in KNOWN[frequency].items()
        if not counted or name not in TIMES
    }
    names = draw(st.lists(st.sampled_from(sorted(known)), max_size=3, unique=True))
    rule = f"FREQ={frequency};INTERVAL={draw(st.integers(1, 5))}"
    rule += "".join(f";{name}={draw(known[name])}" for name in names)
    if counted:
        return f"{rule};COUNT={draw(st.integers(1, MANY))}"
    days = draw(st.none() | st.integers(1, 1_500))
    until = datetime(2026, 4, 1, 0, 30, tzinfo=UTC) + timedelta(days=days or 0)
    return rule if days is None else f"{rule};UNTIL={until:%Y%m%dT%H%M%SZ}"


def judged(start: datetime, rule: str) -> list[datetime]:
    """The library's instants in order; it keeps the wall clock's, where two may turn about."""
    walk = takewhile(lambda at: at < start + SPAN, rrulestr(f"RRULE:{rule}", dtstart=start))
    return sorted(at.astimezone(UTC) for at in islice(walk, MANY + 10))


def series(start: datetime, *lines: str) -> Series:
    return series_of(start.astimezone(UTC), str(start.tzinfo), lines)


def instants(found: Series, place: Place | None = None, *, most: int = MANY) -> list[datetime]:
    near = takewhile(lambda place: place.at < found.start + SPAN, found.after(place))
    return [place.at for place in islice(near, most)]


def once(instants: list[datetime]) -> list[datetime]:
    return list(dict.fromkeys(instants))[:MANY]


@given(starts(), rules())
def test_a_rule_gives_what_the_library_gives(start: datetime, rule: str) -> None:
    assert instants(series(start, f"RRULE:{rule}")) == once(judged(start, rule))


@given(starts(), rules(counted=True))
def test_a_counted_rule_gives_what_the_library_gives(start: datetime, rule: str) -> None:
    assert instants(series(start, f"RRULE:{rule}")) == once(judged(start, rule))


@given(starts(), rules(), st.integers(-3, 4_000), st.integers(0, 24 * 60))
def test_a_walk_may_begin_anywhere(start: datetime, rule: str, days: int, minutes: int) -> None:
    at = start.astimezone(UTC) + timedelta(days=days, minutes=minutes)
    found = series(start, f"RRULE:{rule}")
    near = [each for each in instants(found, most=4_000 * 9) if each > at][:9]
    assert instants(found, Place(at), most=9) == near


@given(starts(), rules(counted=True), rules(counted=True), rules(), st.integers(0, MANY))
def test_a_walk_goes_on_from_any_of_its_places(
    start: datetime, counted: str, excluded: str, endless: str, skip: int
) -> None:
    found = series(start, f"RRULE:{counted}", f"EXRULE:{excluded}", f"RRULE:{endless}")
    places = list(islice(found.after(), MANY))
    for place in places[skip : skip + 1]:
        assert list(islice(found.after(place), MANY - skip - 1)) == places[skip + 1 :]


@given(starts(), rules(counted=True), rules(counted=True), st.lists(st.integers(0, 9), max_size=3))
def test_what_is_excluded_is_taken_from_what_is_included(
    start: datetime, rule: str, excluded: str, picked: list[int]
) -> None:
    ruled = once(judged(start, rule))
    extra = start.astimezone(UTC) + timedelta(days=1, minutes=7)
    left_out = {ruled[each] for each in picked if each < len(ruled)}
    lines = [f"RRULE:{rule}", f"EXRULE:{excluded}", f"RDATE:{extra:%Y%m%dT%H%M%SZ}"]
    if left_out:
        lines.append("EXDATE:" + ",".join(f"{each:%Y%m%dT%H%M%SZ}" for each in left_out))
    expected = {*ruled, extra} - left_out - set(judged(start, excluded))
    assert instants(series(start, *lines), most=MANY * 2) == sorted(expected)


@given(starts(), rules())
def test_every_instant_is_included_and_its_neighbours_are_not(start: datetime, rule: str) -> None:
    found = series(start, f"RRULE:{rule}")
    for at in instants(found, most=3):
        assert found.includes(at)
        assert not found.includes(at + timedelta(seconds=1))


@given(starts(), rules(counted=True))
def test_the_last_instant_is_the_librarys_last(start: datetime, rule: str) -> None:
    found = series(start, f"RRULE:{rule}")
    assert found.is_bounded
    judge = rrulestr(f"RRULE:{rule}", dtstart=start)
    walk = takewhile(lambda at: at.astimezone(UTC) <= found.start + CENTURY, judge)
    assert found.last() == max((at.astimezone(UTC) for at in walk), default=None)


def at_nine(day: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=zone)


def shown(found: Series, *, most: int = 9) -> list[str]:
    return [f"{place.at:%Y-%m-%d %H:%M}" for place in islice(found.after(), most)]


def test_the_wall_clock_keeps_its_time_when_clocks_change() -> None:
    found = series(at_nine("2026-03-27"), "RRULE:FREQ=DAILY;COUNT=4")
    assert shown(found) == [
        "2026-03-27 08:00",
        "2026-03-28 08:00",
        "2026-03-29 07:00",
        "2026-03-30 07:00",
    ]


def test_a_time_that_a_clock_leaves_out_comes_an_hour_later() -> None:
    start = datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN)
    found = series(start, "RRULE:FREQ=DAILY;COUNT=3")
    assert shown(found) == ["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"]


def test_times_that_a_clock_put_on_turns_about_come_in_order() -> None:
    start = datetime(2026, 3, 29, 1, 0, tzinfo=BERLIN)
    found = series(start, "RRULE:FREQ=DAILY;BYHOUR=2,3;BYMINUTE=15,45;COUNT=4")
    assert shown(found) == ["2026-03-29 01:15", "2026-03-29 01:45"]


def test_a_start_in_the_hour_that_comes_twice_may_be_the_second() -> None:
    start = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)
    found = series(start, "RRULE:FREQ=DAILY;COUNT=2")
    assert shown(found) == ["2026-10-25 01:30", "2026-10-26 01:30"]


def test_dates_without_a_zone_are_the_events_and_days_have_its_time() -> None:
    found = series(
        at_nine("2026-01-05"),
        "RRULE:FREQ=DAILY;COUNT=5",
        "RDATE:20260201T100000,20260202T100000Z",
        "RDATE;TZID=America/New_York:20260203T100000",
        "EXDATE;VALUE=DATE:20260106,20260107",
    )
    assert shown(found) == [
        "2026-01-05 08:00",
        "2026-01-08 08:00",
        "2026-01-09 08:00",
        "2026-02-01 09:00",
        "2026-02-02 10:00",
        "2026-02-03 15:00",
    ]


@pytest.mark.parametrize("until", ["20260107", "20260107T080000Z", "20260107T090000"])
def test_the_end_of_a_rule_belongs_to_it(until: str) -> None:
    found = series(at_nine("2026-01-05"), f"rrule:freq=daily;until={until.lower()}")
    assert shown(found)[-1] == "2026-01-07 08:00"
    assert found.last() == datetime(2026, 1, 7, 8, tzinfo=UTC)


def test_a_start_that_the_rule_does_not_match_is_no_instant() -> None:
    found = series(at_nine("2026-01-05"), "RRULE:FREQ=WEEKLY;BYDAY=WE")
    assert shown(found, most=1) == ["2026-01-07 08:00"]


@pytest.mark.parametrize(
    ("line", "bounded"),
    [
        ("RRULE:FREQ=DAILY", False),
        ("RRULE:FREQ=DAILY;COUNT=999", True),
        ("RRULE:FREQ=DAILY;COUNT=1000", False),
        ("RRULE:FREQ=DAILY;UNTIL=21251231T000000Z", True),
        ("RRULE:FREQ=DAILY;UNTIL=21270101T000000Z", False),
        ("RDATE:20300101T000000Z", True),
    ],
)
def test_a_series_is_bounded_as_far_as_one_would_walk(line: str, bounded: bool) -> None:
    assert series(at_nine("2026-01-05"), line).is_bounded == bounded


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20991231T000000Z",
        "RRULE:FREQ=DAILY;UNTIL=20250101T000000Z",
        "RRULE:FREQ=DAILY;UNTIL=00010101T000000Z",
        "EXDATE:20260105T080000Z",
    ],
)
def test_a_bounded_series_may_be_empty(line: str) -> None:
    found = series(at_nine("2026-01-05"), line)
    assert found.is_bounded
    assert found.last() is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "FREQ=DAILY",
        "RRULE",
        "RRULE:",
        "RRULE:DAILY",
        "RRULE:FREQ=FORTNIGHTLY",
        "RRULE:FREQ=HOURLY",
        "EXRULE:FREQ=SECONDLY",
        "RRULE:FREQ=DAILY;FREQ=DAILY",
        "RRULE:FREQ=DAILY;",
        "RRULE:INTERVAL=2",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;INTERVAL=٣",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=DAILY;COUNT=1;UNTIL=20270101",
        "RRULE:FREQ=DAILY;UNTIL=tomorrow",
        "RRULE:FREQ=DAILY;UNTIL=20260230",
        "RRULE:FREQ=DAILY;UNTIL=00000101T000000",
        "RRULE:FREQ=DAILY;WKST=XX",
        "RRULE:FREQ=DAILY;BYMONTH=13",
        "RRULE:FREQ=DAILY;BYMONTHDAY=0",
        "RRULE:FREQ=DAILY;BYHOUR=24",
        "RRULE:FREQ=DAILY;BYDAY=",
        "RRULE:FREQ=DAILY;BYDAY=1MO",
        "RRULE:FREQ=MONTHLY;BYDAY=53MO",
        "RRULE:FREQ=YEARLY;BYDAY=54MO",
        "RRULE:FREQ=MONTHLY;BYDAY=0MO",
        "RRULE:FREQ=DAILY;BYEASTER=1",
        "RRULE;X-A=B:FREQ=DAILY",
        "RRULE:FREQ=DAILY\r\nRRULE:FREQ=DAILY",
        "DTSTART:20260105T090000Z",
        "RDATE:yesterday",
        "RDATE;TZID=Mars/Olympus:20260105T090000",
        "RDATE;TZID=../../etc/passwd:20260105T090000",
        "RDATE:00010101T000000Z",
        "RDATE:21260201T000000Z",
        "RRULE:FREQ=DAILY;COUNT=2147483648",
        "RDATE;VALUE=PERIOD:20260105T090000Z/PT1H",
        "RRULE:FREQ=DAILY;BYSETPOS=" + ",".join(map(str, range(1, 40))),
        "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,10,20,30,40",
    ],
)
def test_what_is_no_pattern_is_refused(line: str) -> None:
    with pytest.raises(PatternError):
        series(at_nine("2026-01-05"), line)


@pytest.mark.parametrize(
    "start", [datetime(199, 1, 1, tzinfo=UTC), datetime(9800, 1, 1, tzinfo=UTC)]
)
def test_nothing_is_repeated_at_the_ends_of_the_calendar(start: datetime) -> None:
    with pytest.raises(PatternError):
        series(start, "RRULE:FREQ=DAILY")


@pytest.mark.parametrize("year", [1, 2200, 9999])
def test_nothing_happens_outside_of_the_century(year: int) -> None:
    found = series(at_nine("2026-01-05"), "RRULE:FREQ=DAILY")
    assert not found.includes(datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC))


def test_no_time_zone_is_refused() -> None:
    with pytest.raises(PatternError):
        series_of(datetime(2026, 1, 5, tzinfo=UTC), "Mars/Olympus", ("RRULE:FREQ=DAILY",))


def cost(action: Callable[[], object]) -> float:
    """The processor's time for something, at its best of three."""
    spent = []
    for _ in range(3):
        begun = process_time()
        action()
        spent.append(process_time() - begun)
    return min(spent)


NEVER = "BYMONTH=2;BYMONTHDAY=30"


@pytest.mark.parametrize(
    "lines",
    [
        ("RRULE:FREQ=DAILY;" + NEVER,),
        ("RRULE:FREQ=WEEKLY;" + NEVER,),
        ("RRULE:FREQ=MONTHLY;" + NEVER,),
        ("RRULE:FREQ=YEARLY;" + NEVER,),
        ("RRULE:FREQ=DAILY;COUNT=999;" + NEVER,),
        ("RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU",),
        ("RRULE:FREQ=WEEKLY;BYSETPOS=9;BYDAY=MO",),
        ("RRULE:FREQ=YEARLY;BYSETPOS=" + ",".join(map(str, range(336, 367))) + ";" + NEVER,),
        ("RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"),
        ("RRULE:FREQ=DAILY;UNTIL=21251231T000000Z", "EXRULE:FREQ=DAILY"),
        ("RRULE:FREQ=DAILY;INTERVAL=1000000000",),
        ("RRULE:FREQ=WEEKLY;INTERVAL=999999999;BYMONTH=3",),
        ("RRULE:FREQ=DAILY;UNTIL=21251231T000000Z",),
        ("RRULE:FREQ=DAILY;UNTIL=21251231T000000Z;" + NEVER,),
    ],
)
def test_a_rule_that_leads_nowhere_is_soon_given_up(lines: tuple[str, ...]) -> None:
    def walked() -> None:
        found = series_of.__wrapped__(datetime(2026, 1, 5, 8, tzinfo=UTC), "Europe/Berlin", lines)
        list(islice(found.after(), 2))
        if found.is_bounded:
            found.last()

    daily = series(at_nine("2026-01-05"), "RRULE:FREQ=DAILY")
    assert cost(walked) < 15 * cost(lambda: list(islice(daily.after(), 1_000)))


@pytest.mark.parametrize(
    "line", ["RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY;COUNT=10000", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE"]
)
def test_a_page_far_into_a_series_costs_what_the_first_one_costs(line: str) -> None:
    found = series(at_nine("2026-01-05"), line)
    far = next(islice(found.after(), 9_800, None))
    first_page = cost(lambda: list(islice(found.after(), 100)))
    assert cost(lambda: list(islice(found.after(far), 100))) < 5 * first_page


def test_a_time_far_into_a_series_is_jumped_to() -> None:
    found = series(at_nine("2026-01-05"), "RRULE:FREQ=DAILY")
    near, far = datetime(2026, 7, 1, 7, tzinfo=UTC), datetime(2096, 7, 1, 7, tzinfo=UTC)
    assert cost(lambda: found.includes(far)) < 9 * cost(lambda: found.includes(near))
    assert found.includes(near)
    assert found.includes(far)
