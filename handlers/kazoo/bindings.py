"""Bindings: what a socket may subscribe to, and what an event is told under."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.errors import SocketError

ANY = "*"
PARTICIPANT_EVENTS = (
    "add-member",
    "del-member",
    "stop-talking",
    "start-talking",
    "mute-member",
    "unmute-member",
    "deaf-member",
    "undeaf-member",
)
# dossier 8.5: later versions have these as well
CONFERENCE_EVENTS = ("conference-create", "conference-destroy", "lock", "unlock")
EVENTS = (*PARTICIPANT_EVENTS, *CONFERENCE_EVENTS)
OFFERED: Json = {
    "conference": [
        "conference.event.{CONFERENCE_ID}.{CALL_ID}",
        "conference.command.{CONFERENCE_ID}",
    ]
}


def subscription_of(call: Call, binding: str, account_id: str) -> Json:
    """What a binding asks for; `SocketError` when there is no such thing."""
    first, _, rest = binding.partition(".")
    if first not in OFFERED:
        raise SocketError("no available subscriptions to requested binding")
    parts = rest.split(".")
    match parts:
        case ["command", conference_id]:
            wanted = (conference_id, ANY, "")  # commands to the switch: nothing is ever told
        case ["event", conference_id, call_id]:
            wanted = (conference_id, call_id, ANY)
        case ["event", *three] if len(three) == 3:
            wanted = _with_event(call, three)
        case _:
            told = ", ".join(parts)
            raise SocketError(f"invalid format for conference subscription : {told}")
    conference_id, call_id, event = wanted
    if conference_id in ("", ANY):
        raise SocketError("ConferenceId required")
    return {
        "binding": binding,
        "account_id": account_id,
        "conference_id": conference_id,
        "call_id": unquote(call_id),
        "event": event,
    }


def _with_event(call: Call, parts: Sequence[str]) -> tuple[str, str, str]:
    """Conference, call and event of a binding that names all three.

    The event comes last, or first where the newest user interface is let in.
    """
    if call.option("event_first_bindings") and parts[0] in (ANY, *EVENTS):
        event, conference_id, call_id = parts
    else:
        conference_id, call_id, event = parts
    if conference_id != ANY and event not in (ANY, *EVENTS):
        raise SocketError(f"Unsupported conference event {event}")
    return conference_id, call_id, event


def hears(
    subscription: Json, account_id: str, conference_id: str, call_id: str, event: str
) -> bool:
    """Whether an event is told to a subscription; one of no call only to those of any."""
    return (
        subscription["conference_id"] == conference_id
        and subscription["account_id"] in (ANY, account_id)
        and subscription["call_id"] in (ANY, call_id)
        and subscription["event"] in (ANY, event)
    )


def subscription_key(subscription: Json) -> str:
    """A subscription as the exchange spells it inside."""
    names = ("event", "account_id", "conference_id", "call_id")
    return ".".join(["conference", "event", *(escaped(subscription[name]) for name in names)])


def routing_key(event: str, account_id: str, conference_id: str, call_id: str) -> str:
    """What an event is routed by."""
    return ".".join(map(escaped, filter(None, (event, account_id, conference_id, call_id))))


def escaped(text: str) -> str:
    """A word of a key, in which a dot would be two words."""
    return quote(text, safe="*@:").replace(".", "%2E")
