"""What is mailed about events."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json


def event_changed(call: Call, event: Json, *, suppress: bool) -> None:
    """Tell everybody invited, and the caller, that an event is not as it was."""


def invited(
    call: Call, event: Json, email: str, *, name: str = "", code: str | None = None
) -> None:
    """Ask somebody to an event; a guest gets a link that needs no account."""


def uninvited(call: Call, event: Json, email: str, *, suppress: bool) -> None:
    """Tell somebody that an event is no longer theirs to come to."""
