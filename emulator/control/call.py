"""What a handler of the control plane is given."""

from __future__ import annotations

from greenroom.emulator.control.host import Host
from greenroom.emulator.engine.exchange import Exchange
from greenroom.emulator.toolkit import Call, Operation
from greenroom.emulator.worlds import World


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
