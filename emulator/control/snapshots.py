"""Going back: snapshots, what differs between them, and rewinding to an exchange."""

from __future__ import annotations

import re

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.control.journal import entry_of
from greenroom.emulator.journal import change_shown
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import InvalidError, Json, NotFoundError, RateLimitedError, Reply
from greenroom.emulator.toolkit.writing import instant_text
from greenroom.emulator.world import Moment

NOW = "now"
LIMIT = 1_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


def list_snapshots(call: ControlCall) -> list[Json]:
    """Show the snapshots of this world by name."""
    return [_shape(name, moment) for name, moment in sorted(call.world.snapshots.items())]


def put_snapshot(call: ControlCall, name: str) -> Reply:
    """Keep this world as it is now under a name; an older one of that name is replaced."""
    if name == NOW or not _NAME.fullmatch(name):
        raise InvalidError(
            f"{name!r} is no name for a snapshot; use letters, digits, - and _, and not {NOW!r}."
        )
    kept = call.world.snapshots
    if name not in kept and len(kept) >= LIMIT:
        raise RateLimitedError(f"There are {LIMIT} snapshots already; forget some.")
    new = call.emulator.worlds.keep(call.world, name)
    return Reply(_shape(name, call.world.snapshots[name]), 201 if new else 200)


def restore_snapshot(call: ControlCall, name: str) -> None:
    """Make this world as it was; the journal after that moment is dropped."""
    moment, before = _moment(call, name), call.store.snapshot()
    call.emulator.worlds.go_to(call.world, moment)
    kit_of(call.world).journal.drop_later(moment.exchanges)
    call.tell("restart", before, snapshot=name)


def delete_snapshot(call: ControlCall, name: str) -> None:
    """Forget a snapshot."""
    if not call.emulator.worlds.forget(call.world, name):
        raise NotFoundError(f"The world {call.world.name} has no snapshot {name}.")


def diff_snapshots(call: ControlCall, before: str, after: str) -> list[Json]:
    """Show what became of the records between two snapshots, or a snapshot and now."""
    earlier, later = _moment(call, before), _moment(call, after)
    return [change_shown(each) for each in later.snapshot.changes(earlier.snapshot)]


def rewind(call: ControlCall, body: Json) -> None:
    """Make this world as it was just after an exchange; the journal after it is dropped."""
    entry, before = entry_of(call.world, body["exchange"]), call.store.snapshot()
    call.emulator.worlds.go_to(call.world, entry.moment)
    kit_of(call.world).journal.drop_after(entry)
    call.tell("restart", before, exchange=entry.id)


def _moment(call: ControlCall, name: str) -> Moment:
    if name == NOW:
        return call.world.moment()
    found = call.world.snapshots.get(name)
    if found is None:
        raise NotFoundError(f"The world {call.world.name} has no snapshot {name}.")
    return found


def _shape(name: str, moment: Moment) -> Json:
    return {"name": name, "at": instant_text(moment.snapshot.now()), "exchanges": moment.exchanges}
