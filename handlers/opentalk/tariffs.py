"""Tariffs: what users and their rooms may make use of."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.access import me, room_of
from greenroom.handlers.opentalk.features import tariff_of
from greenroom.handlers.opentalk.shapes import tariff_shape


def get_room_tariff(call: Call, room_id: str) -> Json:
    """Show the tariff of whoever made the room."""
    room = room_of(call, room_id)
    return tariff_shape(call, tariff_of(call, room["created_by"]))


def get_me_tariff(call: Call) -> Json:
    """Show the caller's tariff."""
    return tariff_shape(call, tariff_of(call, me(call)["id"]))
