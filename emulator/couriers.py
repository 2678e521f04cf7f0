"""Who carries deliveries in every world: its mailroom, and what a provider has to say there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.events.carrying import Carrier
from greenroom.emulator.events.reach import Reach
from greenroom.emulator.events.webhooks import Mailroom
from greenroom.emulator.faults import WEBHOOK, chance
from greenroom.emulator.kit import EVENT_SIZE, kit_of
from greenroom.emulator.toolkit import Call, Json, Webhooks
from greenroom.emulator.toolkit.wire import unasked
from greenroom.emulator.toolkit.writing import json_bytes
from greenroom.emulator.world import World
from greenroom.state import Store

PLAIN = Webhooks(headers=lambda *_: {}, wanted=lambda *_: True)
_SHOWN = ("id", "provider", "tenant", "event", "url", "status", "why", "due")


class Couriers:
    """Sees to it that in every world there is somebody who carries what waits."""

    def __init__(self, mounts: Mapping[str, Mount], reach: Reach) -> None:
        self._mounts = mounts
        self._carrier = Carrier(reach)

    def attend(self, world: World) -> None:
        """Take up the deliveries of a world that is new here or was taken elsewhere."""
        kit = kit_of(world)
        if kit.mailroom is None:
            kit.mailroom = Mailroom(_Desk(world, self._mounts), self._carrier)
        if kit.mailroom.journeys != world.journeys:
            kit.mailroom.journeys = world.journeys
            kit.mailroom.resume()


@dataclass(frozen=True, slots=True)
class _Facts:
    """A delivery before an attempt, for a matcher."""

    provider: str
    event: str
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a mailroom is told by its world."""

    world: World
    mounts: Mapping[str, Mount]

    @property
    def store(self) -> Store:
        """What is true in the world."""
        return self.world.store

    def manner(self, entry: Json) -> Webhooks | None:
        """How the provider makes deliveries, plainly if it says nothing; None: it is not served."""
        mount = self.mounts.get(entry["provider"])
        return None if mount is None else mount.provider.webhooks or PLAIN

    def call(self, entry: Json) -> Call:
        """A call in the tenant of the delivery, at the address its cause was reached at."""
        mount, world = self.mounts[entry["provider"]], self.world
        options = world.options.get(mount.name, {})
        request = unasked(entry.get("base", ""), world.store.clock.now, options)
        tenant = entry["tenant"]
        return Call(mount.name, world.store, options, request, tenant=tenant, check=mount.checker)

    def leave(self, call: Call) -> None:
        """Tell what was told in a call that is committed."""
        if call.request.leaving:
            self.world.kit.leave(call.request.leaving)

    def meddle(self, entry: Json) -> Json:
        """What the faults that a delivery meets do to it, all in one."""
        faults, seed = kit_of(self.world).faults, self.world.seed
        if not faults:
            return {}
        body = json_bytes(entry["body"])
        facts = _Facts(entry["provider"], entry["event"], entry["url"], body)
        effect: Json = {}
        for fault in faults.meet(facts, seed, WEBHOOK):
            delay = fault.effect.get("delay", 0) + effect.get("delay", 0)
            luck = chance(seed, fault.id, entry["id"], "jitter")
            headers = {**effect.get("headers", {}), **fault.effect.get("headers", {})}
            effect = {
                **effect,
                **fault.effect,
                "delay": delay + luck * fault.effect.get("jitter", 0),
                "headers": headers,
                "ids": [*effect.get("ids", []), fault.id],
            }
        return effect

    def tell(self, entry: Json, attempt: Json | None) -> None:
        """Let whoever listens know what became of a delivery."""
        facts = {name: entry[name] for name in _SHOWN if name in entry}
        told = {"delivery": facts, "attempt": attempt}
        kit_of(self.world).feed.add("delivery", lambda: told, EVENT_SIZE)
