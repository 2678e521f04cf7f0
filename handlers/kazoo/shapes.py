"""What Kazoo shows: documents, summaries, participants, accounts and tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.documents import public
from greenroom.handlers.kazoo.gregorian import gregorian, seconds_between
from greenroom.handlers.kazoo.listings import Listing, paged
from greenroom.handlers.kazoo.runs import live_values, participants_of

SUMMARY = ("id", "name", "owner_id", "member", "moderator")
FLAT = (
    "participant_id",
    "call_id",
    "conference_uuid",
    "switch_hostname",
    "floor",
    "hear",
    "speak",
    "talking",
    "mute_detect",
    "energy_level",
    "current_energy",
    "video",
    "is_moderator",
    "caller_id_name",
    "caller_id_number",
)
NESTED = (
    "floor",
    "hear",
    "speak",
    "talking",
    "mute_detect",
    "energy_level",
    "current_energy",
    "video",
    "is_moderator",
)


def conference_shape(conference: Json) -> Json:
    """The document with its revision."""
    return {"data": public(conference), "revision": conference["_rev"]}


def live_conference_shape(call: Call, conference: Json) -> Json:
    """The document with its revision and what is live."""
    people = participants_of(call, conference["id"])
    live = live_values(call, conference["id"])
    shown = [participant_shape(call, each) for each in people]
    return {
        "data": public(conference) | {"_read_only": live | {"participants": shown}},
        "revision": conference["_rev"],
    }


def deleted_conference_shape(conference: Json) -> Json:
    """The last state of a document that is no more."""
    return {
        "data": public(conference) | {"_read_only": {"deleted": True}},
        "revision": conference["_rev"],
    }


def done_shape(conference: Json) -> Json:
    """That an action on a conference was performed."""
    return {"data": "ok", "revision": conference["_rev"]}


def summary_shape(call: Call, conference: Json) -> Json:
    """A conference as lists show it, live values at its top level."""
    kept = {key: conference[key] for key in SUMMARY if key in conference}
    return kept | live_values(call, conference["id"])


def summaries_page(call: Call, conferences: Sequence[Json], listing: Listing) -> Json:
    """The page of conferences that a listing asks for."""
    page, keys = paged(conferences, listing)
    return {"data": [summary_shape(call, each) for each in page]} | keys


def participant_shape(call: Call, participant: Json) -> Json:
    """One call leg; the switch knows the conference by its id."""
    shown = {key: participant[key] for key in FLAT if key in participant} | {
        "conference_name": participant["conference_id"],
        "join_time": gregorian(participant["joined_at"]),
        "duration": seconds_between(participant["joined_at"], call.now()),
    }
    if call.option("conference_channel_vars"):
        flags = {key: participant[key] for key in NESTED}
        shown["conference_channel_vars"] = flags | {"member_id": participant["participant_id"]}
    return shown


def socket_shape(socket: Json) -> Json:
    """A connected socket and its subscriptions."""
    return {
        "websocket_session_id": socket["session_id"],
        "bindings": [each["binding"] for each in socket["subscriptions"]],
        "source": socket["source"],
        "destination": socket["destination"],
        "timestamp": gregorian(socket["connected_at"]),
    }


def account_shape(account: Json, owner_id: str | None) -> Json:
    """What a token opens: the account, and the user when there is one."""
    owner = {"owner_id": owner_id} if owner_id is not None else {}
    return owner | {
        "account_id": account["id"],
        "account_name": account["name"],
        "apps": [],
        "language": account["language"],
        "is_reseller": account["is_reseller"],
        "reseller_id": account["reseller_id"],
    }


def signed_in_shape(account: Json, token: Json) -> Json:
    """The answer to a login, with the new token."""
    return {
        "data": account_shape(account, token.get("owner_id")),
        "auth_token": token["id"],
        "page_size": 1,
        "revision": "automatic",
    }


def token_shape(account: Json, token: Mapping[str, Any]) -> Json:
    """What a token opens, and how it was got."""
    shown = account_shape(account, token.get("owner_id"))
    return {"data": shown | {"id": token["id"], "method": token["method"]}}
