"""All universes by name: made on first use by forking the served beginning, kept and dropped."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from greenroom.emulator.toolkit import ControlError, ScenarioError
from greenroom.emulator.world import LABEL, Beginning, Kit, Moment, Options, World
from greenroom.state import DataFolderError

if TYPE_CHECKING:
    from greenroom.state import DataFolder, Store

MAIN = "main"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LATE = timedelta(seconds=1)
_BEGINNING = "_beginning"  # stands beside the names of snapshots, none of which looks like it


class TooManyWorldsError(ControlError):
    """The cap on worlds is reached."""


class WorldTakenError(ControlError):
    """There is a world of that name."""


class Worlds:
    """All worlds by name, the least recently used first; `main` exists always.

    Worlds that nobody used for `idle` seconds are dropped when room is looked for. `wall` tells
    the time outside in microseconds, `options` those of a scenario.
    """

    def __init__(
        self,
        beginning: Beginning,
        *,
        make_kit: Callable[[], Kit],
        wall: Callable[[], int],
        cap: int = 10_000,
        idle: float = 3600,
        folder: DataFolder | None = None,
        options: Callable[[str], Options] | None = None,
    ) -> None:
        self._beginning = beginning
        self._options = options
        self._make_kit = make_kit
        self._wall = wall
        self._cap = cap
        self._idle = int(idle * 1_000_000)
        self._folder = folder
        self._worlds: OrderedDict[str, World] = OrderedDict()
        self._made = 0
        kept = folder.names() if folder is not None else []
        worlds = [name for name in kept if "." not in name]
        for name in [MAIN, *(each for each in worlds if each != MAIN)]:
            self._worlds[name] = self._opened(name) if name in worlds else self._begun(name)
        for name in kept:
            world, dot, snapshot = name.partition(".")
            if dot and world in self._worlds:
                self._recall(self._worlds[world], snapshot)

    def get(self, name: str) -> World:
        """The world of that name, made on first use; a bad name is a `ControlError`."""
        found = self._worlds.get(name)
        if found is not None and self._is_idle(found):
            self.drop(name)
            found = None
        if found is None:
            self._make_room(name)
            found = self._worlds[name] = self._begun(name)
        self.use(found)
        return found

    def use(self, world: World) -> None:
        """Note that a world is used now; one that has been dropped stays dropped."""
        world.used = self._wall()
        if world.name != MAIN and self._worlds.get(world.name) is world:
            self._worlds.move_to_end(world.name)

    def look(self, name: str) -> World | None:
        """The world of that name if there is one; looking is not using."""
        self._expire()
        return self._worlds.get(name)

    def free_name(self) -> str:
        """A name no world has."""
        while True:
            self._made += 1
            if f"w{self._made}" not in self._worlds:
                return f"w{self._made}"

    def make(self, name: str, beginning: Beginning) -> World:
        """A new world with a beginning of its own; a taken name is a `WorldTakenError`."""
        if name in self._worlds:
            raise WorldTakenError(f"There is a world {name} already.")
        self._make_room(name)
        world = self._worlds[name] = self._begun(name, beginning)
        world.used = self._wall()
        self._keep_beginning(world)
        return world

    def fork(self, name: str, moment: Moment) -> World:
        """A new world that begins as another was at that moment."""
        world = self.make(name, self._beginning)
        world.begin_at(moment)
        self._keep_beginning(world)
        return world

    def reset(self, world: World, anew: Beginning | None = None) -> None:
        """Take a world back to its beginning, or to another one."""
        world.reset(anew)
        if anew is not None:
            self._keep_beginning(world)

    def go_to(self, world: World, moment: Moment) -> None:
        """Make a world as it was at that moment."""
        before = world.beginning
        world.go_to(moment)
        if world.beginning is not before:
            self._keep_beginning(world)

    def drop(self, name: str) -> bool:
        """Forget a world and its snapshots; answers whether it was there."""
        world = self._worlds.pop(name, None)
        if world is None:
            return False
        world.journeys += 1
        world.kit.clear()
        world.store.close()
        if self._folder is not None:
            for kept in self._folder.names():
                if kept == name or kept.startswith(f"{name}."):
                    self._folder.drop(kept)
        return True

    def keep(self, world: World, snapshot: str) -> bool:
        """Take a snapshot under a name; answers whether it is new."""
        new = snapshot not in world.snapshots
        world.snapshots[snapshot] = world.moment()
        self._save(world, snapshot, world.store)
        return new

    def forget(self, world: World, snapshot: str) -> bool:
        """Drop a snapshot; answers whether it was there."""
        if world.snapshots.pop(snapshot, None) is None:
            return False
        if self._folder is not None:
            self._folder.drop(f"{world.name}.{snapshot}")
        return True

    def _make_room(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise ControlError(
                f"{name!r} is no name of a world; use a-z, 0-9 and -, at most 63 characters."
            )
        self._expire()
        if len(self._worlds) >= self._cap:
            raise TooManyWorldsError(f"There are {self._cap} worlds already; drop some.")

    def _expire(self) -> None:
        oldest = self._wall() - self._idle
        worlds = (world for world in self._worlds.values() if world.name != MAIN)
        for world in list(takewhile(lambda it: it.used <= oldest, worlds)):
            if self._is_idle(world):
                self.drop(world.name)

    def _is_idle(self, world: World) -> bool:
        unused = world.used <= self._wall() - self._idle
        return unused and world.name != MAIN and not world.kit.is_in_use

    def _begun(self, name: str, beginning: Beginning | None = None) -> World:
        beginning = beginning or self._beginning
        store = beginning.store.fork()
        if beginning.start is not None:
            _postpone(store, store.clock.now() - beginning.start)
        if self._folder is not None:
            try:
                store = self._folder.save(name, store)
            except DataFolderError as error:
                raise TooManyWorldsError(f"There is no room for another world. {error}") from error
        return World(name, store, beginning, self._make_kit())

    def _keep_beginning(self, world: World) -> None:
        if self._folder is not None:
            beginning = world.store.fork()
            beginning.restore(world.beginning.snapshot)
            self._save(world, _BEGINNING, beginning)

    def _save(self, world: World, name: str, store: Store) -> None:
        if self._folder is not None:
            self._folder.save(f"{world.name}.{name}", store.fork()).close()

    def _opened(self, name: str) -> World:
        """A world from the data folder; its beginning is the served one unless it has its own."""
        assert self._folder is not None
        store = self._folder.open(name, collections=self._beginning.collections)
        world = World(name, store, self._labelled(store), self._make_kit())
        served = self._beginning
        world.beginning = world.beginning._replace(
            snapshot=served.store.snapshot(),
            options=served.options,
            scenario=served.scenario,
            seed=served.seed,
        )
        world.used = self._wall()
        return world

    def _recall(self, world: World, name: str) -> None:
        """Have a snapshot, or the beginning, from the data folder again."""
        assert self._folder is not None
        kept = self._folder.open(f"{world.name}.{name}", collections=self._beginning.collections)
        as_kept = self._labelled(kept)
        moment = Moment(
            kept.snapshot(), world.kit.save(), 0, as_kept.options, as_kept.scenario, as_kept.seed
        )
        kept.close()
        if name == _BEGINNING:
            world.beginning = moment
        else:
            world.snapshots[name] = moment

    def _labelled(self, store: Store) -> Beginning:
        """The served beginning with scenario, seed and options of a store from the data folder."""
        scenario, options = self._beginning.scenario, self._beginning.options
        for label in store.collection(*LABEL):
            with suppress(ScenarioError):
                scenario, options = label["scenario"], self._options_in(label["scenario"])
        seed = store.snapshot().root.seed
        return replace(self._beginning, scenario=scenario, seed=seed, options=options)

    def _options_in(self, scenario: str) -> Options:
        return self._options(scenario) if self._options is not None else self._beginning.options

    def __iter__(self) -> Iterator[World]:
        """All worlds, the least recently used first."""
        self._expire()
        return iter(list(self._worlds.values()))

    def close(self) -> None:
        """Let go of the stores and of the data folder."""
        for world in self._worlds.values():
            world.kit.close()
            world.store.close()
        if self._folder is not None:
            self._folder.close()


def _postpone(store: Store, by: timedelta) -> None:
    """Let what is due in a world that begins late be as far from its beginning as it should."""
    if by >= _LATE:
        for timer in list(store.timers):
            store.timers.cancel(timer.id)
            store.timers.add(
                timer.at + by,
                provider=timer.provider,
                tenant=timer.tenant,
                name=timer.name,
                body=timer.body,
            )
