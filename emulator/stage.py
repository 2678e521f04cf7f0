"""Beginnings: the served providers furnished with one of their scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from greenroom.emulator.discovery import Found
from greenroom.emulator.options import defaults
from greenroom.emulator.scenarios import Scenario, load_scenario
from greenroom.emulator.scripts import ANSWERS
from greenroom.emulator.toolkit import ScenarioError
from greenroom.emulator.toolkit.outbox import INDEXES, OUTBOX
from greenroom.emulator.world import LABEL, Beginning
from greenroom.state import Indexes, Store

OptionValues = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How an emulator was started."""

    scenario: str = "default"
    seed: int = 0
    at: datetime | None = None
    frozen: bool = False


class Stage:
    """Makes beginnings: the served providers in one of their scenarios."""

    def __init__(
        self, providers: Sequence[Found], settings: Settings, options: OptionValues
    ) -> None:
        self.providers = providers
        self.settings = settings
        self._options = options
        self._scenarios: dict[tuple[str, str], Scenario] = {}
        self._collections = {
            (found.name, name): indexes
            for found in providers
            for name, indexes in found.provider.collections.items()
        } | {ANSWERS: Indexes(), OUTBOX: INDEXES, LABEL: Indexes()}

    def scenario(self, found: Found, name: str) -> Scenario:
        """The scenario of that name, or the default of a provider that has none of it."""
        name = name if name in found.scenarios else "default"
        key = (found.name, name)
        if key not in self._scenarios:
            self._scenarios[key] = load_scenario(found, name)
        return self._scenarios[key]

    def options(self, scenario: str) -> OptionValues:
        """The options in force in that scenario; an unknown one is a `ScenarioError`."""
        known = {name for found in self.providers for name in found.scenarios}
        if scenario not in known:
            there = ", ".join(sorted(known))
            raise ScenarioError(f"There is no scenario {scenario!r}; there are {there}.")
        return {
            found.name: defaults(
                found.provider,
                self.scenario(found, scenario).options.items(),
                self._options.get(found.name, {}).items(),
            )
            for found in self.providers
        }

    def begin(self, settings: Settings | None = None) -> Beginning:
        """A beginning with these settings, the ones of the start when there are none."""
        settings = settings or self.settings
        options = self.options(settings.scenario)
        store = Store(
            seed=settings.seed,
            at=settings.at,
            frozen=settings.frozen,
            collections=self._collections,
        )
        start = store.clock.now()
        store.collection(*LABEL).add({"id": "scenario", "scenario": settings.scenario})
        for found in self.providers:
            self.scenario(found, settings.scenario).furnish(store)
        return Beginning(store, options, settings.scenario, settings.seed, self._collections, start)
