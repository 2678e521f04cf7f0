from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from greenroom.emulator.toolkit.mail import compose

WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
Json = dict[str, Any]
Make = Callable[..., Json]
Letters = Callable[[], list[Json]]
INVITATION = {"epoch_start": 1_767_700_800, "epoch_end": 1_767_704_400}


def message_of(letter: Json) -> EmailMessage:
    message = message_from_string(compose(letter), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(letter: Json) -> str:
    part = message_of(letter).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def calendars(letter: Json) -> list[Any]:
    return [
        Calendar.from_ical(each.get_content())
        for each in message_of(letter).iter_attachments()
        if each.get_content_type() == "text/calendar"
    ]


def test_every_new_party_gets_one_mail_and_the_creator_none(make: Make, letters: Letters) -> None:
    make(
        moderators=["bob@acme.example", "alice@acme.example"],
        participants=["bob@acme.example", "new@x.org"],
        features={"invitation": {"temporary_users": ["guest@x.org", "new@x.org"]}},
    )
    assert [each["to"] for each in letters()] == ["bob@acme.example", "new@x.org", "guest@x.org"]


def test_the_mail_holds_the_link_and_the_extension(make: Make, letters: Letters) -> None:
    conference = make("Board", participants=["bob@acme.example"])["conference"]
    [letter] = letters()
    assert letter["subject"] == "Invitation to Board"
    assert conference["participants"][0]["join_url"] in text_of(letter)
    assert f"SIP extension: {conference['voice_bridge']}" in text_of(letter)
    assert calendars(letter) == []


def test_an_edit_invites_only_who_is_new(
    edit: Callable[..., httpx.Response], letters: Letters
) -> None:
    edit(WEEKLY, new_moderators=["bob@acme.example"], new_participants=["carol@acme.example"])
    edit(WEEKLY, new_participants=["carol@acme.example"])
    assert [each["to"] for each in letters()] == ["carol@acme.example"]


def test_an_invitation_comes_with_an_entry_for_the_calendar(make: Make, letters: Letters) -> None:
    made = make(
        "Board; and, more", participants=["bob@acme.example"], features={"invitation": INVITATION}
    )
    [calendar] = calendars(letters()[0])
    [entry] = calendar.walk("VEVENT")
    assert {name: str(value) for name, value in calendar.items()} == {
        "PRODID": "-//Greenroom//HooT//EN",
        "VERSION": "2.0",
        "METHOD": "REQUEST",
    }
    assert str(entry["uid"]) == f"{made['conference']['id']}@hoot.example"
    assert str(entry["organizer"]) == "mailto:invitations@hoot.example"
    assert str(entry["summary"]) == "Board; and, more"
    assert entry["dtstart"].dt == datetime(2026, 1, 6, 12, tzinfo=UTC)
    assert entry["dtend"].dt == datetime(2026, 1, 6, 13, tzinfo=UTC)
    assert entry["dtstamp"].dt == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert str(entry["attendee"]) == "mailto:bob@acme.example"
    assert made["conference"]["participants"][0]["join_url"] in str(entry["description"])


def test_an_edit_writes_the_new_times(
    make: Make, edit: Callable[..., httpx.Response], letters: Letters
) -> None:
    conference = make(features={"invitation": {"epoch_start": 0, "epoch_end": 0}})["conference"][
        "id"
    ]
    edit(conference, new_participants=["bob@acme.example"], features={"invitation": INVITATION})
    [entry] = calendars(letters()[0])[0].walk("VEVENT")
    assert entry["dtstart"].dt == datetime(2026, 1, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (-1, 10**30), (10**30, -1), (5, 3), (253_402_300_799, 1)]
)
def test_odd_times_are_written_all_the_same(
    make: Make, letters: Letters, start: int, end: int
) -> None:
    invitation = {"epoch_start": start, "epoch_end": end}
    make(participants=["bob@acme.example"], features={"invitation": invitation})
    [entry] = calendars(letters()[0])[0].walk("VEVENT")
    assert entry["dtstart"].dt <= entry["dtend"].dt


@pytest.mark.parametrize(
    "name", ["a%0Ab", "a%00b", "%E2%80%A8x", "a%0D%0ABEGIN:VEVENT", "%F0%9F%8E%89" * 40]
)
@pytest.mark.parametrize(
    "email", ["bob@x.org", "bob@x.org\r\nATTENDEE:mailto:eve@x.org", 'a"@x.org']
)
def test_odd_names_and_addresses_break_neither_mail_nor_calendar(
    make: Make, letters: Letters, name: str, email: str
) -> None:
    if '"' in email:
        email = "a'b@x.org"
    make(name, participants=[email], features={"invitation": INVITATION})
    [letter] = letters()
    [calendar] = calendars(letter)
    assert len(calendar.walk("VEVENT")) == 1
    assert message_of(letter)["bcc"] is None
