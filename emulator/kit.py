"""What every world has besides its state: a journal and faults."""

from __future__ import annotations

from typing import Any

from greenroom.emulator.faults import Faults
from greenroom.emulator.journal import Journal
from greenroom.emulator.worlds import World


class Kit:
    """The journal and the faults of one world."""

    __slots__ = ("faults", "journal")

    def __init__(self) -> None:
        self.journal = Journal()
        self.faults = Faults()

    def clear(self) -> None:
        """Back to nothing, as a world begins."""
        self.journal.clear()
        self.faults.clear()

    def save(self) -> Any:
        """What a snapshot of the world must bring back."""
        return self.faults.state

    def restore(self, saved: Any) -> None:
        """Bring it back."""
        self.faults.restore(saved)


def kit_of(world: World) -> Kit:
    """The kit of a world."""
    assert isinstance(world.kit, Kit)
    return world.kit
