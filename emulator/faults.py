"""Misbehaviour on order: which requests it hits, how often, and what it does to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from immutables import Map

from greenroom.emulator.matching import Facts, Matcher
from greenroom.emulator.toolkit import Json

CUTS = ("reset", "empty", "half", "garbage")


@dataclass(frozen=True)
class Fault:
    """One ordered misbehaviour; `gone` is set when it is taken back, which ends its delays."""

    id: str
    order: Json
    gone: asyncio.Event = field(compare=False)

    @property
    def matcher(self) -> Matcher:
        """Which requests it is about."""
        return Matcher(self.order.get("match", {}))

    @property
    def effect(self) -> Json:
        """What it does to them."""
        effect: Json = self.order["effect"]
        return effect

    @property
    def probability(self) -> float:
        """How likely it is to hit a request that matches."""
        return float(self.order.get("probability", 1.0))


class Faults:
    """The faults of one world, in the order in which they were ordered.

    Everything that changes with use is one value (`state`), so that a rewind can bring it back.
    """

    def __init__(self) -> None:
        self._faults: tuple[Fault, ...] = ()
        self._made = 0
        self._met: Map[str, int] = Map()
        self._hit: Map[str, int] = Map()

    @property
    def state(self) -> Any:
        """Everything, as a value for `restore`."""
        return (self._faults, self._made, self._met, self._hit)

    def restore(self, state: Any) -> None:
        """Go back to an earlier `state`; delays of faults that were not there then end."""
        kept = {each.id for each in state[0]}
        for fault in self._faults:
            if fault.id not in kept:
                fault.gone.set()
        self._faults, self._made, self._met, self._hit = state
        self._faults = tuple(_revived(fault) for fault in self._faults)

    def add(self, order: Json) -> Fault:
        """Order a misbehaviour."""
        self._made += 1
        fault = Fault(f"f{self._made}", order, asyncio.Event())
        self._faults = (*self._faults, fault)
        return fault

    def remove(self, id_: str) -> bool:
        """Take one back; answers whether it was there."""
        for fault in self._faults:
            if fault.id == id_:
                fault.gone.set()
        kept = tuple(each for each in self._faults if each.id != id_)
        found, self._faults = len(kept) < len(self._faults), kept
        return found

    def clear(self) -> None:
        """Take all back."""
        for fault in self._faults:
            fault.gone.set()
        self._faults = ()

    def meet(self, facts: Facts, seed: int) -> list[Fault]:
        """The faults that hit this request, in order; each that matches counts it.

        Chance depends on the seed, the fault and how often it matched, and on nothing else.
        """
        hits = []
        for fault in self._faults:
            if not fault.matcher.meets(facts):
                continue
            met = self._met.get(fault.id, 0) + 1
            self._met = self._met.set(fault.id, met)
            times, after = fault.order.get("times"), fault.order.get("after", 0)
            hit = self._hit.get(fault.id, 0)
            if met <= after or (times is not None and hit >= times):
                continue
            if fault.probability < 1 and chance(seed, fault.id, met) >= fault.probability:
                continue
            self._hit = self._hit.set(fault.id, hit + 1)
            hits.append(fault)
        return hits

    def shown(self, fault: Fault) -> Json:
        """A fault as the control plane shows it, with how often it matched and hit."""
        return {
            "id": fault.id,
            **fault.order,
            "matched": self._met.get(fault.id, 0),
            "hits": self._hit.get(fault.id, 0),
        }

    @property
    def look_at_caller(self) -> bool:
        """Whether any fault wants to know who is calling."""
        return any(each.matcher.looks_at_caller for each in self._faults)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def get(self, id_: str) -> Fault | None:
        """One fault."""
        return next((each for each in self._faults if each.id == id_), None)


def chance(seed: int, *words: object) -> float:
    """A number from 0 to 1 that is the same for the same seed and words."""
    text = ":".join(map(str, (seed, *words)))
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big") / (1 << 56)


def _revived(fault: Fault) -> Fault:
    return Fault(fault.id, fault.order, asyncio.Event()) if fault.gone.is_set() else fault
