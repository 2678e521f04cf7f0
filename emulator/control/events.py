"""What happens, as a list or as it happens."""

from __future__ import annotations

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import InvalidError, Reply, Violation


def list_events(call: ControlCall, since: int | None = None) -> Reply:
    """Show what happened after an event; who accepts `text/event-stream` gets it live."""
    feed = kit_of(call.world).feed
    if "text/event-stream" not in call.request.headers.get("accept", ""):
        return Reply(feed.since(since or 0), 200)
    last = call.request.header(b"last-event-id")
    if since is None and last is not None:
        since = _number(last)
    headers = {"Cache-Control": "no-store"}
    return Reply(None, 200, headers, "text/event-stream", stream=feed.live(since or 0))


def _number(text: str) -> int:
    if not text.isdecimal():
        detail = "is no id of an event."
        violation = Violation("header", ("Last-Event-ID",), "type", "integer", text, detail)
        raise InvalidError(f"Last-Event-ID {detail}", violations=[violation])
    return int(text)
