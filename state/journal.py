"""The journal of one durable world: a file of lines that only grows, until it is written anew.

It begins with a heading, then says what was there at once, then `{"ready": true}`, then one line
for each commit. A line is handed to the operating system before the commit returns, so that a
killed process loses nothing; what a crash of the machine may lose is up to the policy. A
compaction is written aside and renamed, so there is always one whole file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import orjson

from greenroom.state.clock import ClockState
from greenroom.state.contents import Layout
from greenroom.state.delta import describe, describe_all
from greenroom.state.entries import Json
from greenroom.state.errors import DataFolderError
from greenroom.state.lines import frame, read
from greenroom.state.replay import Replay, clock_words
from greenroom.state.storage import Root, Touched
from greenroom.state.syncing import Syncing

HEADING = {"greenroom": 1}
READY = {"ready": True}
COMPACT_AFTER = 1 << 20

_READING = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
_ANEW = _READING | os.O_CREAT | os.O_TRUNC
_ADVICE = "put a copy of the file in its place, or move it away and begin anew"


class Journal:
    """The log of one durable world; see `Log` in the storage."""

    def __init__(self, path: Path, syncing: Syncing) -> None:
        self.path = path
        self._syncing = syncing
        self._lock = Lock()
        self._descriptor: int | None = None
        self._size = self._limit = 0
        self._clock: list[Any] = []
        self._failure: OSError | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self._descriptor is None

    def begin(self, root: Root, clock: ClockState) -> None:
        """Begin the file, or replace it, with all that is there."""
        self._clock = clock_words(clock)
        try:
            self._rewrite(root)
        except OSError as error:
            raise DataFolderError(f"{self.path} cannot be written: {error.strerror}.") from error

    def recover(self, layout: Callable[[str], Layout]) -> tuple[Root, ClockState]:
        """Read the file, cut a torn tail off and go on writing behind it."""
        try:
            descriptor = os.open(self.path, _READING)
        except OSError as error:
            raise DataFolderError(f"{self.path} cannot be opened: {error.strerror}.") from error
        reader = _Reader(self.path, layout)
        try:
            with open(descriptor, "rb", closefd=False) as file:
                reader.read(file)
            os.ftruncate(descriptor, reader.size)
        except BaseException:
            os.close(descriptor)
            raise
        self._clock = reader.replay.clock
        self._go_on_with(descriptor, reader.size, base=reader.base)
        return reader.replay.root(), reader.replay.clock_state()

    def commit(
        self, before: Root, after: Root, touched: Touched, clock: ClockState | None = None
    ) -> None:
        """Append what leads from one root to the other, and the clock if it was moved."""
        words = None if clock is None else clock_words(clock)
        self._append(describe(before, after, touched, words))
        self._clock = words or self._clock
        if self._size > self._limit:
            self._compact(after)

    def tick(self, clock: ClockState) -> None:
        """Append that the clock was wound, frozen or let run."""
        words = clock_words(clock)
        self._append(describe(Root(), Root(), {}, words))
        self._clock = words

    def sync(self) -> None:
        """Force to the disk what was written so far."""
        with self._lock:
            if self._descriptor is None:
                return
            descriptor = os.dup(self._descriptor)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # The system may have forgotten what it could not write, so nothing may follow it.
            self._failure = error
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Write nothing any more; a commit after this fails."""
        if self._syncing.ever:
            self.sync()
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = None

    def _append(self, line: bytes) -> None:
        with self._lock:
            if self._descriptor is None:
                raise DataFolderError(f"{self.path} is closed, so nothing more can be kept in it.")
            try:
                if self._failure is not None:
                    raise self._failure
                _write(self._descriptor, line)
                if self._syncing.at_once:
                    os.fsync(self._descriptor)
            except OSError as error:
                self._take_back(self._descriptor)
                raise DataFolderError(f"{self.path} cannot be written: {error}.") from error
            self._size += len(line)
        self._syncing.written(self)

    def _take_back(self, descriptor: int) -> None:
        try:
            os.ftruncate(descriptor, self._size)
        except OSError as error:
            self._failure = error

    def _compact(self, root: Root) -> None:
        try:
            self._rewrite(root)
        except OSError:
            # What is there is whole; it only grows for longer.
            self._limit *= 2

    def _rewrite(self, root: Root) -> None:
        aside = self.path.with_name(f"{self.path.name}.new")
        descriptor = os.open(aside, _ANEW, 0o644)
        try:
            size = sum(_write(descriptor, line) for line in _whole(root, self._clock))
            if self._syncing.ever:
                os.fsync(descriptor)
            aside.replace(self.path)
        except BaseException:
            os.close(descriptor)
            aside.unlink(missing_ok=True)
            raise
        self._go_on_with(descriptor, size, base=size)
        if self._syncing.ever:
            _sync_folder(self.path.parent)

    def _go_on_with(self, descriptor: int, size: int, *, base: int) -> None:
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = descriptor
            self._size = size
            self._limit = 2 * base + COMPACT_AFTER


def _whole(root: Root, clock: list[Any]) -> Iterator[bytes]:
    yield frame(orjson.dumps(HEADING), odd=False)
    yield from describe_all(root, clock)
    yield frame(orjson.dumps(READY), odd=False)


def _write(descriptor: int, line: bytes) -> int:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(line)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Reader:
    """Reads a journal from its beginning to its last whole line."""

    def __init__(self, path: Path, layout: Callable[[str], Layout]) -> None:
        self.replay = Replay(layout)
        self.size = self.base = 0
        self._path = path
        self._begun = self._ready = False

    def read(self, file: BinaryIO) -> None:
        self._read_lines(file)
        if not self._ready:
            raise DataFolderError(f"{self._path} ends too early; {_ADVICE}.")

    def _read_lines(self, file: BinaryIO) -> None:
        for number, line in enumerate(file, 1):
            words = read(line)
            if words is None:
                if not self._ready or any(read(rest) is not None for rest in file):
                    raise DataFolderError(f"Line {number} of {self._path} is damaged; {_ADVICE}.")
                return
            try:
                self._take(words)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                raise DataFolderError(
                    f"Line {number} of {self._path} makes no sense; {_ADVICE}."
                ) from error
            self.size += len(line)

    def _take(self, words: Json) -> None:
        if not self._begun:
            if words != HEADING:
                raise ValueError("The heading is another.")
            self._begun = True
        elif self._ready:
            self.replay.apply(words)
        elif words == READY:
            self.replay.loaded()
            self.base = self.size
            self._ready = True
        else:
            self.replay.load(words)
