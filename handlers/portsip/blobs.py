"""The files behind recordings, for whoever knows their address."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Reply
from greenroom.handlers.portsip.audio import silence
from greenroom.handlers.portsip.errors import MissingError


def download_blob(call: Call, digest: str) -> Reply:
    """Send the silence that was recorded; the address alone opens it, in any tenant."""
    found = call.everywhere("recordings").find(digest=digest)
    if not found:
        raise MissingError("blobs")
    _, recording = found[0]
    name = f'attachment; filename="{recording["file_name"]}"'
    return Reply(silence(recording["duration"]), headers={"Content-Disposition": name})
