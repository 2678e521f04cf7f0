"""When what was written is forced to the disk."""

from __future__ import annotations

from threading import Event, Lock, Thread
from typing import Literal, Protocol, TypeAlias

Policy: TypeAlias = Literal["always", "interval", "never"]

INTERVAL = 0.05  # seconds


class Syncable(Protocol):
    """What can be forced to the disk."""

    def sync(self) -> None:
        """Force to the disk what was written so far."""


class Syncing:
    """A policy: with every commit, by a thread every 50 ms, or whenever the system likes."""

    def __init__(self, policy: Policy) -> None:
        self.at_once = policy == "always"
        self.ever = policy != "never"
        self._by_interval = policy == "interval"
        self._thread: Thread | None = None
        self._waiting: set[Syncable] = set()
        self._lock = Lock()
        self._written = Event()
        self._closed = Event()

    def written(self, file: Syncable) -> None:
        """See to it that a file just written to is synced in time."""
        if not self._by_interval or file in self._waiting:
            return
        with self._lock:
            self._waiting.add(file)
            self._written.set()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="greenroom-sync", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._written.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._written.wait() and not self._closed.wait(INTERVAL):
            with self._lock:
                waiting, self._waiting = self._waiting, set()
                self._written.clear()
            for file in waiting:
                file.sync()
