"""Users: those of the caller's tenant, and the caller."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk.access import me
from greenroom.handlers.opentalk.errors import (
    BadRequestError,
    BareDenialError,
    MissingError,
    NothingToChangeError,
    QueryTooShortError,
)
from greenroom.handlers.opentalk.finding import found_strangers, found_users
from greenroom.handlers.opentalk.paging import paged
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.shapes import private_profile, public_profile, stranger_shape

CHANGEABLE = ("title", "display_name", "language", "dashboard_theme", "conference_theme")
MOST_FOUND = 20
SHORTEST_QUERY = 3


def get_users(call: Call, per_page: int, page: int) -> Reply:
    """List the tenant's users, the newest first; the server of the release has no such list."""
    if not profile(call).lists_users:
        raise BareDenialError
    users = call.collection("users").find()[::-1]
    return paged(call, users, lambda user: public_profile(call, user), per_page=per_page, page=page)


def get_user(call: Call, id_: str) -> Json:
    """Show a user by id, or by number in the order in which users came."""
    users = call.collection("users")
    known = id_.isascii() and id_.isdigit() and len(id_) < 10
    user = users.first(serial=int(id_)) if known else users.first(id=id_.lower())
    if user is None:
        raise MissingError("user")
    return public_profile(call, user)


def get_users_me(call: Call) -> Json:
    """Show the caller, settings and all."""
    return private_profile(call, me(call))


def patch_users_me(call: Call, body: Json) -> tuple[Json | None, int]:
    """Change the caller's settings; everybody sees the new name at once."""
    changes = {name: body[name] for name in CHANGEABLE if body.get(name) is not None}
    if not changes:
        if profile(call).refuses_empty_changes:
            raise NothingToChangeError
        return None, 204
    if "display_name" in changes and not call.option("custom_display_names"):
        raise BadRequestError("Display names are as the sign-in has them and cannot be changed.")
    return private_profile(call, call.collection("users").save(me(call) | changes)), 200


def find_user(call: Call, q: str) -> list[Json]:
    """Find users by a part of their name or address, or by how their name sounds."""
    if not call.option("users_find"):
        raise MissingError("operation: users cannot be searched")
    if len(q.encode()) < SHORTEST_QUERY:
        raise QueryTooShortError
    wanted = q.replace("%", "")
    users = [
        {"kind": "registered", **public_profile(call, user)} for user in found_users(call, wanted)
    ]
    strangers = [stranger_shape(call, each) for each in found_strangers(call, wanted)]
    return (users + strangers)[:MOST_FOUND]
