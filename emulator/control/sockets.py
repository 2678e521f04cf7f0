"""Who is connected over a WebSocket."""

from __future__ import annotations

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import Json


def list_sockets(call: ControlCall) -> list[Json]:
    """Show the sockets of this world, in order of connecting."""
    return [
        {
            "id": each.id,
            "provider": each.provider,
            "path": each.path,
            "since": each.since,
            "exchange": each.exchange,
            "frames": len(each.frames) + each.frames.dropped,
        }
        for each in kit_of(call.world).sockets
    ]
