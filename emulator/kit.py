"""What every world has besides its state: journal, feed, faults, sockets, mailroom, repeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from greenroom.emulator.events.connections import RESTARTED
from greenroom.emulator.events.sockets import Sockets
from greenroom.emulator.events.webhooks import TIMER, Mailroom
from greenroom.emulator.faults import Faults
from greenroom.emulator.feed import Feed
from greenroom.emulator.journal import Entry, Journal
from greenroom.emulator.repeats import Repeats
from greenroom.emulator.toolkit import Leaving, Told
from greenroom.emulator.world import World
from greenroom.state import Timer

EVENT_SIZE = 1_000  # what an event weighs in the feed, roughly


class Kit:
    """The journal, feed, faults, sockets and repeats of one world, and who posts for it."""

    __slots__ = ("faults", "feed", "journal", "mailroom", "repeats", "sockets")

    def __init__(self) -> None:
        self.journal = Journal()
        self.feed = Feed()
        self.faults = Faults()
        self.sockets = Sockets()
        self.repeats = Repeats()
        self.mailroom: Mailroom | None = None  # there is one as soon as the world is used

    @property
    def is_in_use(self) -> bool:
        """Whether somebody is connected, which is use enough."""
        return bool(self.sockets)

    def clear(self) -> None:
        """Back to nothing, as a world begins."""
        self.journal.clear()
        self.faults.clear()
        self.sockets.close(RESTARTED, "the world was reset")
        self.close()

    def keep(self, entry: Entry) -> None:
        """Keep a finished exchange, and tell of it."""
        self.journal.add(entry)
        self.feed.add("exchange", entry.told, entry.size)

    def leave(self, things: Sequence[Leaving]) -> None:
        """Tell whoever is to be told of what was committed, in order."""
        for thing in things:
            if isinstance(thing, Told):
                self.feed.add("event", thing.shown, EVENT_SIZE)
                if self.mailroom is not None:
                    for delivery in thing.event.deliveries:
                        self.mailroom.wake(delivery.url)
        if self.sockets:
            for sent in self.sockets.leave(things):
                self.feed.add("frame", sent.shown, sent.said.size)

    def save(self) -> Any:
        """What a snapshot of the world must bring back."""
        return self.faults.state

    def restore(self, saved: Any) -> None:
        """Bring it back."""
        self.faults.restore(saved)
        self.repeats.clear()
        self.sockets.close(RESTARTED, "the world was taken elsewhere")
        self.close()

    def fall_due(self, timer: Timer) -> None:
        """Do what is due by a timer that no provider set."""
        if timer.name == TIMER and self.mailroom is not None:
            self.mailroom.wake(timer.body["url"])

    async def settled(self, patience: float) -> bool:
        """Wait until no delivery is due, so many seconds at most; answers whether that came."""
        return self.mailroom is None or await self.mailroom.settled(patience)

    def close(self) -> None:
        """Let go of the deliveries that are being made."""
        if self.mailroom is not None:
            self.mailroom.halt()
            self.mailroom = None


def kit_of(world: World) -> Kit:
    """The kit of a world."""
    assert isinstance(world.kit, Kit)
    return world.kit
