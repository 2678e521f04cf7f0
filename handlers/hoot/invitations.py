"""Invitations: the mail that tells a party of a conference, with an entry for the calendar."""

from __future__ import annotations

import re

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.parties import instant
from greenroom.handlers.hoot.places import join_url

SENDER = "HooT <invitations@hoot.example>"
ORGANIZER = "invitations@hoot.example"
MAIL = """{name}, you are invited to the conference "{title}".

Join: {link}
SIP extension: {number}
Phone: {phone}, then {number}
"""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def send_invitation(call: Call, conference: Json, party: Json) -> None:
    """Tell a new party by e-mail how to join."""
    profile = call.collection("users").get(party["user"])["profile"]
    title = _line(conference["name"])
    text = MAIL.format(
        name=_line(profile["name"]),
        title=title,
        link=join_url(call, party),
        number=conference["voice_bridge"],
        phone=call.option("dial_number"),
    )
    invitation = conference["features"].get("invitation", {})
    files = []
    if "epoch_start" in invitation and "epoch_end" in invitation:
        entry = _calendar(call, conference, profile["email"], text)
        files.append(("invitation.ics", "text/calendar", entry))
    subject = f"Invitation to {title}"
    call.send_mail(profile["email"], subject, text, sender=SENDER, attachments=files)


def _calendar(call: Call, conference: Json, email: str, text: str) -> bytes:
    """The conference as an entry of a calendar, for whoever has this address."""
    from icalendar import Calendar, Event, vCalAddress

    invitation = conference["features"]["invitation"]
    start, end = instant(invitation["epoch_start"]), instant(invitation["epoch_end"])
    entry = Event()
    entry.add("uid", f"{conference['id']}@hoot.example")
    entry.add("dtstamp", call.now())
    entry.add("dtstart", start)
    entry.add("dtend", max(start, end))
    entry.add("summary", _line(conference["name"]))
    entry.add("description", text)
    entry.add("organizer", vCalAddress(f"mailto:{ORGANIZER}"))
    entry.add("attendee", vCalAddress(f"mailto:{_line(email)}"))
    calendar = Calendar()
    calendar.add("prodid", "-//Greenroom//HooT//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    calendar.add_component(entry)
    written: bytes = calendar.to_ical()
    return written


def _line(text: str) -> str:
    """The text on one line, and in characters that mails and calendars can hold."""
    return _CONTROL.sub(" ", text).strip()
