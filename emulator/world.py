"""One isolated universe: what it begins as, what it holds, and where it can be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from greenroom.emulator.toolkit import Leaving
    from greenroom.state import Indexes, Snapshot, Store, Timer

LABEL = ("_greenroom", "world")  # where a store says which scenario it is in, for a restart
Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a world starts as: a store to fork, how it is indexed, and the options in force.

    `start` is when its clock began; with one that runs, a world may begin later.
    """

    store: Store
    options: Options
    scenario: str
    seed: int = 0
    collections: Mapping[tuple[str, str], Indexes] = field(default_factory=dict)
    start: datetime | None = None


class Kit(Protocol):
    """What a world has besides its state; other modules know what that is."""

    @property
    def is_in_use(self) -> bool:
        """Whether somebody uses the world though nothing is asked of it."""

    def clear(self) -> None:
        """Back to nothing."""

    def leave(self, things: Sequence[Leaving]) -> None:
        """Tell whoever is to be told of what was committed."""

    def fall_due(self, timer: Timer) -> None:
        """Do what is due by a timer that no provider set."""

    async def settled(self, patience: float) -> bool:
        """Wait until nothing is on its way, so many seconds at most; answers whether it is so."""

    def close(self) -> None:
        """Let go of what is going on."""

    def save(self) -> Any:
        """What a snapshot must bring back."""

    def restore(self, saved: Any) -> None:
        """Bring it back."""


class Moment(NamedTuple):
    """A world at one moment."""

    snapshot: Snapshot
    kit: Any
    exchanges: int
    options: Options
    scenario: str
    seed: int
    beginning: Moment | None = None


class World:
    """One complete universe: records, clock, ids, chance and timers, and its exchange count.

    `origin` is the address it was last reached at; `used` says when, in microseconds. `journeys`
    counts how often it was taken elsewhere, so that whoever waited meanwhile notices; `settled` is
    the last journey after which what it left open was seen to.
    """

    __slots__ = (
        "beginning",
        "exchanges",
        "journeys",
        "kit",
        "name",
        "options",
        "orders",
        "origin",
        "scenario",
        "seed",
        "settled",
        "snapshots",
        "store",
        "used",
    )

    def __init__(self, name: str, store: Store, beginning: Beginning, kit: Kit) -> None:
        self.name = name
        self.store = store
        self.options = beginning.options
        self.scenario = beginning.scenario
        self.seed = beginning.seed
        self.kit = kit
        self.exchanges = 0
        self.journeys = 0
        self.settled = -1
        self.orders = 0
        self.origin = ""
        self.used = 0
        self.snapshots: dict[str, Moment] = {}
        self.beginning = self._now()

    def moment(self, snapshot: Snapshot | None = None) -> Moment:
        """Everything as it is now, with the state of that snapshot if one has just been taken."""
        return self._now(snapshot, self.beginning)

    def _now(self, snapshot: Snapshot | None = None, beginning: Moment | None = None) -> Moment:
        return Moment(
            snapshot or self.store.snapshot(),
            self.kit.save(),
            self.exchanges,
            self.options,
            self.scenario,
            self.seed,
            beginning,
        )

    def go_to(self, moment: Moment) -> None:
        """Make everything as it was at that moment; the journal is left alone."""
        self.journeys += 1
        self.store.restore(moment.snapshot)
        self.kit.restore(moment.kit)
        self.exchanges = moment.exchanges
        self.options, self.scenario, self.seed = moment.options, moment.scenario, moment.seed
        self.beginning = moment.beginning or self.beginning

    def begin_at(self, moment: Moment) -> None:
        """Make that moment the beginning of this world."""
        self.go_to(moment)
        self.beginning = self._now()

    def reset(self, anew: Beginning | None = None) -> None:
        """Back to the beginning, or to another one."""
        if anew is not None:
            self.beginning = Moment(
                anew.store.snapshot(),
                self.beginning.kit,
                0,
                anew.options,
                anew.scenario,
                anew.seed,
            )
        self.kit.clear()
        self.go_to(self.beginning)

    def next_exchange(self) -> str:
        """The key of the next exchange with a provider."""
        self.exchanges += 1
        return f"e{self.exchanges}"

    def next_order(self) -> str:
        """The key of the next exchange with the control plane, which are counted apart."""
        self.orders += 1
        return f"c{self.orders}"
