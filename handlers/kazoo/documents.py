"""Conference documents: what is taken from a client, what is kept, what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.errors import NumbersInUseError
from greenroom.handlers.kazoo.revisions import next_revision

PRIVATE = ("_", "pvt_")
# dossier 4.1: read-only by description, neither set nor refused
IGNORED = "focus"
NUMBERS = ("conference_numbers", "member.numbers", "moderator.numbers")


def public(document: Json) -> Json:
    """The document without its private fields."""
    return {key: value for key, value in document.items() if not key.startswith(PRIVATE)}


def offered(data: Any) -> Any:
    """What a client offers to be kept; anything but an object is left for the schema to judge."""
    return public(data) if isinstance(data, dict) else data


def merged(document: Json, changes: Json) -> Json:
    """The document with the changes laid over it, objects field by field; null removes."""
    result = dict(document)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and value:
            below = result.get(key)
            result[key] = merged(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def accepted(call: Call, document: Any, conference_id: str | None = None) -> Json:
    """The document, valid and completed, whose numbers no other conference has.

    The id of a conference that exists wins over one in the document.
    """
    if conference_id is not None and isinstance(document, dict):
        document = document | {"id": conference_id}
    checked: Json = call.check("Conference", document)
    taken = [number for number in _numbers(checked) if _is_taken(call, number, checked.get("id"))]
    if taken:
        raise NumbersInUseError(taken)
    return checked


def _numbers(document: Json) -> Iterator[str]:
    """Every number of the document, once."""
    member, moderator = document["member"]["numbers"], document["moderator"]["numbers"]
    return iter(dict.fromkeys([*document["conference_numbers"], *member, *moderator]))


def _is_taken(call: Call, number: str, own: str | None) -> bool:
    conferences = call.collection("conferences")
    places: list[Json] = [{field: number} for field in NUMBERS]
    return any(holder["id"] != own for place in places for holder in conferences.find(**place))


def written(call: Call, document: Json, *, before: Json | None = None) -> Json:
    """The record of a document that is written now, over the one before."""
    now = call.now().isoformat()
    kept = {key: value for key, value in document.items() if key != IGNORED}
    return kept | {
        "id": document.get("id") or call.ids.hex(32),
        "_rev": next_revision(call, before),
        "pvt_type": "conference",
        "pvt_created": before["pvt_created"] if before is not None else now,
        "pvt_modified": now,
    }
