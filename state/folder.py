"""Durable worlds in one folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

from greenroom.state.errors import DataFolderError
from greenroom.state.journal import Journal
from greenroom.state.layouts import NO_COLLECTIONS, Schema, layouts_of
from greenroom.state.snapshot import Snapshot
from greenroom.state.store import Store, store_of
from greenroom.state.syncing import Policy, Syncing

_SUFFIX = ".journal"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class DataFolder:
    """The worlds that one folder keeps, one file each; one process at a time may open it.

    A commit is in the file before it returns, so a killed process loses nothing. `fsync` says
    when the file is forced to the disk as well, against a crash of the machine: with every
    commit, every 50 ms, or when the system likes. What goes wrong with the folder or its files
    is a `DataFolderError`.
    """

    def __init__(self, path: Path | str, *, fsync: Policy = "interval") -> None:
        self._path = Path(path)
        self._open: dict[str, Journal] = {}
        self._lock: int | None = _locked(self._path)
        self._syncing = Syncing(fsync)
        for aside in self._path.glob(f"*{_SUFFIX}.new"):
            aside.unlink()

    def names(self) -> list[str]:
        """The names of the worlds, sorted."""
        return sorted(path.name.removesuffix(_SUFFIX) for path in self._path.glob(f"*{_SUFFIX}"))

    def open(self, name: str, *, collections: Schema = NO_COLLECTIONS) -> Store:
        """Open a world, whose commits are durable from here on; an unknown name is a KeyError.

        The indexes are those of `collections`, whatever they were before. A world can be opened
        once at a time, a second time is a ValueError.
        """
        path = self._known(name)
        if name in self._open and not self._open[name].closed:
            raise ValueError(f"The world {name!r} is open already.")
        layouts = layouts_of(collections)
        journal = Journal(path, self._syncing)
        root, clock = journal.recover(layouts.of)
        self._open[name] = journal
        return store_of(Snapshot(root, clock, layouts), journal)

    def save(self, name: str, store: Store) -> Store:
        """Make what a store holds a durable world and answer the store to go on with.

        A world of that name is replaced, and if it was open, its store can write no more.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"A world cannot be called {name!r}: use letters, digits, - and _.")
        self._check()
        snapshot = store.snapshot()
        journal = Journal(self._path / f"{name}{_SUFFIX}", self._syncing)
        journal.begin(snapshot.root, snapshot.clock)
        self._forget(name)
        self._open[name] = journal
        return store_of(snapshot, journal)

    def drop(self, name: str) -> None:
        """Remove a world for good; an unknown name is a KeyError."""
        path = self._known(name)
        self._forget(name)
        path.unlink()

    def close(self) -> None:
        """Write what is left to the disk and let others have the folder."""
        if self._lock is None:
            return
        for name in list(self._open):
            self._forget(name)
        self._syncing.close()
        os.close(self._lock)
        self._lock = None

    def _known(self, name: str) -> Path:
        self._check()
        path = self._path / f"{name}{_SUFFIX}"
        if not _NAME.fullmatch(name) or not path.is_file():
            raise KeyError(f"There is no world {name!r} in {self._path}.")
        return path

    def _forget(self, name: str) -> None:
        journal = self._open.pop(name, None)
        if journal is not None:
            journal.close()

    def _check(self) -> None:
        if self._lock is None:
            raise DataFolderError(f"The data folder {self._path} is closed.")


def _locked(path: Path) -> int:
    import fcntl  # there is no such thing on Windows, where worlds in memory still work

    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise DataFolderError(
            f"The data folder {path} cannot be used: {error.strerror}. Name a folder that can "
            "be written to."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise DataFolderError(
            f"The data folder {path} is in use by another process; stop that one first, or name "
            "another folder."
        ) from error
    return descriptor
