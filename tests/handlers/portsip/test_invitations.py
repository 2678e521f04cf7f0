from __future__ import annotations

from collections.abc import Callable
from email import message_from_string
from email.policy import default
from typing import Any

import httpx

from greenroom.emulator.toolkit.mail import compose

Letters = Callable[[], list[dict[str, Any]]]
BOB = "NzAwNTUxOTA5NzczMTQ4MTEx"


def recipients(letters: Letters) -> list[str]:
    return [letter["to"] for letter in letters()]


def test_everybody_who_is_listed_and_has_an_address_is_invited_once(
    make_room: Callable[..., str], letters: Letters
) -> None:
    make_room(
        internal_invitees=[BOB, BOB, "nobody-we-know"],
        external_invitees="guest@example.org, second@example.org; guest@example.org",
    )
    assert recipients(letters) == [
        "bob@acme.example.com",
        "guest@example.org",
        "second@example.org",
    ]


def test_as_many_may_be_invited_as_a_room_can_hold(
    alice: httpx.Client, make_room: Callable[..., str], letters: Letters
) -> None:
    guests = [f"first.and.last.name.{number}@mail.department.example.org" for number in range(200)]
    room = make_room(capacity=200, external_invitees=";".join(guests))
    assert recipients(letters) == guests
    assert alice.get(room).json()["external_invitees"] == ";".join(guests)


def test_an_invitation_says_what_one_needs_to_join(
    alice: httpx.Client, make_room: Callable[..., str], letters: Letters
) -> None:
    room = make_room(
        subject="Board\nBcc: everybody@example.org",
        room_pin="1234",
        admin_pin="654321",
        numbers="+442071838750",
        timezone="Asia/Shanghai",
        scheduled_start_at="2026-02-01T10:00:00+01:00",
        external_invitees="guest@example.org",
    )
    token = alice.get(room).json()["token"]
    message = message_from_string(compose(letters()[0]), policy=default)
    assert message["From"] == "conference@tenant.example.com"
    assert message["Subject"] == "Invitation: Board Bcc: everybody@example.org"
    assert message["Bcc"] is None
    assert message.get_content().splitlines() == [
        "You are invited to: Board",
        "Bcc: everybody@example.org",
        "From: 2026-02-01T09:00:00Z",
        "Time zone: Asia/Shanghai",
        "Extension: 8000",
        "From outside: +442071838750",
        "PIN: 1234",
        f"Join: https://tenant.example.com:8883/?token={token}",
    ]


def test_an_update_invites_only_whoever_is_new(
    alice: httpx.Client, make_room: Callable[..., str], letters: Letters
) -> None:
    room = make_room(external_invitees="guest@example.org")
    alice.post(room, json={"subject": "Council"})
    alice.post(room, json={"external_invitees": "GUEST@example.org;new@example.org"})
    alice.post(room, json={"external_invitees": None})
    assert recipients(letters) == ["guest@example.org", "new@example.org"]


def test_a_refused_room_invites_nobody(alice: httpx.Client, letters: Letters) -> None:
    body = {
        "extension_number": "101",
        "mode": "AUDIO",
        "subject": "Board",
        "capacity": 9,
        "external_invitees": "guest@example.org",
    }
    assert alice.post("/api/conference_rooms", json=body).status_code == 409
    assert recipients(letters) == []
