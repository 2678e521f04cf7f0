"""Runs TinyDB's own tests against our tables: `python tests/state/tinydb_suite.py`.

They are downloaded with the source of the installed version and never kept. TinyDB's class and
its two storages are replaced by ours: the one in memory, the one in a file by our journal.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import tinydb
import tinydb.storages

from greenroom.state.clock import ClockState
from greenroom.state.journal import Journal
from greenroom.state.storage import LiveStorage, Root, plain
from greenroom.state.syncing import Syncing
from greenroom.state.table import LiveDB

MODULES = ("test_tinydb.py", "test_tables.py", "test_operations.py", "test_queries.py")
SKIPPED = {
    "test_tinydb.py::test_repr": "asserts the name of the database class",
    "test_tables.py::test_table_repr": "asserts the names of the table and storage classes",
}


class MemoryStorage(LiveStorage):
    """Our storage where the tests ask for TinyDB's in memory."""

    def __init__(self) -> None:
        super().__init__()


class JSONStorage(LiveStorage):
    """Our storage with a journal where the tests ask for TinyDB's JSON file."""

    def __init__(self, path: str, **options: Any) -> None:
        journal = Journal(Path(path), Syncing("never"))
        root, start = Root(), ClockState(frozen=True, now=0)
        if Path(path).exists():
            root, _ = journal.recover(plain)
        else:
            journal.begin(root, start)
        super().__init__(root, log=journal)


class SuiteDB(LiveDB):
    """Our database, in a file unless the tests say otherwise."""

    default_storage_class = JSONStorage  # type: ignore[assignment]  # TinyDB's default fixes it


class Skips:
    """A pytest plugin that skips what is listed above and nothing else."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Mark the listed tests, whatever their parameters."""
        for item in items:
            reason = SKIPPED.get(item.nodeid.partition("[")[0].rpartition("/")[2])
            if reason is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


def download(folder: Path) -> Path:
    """Fetch the source of the installed TinyDB and answer the folder of its tests."""
    wanted = f"tinydb=={version('tinydb')}"
    options = ["--quiet", "--no-binary", ":all:", "--no-deps", "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, wanted], check=True)
    with tarfile.open(next(folder.glob("tinydb-*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("tinydb-*/tests"))


def main() -> int:
    """Run the tests and answer pytest's exit code."""
    replaced: Any = tinydb
    replaced.TinyDB, replaced.JSONStorage = SuiteDB, JSONStorage
    replaced.storages.MemoryStorage, replaced.storages.JSONStorage = MemoryStorage, JSONStorage
    with tempfile.TemporaryDirectory() as temporary:
        tests = download(Path(temporary))
        files = [str(tests / module) for module in MODULES]
        own = ["-c", "/dev/null", f"--rootdir={tests}", "-p", "no:cacheprovider", "-q", "-rs"]
        return int(pytest.main([*own, *files], plugins=[Skips()]))


if __name__ == "__main__":
    sys.exit(main())
