"""Durable worlds in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from greenroom.state.layouts import Schema
from greenroom.state.store import Store


class DataFolder:
    """The worlds that one folder keeps; one process at a time may open it."""

    def __init__(
        self, path: Path | str, *, fsync: Literal["always", "interval", "never"] = "interval"
    ) -> None:
        self._path = Path(path)
        self._fsync = fsync

    def names(self) -> list[str]:
        """The names of the worlds, sorted."""
        raise NotImplementedError

    def open(self, name: str, *, collections: Schema) -> Store:
        """Open a world; an unknown name is a KeyError."""
        raise NotImplementedError

    def save(self, name: str, store: Store) -> Store:
        """Keep what a store holds as a durable world and answer the store to go on with."""
        raise NotImplementedError

    def drop(self, name: str) -> None:
        """Remove a world; an unknown name is a KeyError."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the folder."""
        raise NotImplementedError
