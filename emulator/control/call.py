"""What a handler of the control plane is given."""

from __future__ import annotations

from typing import Any

from greenroom.emulator.control.host import Host
from greenroom.emulator.engine.exchange import Exchange
from greenroom.emulator.journal import change_shown
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import Call, Operation
from greenroom.emulator.world import World
from greenroom.state import Snapshot


class ControlCall(Call):
    """A call that also knows the emulator, and the world it is about."""

    __slots__ = ("emulator", "origin", "root", "world")

    def __init__(self, emulator: Host, exchange: Exchange, operation: Operation | None) -> None:
        assert exchange.request is not None
        super().__init__("", exchange.store, {}, exchange.request, operation=operation)
        self.emulator = emulator
        self.world: World = exchange.world
        self.origin = exchange.origin
        self.root = exchange.origin.partition("/~")[0]

    def tell(self, kind: str, before: Snapshot, **facts: Any) -> None:
        """Let whoever listens know what an order did to the records."""
        after = self.store.snapshot()
        kit_of(self.world).feed.add(
            kind, lambda: {**facts, "changes": [change_shown(it) for it in after.changes(before)]}
        )
