"""Isolated universes, made on first use by forking the served beginning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from greenroom.emulator.toolkit import ControlError

if TYPE_CHECKING:
    from greenroom.state import DataFolder, Indexes, Snapshot, Store

MAIN = "main"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a world starts as: a store to fork, how it is indexed, and the options in force."""

    store: Store
    options: Options
    scenario: str
    collections: Mapping[tuple[str, str], Indexes] = field(default_factory=dict)


class World:
    """One complete universe: records, clock, ids, chance and timers, and its exchange count."""

    __slots__ = ("beginning", "exchanges", "name", "options", "orders", "scenario", "store")

    def __init__(self, name: str, store: Store, beginning: Beginning) -> None:
        self.name = name
        self.store = store
        self.options = beginning.options
        self.scenario = beginning.scenario
        self.beginning: Snapshot = store.snapshot()
        self.exchanges = 0
        self.orders = 0

    def reset(self, anew: Beginning | None = None) -> None:
        """Back to the beginning, or to another one."""
        if anew is not None:
            self.options, self.scenario = anew.options, anew.scenario
            self.beginning = anew.store.snapshot()
        self.store.restore(self.beginning)
        self.exchanges = 0

    def next_exchange(self) -> str:
        """The key of the next exchange with a provider."""
        self.exchanges += 1
        return f"e{self.exchanges}"

    def next_order(self) -> str:
        """The key of the next exchange with the control plane, which are counted apart."""
        self.orders += 1
        return f"c{self.orders}"


class TooManyWorldsError(ControlError):
    """The cap on worlds is reached."""


class Worlds:
    """All worlds by name; `main` exists always."""

    def __init__(
        self, beginning: Beginning, *, cap: int = 10_000, folder: DataFolder | None = None
    ) -> None:
        self._beginning = beginning
        self._cap = cap
        self._folder = folder
        self._worlds: dict[str, World] = {}
        kept = folder.names() if folder is not None else []
        for name in [MAIN, *(each for each in kept if each != MAIN)]:
            self._worlds[name] = self._make(name, kept=name in kept)

    def get(self, name: str) -> World:
        """The world of that name, made on first use; a bad name is a `ControlError`."""
        found = self._worlds.get(name)
        if found is not None:
            return found
        if not _NAME.fullmatch(name):
            raise ControlError(
                f"{name!r} is no name of a world; use a-z, 0-9 and -, at most 63 characters."
            )
        if len(self._worlds) >= self._cap:
            raise TooManyWorldsError(f"There are {self._cap} worlds already; drop some.")
        return self._worlds.setdefault(name, self._make(name, kept=False))

    def _make(self, name: str, *, kept: bool) -> World:
        beginning = self._beginning
        if self._folder is None:
            return World(name, beginning.store.fork(), beginning)
        if not kept:
            return World(name, self._folder.save(name, beginning.store.fork()), beginning)
        world = World(name, self._folder.open(name, collections=beginning.collections), beginning)
        world.beginning = beginning.store.snapshot()
        return world

    def __iter__(self) -> Iterator[World]:
        """All worlds, `main` first."""
        return iter(self._worlds.values())

    def close(self) -> None:
        """Let go of the stores and of the data folder."""
        for world in self._worlds.values():
            world.store.close()
        if self._folder is not None:
            self._folder.close()
