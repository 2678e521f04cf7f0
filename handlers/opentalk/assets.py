"""Files that meetings leave in their room."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import quote

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk.access import room_of
from greenroom.handlers.opentalk.errors import MissingError
from greenroom.handlers.opentalk.paging import paged
from greenroom.handlers.opentalk.shapes import asset_shape


def get_all_assets(call: Call, room_id: str, per_page: int, page: int) -> Reply:
    """List the files, without what is in them."""
    room = room_of(call, room_id)
    assets = call.collection("assets").find(room_id=room["id"])
    return paged(call, assets, asset_shape, per_page=per_page, page=page)


def get_asset(call: Call, room_id: str, asset_id: str) -> Reply:
    """Send the bytes of a file."""
    asset = _asset_of(call, room_id, asset_id)
    name = f"attachment; filename*=UTF-8''{quote(asset['filename'], safe='')}"
    return Reply(b64decode(asset["content"]), headers={"Content-Disposition": name})


def delete_asset(call: Call, room_id: str, asset_id: str) -> None:
    """Take a file away for good."""
    call.collection("assets").remove(_asset_of(call, room_id, asset_id)["id"])


def _asset_of(call: Call, room_id: str, asset_id: str) -> Json:
    room = room_of(call, room_id)
    asset = call.collection("assets").first(id=asset_id.lower())
    if asset is None or asset["room_id"] != room["id"]:
        raise MissingError("asset of this room")
    return asset
