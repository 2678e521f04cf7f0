"""Records as Boomstream shows them; the casing is the vendor's, in all its variety."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from greenroom.emulator.toolkit import Json


def conference_shape(conference: Json) -> Json:
    """A conference as info and list show it."""
    return {
        "title": conference["title"],
        "code": conference["id"],
        "description": conference["description"],
    }


def conference_with_folder_shape(conference: Json) -> Json:
    """A conference as update shows it."""
    return {
        "title": conference["title"],
        "code": conference["id"],
        "folderCode": conference["folder"],
        "description": conference["description"],
    }


def invitation_shape(conference: Json, client: Json, token: str, link: str) -> Json:
    """What invite answers: the conference's code, but not the user's."""
    return {
        "name": client["name"],
        "email": client["email"],
        "codeConference": conference["number"],
        "code": conference["id"],
        "isModerator": client["moderator"],
        "token": token,
        "inviteLink": link,
    }


def client_shape(client: Json, zone: str) -> Json:
    """A user as client/list and client/info show him."""
    return {
        "email": client["email"],
        "name": client["name"],
        "code": client["id"],
        "conferenceCode": client["conference"],
        "moderator": yes_no(client["moderator"]),
        "added": local_time(datetime.fromisoformat(client["added_at"]), zone),
        "is_deleted": yes_no(client["deleted"]),
    }


def yes_no(value: bool) -> str:
    """A boolean in Boomstream's words."""
    return "yes" if value else "no"


def local_time(instant: datetime, zone: str) -> str:
    """Date and time in a project's zone, which the text does not name."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
