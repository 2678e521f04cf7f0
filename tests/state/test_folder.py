"""A data folder keeps worlds: everything that a snapshot holds is there after a restart."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from greenroom.state import DataFolder, DataFolderError, Indexes, RecordConflictError, Store, where
from greenroom.state.transaction import Transaction

Undone = Callable[[Transaction], AbstractContextManager[Transaction]]
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROOMS = ("api", "rooms")
SCHEMA = {ROOMS: Indexes(plain=("owner",), unique=("pin",))}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a data folder may be."""
    return tmp_path / "data"


@pytest.fixture
def folder(path: Path) -> Iterator[DataFolder]:
    """An empty data folder."""
    folder = DataFolder(path, fsync="never")
    yield folder
    folder.close()


def new_store() -> Store:
    """An empty store in memory."""
    return Store(seed=1, at=START, frozen=True, collections=SCHEMA)


def reopen(folder: DataFolder, path: Path) -> Store:
    """The world `main` after a restart."""
    folder.close()
    folder.__init__(path, fsync="never")  # type: ignore[misc]  # the same folder, begun again
    return folder.open("main", collections=SCHEMA)


def do_everything(store: Store) -> None:
    """Change every part of the state, in transactions and outside them."""
    rooms = store.collection(*ROOMS, "acme")
    rooms.add({"id": "a", "owner": "alice", "long": 2**70, "deep": [{"x": None}]})
    with store.transaction():
        rooms.add({"id": "b", "pin": 1, "text": "\x00\n😀"})
        rooms.add({"id": "c"})
        rooms.remove("a")
        store.collection("other", "things").add({"id": "x"})
        store.ids.uuid()
    rooms.add({"id": "a"})
    rooms.save({"id": "b", "pin": 2})
    store.timers.add(START + HOUR, provider="api", tenant="", name="end", body={"x": 1})
    store.timers.cancel(store.timers.add(START, provider="api", tenant="", name="end", body={}))
    store.ids.count("rooms")
    store.ids.hex(4)
    store.ids.snowflake()
    store.random.random()
    store.clock.advance(HOUR)


def test_everything_survives_a_restart(folder: DataFolder, path: Path) -> None:
    store, memory = folder.save("main", new_store()), new_store()
    do_everything(store)
    do_everything(memory)
    assert store.digest() == memory.digest()
    for _ in range(2):
        store = reopen(folder, path)
        assert store.digest() == memory.digest()
        assert [room["id"] for room in store.collection(*ROOMS, "acme")] == ["b", "c", "a"]
        assert store.clock.now() == START + HOUR
        assert store.tenants(*ROOMS) == ["acme"]


def test_a_saved_store_survives_a_restart(folder: DataFolder, path: Path) -> None:
    memory = new_store()
    do_everything(memory)
    assert folder.save("main", memory).digest() == memory.digest()
    assert reopen(folder, path).digest() == memory.digest()


def test_life_goes_on_after_a_restart_as_it_would_have(folder: DataFolder, path: Path) -> None:
    do_everything(folder.save("main", new_store()))
    store = reopen(folder, path)
    twin = store.fork()
    for each in (store, twin):
        each.collection(*ROOMS, "acme").add({"id": each.ids.uuid(), "n": each.ids.count("rooms")})
        each.timers.add(START, provider="api", tenant="", name="end", body={})
    assert store.digest() == twin.digest() == reopen(folder, path).digest()


def test_indexes_are_those_asked_for_at_opening(folder: DataFolder, path: Path) -> None:
    do_everything(folder.save("main", Store()))
    rooms = reopen(folder, path).collection(*ROOMS, "acme")
    assert rooms.find(pin=2) == rooms.find(where("pin") == 2)
    with pytest.raises(RecordConflictError):
        rooms.add({"id": "z", "pin": 2})


def test_one_transaction_inside_another_survives_a_restart(
    folder: DataFolder, path: Path, undone: Undone
) -> None:
    store = folder.save("main", new_store())
    rooms = store.collection(*ROOMS, "acme")
    with store.transaction():
        with store.transaction():
            rooms.add({"id": "a"})
        with undone(store.transaction()):
            rooms.add({"id": "b"})
        rooms.add({"id": "c"})
    assert reopen(folder, path).digest() == store.digest()


def test_a_large_world_survives_a_restart(folder: DataFolder, path: Path) -> None:
    store = folder.save("main", new_store())
    rooms = store.collection(*ROOMS, "acme")
    with store.transaction():
        for number in range(2500):
            rooms.add({"id": str(number), "owner": number % 3, "pin": number})
    digest = store.digest()
    folder.save("main", store)
    store = reopen(folder, path)
    rooms = store.collection(*ROOMS, "acme")
    assert store.digest() == digest
    assert rooms.count(owner=1) == 833
    assert rooms.find(owner=2, skip=400, limit=1)[0]["id"] == "1202"


def test_what_is_rolled_back_is_not_kept(folder: DataFolder, path: Path, undone: Undone) -> None:
    store = folder.save("main", new_store())
    before, size = store.digest(), (path / "main.journal").stat().st_size
    with undone(store.transaction()):
        do_everything_but_the_clock(store)
    assert (path / "main.journal").stat().st_size == size
    assert reopen(folder, path).digest() == before


def do_everything_but_the_clock(store: Store) -> None:
    """Change what a transaction can take back."""
    rooms = store.collection(*ROOMS, "acme")
    rooms.add({"id": "q"})
    rooms.remove("q")
    store.ids.count("q")
    store.timers.add(START, provider="api", tenant="", name="end", body={})


def test_reading_writes_nothing(folder: DataFolder, path: Path) -> None:
    store = folder.save("main", new_store())
    size = (path / "main.journal").stat().st_size
    with store.transaction():
        assert store.collection(*ROOMS, "acme").find() == []
        store.fork().ids.uuid()
    assert (path / "main.journal").stat().st_size == size


def test_going_back_survives_a_restart(folder: DataFolder, path: Path) -> None:
    store = folder.save("main", new_store())
    store.collection(*ROOMS, "first").add({"id": "a"})
    store.collection(*ROOMS, "second").add({"id": "a", "pin": 1})
    before, digest = store.snapshot(), store.digest()
    do_everything(store)
    store.collection(*ROOMS, "second").remove("a")
    store.restore(before)
    assert store.digest() == digest
    store = reopen(folder, path)
    assert store.digest() == digest
    # The snapshot shares nothing with what was read from the file, and fits all the same.
    do_everything(store)
    store.restore(before)
    assert reopen(folder, path).digest() == digest


def test_going_to_the_state_of_another_store_survives_a_restart(
    folder: DataFolder, path: Path
) -> None:
    other = Store(seed=2**100, at=START + HOUR, frozen=True, collections=SCHEMA)
    do_everything(other)
    other.collection(*ROOMS, "zeta").add({"id": "z"})
    store = folder.save("main", new_store())
    store.collection(*ROOMS, "zeta").add({"id": "z"})
    do_everything(store)
    store.restore(other.snapshot())
    assert store.tenants(*ROOMS) == ["acme", "zeta"]
    assert reopen(folder, path).digest() == other.digest()


def test_going_back_to_nothing_survives_a_restart(folder: DataFolder, path: Path) -> None:
    store = folder.save("main", new_store())
    nothing = store.snapshot()
    do_everything(store)
    store.restore(nothing)
    assert reopen(folder, path).digest() == new_store().digest()


def test_a_running_clock_goes_on_while_nobody_looks(folder: DataFolder, path: Path) -> None:
    store = folder.save("main", Store(at=START, collections=SCHEMA))
    store.clock.advance(HOUR)
    shown = store.clock.now()
    folder.close()
    time.sleep(0.005)
    store = reopen(folder, path)
    assert not store.clock.frozen
    assert shown + timedelta(milliseconds=4) < store.clock.now() < shown + HOUR
    store.clock.freeze()
    stopped = store.clock.now()
    assert reopen(folder, path).clock.now() == stopped


def test_a_fork_of_a_durable_store_is_in_memory(folder: DataFolder, path: Path) -> None:
    store = folder.save("main", new_store())
    size = (path / "main.journal").stat().st_size
    do_everything(store.fork())
    assert (path / "main.journal").stat().st_size == size


def test_worlds_are_known_by_name(folder: DataFolder, path: Path) -> None:
    assert folder.names() == []
    for name in ("main", "t-1", "a.b"):
        folder.save(name, new_store()).ids.count(name)
    assert folder.names() == ["a.b", "main", "t-1"]
    folder.drop("main")
    assert folder.names() == ["a.b", "t-1"]
    for work in (folder.drop, folder.open):
        with pytest.raises(KeyError, match="There is no world 'main'"):
            work("main")


@pytest.mark.parametrize("name", ["", "../x", ".x", "a/b", "ä", "x" * 200])
def test_some_names_are_no_names_of_worlds(folder: DataFolder, name: str) -> None:
    with pytest.raises(ValueError, match="A world cannot be called"):
        folder.save(name, new_store())
    with pytest.raises(KeyError):
        folder.open(name)


def test_a_world_is_opened_once_at_a_time(folder: DataFolder) -> None:
    store = folder.save("main", new_store())
    with pytest.raises(ValueError, match="'main' is open already"):
        folder.open("main")
    store.close()
    assert folder.open("main", collections=SCHEMA).digest() == store.digest()


def test_saving_over_a_world_replaces_it(folder: DataFolder, path: Path) -> None:
    old = folder.save("main", new_store())
    do_everything(old)
    new = folder.save("main", new_store())
    with pytest.raises(DataFolderError, match="is closed"):
        old.ids.uuid()
    new.ids.count("x")
    assert reopen(folder, path).digest() == new.digest()


def test_a_closed_store_can_be_read_and_not_written(folder: DataFolder) -> None:
    store = folder.save("main", new_store())
    do_everything(store)
    before = store.digest()
    store.close()
    store.close()
    works: list[Callable[[], object]] = [
        lambda: store.collection(*ROOMS, "acme").remove("a"),
        lambda: store.clock.advance(HOUR),
        lambda: store.restore(store.snapshot()),
        store.ids.uuid,
    ]
    for work in works:
        with pytest.raises(DataFolderError, match="is closed, so nothing more can be kept in it"):
            work()
    assert store.digest() == before


def test_a_closed_folder_says_so(folder: DataFolder) -> None:
    folder.close()
    folder.close()
    works: list[Callable[[], object]] = [
        lambda: folder.open("x"),
        lambda: folder.save("x", Store()),
    ]
    for work in works:
        with pytest.raises(DataFolderError, match=r"The data folder .* is closed"):
            work()


def test_one_process_at_a_time_has_a_folder(folder: DataFolder, path: Path) -> None:
    code = f"from greenroom.state import DataFolder; DataFolder({str(path)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "is in use by another process; stop that one first" in done.stderr
    folder.close()
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_folder_must_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(DataFolderError, match=r"The data folder .*file.* cannot be used"):
            DataFolder(path)
