"""The journal cuts a torn end, refuses damage before it, and compacts without a moment of doubt."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from greenroom.state import Collection, DataFolder, DataFolderError, Store
from greenroom.state.clock import ClockState
from greenroom.state.journal import COMPACT_AFTER, Journal
from greenroom.state.lines import frame, read
from greenroom.state.storage import Root, plain
from greenroom.state.syncing import Syncing

START = datetime(2026, 1, 1, tzinfo=UTC)
ROOMS = ("api", "rooms")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a world with three rooms."""
    folder = DataFolder(tmp_path, fsync="never")
    rooms = folder.save("main", Store()).collection(*ROOMS)
    for number in range(3):
        rooms.add({"id": str(number)})
    folder.close()
    return tmp_path / "main.journal"


def rooms_in(path: Path) -> list[str]:
    """The rooms that are found after a restart; then one is added, to be found the next time."""
    folder = DataFolder(path.parent, fsync="never")
    try:
        rooms = folder.open("main").collection(*ROOMS)
        found = [room["id"] for room in rooms]
        rooms.add({"id": f"after {len(found)}"})
        return found
    finally:
        folder.close()


def last_line(content: bytes) -> int:
    """Where the last line begins."""
    return content.rindex(b"\n", 0, -1) + 1


TAILS: dict[str, Callable[[bytes], bytes]] = {
    "one byte less": lambda all: all[:-1],
    "another last byte": lambda all: all[:-1] + b"x",
    "nine bytes less": lambda all: all[:-9],
    "only the checksum": lambda all: all[: last_line(all) + 8],
    "one byte": lambda all: all[: last_line(all) + 1],
    "a flipped bit": lambda all: all[:-5] + bytes([all[-5] ^ 1]) + all[-4:],
    "a wrong checksum": lambda all: all[: last_line(all)] + b"00000000" + all[last_line(all) + 8 :],
    "zeros": lambda all: all[: last_line(all)] + bytes(len(all) - last_line(all)),
    "lines of zeros": lambda all: all[: last_line(all)] + b"\0\n\0\n",
    "garbage": lambda all: all[: last_line(all)] + b"\xff\xfe garbage \n more",
    "an empty line": lambda all: all[: last_line(all)] + b"\n",
    "no json": lambda all: all[: last_line(all)] + frame(b"{", odd=False),
}


@pytest.mark.parametrize("name", TAILS)
def test_a_torn_end_is_cut(path: Path, name: str) -> None:
    path.write_bytes(TAILS[name](path.read_bytes()))
    assert rooms_in(path) == ["0", "1"]
    assert rooms_in(path) == ["0", "1", "after 2"]


def test_an_end_torn_anywhere_leaves_the_commits_before_it(path: Path) -> None:
    whole = path.read_bytes()
    for cut in range(last_line(whole), len(whole), 7):
        path.write_bytes(whole[:cut])
        assert rooms_in(path) == ["0", "1"]


@pytest.mark.parametrize("at", [3, -200])
def test_damage_before_the_end_is_refused(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataFolderError, match=r"Line \d of .*main\.journal is damaged; put a copy"):
        rooms_in(path)
    assert path.read_bytes() == content


def test_a_journal_that_was_never_whole_is_refused(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    ready = next(number for number, line in enumerate(lines) if b"ready" in line)
    for content in (b"", b"".join(lines[:ready])):
        path.write_bytes(content)
        with pytest.raises(DataFolderError, match="ends too early"):
            rooms_in(path)


@pytest.mark.parametrize(
    "line",
    [
        frame(b'{"cut":[["nowhere",1]]}', odd=False),
        frame(b'{"new":["x"],"cut":[["x",1]]}', odd=False),
        frame(b'{"put":[1]}', odd=False),
        frame(b"[]", odd=False),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(path: Path, line: bytes) -> None:
    with path.open("ab") as file:
        file.write(line)
    with pytest.raises(DataFolderError, match=r"Line \d+ of .* makes no sense"):
        rooms_in(path)


def test_a_journal_of_another_kind_is_refused(path: Path) -> None:
    path.write_bytes(frame(b'{"greenroom":99}', odd=False))
    with pytest.raises(DataFolderError, match=r"Line 1 of .* makes no sense"):
        rooms_in(path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "nothing.journal", Syncing("never"))
    with pytest.raises(DataFolderError, match=r"nothing\.journal cannot be opened: No such file"):
        journal.recover(plain)


def test_syncing_what_was_closed_does_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x.journal", Syncing("interval"))
    journal.begin(Root(), ClockState(frozen=True, now=0))
    journal.close()
    journal.sync()
    assert journal.closed


def test_what_a_killed_compaction_left_is_removed(path: Path) -> None:
    aside = path.with_name("main.journal.new")
    aside.write_bytes(b"half of")
    assert rooms_in(path) == ["0", "1", "2"]
    assert not aside.exists()


@pytest.mark.parametrize("policy", ["always", "interval", "never"])
def test_a_journal_is_compacted_when_it_has_grown(tmp_path: Path, policy: str) -> None:
    folder = DataFolder(tmp_path, fsync=policy)  # type: ignore[arg-type]  # one of the three
    store = folder.save("main", Store(seed=1))
    rooms = store.collection(*ROOMS)
    rooms.add({"id": "a"})
    store.ids.count("x")
    store.clock.freeze()
    greatest = 0
    for number in range(25):
        rooms.save({"id": "a", "number": number, "filling": "x" * (COMPACT_AFTER // 10)})
        greatest = max(greatest, (tmp_path / "main.journal").stat().st_size)
    assert greatest < 1.3 * COMPACT_AFTER
    assert (tmp_path / "main.journal").stat().st_size < COMPACT_AFTER
    folder.close()
    folder = DataFolder(tmp_path)
    assert folder.open("main").digest() == store.digest()
    folder.close()


def test_a_journal_opened_often_is_compacted_all_the_same(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.save("main", Store())
    folder.close()
    for number in range(40):
        folder = DataFolder(tmp_path, fsync="never")
        rooms = folder.open("main").collection(*ROOMS)
        rooms.add({"id": str(number), "filling": "x" * (COMPACT_AFTER // 10)})
        rooms.remove(str(number))
        folder.close()
        assert (tmp_path / "main.journal").stat().st_size < 1.3 * COMPACT_AFTER


def test_a_compaction_knows_the_clock_that_was_restored(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, fsync="never")
    store = folder.save("main", Store(at=START, frozen=True))
    beginning = store.snapshot()
    store.clock.advance(timedelta(hours=1))
    store.restore(beginning)
    for number in range(12):
        store.collection(*ROOMS).add({"id": str(number), "filling": "x" * (COMPACT_AFTER // 10)})
    folder.close()
    folder = DataFolder(tmp_path)
    assert folder.open("main").clock.now() == START
    folder.close()


@pytest.fixture
def _little_room() -> Iterator[None]:
    """A system on which no file may grow beyond a size."""
    import signal

    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.usefixtures("_little_room")
def test_a_commit_that_does_not_fit_on_the_disk_did_not_happen(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, fsync="never")
    store = folder.save("main", Store())
    rooms = store.collection(*ROOMS)
    before = store.digest()
    with pytest.raises(DataFolderError, match=r"cannot be written: .*File too large"):
        rooms.add({"id": "big", "filling": "x" * 200_000})
    with pytest.raises(DataFolderError), store.transaction():
        add_two(rooms)
    assert store.digest() == before
    rooms.add({"id": "small"})
    folder.close()
    folder = DataFolder(tmp_path)
    assert folder.open("main").digest() == store.digest()
    folder.close()


def add_two(rooms: Collection) -> None:
    """Add a small record and one too large for the disk."""
    rooms.add({"id": "small"})
    rooms.add({"id": "big", "filling": "x" * 200_000})


@pytest.mark.usefixtures("_little_room")
def test_a_world_that_does_not_fit_on_the_disk_is_not_saved(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, fsync="never")
    store = Store()
    store.collection(*ROOMS).add({"id": "big", "filling": "x" * 200_000})
    with pytest.raises(DataFolderError, match="cannot be written"):
        folder.save("main", store)
    assert folder.names() == []
    assert sorted(os.listdir(tmp_path)) == [".lock"]
    folder.close()


def test_a_failed_compaction_leaves_the_journal_as_it_is(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, fsync="never")
    rooms = folder.save("main", Store()).collection(*ROOMS)
    (tmp_path / "main.journal.new").mkdir()
    for number in range(30):
        rooms.add({"id": str(number), "filling": "x" * (COMPACT_AFTER // 10)})
    (tmp_path / "main.journal.new").rmdir()
    assert (tmp_path / "main.journal").stat().st_size > COMPACT_AFTER
    assert rooms_in_open(folder, tmp_path) == [str(number) for number in range(30)]


def rooms_in_open(folder: DataFolder, path: Path) -> list[str]:
    """The rooms that are found after a restart of an open folder."""
    folder.close()
    return rooms_in(path / "main.journal")


@pytest.mark.parametrize("body", [b"{}", b'{"a":[1,"\\n"]}'])
@pytest.mark.parametrize("odd", [True, False])
def test_a_line_is_read_as_it_was_written(body: bytes, odd: bool) -> None:
    line = frame(body, odd=odd)
    assert line.count(b"\n") == 1
    assert read(line) == read(frame(body, odd=not odd))
    assert read(line[:-1]) is None
