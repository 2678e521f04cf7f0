"""Events: what is put into the diary, once or again and again."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import event_of, me
from greenroom.handlers.opentalk.agenda import Wanted, agenda, bound, place_after
from greenroom.handlers.opentalk.errors import NothingToChangeError
from greenroom.handlers.opentalk.event_shapes import Show
from greenroom.handlers.opentalk.folders import drop_folder, make_folder
from greenroom.handlers.opentalk.notifications import (
    event_cancelled,
    event_changed,
    event_created,
)
from greenroom.handlers.opentalk.paging import address, linked
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.schedules import TIMES, changed_schedule, new_schedule
from greenroom.handlers.opentalk.venues import (
    ensure_code,
    make_room,
    make_sip_config,
    make_target,
)

MOST_PER_PAGE = 100
WORDS = ("title", "description", "is_adhoc")
SCHEDULE = ("is_time_independent", *TIMES, "recurrence_pattern")
BELONGINGS = ("event_invites", "email_invites", "event_exceptions", "favorites")


def new_event(call: Call, body: Json, suppress_email_notification: bool = False) -> Json:
    """Put an event into the diary, with a room of its own that can be reached by phone."""
    now, caller = instants.now(call), me(call)["id"]
    schedule = new_schedule(body)
    room = make_room(call, body.get("password"), waiting_room=body.get("waiting_room"))
    make_sip_config(call, room["id"])
    event = {
        "id": call.ids.uuid(),
        "room_id": room["id"],
        "created_by": caller,
        "created_at": now,
        "updated_by": caller,
        "updated_at": now,
        "title": body["title"],
        "description": body["description"],
        "is_adhoc": bool(body.get("is_adhoc")),
        "sequence": 0,
        **schedule,
    }
    call.collection("events").add(event)
    targets = [make_target(call, room["id"], each) for each in body.get("streaming_targets") or []]
    if body.get("has_shared_folder"):
        make_folder(call, event)
    event_created(call, event, suppress=suppress_email_notification)
    return Show(call).event(event, targets=bool(targets)) | {"invitees_truncated": False}


def get_events(
    call: Call,
    per_page: int,
    after: str | None = None,
    time_min: str | None = None,
    time_max: str | None = None,
    invitees_max: int = 0,
    favorites: bool = False,
    adhoc: bool | None = None,
    time_independent: bool | None = None,
    invite_status: str | None = None,
) -> Reply:
    """List what the caller made or is asked to; what is different follows what is repeated."""
    per_page = min(max(per_page, 1), MOST_PER_PAGE)
    bounds = bound(time_min), bound(time_max)
    answers = invite_status.split(",") if invite_status is not None else None
    wanted = Wanted(*bounds, favorites, adhoc, time_independent, answers)
    found = agenda(call, wanted, after=after)
    shown, show = [], Show(call, invitees_max)
    for event in found[:per_page]:
        shown.append(show.event(event, targets=False))
        if event["recurrence_pattern"]:
            shown += [show.exception(event, each) for each in _exceptions(call, event)]
    if len(found) <= per_page:
        return linked(shown)
    url = address(call, after=place_after(found[per_page - 1]))
    return linked(shown, (url, "next"), (url, "after"))


def get_event(call: Call, event_id: str, invitees_max: int = 0) -> Json:
    """Show an event to whoever made it or is asked to it."""
    return Show(call, invitees_max).event(event_of(call, event_id))


def patch_event(
    call: Call,
    event_id: str,
    body: Json,
    invitees_max: int = 0,
    suppress_email_notification: bool = False,
) -> tuple[Json | None, int]:
    """Change what is given, in the event or in its room; null clears a password, or is nothing."""
    event = event_of(call, event_id)
    given = {name: value for name, value in body.items() if value is not None}
    changes = {name: value for name, value in given.items() if name in (*WORDS, *SCHEDULE)}
    about_room = _room_changes(body)
    if not changes and not about_room:
        if profile(call).refuses_empty_changes:
            raise NothingToChangeError
        return None, 204
    if about_room:
        rooms = call.collection("rooms")
        rooms.save(rooms.get(event["room_id"]) | about_room)
    if changes:
        event = _changed(call, event, changes)
    ensure_code(call, event["room_id"])
    event_changed(call, event, suppress=suppress_email_notification)
    return Show(call, invitees_max).event(event, targets=False), 200


def delete_event(call: Call, event_id: str, suppress_email_notification: bool = False) -> None:
    """Take an event out of everybody's diary; its room stays."""
    event = event_of(call, event_id)
    event_cancelled(call, event, suppress=suppress_email_notification)
    remove_event(call, event)


def remove_event(call: Call, event: Json) -> None:
    """Take an event away with all that belongs to it, but for its room."""
    for name in BELONGINGS:
        things = call.collection(name)
        for thing in things.find(event_id=event["id"]):
            things.remove(thing["id"])
    drop_folder(call, event)
    call.collection("events").remove(event["id"])


def _room_changes(body: Json) -> Json:
    changes: Json = {}
    if "password" in body:
        changes["password"] = body["password"] or ""
    if body.get("waiting_room") is not None:
        changes["waiting_room"] = body["waiting_room"]
    return changes


def _changed(call: Call, event: Json, changes: Json) -> Json:
    """The event after the changes; what was different about instances of other times goes."""
    words = {name: changes[name] for name in WORDS if name in changes}
    about_times = any(name in changes for name in SCHEDULE)
    schedule = changed_schedule(event, changes) if about_times else {}
    touched = {"updated_by": me(call)["id"], "updated_at": instants.now(call)}
    moved = any(event[name] != value for name, value in schedule.items())
    if moved or "recurrence_pattern" in changes:
        for exception in _exceptions(call, event):
            call.collection("event_exceptions").remove(exception["id"])
    sequence = {"sequence": event["sequence"] + 1}
    return call.collection("events").save(event | words | schedule | touched | sequence)


def _exceptions(call: Call, event: Json) -> list[Json]:
    """What is different about instances of the event, in their order."""
    found = call.collection("event_exceptions").find(event_id=event["id"])
    return sorted(found, key=lambda each: str(each["instance_id"]))
