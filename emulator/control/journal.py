"""What was asked and what was answered."""

from __future__ import annotations

from importlib.metadata import version

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.control.faults import check_pointers
from greenroom.emulator.har import archive
from greenroom.emulator.journal import Entry
from greenroom.emulator.kit import kit_of
from greenroom.emulator.matching import Matcher
from greenroom.emulator.redaction import hidden, redacted
from greenroom.emulator.toolkit import Json, NotFoundError, Reply
from greenroom.emulator.world import World


def entry_of(world: World, id_: str) -> Entry:
    """The exchange of a world with that key."""
    found = kit_of(world).journal.get(id_)
    if found is None:
        raise NotFoundError(f"The journal of the world {world.name} has no exchange {id_}.")
    return found


def list_exchanges(
    call: ControlCall,
    limit: int,
    redact: bool,
    provider: str | None = None,
    operation: str | None = None,
    method: str | None = None,
    status: int | None = None,
    who: str | None = None,
    since: str | None = None,
) -> Reply:
    """Show the exchanges that match, the newest last; `X-Dropped-Count` counts the forgotten."""
    given = {
        "provider": provider,
        "operation": operation,
        "method": method,
        "status": status,
        "who": who,
    }
    matcher = Matcher({name: value for name, value in given.items() if value is not None})
    journal = kit_of(call.world).journal
    found = journal.find(matcher, since=since)
    headers = {"X-Total-Count": str(len(found)), "X-Dropped-Count": str(journal.dropped)}
    return Reply([_shape(entry, redact) for entry in found[-limit:]], headers=headers)


def get_exchange(call: ControlCall, id_: str, redact: bool) -> Json:
    """Show one exchange with all that is known of it."""
    return _shape(entry_of(call.world, id_), redact)


def delete_journal(call: ControlCall) -> None:
    """Forget all exchanges."""
    kit_of(call.world).journal.clear()


def export_journal(call: ControlCall, redact: bool) -> Json:
    """Give the exchanges as an HTTP archive (HAR 1.2), for tools that read those."""
    entries = [redacted(each) if redact else each for each in kit_of(call.world).journal]
    return archive(entries, version=version("greenroom"), origin=call.root)


def verify_journal(call: ControlCall, body: Json) -> Reply:
    """Count the exchanges that match; the wrong number answers 409 with the nearest misses."""
    journal = kit_of(call.world).journal
    matcher, wanted = Matcher(body["match"]), body.get("body")
    check_pointers(matcher, "match", "body")
    check_pointers(Matcher({"body": wanted or {}}), "body")
    found = journal.find(matcher)
    if wanted is not None:
        found = [entry for entry in found if Matcher({"body": wanted}).meets(entry)]
        matcher = Matcher({**body["match"], "body": {**body["match"].get("body", {}), **wanted}})
    least, most = _bounds(body.get("times"))
    result = {"matched": len(found), "exchanges": [entry.summary() for entry in found]}
    if least <= len(found) and (most is None or len(found) <= most):
        return Reply(result, 200)
    bounds = f"{least}" if least == most else f"{least} to {'any' if most is None else most}"
    problem = {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": f"{len(found)} exchanges match; wanted were {bounds}.",
        **result,
        "nearest": journal.nearest(matcher),
    }
    return Reply(problem, 409, media_type="application/problem+json")


def _shape(entry: Entry, redact: bool) -> Json:
    shape: Json = hidden(redacted(entry).shown()) if redact else entry.shown()
    return shape


def _bounds(times: int | Json | None) -> tuple[int, int | None]:
    if times is None:
        return 1, None
    if isinstance(times, int):
        return times, times
    return times.get("min", 0), times.get("max")
