"""The shared folder of an event."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.access import event_of, me
from greenroom.handlers.opentalk.errors import MissingError, UnavailableError
from greenroom.handlers.opentalk.folders import (
    check_storage,
    drop_folder,
    folder_shape,
    make_folder,
)
from greenroom.handlers.opentalk.notifications import event_changed
from greenroom.handlers.opentalk.profiles import profile


def get_shared_folder(call: Call, event_id: str) -> Json:
    """Show the ways in: both to the event's creator, the one for reading to whoever is invited."""
    event = event_of(call, event_id)
    folder = call.collection("shared_folders").first(id=event["id"])
    if folder is None:
        raise MissingError("shared folder: the event has none")
    return folder_shape(folder, writes=event["created_by"] == me(call)["id"])


def put_shared_folder(
    call: Call, event_id: str, suppress_email_notification: bool = False
) -> tuple[Json, int]:
    """Make the folder, and show it again however often that is asked for."""
    event = event_of(call, event_id)
    folder = call.collection("shared_folders").first(id=event["id"])
    if folder is not None:
        return folder_shape(folder, writes=True), 200
    made = make_folder(call, event)
    event_changed(call, event, suppress=suppress_email_notification)
    return folder_shape(made, writes=True), 201


def delete_shared_folder(
    call: Call,
    event_id: str,
    force_delete_reference_if_shared_folder_deletion_fails: bool = False,
    suppress_email_notification: bool = False,
) -> None:
    """Take the folder away; on a storage that fails, only by force."""
    event = event_of(call, event_id)
    if event["id"] not in call.collection("shared_folders"):
        if profile(call).misses_missing:
            raise MissingError("shared folder: the event has none")
        return
    try:
        check_storage(call)
    except UnavailableError:
        if not force_delete_reference_if_shared_folder_deletion_fails:
            raise
    drop_folder(call, event)
    event_changed(call, event, suppress=suppress_email_notification)
