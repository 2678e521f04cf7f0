"""What ordered faults do to the messages of a socket, each way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from greenroom.emulator.events.connections import BROKEN, Connection, Fate
from greenroom.emulator.faults import FRAME, Fault, Faults, chance
from greenroom.emulator.frames import Said
from greenroom.emulator.kit import kit_of
from greenroom.emulator.world import World


@dataclass(slots=True)
class _Facts:
    """A message, for a matcher."""

    provider: str
    path: str
    socket: str
    direction: str
    data: str | bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The message in bytes."""
        return self.data if isinstance(self.data, bytes) else self.data.encode()


def fate_of(world: World, connection: Connection, said: Said) -> Fate | None:
    """What becomes of a message by the faults that it meets; None when nothing does."""
    faults = kit_of(world).faults
    if not faults:
        return None
    facts = _Facts(connection.provider, connection.path, connection.id, said.direction, said.data)
    hits = faults.meet(facts, world.seed, FRAME)
    if not hits:
        return None
    cut = next((each.effect["cut"] for each in hits if "cut" in each.effect), None)
    lost = cut is not None or any("drop" in each.effect for each in hits)
    return Fate(
        times=0 if lost else 1 + sum(each.effect.get("duplicate", 0) for each in hits),
        held=_held(faults, hits, world.seed),
        end=BROKEN if cut == "reset" else cut,
    )


def _held(faults: Faults, hits: Sequence[Fault], seed: int) -> Callable[[], Awaitable[None]] | None:
    """Holds the message until its delays are over, or their faults are taken back."""
    clock = asyncio.get_running_loop().time
    waits, until = [], clock()
    for fault in hits:
        seconds = float(fault.effect.get("delay", 0))
        if "jitter" in fault.effect:
            met = faults.shown(fault)["matched"]
            seconds += float(fault.effect["jitter"]) * chance(seed, fault.id, met, "jitter")
        if seconds > 0:
            until += seconds
            waits.append((faults.gone(fault), until))
    if not waits:
        return None

    async def hold() -> None:
        for gone, at in waits:
            try:
                await asyncio.wait_for(gone.wait(), max(0.0, at - clock()))
            except TimeoutError:
                continue

    return hold
