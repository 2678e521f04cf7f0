"""What providers sent out, as it is looked at."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator import Emulator
from greenroom.emulator.toolkit import Call, Reply
from greenroom.emulator.toolkit.outbox import OUTBOX as OUTBOX_COLLECTION

if TYPE_CHECKING:
    from greenroom.emulator.toolkit import Json
    from tests.emulator.conftest import Tiny

ADA = {"Authorization": "Bearer ada"}
OUTBOX = "/_greenroom/outbox"
DELIVERY = {"kind": "webhook", "provider": "tiny", "url": "http://127.0.0.1:9", "attempts": []}
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def write(call: Call, body: Any) -> Reply:
    """Send a mail as the body says."""
    call.send_mail(
        body["to"],
        body.get("subject", "Hello"),
        "Come äll.",
        sender="Rooms <rooms@example.org>",
        html=body.get("html"),
        attachments=[("invite.ics", "text/calendar", CALENDAR)] if "ics" in body else (),
    )
    return Reply({})


@pytest.fixture
def post(tiny: Tiny, rooms: Callable[..., Tiny]) -> Callable[..., list[Json]]:
    """Lets the provider send a mail; the outbox afterwards."""
    tiny.answer("POST /mails", write, body=tiny.content({"type": "object"}))
    served = rooms()

    def send(**mail: Any) -> list[Json]:
        assert served.send("POST /mails", json=mail).status_code == 200
        answer = served.send_to(f"GET {OUTBOX}")
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()
        return found

    return send


def test_a_mail_is_shown_with_its_parts(post: Callable[..., list[Json]]) -> None:
    [mail] = post(to="Eve <eve@example.org>", subject="Grüße", html="<p>äll</p>", ics=True)
    assert (mail["kind"], mail["provider"], mail["at"]) == (
        "email",
        "tiny",
        "2026-01-05T09:00:00Z",
    )
    assert (mail["to"], mail["subject"]) == ("Eve <eve@example.org>", "Grüße")
    assert mail["headers"]["Subject"] == "Grüße"
    assert mail["headers"]["From"] == "Rooms <rooms@example.org>"
    assert (mail["text"].strip(), mail["html"].strip()) == ("Come äll.", "<p>äll</p>")
    assert mail["attachments"] == [
        {
            "name": "invite.ics",
            "media_type": "text/calendar",
            "content": base64.b64encode(CALENDAR).decode(),
        }
    ]
    assert mail["source"].startswith("From: Rooms")


@pytest.mark.parametrize(
    "to",
    [
        "",
        "nobody",
        "<<>>",
        '"',
        "a@",
        "@b",
        "[a",
        "a, b <c",
        "ä@ö",
        "a\r\nBcc: b",
        "=?utf-8?q?=",
        "(" * 50,
    ],
)
def test_odd_addresses_are_shown_as_they_are(post: Callable[..., list[Json]], to: str) -> None:
    [mail] = post(to=to, subject=to)
    assert (mail["to"], mail["subject"]) == (to, to)
    assert "Bcc" not in mail["headers"]


def test_mails_are_listed_by_kind_shown_alone_and_forgotten(
    post: Callable[..., list[Json]], tiny: Tiny
) -> None:
    post(to="a@example.org")
    first, second = post(to="b@example.org")
    assert tiny.send_to(f"GET {OUTBOX}?kind=email").json() == [first, second]
    assert tiny.send_to(f"GET {OUTBOX}?kind=webhook").json() == []
    assert tiny.send_to(f"GET {OUTBOX}?kind=pigeon").status_code == 400
    assert tiny.send_to(f"GET {OUTBOX}/{second['id']}").json() == second
    assert tiny.send_to(f"DELETE {OUTBOX}").status_code == 204
    assert tiny.send_to(f"GET {OUTBOX}").json() == []
    assert tiny.send_to(f"GET {OUTBOX}/{second['id']}").status_code == 404


def deliver(call: Call) -> Reply:
    """Keep a delivery, as whatever delivers would."""
    outbox = call.store.collection(*OUTBOX_COLLECTION)
    outbox.add({**DELIVERY, "id": "d1", "at": "2026-01-05T09:00:00Z"})
    return Reply({})


def test_what_is_no_mail_is_shown_as_it_is_kept(tiny: Tiny, rooms: Callable[..., Tiny]) -> None:
    tiny.answer("POST /deliveries", deliver)
    served = rooms()
    assert served.send("POST /deliveries").status_code == 200
    kept = {**DELIVERY, "id": "d1", "at": "2026-01-05T09:00:00Z"}
    assert served.send_to(f"GET {OUTBOX}?kind=webhook").json() == [kept]
    assert served.send_to(f"GET {OUTBOX}/d1").json() == kept
    assert served.send_to(f"GET {OUTBOX}?kind=email").json() == []


def test_a_mail_goes_nowhere_again(post: Callable[..., list[Json]], tiny: Tiny) -> None:
    [mail] = post(to="a@example.org")
    assert tiny.send_to(f"POST {OUTBOX}/{mail['id']}/redeliver").status_code == 409
    assert tiny.send_to(f"POST {OUTBOX}/none/redeliver").status_code == 404


def test_the_outbox_is_part_of_the_state(post: Callable[..., list[Json]], tiny: Tiny) -> None:
    tiny.send_to("PUT /_greenroom/snapshots/a")
    first = post(to="a@example.org")
    tiny.send_to("POST /_greenroom/snapshots/a/restore")
    assert tiny.send_to(f"GET {OUTBOX}").json() == []
    assert post(to="a@example.org") == first
    assert tiny.send_to(f"GET /~other{OUTBOX}").json() == []
    tiny.send_to("POST /_greenroom/reset")
    assert tiny.send_to(f"GET {OUTBOX}").json() == []


def test_the_outbox_is_not_written_by_hand(post: Callable[..., list[Json]], tiny: Tiny) -> None:
    [mail] = post(to="a@example.org")
    path = f"/_greenroom/state/_greenroom/outbox/{mail['id']}"
    assert tiny.send_to(f"PUT {path}", json={"id": mail["id"]}).status_code == 409
    assert tiny.send_to(f"GET {OUTBOX}").json() == [mail]


def test_an_invitation_of_portsip_is_there() -> None:
    room = {
        "extension_number": "9001",
        "mode": "AUDIO",
        "subject": "Standup",
        "capacity": 3,
        "external_invitees": "guest@example.org",
    }
    with Emulator(["portsip"], frozen=True) as emulator:
        answer = emulator.client("portsip", as_="alice").post("/api/conference_rooms", json=room)
        assert answer.status_code == 201, answer.text
        [mail] = emulator.client().get(OUTBOX).json()
    assert (mail["provider"], mail["to"]) == ("portsip", "guest@example.org")
    assert mail["headers"]["To"] == "guest@example.org"
    assert "Standup" in mail["text"]


def test_an_invitation_of_boomstream_is_there() -> None:
    with Emulator(["boomstream"], frozen=True) as emulator:
        client = emulator.client("boomstream", as_="alice")
        listed = client.get("/api/conference/list", params={"format": "json"}).json()
        code = listed["conferences"][0]["code"]
        asked = {"code": code, "email": "guest@example.org", "name": "Guest", "notifyEmail": "yes"}
        answer = client.get("/api/conference/invite", params=asked)
        assert answer.status_code == 200, answer.text
        [mail] = emulator.client().get(OUTBOX).json()
    assert (mail["provider"], mail["to"]) == ("boomstream", "guest@example.org")
    assert "Guest" in mail["text"]
