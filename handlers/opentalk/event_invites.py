"""Event invites: who is asked to an event, and what they answer."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import event_of, me, refuse
from greenroom.handlers.opentalk.errors import (
    InvalidJsonError,
    MissingError,
    UnknownEmailError,
)
from greenroom.handlers.opentalk.event_shapes import PENDING, Show
from greenroom.handlers.opentalk.favorites import drop_favorite
from greenroom.handlers.opentalk.notifications import invited, uninvited
from greenroom.handlers.opentalk.paging import paged
from greenroom.handlers.opentalk.venues import make_code


def create_event_invites(
    call: Call, event_id: str, body: Json, suppress_email_notification: bool = False
) -> tuple[None, int]:
    """Ask a user or an address; who was asked before, or made the event, is not asked again."""
    event, tells = event_of(call, event_id), not suppress_email_notification
    user_id, email = body.get("invitee"), (body.get("email") or "").lower()
    if user_id is None and not email:
        raise InvalidJsonError("Say who is invited: an invitee, or an email.")
    users = call.collection("users")
    user = users.first(id=user_id.lower()) if user_id else users.first(email=email)
    if user_id and user is None:
        raise MissingError("user")
    if user is None:
        return None, 201 if _ask_address(call, event, email, tells=tells) else 204
    role = (body.get("role") or "user") if user_id else "user"
    return None, 201 if _ask_user(call, event, user, role, tells=tells) else 204


def get_event_invites(
    call: Call, event_id: str, per_page: int, page: int, status: list[str] | None = None
) -> Reply:
    """List who is asked: users first, the last asked first; an address is always pending."""
    event = event_of(call, event_id)
    asked = call.collection("event_invites").find(event_id=event["id"])[::-1]
    asked += call.collection("email_invites").find(event_id=event["id"])[::-1]
    found = [each for each in asked if not status or each.get("status", PENDING) in status]
    return paged(call, found, Show(call).invitee, per_page=per_page, page=page)


def update_event_invite(call: Call, event_id: str, user_id: str, body: Json) -> None:
    """Give an invitee another role, for the next time the user joins."""
    invite = _invite_of(call, event_of(call, event_id), user_id.lower())
    call.collection("event_invites").save(invite | {"role": body["role"]})


def delete_event_invite(
    call: Call, event_id: str, user_id: str, suppress_email_notification: bool = False
) -> None:
    """Take an invite back; the event, its room and a mark on it are out of sight."""
    event = event_of(call, event_id)
    _uninvite(call, event, user_id.lower(), suppress=suppress_email_notification)


def delete_email_invite(
    call: Call, event_id: str, body: Json, suppress_email_notification: bool = False
) -> None:
    """Take the invite of an address back, whether it is a user's or nobody's we know."""
    event, email = event_of(call, event_id), body["email"].lower()
    invites, key = call.collection("email_invites"), f"{event['id']}:{email}"
    if key in invites:
        invites.remove(key)
        uninvited(call, event, email, suppress=suppress_email_notification)
        return
    user = call.collection("users").first(email=email)
    if user is None:
        raise MissingError("invite of this address")
    _uninvite(call, event, user["id"], suppress=suppress_email_notification)


def accept_event_invite(call: Call, event_id: str) -> None:
    """Say yes, whatever was said before."""
    _answer(call, event_id, "accepted")


def decline_event_invite(call: Call, event_id: str) -> None:
    """Say no, whatever was said before; the event stays in sight."""
    _answer(call, event_id, "declined")


def event_invites_pending(call: Call) -> Json:
    """Count the invites that the caller has not answered."""
    invites = call.collection("event_invites")
    return {"total_pending_invites": invites.count(invitee=me(call)["id"], status=PENDING)}


def adopt_email_invites(call: Call, user: Json) -> None:
    """Let the invites of a newcomer's address be the newcomer's own."""
    asked, events = call.collection("email_invites"), call.collection("events")
    for invite in asked.find(email=user["email"]):
        event = events.get(invite["event_id"])
        asked.remove(invite["id"])
        _add_invite(call, event, user, role="user", by=invite["created_by"])


def _ask_user(call: Call, event: Json, user: Json, role: str, *, tells: bool) -> bool:
    key = _key(event, user["id"])
    if user["id"] == event["created_by"] or key in call.collection("event_invites"):
        return False
    _add_invite(call, event, user, role=role, by=me(call)["id"])
    if tells:
        invited(call, event, user["email"])
    return True


def _ask_address(call: Call, event: Json, email: str, *, tells: bool) -> bool:
    """Ask somebody who never logged in; whom nobody knows gets a link for guests."""
    invites = call.collection("email_invites")
    known = call.shared("identities").first(email=email, tenant=call.tenant)
    if _key(event, email) in invites:
        return False
    if known is None and not call.option("external_email_invites"):
        raise UnknownEmailError(email)
    invite = {
        "id": _key(event, email),
        "event_id": event["id"],
        "email": email,
        "created_by": me(call)["id"],
        "created_at": instants.now(call),
    }
    invites.add(invite)
    code = None if known else make_code(call, event["room_id"])["id"]
    if tells:
        invited(call, event, email, code=code)
    return True


def _add_invite(call: Call, event: Json, user: Json, *, role: str, by: str) -> None:
    invite = {
        "id": _key(event, user["id"]),
        "event_id": event["id"],
        "room_id": event["room_id"],
        "invitee": user["id"],
        "created_by": by,
        "created_at": instants.now(call),
        "status": PENDING,
        "role": role,
    }
    call.collection("event_invites").add(invite)


def _uninvite(call: Call, event: Json, user_id: str, *, suppress: bool) -> None:
    invite = _invite_of(call, event, user_id)
    call.collection("event_invites").remove(invite["id"])
    drop_favorite(call, event, user_id)
    email = call.collection("users").get(user_id)["email"]
    uninvited(call, event, email, suppress=suppress)


def _answer(call: Call, event_id: str, status: str) -> None:
    event, caller = event_of(call, event_id), me(call)["id"]
    invite = call.collection("event_invites").first(id=_key(event, caller))
    if invite is None:
        refuse(call, "invite: the caller is not invited", exists=True)
    call.collection("event_invites").save(invite | {"status": status})


def _invite_of(call: Call, event: Json, user_id: str) -> Json:
    invite = call.collection("event_invites").first(id=_key(event, user_id))
    if invite is None:
        raise MissingError("invite to this event")
    return invite


def _key(event: Json, invitee: str) -> str:
    return f"{event['id']}:{invitee}"
