"""The rehearsals of one test run: in emulators of this process, or at a server elsewhere."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from typing import Any

import httpx

from greenroom.emulator.app import Emulator
from greenroom.emulator.rehearsal import CONTROL, Rehearsal, answered, bearer
from greenroom.emulator.toolkit import GreenroomError, Json
from greenroom.emulator.venues import InProcess, OverPort, Venue


@dataclass(frozen=True, slots=True)
class Wish:
    """What a test wants its world to be; a clock that begins at a given time stands still."""

    providers: Collection[str] | None = None
    scenario: str | None = None
    seed: int | None = None
    at: str | datetime | None = None
    frozen: bool | None = None
    options: Mapping[str, Mapping[str, Any]] | None = None

    @property
    def stands_still(self) -> bool | None:
        """Whether time passes only when the test winds the clock; None if that is all the same."""
        return True if self.frozen is None and self.at is not None else self.frozen

    def settings(self) -> Json:
        """What the control plane is told to make a world by."""
        at = self.at.isoformat() if isinstance(self.at, datetime) else self.at
        clock = {"at": at, "frozen": self.stands_still}
        found = {"scenario": self.scenario, "seed": self.seed, **clock}
        return {name: value for name, value in found.items() if value is not None}


class Rehearsals:
    """Begins rehearsals; an emulator is made when first wanted and shared by who wants the like."""

    def __init__(self, address: str | None = None, token: str = "") -> None:
        self._far = None if address is None else OverPort(address, token)
        self._near: dict[str, InProcess] = {}

    def begin(self, name: str, wish: Wish | None = None, *, over_port: bool = False) -> Rehearsal:
        """A fresh world, called that, or nearly that if another world is."""
        wish = wish or Wish()
        if self._far is not None:
            return _begin_far(self._far, name, wish)
        near = self._find(wish)
        return _begin(OverPort(near.address) if over_port else near, name, wish)

    def close(self) -> None:
        """Close the emulators that were made."""
        while self._near:
            self._near.popitem()[1].close()

    def _find(self, wish: Wish) -> InProcess:
        providers = None if wish.providers is None else sorted(wish.providers)
        key = json.dumps([providers, wish.options], sort_keys=True)
        if key not in self._near:
            self._near[key] = InProcess(Emulator(providers, options=wish.options))
        return self._near[key]


def _begin(venue: Venue, name: str, wish: Wish) -> Rehearsal:
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    with venue.client(f"/{CONTROL}", headers=bearer(venue), params={}) as control:
        answer = control.post("/worlds", json={"name": next(names), **wish.settings()})
        while answer.status_code == httpx.codes.CONFLICT:
            answer = control.post("/worlds", json={"name": next(names), **wish.settings()})
    return Rehearsal(venue, answered(answer)["name"], frozen=wish.stands_still)


def _begin_far(venue: OverPort, name: str, wish: Wish) -> Rehearsal:
    if wish.options:
        raise GreenroomError(
            f"Options are set where the server at {venue.address} is started, not by a test."
        )
    try:
        rehearsal = _begin(venue, name, wish)
    except httpx.TransportError as error:
        raise GreenroomError(
            f"Nothing answers at {venue.address} ({error}); start a server there, "
            "or leave --greenroom-url out."
        ) from None
    served = [each["name"] for each in rehearsal.order("GET", "/providers")]
    missing = set(wish.providers or ()) - set(served)
    if missing:
        rehearsal.close()
        raise GreenroomError(
            f"The server at {venue.address} serves {', '.join(served)}, "
            f"but not {', '.join(sorted(missing))}."
        )
    return rehearsal
