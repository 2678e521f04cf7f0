"""One line of a journal: a checksum, a mark and a JSON object.

The mark `=` means that any JSON reader will do, `~` that only one that keeps integers beyond 64
bits exact will. JSON escapes line breaks, so a line is exactly one commit.
"""

from __future__ import annotations

import json
from zlib import crc32

import orjson

from greenroom.state.entries import Json

_CHECKSUM = 8


def frame(body: bytes, *, odd: bool) -> bytes:
    """The line that holds this JSON; `odd` says that it has integers beyond 64 bits."""
    marked = (b"~" if odd else b"=") + body
    return b"%08x%s\n" % (crc32(marked), marked)


def read(line: bytes) -> Json | None:
    """What a line holds, or None when it is torn or damaged."""
    marked = line[_CHECKSUM:-1]
    if not line.endswith(b"\n") or line[:_CHECKSUM] != b"%08x" % crc32(marked):
        return None
    try:
        found: Json = (json.loads if marked.startswith(b"~") else orjson.loads)(marked[1:])
    except ValueError:
        return None
    return found
