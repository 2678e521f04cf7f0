"""Invite codes: what lets a guest into a room."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import me, room_of
from greenroom.handlers.opentalk.auth import is_good
from greenroom.handlers.opentalk.errors import MissingError, NothingToChangeError
from greenroom.handlers.opentalk.paging import paged
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.shapes import code_shape
from greenroom.handlers.opentalk.venues import make_code


def get_all_invites(call: Call, room_id: str, per_page: int, page: int) -> Reply:
    """List the room's codes, the last changed first, those that are no longer good among them."""
    room = room_of(call, room_id)
    codes = call.collection("invite_codes").find(room_id=room["id"])[::-1]
    codes.sort(key=lambda code: instants.order(code["updated_at"]), reverse=True)
    return paged(call, codes, lambda code: code_shape(call, code), per_page=per_page, page=page)


def create_invite(call: Call, room_id: str, body: Json) -> Json:
    """Make a code, that lasts for good unless it is told when to end."""
    room = room_of(call, room_id)
    return code_shape(call, make_code(call, room["id"], expires_at=_expiration(body)))


def get_invite(call: Call, room_id: str, invite_code: str) -> Json | list[Json]:
    """Show a code; the document has a list of one."""
    shown = code_shape(call, _code_of(call, room_id, invite_code))
    return [shown] if profile(call).lists_one_invite else shown


def put_invite(call: Call, room_id: str, invite_code: str, body: Json) -> Json:
    """Set when the code ends; null, or nothing where that is no mistake, lets it last."""
    code = _code_of(call, room_id, invite_code)
    if "expiration" not in body and profile(call).refuses_empty_changes:
        raise NothingToChangeError
    changed = code | {"expires_at": _expiration(body)} | _touched(call)
    return code_shape(call, call.collection("invite_codes").save(changed))


def delete_invite(call: Call, room_id: str, invite_code: str) -> None:
    """Let the code open nothing any more; it stays in sight, and may be deleted again."""
    code = _code_of(call, room_id, invite_code)
    call.collection("invite_codes").save(code | {"active": False} | _touched(call))


def verify_invite(call: Call, body: Json) -> Json:
    """Say which room a code opens; a code that is over opens none."""
    code = known_code(call, body["invite_code"])
    if code is None or not is_good(call, code[1]):
        raise MissingError("invite code, or it is no longer good")
    tenant, record = code
    room = call.within(tenant).collection("rooms").get(record["room_id"])
    return {"room_id": room["id"], "password_required": bool(room["password"])}


def known_code(call: Call, text: str) -> tuple[str, Json] | None:
    """The code of this text and its tenant, good or not."""
    codes = call.everywhere("invite_codes")
    return codes.get(text.lower()) if codes.locate(text.lower()) is not None else None


def _code_of(call: Call, room_id: str, invite_code: str) -> Json:
    room = room_of(call, room_id)
    code = call.collection("invite_codes").first(id=invite_code.lower())
    if code is None or code["room_id"] != room["id"]:
        raise MissingError("invite code of this room")
    return code


def _expiration(body: Json) -> str | None:
    text = body.get("expiration")
    return None if text is None else instants.stamp(instants.given(text))


def _touched(call: Call) -> Json:
    return {"updated_at": instants.now(call), "updated_by": me(call)["id"]}
