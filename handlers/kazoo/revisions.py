"""Revisions: how often a document was written, and what a client may ask about it."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.errors import PreconditionFailedError


def next_revision(call: Call, before: Json | None) -> str:
    """The revision after this one; the first without one."""
    count = int(before["_rev"].partition("-")[0]) if before is not None else 0
    return f"{count + 1}-{call.ids.hex(32)}"


def names(tags: str, revision: str) -> bool:
    """Whether a header of entity tags means this revision."""
    named = [tag.strip().removeprefix("W/").strip('"') for tag in tags.split(",")]
    return revision in named or "*" in named


def expect_revision(call: Call, record: Json) -> None:
    """Refuse when the client asked for another revision than the record has."""
    tags = call.request.headers.get("if-match")
    if tags is not None and not names(tags, record["_rev"]):
        raise PreconditionFailedError(record["_rev"])
