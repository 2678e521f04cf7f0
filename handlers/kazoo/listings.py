"""Listings: the order of a list and the page that is cut from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.filters import chosen_by
from greenroom.handlers.kazoo.queries import asked

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list is ordered and cut; without a page size it is not cut at all."""

    page_size: int | None
    start_key: str | None
    ascending: bool


def listing_of(call: Call) -> Listing:
    """The listing that a query asks for."""
    paginates = asked(call, "paginate", "Switch", True)
    descends = asked(call, "descending", "Switch", False)
    page_size = asked(call, "page_size", "PageSize", PAGE_SIZE)
    start_key = asked(call, "start_key", "StartKey", None)
    return Listing(
        page_size=page_size if paginates else None,
        start_key=start_key if paginates else None,
        ascending=asked(call, "ascending", "Switch", not descends),
    )


def listed(call: Call, listing: Listing) -> list[Json]:
    """The conferences that the query chooses, in its order, from its start key on."""
    chosen = filter(chosen_by(call.request.query_pairs()), call.collection("conferences"))
    ascending, start = listing.ascending, listing.start_key
    ordered = sorted(chosen, key=lambda each: str(each["id"]), reverse=not ascending)
    if start is None:
        return ordered
    return [each for each in ordered if each["id"] == start or (each["id"] > start) == ascending]


def paged(conferences: Sequence[Json], listing: Listing) -> tuple[Sequence[Json], Json]:
    """The page that begins here, and the keys that say so."""
    size = listing.page_size
    if size is None:
        return conferences, {}
    keys: Json = {"page_size": len(conferences[:size])}
    if listing.start_key is not None:
        keys["start_key"] = listing.start_key
    if len(conferences) > size:
        keys["next_start_key"] = conferences[size]["id"]
    return conferences[:size], keys
