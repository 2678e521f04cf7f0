"""Instances: the single times at which an event takes place."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json


def get_event_instances(
    call: Call,
    event_id: str,
    per_page: int,
    after: str | None = None,
    cursor: str | None = None,
    time_min: str | None = None,
    time_max: str | None = None,
    invitees_max: int = 0,
) -> Json:
    """List the instances."""
    raise NotImplementedError


def get_event_instance(call: Call, event_id: str, instance_id: str, invitees_max: int = 0) -> Json:
    """Show one instance."""
    raise NotImplementedError


def patch_event_instance(
    call: Call,
    event_id: str,
    instance_id: str,
    body: Json,
    invitees_max: int = 0,
    suppress_email_notification: bool = False,
) -> Json:
    """Change one instance."""
    raise NotImplementedError
