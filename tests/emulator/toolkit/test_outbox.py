"""What is kept of what was sent."""

from __future__ import annotations

from greenroom.emulator.toolkit.outbox import INDEXES, KEPT, OUTBOX, WAITING, make_room
from greenroom.state import Store


def test_what_is_over_makes_room_first_and_what_waits_only_when_far_too_much_does() -> None:
    outbox = Store(collections={OUTBOX: INDEXES}).collection(*OUTBOX)
    for number in range(WAITING + 1):
        outbox.add({"id": f"w{number}", "status": "pending", "over": False})
    for number in range(KEPT + 2):
        outbox.add({"id": f"o{number}", "over": True})
    make_room(outbox)
    assert (outbox.count(over=False), outbox.count(over=True)) == (WAITING, KEPT)
    assert "o1" not in outbox
    assert "w0" not in outbox  # it was given up, and then it was the oldest that is over
    assert "w1" in outbox


def test_what_is_given_up_says_so() -> None:
    outbox = Store(collections={OUTBOX: INDEXES}).collection(*OUTBOX)
    for number in range(WAITING + 1):
        outbox.add({"id": f"w{number}", "status": "pending", "over": False})
    make_room(outbox)
    assert outbox.get("w0") == {
        "id": "w0",
        "status": "failed",
        "over": True,
        "why": "It was given up: 10000 more deliveries wait.",
    }
