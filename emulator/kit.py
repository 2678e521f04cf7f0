"""What every world has besides its state: a journal, a feed, faults and sockets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from greenroom.emulator.events.sockets import RESTARTED, Sockets
from greenroom.emulator.faults import Faults
from greenroom.emulator.feed import Feed
from greenroom.emulator.journal import Journal
from greenroom.emulator.toolkit import Leaving, Told
from greenroom.emulator.worlds import World

EVENT_SIZE = 1_000  # what an event weighs in the feed, roughly


class Kit:
    """The journal, the feed, the faults and the sockets of one world."""

    __slots__ = ("faults", "feed", "journal", "sockets")

    def __init__(self) -> None:
        self.journal = Journal()
        self.feed = Feed()
        self.faults = Faults()
        self.sockets = Sockets()

    def clear(self) -> None:
        """Back to nothing, as a world begins."""
        self.journal.clear()
        self.faults.clear()
        self.sockets.close(RESTARTED, "the world was reset")

    def leave(self, things: Sequence[Leaving]) -> None:
        """Tell whoever is to be told of what was committed, in order."""
        for thing in things:
            if isinstance(thing, Told):
                self.feed.add("event", thing.shown, EVENT_SIZE)
        if self.sockets:
            for sent in self.sockets.leave(things):
                self.feed.add("frame", sent.shown, sent.said.size)

    def save(self) -> Any:
        """What a snapshot of the world must bring back."""
        return self.faults.state

    def restore(self, saved: Any) -> None:
        """Bring it back."""
        self.faults.restore(saved)
        self.sockets.close(RESTARTED, "the world was taken elsewhere")


def kit_of(world: World) -> Kit:
    """The kit of a world."""
    assert isinstance(world.kit, Kit)
    return world.kit
