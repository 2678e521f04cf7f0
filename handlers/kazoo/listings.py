"""Listings: the order of a list and the page that is cut from it."""

from __future__ import annotations

from collections.abc import Sequence

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.filters import chosen_by


def listed(call: Call, listing: Json) -> list[Json]:
    """The conferences that the query chooses, in its order, from its start key on."""
    chosen = filter(chosen_by(call.request.query_pairs()), call.collection("conferences"))
    ascending = listing.get("ascending", not listing["descending"])
    ordered = sorted(chosen, key=lambda each: str(each["id"]), reverse=not ascending)
    start = listing.get("start_key") if listing["paginate"] else None
    if start is None:
        return ordered
    return [each for each in ordered if each["id"] == start or (each["id"] > start) == ascending]


def paged(conferences: Sequence[Json], listing: Json) -> tuple[Sequence[Json], Json]:
    """The page that begins here, and the keys that say so."""
    if not listing["paginate"]:
        return conferences, {}
    size = listing["page_size"]
    page = conferences[:size]
    keys = {"page_size": len(page)}
    if "start_key" in listing:
        keys["start_key"] = listing["start_key"]
    if len(conferences) > size:
        keys["next_start_key"] = conferences[size]["id"]
    return page, keys
