"""Making shared folders on the storage that the provider is told of."""

from __future__ import annotations

from string import ascii_letters, digits

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.errors import BadRequestError, UnavailableError

STORAGE = "https://cloud.opentalk.example"
LETTERS = ascii_letters + digits


def make_folder(call: Call, event: Json) -> Json:
    """A folder for the event, with a way to read it and another one to write to it."""
    if call.option("shared_folder") == "off":
        raise BadRequestError("There is no storage for shared folders.")
    check_storage(call)
    folder = {"id": event["id"], "read": _access(call), "read_write": _access(call)}
    return call.collection("shared_folders").add(folder)


def drop_folder(call: Call, event: Json) -> None:
    """Take the event's folder away, if it has one."""
    folders = call.collection("shared_folders")
    if event["id"] in folders:
        folders.remove(event["id"])


def check_storage(call: Call) -> None:
    """Refuse to go on where the storage does not answer."""
    if call.option("shared_folder") == "failing":
        raise UnavailableError("The storage of shared folders does not answer.")


def folder_shape(folder: Json, *, writes: bool) -> Json:
    """The ways into a folder that somebody may know."""
    names = ("read", "read_write") if writes else ("read",)
    return {name: folder[name] for name in names}


def _access(call: Call) -> Json:
    share = f"{STORAGE}/s/{call.ids.text(15, LETTERS)}"
    return {"url": share, "password": call.ids.text(16, LETTERS)}
