"""What a handler is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from typing import Any

import pytest

from greenroom.emulator.toolkit import Call, Caller, Key, NotFoundError, Operation, Request
from greenroom.emulator.toolkit.mail import compose
from greenroom.emulator.toolkit.outbox import OUTBOX
from greenroom.state import Store

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    """A world with rooms of two tenants."""
    made = Store(seed=3, at=START, frozen=True)
    made.collection("tiny", "rooms", "acme").add({"id": "hall"})
    made.collection("tiny", "rooms", "globex").add({"id": "cellar"})
    made.collection("tiny", "people").add({"id": "ada"})
    return made


def call(store: Store, **parts: Any) -> Call:
    request = Request(
        method="GET",
        path="/rooms",
        query="",
        raw_headers=[],
        body=b"",
        base="http://127.0.0.1:8800/tiny",
        target="/tiny/rooms",
        key=Key("e1"),
        clock=store.clock.now,
    )
    return Call("tiny", store, {"limit": 3}, request, **parts)


def test_a_caller_sees_the_records_of_its_tenant(store: Store) -> None:
    acme = call(store, caller=Caller("ada", "acme"))
    assert [each["id"] for each in acme.collection("rooms")] == ["hall"]
    assert [each["id"] for each in acme.shared("people")] == ["ada"]
    assert len(acme.everywhere("rooms")) == 2


def test_a_call_without_a_caller_belongs_to_no_tenant_unless_one_is_named(store: Store) -> None:
    assert len(call(store).collection("rooms")) == 0
    assert len(call(store, tenant="globex").collection("rooms")) == 1


def test_a_call_may_step_into_another_tenant(store: Store) -> None:
    operation = Operation("listRooms", "GET", "/rooms", {})
    stepped = call(store, caller=Caller("ada", "acme"), operation=operation).within("globex")
    assert (stepped.tenant, stepped.caller, stepped.operation) == ("globex", None, operation)
    assert [each["id"] for each in stepped.collection("rooms")] == ["cellar"]


def test_a_call_may_step_to_where_a_record_is(store: Store) -> None:
    assert call(store).holding("rooms", "cellar").tenant == "globex"
    with pytest.raises(NotFoundError) as refused:
        call(store).holding("rooms", "attic")
    assert refused.value.subject == "rooms"


def test_now_is_the_worlds_time_or_the_timers(store: Store) -> None:
    due = START + timedelta(minutes=5)
    assert (call(store).now(), call(store, time=due).now()) == (START, due)
    assert call(store, time=due).within("acme").now() == due


def test_ids_and_chance_are_the_worlds(store: Store) -> None:
    fork = store.fork()
    assert call(store).ids.uuid() == call(fork).ids.uuid()
    assert call(store).random.random() == call(fork).random.random()


def test_an_address_is_below_the_providers(store: Store) -> None:
    assert call(store).url("/rooms/1") == "http://127.0.0.1:8800/tiny/rooms/1"


def test_options_are_known_by_name(store: Store) -> None:
    assert call(store).option("limit") == 3
    with pytest.raises(KeyError):
        call(store).option("size")


def test_without_a_spec_nothing_can_be_held_to_one(store: Store) -> None:
    with pytest.raises(LookupError, match="no spec"):
        call(store).check("Room", {})


def test_later_is_a_time_or_a_distance_in_this_tenant(store: Store) -> None:
    acme = call(store, tenant="acme")
    acme.later(START + timedelta(hours=2), "closes", room="hall")
    acme.later(timedelta(hours=1), "rings")
    timers = [(each.at, each.name, each.tenant, dict(each.body)) for each in store.timers]
    assert sorted(timers) == [
        (START + timedelta(hours=1), "rings", "acme", {}),
        (START + timedelta(hours=2), "closes", "acme", {"room": "hall"}),
    ]


def test_what_follows_a_timer_counts_from_its_time(store: Store) -> None:
    due = START + timedelta(minutes=5)
    call(store, time=due).later(timedelta(minutes=1), "rings")
    assert [each.at for each in store.timers] == [START + timedelta(minutes=6)]


def test_mail_goes_to_the_outbox_with_nothing_left_to_chance(store: Store) -> None:
    sent = []
    for world in (store.fork(), store.fork()):
        entry = call(world, tenant="acme").send_mail(
            "Ada <ada@greenroom.test>",
            "Hällo\r\nBcc: eve@greenroom.test",
            "Text — with dashes",
            sender="Tiny <no-reply@tiny.test>",
            html="<p>Text</p>",
            attachments=[("invite.ics", "text/calendar", b"BEGIN:VCALENDAR")],
        )
        assert world.collection(*OUTBOX).get(entry["id"]) == entry
        sent.append(entry)
    assert sent[0] == sent[1]
    facts = {key: value for key, value in sent[0].items() if key not in ("id", "letter")}
    assert facts == {
        "kind": "email",
        "provider": "tiny",
        "tenant": "acme",
        "at": "2026-01-05T09:00:00Z",
        "to": "Ada <ada@greenroom.test>",
        "subject": "Hällo\r\nBcc: eve@greenroom.test",
        "over": True,
    }
    message = message_from_string(compose(sent[0]), policy=policy.default)
    assert message["Subject"] == "Hällo Bcc: eve@greenroom.test"
    assert message["Bcc"] is None
    assert message["Message-ID"].endswith("@tiny.test>")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    attachment = next(message.iter_attachments())
    assert (attachment.get_filename(), attachment.get_content().strip()) == (
        "invite.ics",
        "BEGIN:VCALENDAR",
    )
