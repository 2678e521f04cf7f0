"""Projects: what a key opens, and the settings its owner made elsewhere."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.boomstream.errors import FolderNotFoundError


def find_project(call: Call) -> Json:
    """The project the call is made in."""
    return call.shared("projects").get(call.tenant)


def check_folder(call: Call, folder: str | None) -> None:
    """Refuse a folder the project does not list; one that lists none takes any."""
    folders = find_project(call)["folders"]
    if folder is not None and folders is not None and folder not in folders:
        raise FolderNotFoundError
