"""Misbehaviour, ordered and taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.events.connections import can_close
from greenroom.emulator.faults import CUTS, FRAME, REQUEST, WEBHOOK
from greenroom.emulator.kit import kit_of
from greenroom.emulator.matching import Matcher
from greenroom.emulator.toolkit import (
    InvalidError,
    Json,
    NotFoundError,
    RateLimitedError,
    Reply,
    Violation,
)

LIMIT = 1_000
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = ("content-length", "transfer-encoding")
_CRITERIA = {
    REQUEST: ("provider", "operation", "method", "path", "who", "header", "body"),
    WEBHOOK: ("provider", "event", "url", "body"),
    FRAME: ("provider", "path", "socket", "direction", "body"),
}
_EFFECTS = {
    REQUEST: ("delay", "jitter", "status", "headers", "body", "cut", "rate"),
    WEBHOOK: ("delay", "jitter", "reorder", "drop", "status", "headers", "cut", "duplicate"),
    FRAME: ("delay", "jitter", "drop", "duplicate", "cut"),
}
_CUTS = {REQUEST: CUTS, WEBHOOK: ("reset", "empty"), FRAME: ("reset", "a close code")}


def list_faults(call: ControlCall) -> list[Json]:
    """Show the faults of this world in the order in which they act."""
    faults = kit_of(call.world).faults
    return [faults.shown(each) for each in faults]


def create_fault(call: ControlCall, body: Json) -> Reply:
    """Let something go wrong from now on."""
    _check_kind(body)
    provider = body.get("match", {}).get("provider")
    if (
        provider is not None
        and not any(c in provider for c in "*?")
        and provider not in call.emulator.mounts
    ):
        raise _wrong(("match", "provider"), f"{provider} is not served here.")
    check_pointers(Matcher(body.get("match", {})), "match", "body")
    _check_headers(body["effect"].get("headers", {}))
    faults = kit_of(call.world).faults
    if len(faults) >= LIMIT:
        raise RateLimitedError(f"There are {LIMIT} faults already; take some back.")
    return Reply(faults.shown(faults.add(body)), 201)


def delete_faults(call: ControlCall) -> None:
    """Let nothing go wrong any more; delays in flight end."""
    faults = kit_of(call.world).faults
    _release(call, {each.id for each in faults})
    faults.clear()


def delete_fault(call: ControlCall, id_: str) -> None:
    """Take one fault back; its delays in flight end."""
    if not kit_of(call.world).faults.remove(id_):
        raise NotFoundError(f"There is no fault {id_}.")
    _release(call, {id_})


def _release(call: ControlCall, faults: set[str]) -> None:
    """Let go the deliveries that these hold back."""
    mailroom = kit_of(call.world).mailroom
    if mailroom is not None:
        mailroom.release(faults)


def _check_kind(order: Json) -> None:
    """Refuse criteria and effects that what the fault is about does not have."""
    match, effect = order.get("match", {}), order["effect"]
    kind = match.get("kind", REQUEST)
    for part, given, known in (("match", match, _CRITERIA), ("effect", effect, _EFFECTS)):
        for name in given:
            if name != "kind" and name not in known[kind]:
                raise _wrong((part, name), f"is nothing a {kind} has; {_listed(known[kind])} are.")
    cut = effect.get("cut", "reset")
    if not (kind == FRAME and can_close(cut) if isinstance(cut, int) else cut in _CUTS[kind]):
        raise _wrong(("effect", "cut"), f"breaks no {kind}; {_listed(_CUTS[kind])} do.")


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1]))


def check_pointers(matcher: Matcher, *place: str) -> None:
    """Refuse what stands for a JSON pointer in an order and is none."""
    for bad in matcher.bad_pointers:
        raise _wrong((*place, bad), "is no JSON pointer; write /name, or /name/0 for an item.")


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        place = ("effect", "headers", name)
        if not _HEADER.fullmatch(name):
            raise _wrong(place, "is no name of a header.")
        if name.lower() in _FRAMING:
            raise _wrong(place, "frames the body and is set by the server; use cut instead.")
        if _UNSENDABLE.search(value):
            raise _wrong(place, "holds a character that no header can hold.")


def _wrong(path: tuple[str, ...], detail: str) -> InvalidError:
    return InvalidError(detail, violations=[Violation("body", path, "enum", None, None, detail)])
