"""A process killed while it writes loses nothing that it acknowledged."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from greenroom.state import DataFolder, Store

WRITER = Path(__file__).with_name("kill_writer.py")
ROUNDS = 21
KEPT = 10


def kill_after(path: Path, policy: str, seconds: float) -> int:
    """Let a process write, kill it at some moment, and answer the last number it acknowledged."""
    command = [sys.executable, str(WRITER), str(path), policy]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        said = first + writer.stdout.read()
    whole = said[: said.rindex(b"\n")]
    return int(whole.split(b"\n")[-1])


def check(store: Store, acknowledged: int) -> None:
    """See that what was acknowledged is there, and anything else whole or not at all."""
    rooms, calls = store.collection("api", "rooms"), store.collection("api", "calls")
    newest = store.fork().ids.count("written") - 1
    assert acknowledged <= newest <= acknowledged + 1
    assert [call["id"] for call in calls] == [str(number) for number in range(1, newest + 1)]
    assert len({call["uuid"] for call in calls}) == newest
    kept = [int(room["id"]) for room in rooms]
    assert kept == list(range(kept[0], newest + 1))
    assert min(KEPT, newest) <= len(kept) <= KEPT + 1
    assert all(room.get("updated", int(room["id"])) == int(room["id"]) for room in rooms)
    assert rooms.get(str(acknowledged))["updated"] == acknowledged


def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    acknowledged, beginnings = 0, set()
    for number in range(ROUNDS):
        policy = ("interval", "never", "always")[number % 3]
        last = kill_after(tmp_path, policy, 0.01 + 0.017 * (number % 7))
        assert last > acknowledged
        acknowledged = last
        folder = DataFolder(tmp_path)
        check(folder.open("main"), acknowledged)
        folder.close()
        with (tmp_path / "main.journal").open("rb") as file:
            beginnings.add(file.read(500))
    # A compaction writes the file anew, and then it begins with other counters.
    assert len(beginnings) > 2
