"""Misbehaviour on order: which requests, deliveries or frames it hits, how often, what it does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from immutables import Map

from greenroom.emulator.matching import Facts, Matcher
from greenroom.emulator.toolkit import Json

CUTS = ("reset", "empty", "half", "garbage")
REQUEST, WEBHOOK, FRAME = "request", "webhook", "frame"  # the kinds of things that faults hit


@dataclass(frozen=True)
class Fault:
    """One ordered misbehaviour."""

    id: str
    order: Json

    @cached_property
    def kind(self) -> str:
        """What kind of thing it hits."""
        return str(self.order.get("match", {}).get("kind", REQUEST))

    @cached_property
    def matcher(self) -> Matcher:
        """Which of that kind it is about."""
        criteria = self.order.get("match", {})
        return Matcher({name: wanted for name, wanted in criteria.items() if name != "kind"})

    @property
    def effect(self) -> Json:
        """What it does to them."""
        effect: Json = self.order["effect"]
        return effect

    @property
    def probability(self) -> float:
        """How likely it is to hit a request that matches."""
        return float(self.order.get("probability", 1.0))

    @property
    def ends(self) -> bool:
        """Whether it ends the exchange: by an answer of its own, or by none."""
        return not self.effect.keys().isdisjoint(("status", "body", "drop")) or (
            self.effect.get("cut", "half") != "half"
        )


class Faults:
    """The faults of one world, in the order in which they were ordered.

    Everything that changes with use is one value (`state`), so that a rewind can bring it back.
    """

    def __init__(self) -> None:
        self._faults: tuple[Fault, ...] = ()
        self._made = 0
        self._met: Map[str, int] = Map()
        self._hit: Map[str, int] = Map()
        self._gone: dict[str, asyncio.Event] = {}

    @property
    def state(self) -> Any:
        """Everything, as a value for `restore`."""
        return (self._faults, self._made, self._met, self._hit)

    def restore(self, state: Any) -> None:
        """Go back to an earlier `state`, which may be of other faults; delays in flight end."""
        self._end_delays()
        self._faults, self._made, self._met, self._hit = state

    def add(self, order: Json) -> Fault:
        """Order a misbehaviour."""
        self._made += 1
        fault = Fault(f"f{self._made}", order)
        self._faults = (*self._faults, fault)
        return fault

    def remove(self, id_: str) -> bool:
        """Take one back, and end its delays; answers whether it was there."""
        kept = tuple(each for each in self._faults if each.id != id_)
        found, self._faults = len(kept) < len(self._faults), kept
        if id_ in self._gone:
            self._gone.pop(id_).set()
        return found

    def clear(self) -> None:
        """Take all back; delays in flight end."""
        self._faults = ()
        self._end_delays()

    def gone(self, fault: Fault) -> asyncio.Event:
        """What is set when the fault is taken back, or the world goes elsewhere."""
        if fault in self._faults:
            return self._gone.setdefault(fault.id, asyncio.Event())
        event = asyncio.Event()
        event.set()
        return event

    def _end_delays(self) -> None:
        while self._gone:
            self._gone.popitem()[1].set()

    def meet(self, facts: Facts, seed: int, kind: str = REQUEST) -> list[Fault]:
        """The faults that hit this request or delivery, in order; each that matches counts it.

        Only one of them ends an exchange: the first that hits, so that the next waits for the
        next request. Chance depends on the seed, the fault and how often it matched, and on
        nothing else.
        """
        hits: list[Fault] = []
        ended = False
        for fault in self._faults:
            if fault.kind != kind or not fault.matcher.meets(facts):
                continue
            met = self._met.get(fault.id, 0) + 1
            self._met = self._met.set(fault.id, met)
            if (ended and fault.ends) or not self._hits(fault, met, seed):
                continue
            self._hit = self._hit.set(fault.id, self._hit.get(fault.id, 0) + 1)
            hits.append(fault)
            ended = ended or fault.ends
        return hits

    def _hits(self, fault: Fault, met: int, seed: int) -> bool:
        times = fault.order.get("times")
        if met <= fault.order.get("after", 0):
            return False
        if times is not None and self._hit.get(fault.id, 0) >= times:
            return False
        return fault.probability >= 1 or chance(seed, fault.id, met) < fault.probability

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

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def get(self, id_: str) -> Fault | None:
        """One fault."""
        return next((each for each in self._faults if each.id == id_), None)


def chance(seed: int, *words: object) -> float:
    """A number from 0 to 1 that is the same for the same seed and words."""
    text = ":".join(map(str, (seed, *words)))
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big") / (1 << 56)
