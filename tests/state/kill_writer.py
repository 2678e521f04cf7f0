"""Writes to a data folder and says what was acknowledged, until somebody kills it.

`python kill_writer.py FOLDER POLICY`: opens or makes the world, then repeats: one transaction
over two collections, an update and now and then a removal, and prints the number of each once
it is committed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from greenroom.state import DataFolder, Store

FILLING = "x" * 12_000
KEPT = 10


def main(path: str, policy: str) -> None:
    """Write for ever."""
    folder = DataFolder(Path(path), fsync=policy)  # type: ignore[arg-type]  # the caller knows
    known = "main" in folder.names()
    store = folder.open("main") if known else folder.save("main", Store(seed=1))
    rooms, calls = store.collection("api", "rooms"), store.collection("api", "calls")
    while True:
        with store.transaction():
            number = store.ids.count("written")
            rooms.add({"id": str(number), "filling": FILLING})
            calls.add({"id": str(number), "uuid": store.ids.uuid()})
        rooms.save({"id": str(number), "updated": number, "filling": FILLING})
        while len(rooms) > KEPT:
            rooms.remove(rooms.find(limit=1)[0]["id"])
        os.write(1, b"%d\n" % number)


if __name__ == "__main__":
    main(*sys.argv[1:])
