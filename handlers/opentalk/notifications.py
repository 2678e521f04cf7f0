"""What is mailed about events: to whom, in which words, with which calendar file."""

from __future__ import annotations

from dataclasses import dataclass

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.access import me
from greenroom.handlers.opentalk.calendars import Entry, calendar_file
from greenroom.handlers.opentalk.schedules import is_over

SENDER = "OpenTalk <notifications@opentalk.example>"
REQUEST, CANCEL = "REQUEST", "CANCEL"


@dataclass(frozen=True, slots=True)
class _Letter:
    """One wording; the subject ends in the event's title, the text in what it is about."""

    subject: str
    opening: str
    method: str = REQUEST


INVITATION = _Letter("Invitation", "{caller} invites you to this event.")
CREATION = _Letter("Invitation", "You have made this event.")
UPDATE = _Letter("Updated", "{caller} has changed this event.")
CANCELLATION = _Letter("Cancelled", "{caller} has cancelled this event.", CANCEL)
UNINVITATION = _Letter("Cancelled", "{caller} does not expect you at this event.", CANCEL)
INSTANCE_UPDATE = _Letter("Updated", "{caller} has changed one date of this event.")
INSTANCE_CANCELLATION = _Letter(
    "Cancelled", "{caller} has cancelled one date of this event.", CANCEL
)


def event_created(call: Call, event: Json, *, suppress: bool) -> None:
    """Send whoever made an event what there is to put into a diary, unless it begins at once."""
    if not suppress and not event["is_adhoc"]:
        _send(call, CREATION, event, me(call)["email"])


def event_changed(call: Call, event: Json, *, suppress: bool) -> None:
    """Tell everybody invited, and the caller, that an event is not as it was."""
    if not suppress:
        _send_all(call, UPDATE, event, [*_invited(call, event), me(call)["email"]])


def event_cancelled(call: Call, event: Json, *, suppress: bool) -> None:
    """Tell everybody invited, and who made it, that an event to come will not take place."""
    if not suppress and not is_over(event, call.now()):
        creator = call.collection("users").get(event["created_by"])
        last = event | {"sequence": event["sequence"] + 1}
        _send_all(call, CANCELLATION, last, [*_invited(call, event), creator["email"]])


def instance_changed(call: Call, event: Json, exception: Json, *, suppress: bool) -> None:
    """Tell everybody invited that one date of an event is not as the others."""
    if not suppress:
        cancelled = exception["status"] == "cancelled"
        letter = INSTANCE_CANCELLATION if cancelled else INSTANCE_UPDATE
        _send_all(call, letter, event, _invited(call, event), other=exception)


def invited(call: Call, event: Json, email: str, *, code: str | None = None) -> None:
    """Ask somebody to an event; a guest gets a link that needs no account."""
    _send(call, INVITATION, event, email, code=code)


def uninvited(call: Call, event: Json, email: str, *, suppress: bool) -> None:
    """Tell somebody that an event to come is no longer theirs to come to."""
    if not suppress and not is_over(event, call.now()):
        _send(call, UNINVITATION, event, email)


def _invited(call: Call, event: Json) -> list[str]:
    """The addresses of all who are asked."""
    users = call.collection("users")
    asked = call.collection("event_invites").find(event_id=event["id"])
    addressed = call.collection("email_invites").find(event_id=event["id"])
    return [users.get(each["invitee"])["email"] for each in asked] + [
        each["email"] for each in addressed
    ]


def _send_all(
    call: Call, letter: _Letter, event: Json, emails: list[str], *, other: Json | None = None
) -> None:
    for email in dict.fromkeys(emails):
        _send(call, letter, event, email, other=other)


def _send(
    call: Call,
    letter: _Letter,
    event: Json,
    email: str,
    *,
    other: Json | None = None,
    code: str | None = None,
) -> None:
    creator = call.collection("users").get(event["created_by"])
    place = f"/invite/{code}" if code else f"/room/{event['room_id']}"
    url = call.option("frontend_url") + place
    told = event | {name: each for name, each in (other or {}).items() if each}
    files = []
    if not event["is_time_independent"]:
        entry = Entry(event, letter.method, creator, email, call.now(), url, other)
        files.append(("event.ics", "text/calendar", calendar_file(entry)))
    opening = letter.opening.format(caller=me(call)["display_name"])
    call.send_mail(
        email,
        f"{letter.subject}: {told['title']}",
        "\n".join([opening, "", *_facts(call, told, guest=code is not None), f"Join: {url}", ""]),
        sender=SENDER,
        attachments=files,
    )


def _facts(call: Call, told: Json, *, guest: bool) -> list[str]:
    """What a reader wants to know, a line each."""
    facts = [f"Title: {told['title']}"]
    if told["description"]:
        facts.append(f"Description: {told['description']}")
    if not told["is_time_independent"]:
        start, end = told["starts_at"], told["ends_at"]
        facts.append(f"From: {start['datetime']} ({start['timezone']})")
        facts.append(f"To: {end['datetime']} ({end['timezone']})")
    room = call.collection("rooms").get(told["room_id"])
    if guest and room["password"]:
        facts.append(f"Password: {room['password']}")
    return facts
