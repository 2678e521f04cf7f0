"""What of the documented APIs was called."""

from __future__ import annotations

from collections import Counter

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import Json


def get_coverage(call: ControlCall) -> list[Json]:
    """Count calls and statuses per operation since the world began or the journal was cleared."""
    calls: dict[tuple[str, str], Counter[int]] = kit_of(call.world).journal.calls
    return [
        {
            "provider": found.name,
            "operation": operation["operationId"],
            "calls": sum(seen.values()),
            "statuses": {str(status): count for status, count in sorted(seen.items())},
            "documented": sorted(operation["responses"]),
            "unseen": sorted(set(operation["responses"]) - {str(status) for status in seen}),
        }
        for found in call.emulator.providers
        for operation in found.serving(call.world.options[found.name]).operations
        for seen in [calls.get((found.name, operation["operationId"]), Counter())]
    ]
