"""What providers sent out, and how much of it is kept."""

from __future__ import annotations

from greenroom.state import Collection, Indexes

OUTBOX = ("_greenroom", "outbox")
INDEXES = Indexes(plain=("over", "url"))
KEPT = 1_000  # so many things are kept that are over …
WAITING = 10_000  # … and so many deliveries may wait


def make_room(outbox: Collection) -> None:
    """Forget what has been over for longest; give up deliveries only when far too many wait."""
    while outbox.count(over=False) > WAITING:
        [oldest] = outbox.find(over=False, limit=1)
        why = f"It was given up: {WAITING} more deliveries wait."
        outbox.save({**oldest, "status": "failed", "why": why, "over": True})
    while outbox.count(over=True) > KEPT:
        outbox.remove(outbox.find(over=True, limit=1)[0]["id"])
