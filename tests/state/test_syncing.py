"""What was written is forced to the disk when the policy says so."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from greenroom.state import DataFolder, DataFolderError, Store
from greenroom.state.syncing import Syncing

DESCRIPTORS = Path("/proc/self/fd")


class File:
    """Something that notes when it is synced."""

    def __init__(self) -> None:
        self.synced = threading.Event()
        self.times = 0

    def sync(self) -> None:
        self.times += 1
        self.synced.set()


def test_every_interval_what_was_written_is_synced_once() -> None:
    syncing, files = Syncing("interval"), [File(), File()]
    for file in files:
        for _ in range(10):
            syncing.written(file)
    assert all(file.synced.wait(5) for file in files)
    assert [file.times for file in files] == [1, 1]
    files[0].synced.clear()
    syncing.written(files[0])
    assert files[0].synced.wait(5)
    syncing.close()


@pytest.mark.parametrize("policy", ["always", "never"])
def test_other_policies_need_no_thread(policy: str) -> None:
    before = threading.active_count()
    syncing = Syncing(policy)  # type: ignore[arg-type]  # one of the two
    syncing.written(File())
    assert threading.active_count() == before
    syncing.close()


def test_the_thread_ends_with_the_folder(tmp_path: Path) -> None:
    before = threading.active_count()
    folder = DataFolder(tmp_path)
    store = folder.save("main", Store())
    store.ids.uuid()
    assert threading.active_count() == before + 1
    folder.close()
    assert threading.active_count() == before


@pytest.fixture
def sever() -> Iterator[Callable[[Path], None]]:
    """Puts a pipe, which can be written to and not synced, in the place of an open file."""
    ends = os.pipe()

    def replace(path: Path) -> None:
        descriptors = [int(link.name) for link in DESCRIPTORS.iterdir() if points(link, path)]
        assert len(descriptors) == 1
        os.dup2(ends[1], descriptors[0])

    yield replace
    for end in ends:
        os.close(end)


def points(link: Path, path: Path) -> bool:
    """Whether a descriptor is of that file."""
    return link.is_symlink() and str(link.readlink()) == str(path)


def count_for_a_while(store: Store) -> None:
    """Go on writing for a second."""
    for _ in range(1000):
        store.ids.count("x")
        time.sleep(0.001)


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="needs /proc")
@pytest.mark.parametrize("policy", ["always", "interval"])
def test_nothing_is_written_after_a_sync_that_failed(
    tmp_path: Path, policy: str, sever: Callable[[Path], None]
) -> None:
    folder = DataFolder(tmp_path, fsync=policy)  # type: ignore[arg-type]  # one of the two
    store = folder.save("main", Store())
    store.ids.count("x")
    sever(tmp_path / "main.journal")
    with pytest.raises(DataFolderError, match=r"cannot be written: .*Invalid argument"):
        count_for_a_while(store)
    before = store.digest()
    with pytest.raises(DataFolderError, match="cannot be written"):
        store.ids.count("x")
    assert store.digest() == before
    folder.close()
