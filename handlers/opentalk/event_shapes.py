"""Events, their instances and exceptions, and whom they are for, as the API shows them."""

from __future__ import annotations

from datetime import datetime, timedelta

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import me
from greenroom.handlers.opentalk.folders import folder_shape
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.schedules import TIMES, length
from greenroom.handlers.opentalk.shapes import (
    avatar_url,
    is_reachable,
    profile_by_id,
    room_info_shape,
    stranger_shape,
    target_shape,
)

PENDING = "pending"
OWN = ("title", "description", *TIMES)


class Show:
    """Shows events to the caller, looking everybody up once."""

    __slots__ = (
        "_call",
        "_caller",
        "_choice",
        "_favorites",
        "_folders",
        "_guests",
        "_invitees_max",
        "_invites",
        "_people",
        "_reachable",
        "_rooms",
        "_targets",
    )

    def __init__(self, call: Call, invitees_max: int = 0) -> None:
        self._call = call
        self._caller: str = me(call)["id"]
        self._choice = profile(call)
        self._invitees_max = max(invitees_max, 0)
        self._people: dict[str, Json] = {}
        self._reachable: dict[str, bool] = {}
        self._guests: dict[tuple[str, str, str], Json] = {}
        marked = call.collection("favorites").find(user_id=self._caller)
        self._favorites = {each["event_id"] for each in marked}
        self._rooms = call.collection("rooms")
        self._folders = call.collection("shared_folders")
        self._targets = call.collection("streaming_targets")
        asked = call.collection("event_invites"), call.collection("email_invites")
        self._invites = [each for each in asked if len(each)]

    def event(self, event: Json, *, targets: bool = True) -> Json:
        """An event; without its streaming targets where the profile leaves them out here."""
        shown = self._common(event)
        shown["is_time_independent"] = event["is_time_independent"]
        shown["is_adhoc"] = event["is_adhoc"]
        shown["type"] = "recurring" if event["recurrence_pattern"] else "single"
        if not event["is_time_independent"]:
            for name in TIMES:
                shown[name] = event[name]
        if event["recurrence_pattern"]:
            shown["recurrence_pattern"] = event["recurrence_pattern"]
        if self._choice.shows_missing_folder:
            shown.setdefault("shared_folder", None)
        if targets or self._choice.always_shows_targets:
            shown["streaming_targets"] = self._streams(event["room_id"])
        return shown

    def exception(self, event: Json, exception: Json) -> Json:
        """What is different about one instance, as lists of events tell it."""
        author, at = self._person(exception["created_by"]), exception["created_at"]
        return {
            **_named(event, exception["instance_id"]),
            "created_by": author,
            "created_at": at,
            "updated_by": author,
            "updated_at": at,
            **{name: exception[name] for name in OWN if exception.get(name) is not None},
            "original_starts_at": {
                "datetime": instants.stamp(moment_of(exception["instance_id"])),
                "timezone": event["starts_at"]["timezone"],
            },
            "type": "exception",
            "status": exception["status"],
            "can_edit": event["created_by"] == self._caller,
        }

    def instances(self, event: Json, found: list[tuple[datetime, Json | None]]) -> list[Json]:
        """Instances, each by when it starts and what is different about it."""
        common = self._common(event) if found else {}
        return [self._instance(event, common, at, other) for at, other in found]

    def invitee(self, invite: Json) -> Json:
        """Somebody who is asked: a user, or an address that the provider knows or does not."""
        if "invitee" in invite:
            return self._guest(invite["invitee"], invite["role"], invite["status"])
        email = invite["email"]
        known = self._call.shared("identities").first(email=email, tenant=self._call.tenant)
        if known is not None:
            return {"profile": stranger_shape(self._call, known), "status": PENDING}
        asked = {"kind": "email", "email": email, "avatar_url": avatar_url(self._call, email)}
        return {"profile": asked, "status": PENDING}

    def _common(self, event: Json) -> Json:
        """What an event and its instances have in common."""
        call, owned = self._call, event["created_by"] == self._caller
        shown: Json = {
            "id": event["id"],
            "created_by": self._person(event["created_by"]),
            "created_at": event["created_at"],
            "updated_by": self._person(event["updated_by"]),
            "updated_at": event["updated_at"],
            "title": event["title"],
            "description": event["description"],
            "room": self._room(event),
            **self._invitees(event),
            "invite_status": "accepted" if owned else answer_of(call, event, self._caller),
            "is_favorite": event["id"] in self._favorites,
            "can_edit": owned,
            "status": "ok",
        }
        if event["id"] in self._folders:
            folder = self._folders.get(event["id"])
            shown["shared_folder"] = folder_shape(folder, writes=owned)
        return shown

    def _instance(self, event: Json, common: Json, at: datetime, other: Json | None) -> Json:
        start, end = event["starts_at"], event["ends_at"]
        at += timedelta(microseconds=instants.moment(start["datetime"]).microsecond)
        shown = common | {
            **_named(event, instance_id_of(at)),
            "is_all_day": event["is_all_day"],
            "starts_at": start | {"datetime": instants.stamp(at)},
            "ends_at": end | {"datetime": instants.stamp(at + length(event))},
            "type": "instance",
        }
        if other is not None:
            shown |= {name: other[name] for name in OWN if other.get(name) is not None}
            shown["status"] = other["status"]
            shown["updated_by"] = self._person(other["created_by"])
            shown["updated_at"] = other["created_at"]
        return shown

    def _invitees(self, event: Json) -> Json:
        """As many of those who are asked as the caller wants to see, users first."""
        most, total = self._invitees_max, 0
        shown: list[Json] = []
        if not most:
            return {"invitees_truncated": True, "invitees": shown}
        for invites in self._invites:
            asked = invites.find(event_id=event["id"])
            shown += [self.invitee(each) for each in asked[::-1][: most - len(shown)]]
            total += len(asked)
        return {"invitees_truncated": total > len(shown), "invitees": shown}

    def _streams(self, room_id: str) -> list[Json]:
        if not len(self._targets):
            return []
        return [target_shape(each) for each in self._targets.find(room_id=room_id)]

    def _room(self, event: Json) -> Json:
        owner, room = event["created_by"], self._rooms.get(event["room_id"])
        if owner not in self._reachable:
            self._reachable[owner] = is_reachable(self._call, owner)
        return room_info_shape(self._call, room, reachable=self._reachable[owner])

    def _guest(self, user_id: str, role: str, status: str) -> Json:
        key = (user_id, role, status)
        if key not in self._guests:
            asked = {"kind": "registered", **self._person(user_id), "role": role}
            self._guests[key] = {"profile": asked, "status": status}
        return self._guests[key]

    def _person(self, user_id: str) -> Json:
        if user_id not in self._people:
            self._people[user_id] = profile_by_id(self._call, user_id)
        return self._people[user_id]


def answer_of(call: Call, event: Json, user_id: str) -> str:
    """What a user has answered to an invite."""
    return str(call.collection("event_invites").get(f"{event['id']}:{user_id}")["status"])


def instance_id_of(at: datetime) -> str:
    """The id of the instance that starts then, before anybody moved it."""
    return f"{at.year:04}{at:%m%dT%H%M%SZ}"


def moment_of(instance_id: str) -> datetime:
    """When an instance starts, before anybody moved it."""
    return datetime.fromisoformat(instance_id)


def _named(event: Json, instance_id: str) -> Json:
    return {
        "id": f"{event['id']}_{instance_id}",
        "recurring_event_id": event["id"],
        "instance_id": instance_id,
    }
