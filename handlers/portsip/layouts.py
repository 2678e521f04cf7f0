"""Places in the picture: how many a layout has, and who is in which."""

from __future__ import annotations

from collections.abc import Iterable

from greenroom.emulator.toolkit import Json

HIDDEN = -1
AUTOMATIC, PLACES = "LAYOUT0", 9
GRIDS = {
    AUTOMATIC: PLACES,
    "LAYOUT1": 1,
    "LAYOUT2": 2,
    "LAYOUT3": 3,
    "LAYOUT4": 4,
    "LAYOUT6": 6,
    "LAYOUT9": 9,
}


def grid_of(room: Json) -> int:
    """How many people the room shows; none in one without pictures."""
    return GRIDS[room["layout"]] if room["mode"] == "VIDEO" else 0


def free_place(room: Json, people: Iterable[Json]) -> int:
    """The lowest place nobody has."""
    taken = {person["position"] for person in people}
    return next((place for place in range(grid_of(room)) if place not in taken), HIDDEN)
