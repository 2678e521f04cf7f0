"""Events: what is put into the diary, once or again and again."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json


def new_event(call: Call, body: Json, suppress_email_notification: bool = False) -> Json:
    """Put an event into the diary."""
    raise NotImplementedError


def get_events(
    call: Call,
    per_page: int,
    after: str | None = None,
    time_min: str | None = None,
    time_max: str | None = None,
    invitees_max: int = 0,
    favorites: bool = False,
    adhoc: bool | None = None,
    time_independent: bool | None = None,
    invite_status: list[str] | None = None,
) -> Json:
    """List the events."""
    raise NotImplementedError


def get_event(call: Call, event_id: str, invitees_max: int = 0) -> Json:
    """Show one event."""
    raise NotImplementedError


def patch_event(
    call: Call,
    event_id: str,
    body: Json,
    invitees_max: int = 0,
    suppress_email_notification: bool = False,
) -> Json:
    """Change an event."""
    raise NotImplementedError


def delete_event(call: Call, event_id: str, suppress_email_notification: bool = False) -> None:
    """Take an event out of the diary."""
    raise NotImplementedError


def remove_event(call: Call, event: Json) -> None:
    """Take an event out of the diary with all that belongs to it, but for its room."""
    raise NotImplementedError
