from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from operator import ne
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar, Event

from greenroom.emulator.toolkit.mail import compose

Made = Callable[..., dict[str, Any]]
Letters = Callable[[], list[dict[str, Any]]]
BOB = "b0b00000-0000-4000-8000-000000000002"
QUIET = {"suppress_email_notification": True}
EVERYBODY = ["bob@acme.example", "guest@example.org"]
TARGET = {
    "name": "Town square",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.example.org",
    "streaming_key": "key",
    "public_url": "https://watch.example.org/town",
}


@pytest.fixture
def sent(letters: Letters) -> Callable[[], list[tuple[str, str]]]:
    """To whom and about what mails were sent since this was last asked."""
    seen = [0]

    def news() -> list[tuple[str, str]]:
        found = letters()[seen[0] :]
        seen[0] += len(found)
        return [(each["to"], each["subject"]) for each in found]

    return news


@pytest.fixture
def asked(alice: httpx.Client, made_event: Made) -> Callable[..., str]:
    """Makes an event that bob and a guest are asked to; answers its path."""

    def made(**body: Any) -> str:
        path = f"/v1/events/{made_event(**body)['id']}"
        for invite in ({"invitee": BOB}, {"email": "guest@example.org"}):
            answer = alice.post(f"{path}/invites", json=invite, params=QUIET)
            assert answer.status_code == 201
        return path

    return made


def message(letters: Letters) -> EmailMessage:
    """The last mail."""
    return message_from_string(compose(letters()[-1]), policy=default)


def text(letters: Letters) -> list[str]:
    body = message(letters).get_body()
    assert body is not None
    return str(body.get_content()).splitlines()


def calendar(letters: Letters) -> Calendar:
    """The calendar file of the last mail."""
    (part,) = message(letters).iter_attachments()
    assert part.get_content_type() == "text/calendar"
    return Calendar.from_ical(part.get_content())


def entry(letters: Letters) -> Event:
    (event,) = calendar(letters).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def at(time: str) -> dict[str, str]:
    return {"datetime": time, "timezone": "Europe/Berlin"}


def test_who_makes_an_event_gets_it_for_the_diary(
    made_event: Made, sent: Callable[[], list[tuple[str, str]]], letters: Letters
) -> None:
    event = made_event(password="swordfish")
    assert sent() == [("alice@acme.example", "Invitation: Board")]
    assert text(letters) == [
        "You have made this event.",
        "",
        "Title: Board",
        "Description: All of us",
        "From: 2026-01-06T09:00:00Z (Europe/Berlin)",
        "To: 2026-01-06T10:00:00Z (Europe/Berlin)",
        f"Join: https://opentalk.example/room/{event['room']['id']}",
    ]


@pytest.mark.parametrize(
    ("body", "query"), [({"is_adhoc": True}, {}), ({}, QUIET), ({"is_adhoc": True}, QUIET)]
)
def test_an_event_made_on_the_spot_or_quietly_is_not_mailed(
    alice: httpx.Client, letters: Letters, body: dict[str, bool], query: dict[str, bool]
) -> None:
    event = {"title": "Board", "description": "", "is_time_independent": True}
    assert alice.post("/v1/events", json=event | body, params=query).status_code == 201
    assert letters() == []


def test_an_invitation_brings_the_event_along(
    alice: httpx.Client, made_event: Made, letters: Letters
) -> None:
    event = made_event()
    alice.post(f"/v1/events/{event['id']}/invites", json={"invitee": BOB})
    assert letters()[-1]["to"] == "bob@acme.example"
    assert text(letters)[0] == "Alice Anderson invites you to this event."
    assert calendar(letters)["METHOD"] == "REQUEST"
    shown = entry(letters)
    assert {name: str(shown[name]) for name in ("UID", "SEQUENCE", "SUMMARY", "STATUS")} == {
        "UID": f"{event['id']}@opentalk",
        "SEQUENCE": "0",
        "SUMMARY": "Board",
        "STATUS": "CONFIRMED",
    }
    assert shown.decoded("DTSTART") == datetime(2026, 1, 6, 9, tzinfo=UTC)
    assert shown.decoded("DTEND") == datetime(2026, 1, 6, 10, tzinfo=UTC)
    assert shown["ORGANIZER"] == "mailto:alice@acme.example"
    assert shown["ATTENDEE"] == "mailto:bob@acme.example"


def test_a_guest_gets_a_link_with_a_code_and_the_password(
    alice: httpx.Client, made_event: Made, letters: Letters
) -> None:
    event = made_event(password="swordfish")
    alice.post(f"/v1/events/{event['id']}/invites", json={"email": "guest@example.org"})
    (code,) = alice.get(f"/v1/rooms/{event['room']['id']}/invites").json()
    assert text(letters)[-2:] == [
        "Password: swordfish",
        f"Join: https://opentalk.example/invite/{code['invite_code']}",
    ]


def test_a_known_address_gets_no_link_for_guests(
    alice: httpx.Client, made_event: Made, letters: Letters
) -> None:
    event = made_event(password="swordfish")
    alice.post(f"/v1/events/{event['id']}/invites", json={"email": "dave@acme.example"})
    assert text(letters)[-1] == f"Join: https://opentalk.example/room/{event['room']['id']}"


def test_an_update_goes_to_all_who_are_asked_and_to_the_caller(
    alice: httpx.Client,
    asked: Callable[..., str],
    sent: Callable[[], list[tuple[str, str]]],
    letters: Letters,
) -> None:
    path = asked()
    sent()
    alice.patch(path, json={"title": "Council"})
    everybody = [*EVERYBODY, "alice@acme.example"]
    assert sent() == [(email, "Updated: Council") for email in everybody]
    assert (entry(letters)["SEQUENCE"], calendar(letters)["METHOD"]) == (1, "REQUEST")
    alice.patch(path, json={"title": "Board"}, params=QUIET)
    assert sent() == []


def test_a_series_is_told_by_its_rules_and_by_the_wall_clock(
    asked: Callable[..., str], letters: Letters
) -> None:
    pattern = ["RRULE:FREQ=WEEKLY;BYDAY=TU,FR", "EXDATE:20260113T100000"]
    asked(recurrence_pattern=[*pattern, "RDATE:20260117T090000Z"])
    (zone,) = calendar(letters).walk("VTIMEZONE")
    shown = entry(letters)
    assert zone["TZID"] == shown["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert shown["DTSTART"].to_ical() == b"20260106T100000"
    assert shown["RRULE"].to_ical() == b"FREQ=WEEKLY;BYDAY=TU,FR"
    assert shown["EXDATE"].to_ical() == b"20260113T090000Z"
    assert shown["RDATE"].to_ical() == b"20260117T090000Z"


def onsets(zone: Any) -> dict[datetime, tuple[timedelta, timedelta]]:
    """When a zone's clocks are changed according to a calendar file, from what and to what."""
    found = {}
    for each in zone.subcomponents:
        before, after = (each.decoded(name) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        later = [time.dt for time in each["RDATE"].dts] if "RDATE" in each else []
        for begins in [each.decoded("DTSTART"), *later]:
            found[(begins - before).replace(tzinfo=UTC)] = (before, after)
    return found


@pytest.mark.parametrize(
    ("zone", "year"),
    [
        ("Europe/Berlin", 2026),
        ("America/New_York", 2026),
        ("Europe/Dublin", 2026),  # whose winter is the exception
        ("Africa/Casablanca", 2026),  # whose clocks are put back for a month only
        ("Australia/Lord_Howe", 2026),  # who put their clocks on by half an hour
        ("Pacific/Apia", 2009),  # who left out a whole day
        ("Asia/Tokyo", 2026),
    ],
)
def test_a_calendar_file_has_every_change_of_clocks_for_ten_years(
    made_event: Made, letters: Letters, zone: str, year: int
) -> None:
    here = ZoneInfo(zone)
    start, end = ({"datetime": f"{year}-01-15T{at}:00:00Z", "timezone": zone} for at in (11, 12))
    made_event(starts_at=start, ends_at=end, recurrence_pattern=["RRULE:FREQ=DAILY"])
    (told,) = calendar(letters).walk("VTIMEZONE")
    assert told["TZID"] == zone
    changes = onsets(told)
    first = min(changes)
    assert first == datetime(year, 1, 1, tzinfo=here)
    assert len(set(changes.pop(first))) == 1
    for at, (before, after) in changes.items():
        assert (at - timedelta(seconds=1)).astimezone(here).utcoffset() == before
        assert at.astimezone(here).utcoffset() == after
    days = [first + timedelta(days=each) for each in range(3_652)]
    offsets = [each.astimezone(here).utcoffset() for each in days]
    assert len(changes) == sum(map(ne, offsets, offsets[1:]))


def test_whole_days_are_days(made_event: Made, letters: Letters) -> None:
    made_event(
        is_all_day=True, starts_at=at("2026-01-06T00:00:00Z"), ends_at=at("2026-01-08T00:00:00Z")
    )
    shown = entry(letters)
    assert (shown.decoded("DTSTART"), shown.decoded("DTEND")) == (
        date(2026, 1, 6),
        date(2026, 1, 8),
    )


def test_whole_days_are_repeated_by_the_day_also_in_summer(
    alice: httpx.Client, asked: Callable[..., str], letters: Letters
) -> None:
    path = asked(
        is_all_day=True,
        starts_at=at("2026-01-06T00:00:00Z"),
        ends_at=at("2026-01-07T00:00:00Z"),
        recurrence_pattern=[
            "RRULE:FREQ=WEEKLY",
            "EXDATE;VALUE=DATE:20260707",
            "RDATE;VALUE=DATE:20260709",
        ],
    )
    shown = entry(letters)
    assert list(calendar(letters).walk("VTIMEZONE")) == []
    assert [shown[name].to_ical() for name in ("DTSTART", "DTEND", "RDATE", "EXDATE")] == [
        b"20260106",
        b"20260107",
        b"20260709",
        b"20260707",
    ]
    answer = alice.patch(f"{path}/instances/20260713T230000Z", json={"title": "Council"})
    assert (answer.status_code, answer.json()["title"]) == (200, "Council")
    shown = entry(letters)
    assert [shown[name].to_ical() for name in ("RECURRENCE-ID", "DTSTART", "DTEND")] == [
        b"20260714",
        b"20260714",
        b"20260715",
    ]
    assert shown["RECURRENCE-ID"].params["VALUE"] == "DATE"


def test_what_has_no_time_brings_no_calendar_file(made_event: Made, letters: Letters) -> None:
    made_event(is_time_independent=True)
    assert list(message(letters).iter_attachments()) == []


def test_a_change_of_one_instance_names_it(
    alice: httpx.Client,
    asked: Callable[..., str],
    sent: Callable[[], list[tuple[str, str]]],
    letters: Letters,
) -> None:
    path = asked(recurrence_pattern=["RRULE:FREQ=DAILY"])
    sent()
    moved = {"starts_at": at("2026-01-07T12:00:00Z"), "ends_at": at("2026-01-07T13:00:00Z")}
    alice.patch(f"{path}/instances/20260107T090000Z", json=moved)
    assert sent() == [(email, "Updated: Board") for email in EVERYBODY]
    shown = entry(letters)
    assert shown.decoded("RECURRENCE-ID") == datetime(2026, 1, 7, 9, tzinfo=UTC)
    assert shown.decoded("DTSTART") == datetime(2026, 1, 7, 12, tzinfo=UTC)
    assert "RRULE" not in shown
    assert "From: 2026-01-07T12:00:00Z (Europe/Berlin)" in text(letters)
    alice.patch(f"{path}/instances/20260107T090000Z", json={"status": "cancelled"})
    assert sent() == [(email, "Cancelled: Board") for email in EVERYBODY]
    assert calendar(letters)["METHOD"] == "CANCEL"
    assert (entry(letters)["STATUS"], entry(letters)["SEQUENCE"]) == ("CANCELLED", 2)
    alice.patch(f"{path}/instances/20260107T090000Z", json={"status": "ok"}, params=QUIET)
    assert sent() == []


def test_a_cancellation_goes_to_all_who_are_asked_and_to_the_creator(
    alice: httpx.Client,
    asked: Callable[..., str],
    sent: Callable[[], list[tuple[str, str]]],
    letters: Letters,
) -> None:
    path = asked()
    sent()
    alice.delete(path)
    everybody = [*EVERYBODY, "alice@acme.example"]
    assert sent() == [(email, "Cancelled: Board") for email in everybody]
    assert (calendar(letters)["METHOD"], entry(letters)["SEQUENCE"]) == ("CANCEL", 1)


def test_an_invite_taken_back_is_told_to_whom_it_was_for(
    alice: httpx.Client, asked: Callable[..., str], sent: Callable[[], list[tuple[str, str]]]
) -> None:
    path = asked()
    sent()
    alice.delete(f"{path}/invites/{BOB}")
    alice.request("DELETE", f"{path}/invites/email", json={"email": "guest@example.org"})
    assert sent() == [(email, "Cancelled: Board") for email in EVERYBODY]


@pytest.mark.parametrize("pattern", [[], ["RRULE:FREQ=DAILY;COUNT=2"]])
def test_nobody_is_told_that_what_is_over_will_not_take_place(
    alice: httpx.Client,
    asked: Callable[..., str],
    advance: Callable[[float], None],
    letters: Letters,
    pattern: list[str],
) -> None:
    path = asked(recurrence_pattern=pattern)
    before = len(letters())
    advance(48 * 3600 + 7200 + 1)
    alice.delete(f"{path}/invites/{BOB}")
    alice.delete(path)
    assert len(letters()) == before


def test_what_has_no_time_is_never_over(
    alice: httpx.Client, asked: Callable[..., str], sent: Callable[[], list[tuple[str, str]]]
) -> None:
    path = asked(is_time_independent=True)
    sent()
    alice.delete(f"{path}/invites/{BOB}")
    assert sent() == [("bob@acme.example", "Cancelled: Board")]


def test_a_series_in_universal_time_needs_no_zone(made_event: Made, letters: Letters) -> None:
    made_event(
        starts_at={"datetime": "2026-01-06T09:00:00Z", "timezone": "UTC"},
        ends_at={"datetime": "2026-01-06T10:00:00Z", "timezone": "UTC"},
        recurrence_pattern=["RRULE:FREQ=DAILY"],
    )
    assert list(calendar(letters).walk("VTIMEZONE")) == []
    assert entry(letters)["DTSTART"].to_ical() == b"20260106T090000Z"


def test_quiet_invitations_cancellations_and_uninvitations_send_nothing(
    alice: httpx.Client, asked: Callable[..., str], letters: Letters
) -> None:
    path = asked()
    before = len(letters())
    alice.delete(f"{path}/invites/{BOB}", params=QUIET)
    email = {"email": "guest@example.org"}
    alice.request("DELETE", f"{path}/invites/email", json=email, params=QUIET)
    alice.delete(path, params=QUIET)
    assert len(letters()) == before


def test_whatever_changes_about_folder_and_streams_is_an_update(
    alice: httpx.Client, asked: Callable[..., str], sent: Callable[[], list[tuple[str, str]]]
) -> None:
    path = asked()
    targets = f"/v1/rooms/{alice.get(path).json()['room']['id']}/streaming_targets"
    sent()
    update = [(email, "Updated: Board") for email in [*EVERYBODY, "alice@acme.example"]]
    assert alice.put(f"{path}/shared_folder").status_code == 201
    assert sent() == update
    assert alice.put(f"{path}/shared_folder").status_code == 200
    assert sent() == []
    assert alice.delete(f"{path}/shared_folder").status_code == 204
    assert sent() == update
    target = alice.post(targets, json=TARGET).json()
    assert sent() == update
    alice.patch(f"{targets}/{target['id']}", json={"name": "Market"})
    assert sent() == update
    alice.delete(f"{targets}/{target['id']}")
    assert sent() == update
    alice.put(f"{path}/shared_folder", params=QUIET)
    alice.delete(f"{path}/shared_folder", params=QUIET)
    assert sent() == []
