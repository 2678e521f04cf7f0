"""What the control plane wants of the emulator it gives orders to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from greenroom.emulator.discovery import Found
    from greenroom.emulator.engine.exchange import Mount
    from greenroom.emulator.stage import Stage
    from greenroom.emulator.worlds import Worlds


class Host(Protocol):
    """An emulator, seen from its control plane."""

    @property
    def providers(self) -> Sequence[Found]:
        """The served providers."""

    @property
    def mounts(self) -> Mapping[str, Mount]:
        """The served providers as they are mounted, by name."""

    @property
    def worlds(self) -> Worlds:
        """Its worlds."""

    @property
    def stage(self) -> Stage:
        """What makes beginnings."""

    def uptime(self) -> timedelta:
        """How long it has been there."""

    def cast(self, provider: str, scenario: str | None = None) -> Mapping[str, Any]:
        """The people of a provider's scenario."""
