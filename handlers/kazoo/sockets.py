"""The event socket: signing in, subscribing and being told, in the two dialects it was given.

A message with a `data` object is of the newer dialect, in which everything is wrapped; one with
its bindings at the top is of the older, in which everything is flat.
"""

from __future__ import annotations

import orjson

from greenroom.emulator.toolkit import (
    Accepted,
    ApiError,
    Call,
    Caller,
    InvalidError,
    Json,
    RateLimitedError,
    SocketRoute,
)
from greenroom.handlers.kazoo.auth import bearer_of, good_token
from greenroom.handlers.kazoo.dialects import (
    answer_flat,
    answer_wrapped,
    refusal_flat,
    refusal_wrapped,
)
from greenroom.handlers.kazoo.errors import BadTokenError, SocketError
from greenroom.handlers.kazoo.gregorian import gregorian

IDLE = 3600.0
FIRST_PORT, PORTS = 49152, 16384
SOURCE = "127.0.0.1"


def connect(call: Call) -> Accepted:
    """Let anybody in, who has to show a token later; but nobody who asks for a protocol."""
    if call.request.header(b"sec-websocket-protocol") is not None:
        raise InvalidError("The socket has no subprotocols.")
    limit, sockets = call.option("socket_limit"), call.shared("sockets")
    if 0 < limit <= len(sockets):
        raise RateLimitedError(f"There are {limit} sockets already.")
    port = FIRST_PORT + call.ids.count("sessions") % PORTS
    host = call.request.header(b"host") or SOURCE
    return Accepted(
        session={
            "session_id": f"{SOURCE}:{port}",
            "source": SOURCE,
            "destination": host.rpartition(":")[0] or host,
            "connected_at": call.now().isoformat(),
            "flat": False,
            "subscriptions": [],
            "conferences": [],
        }
    )


def receive(call: Call, socket: Json, data: str | bytes) -> None:
    """Do what a message asks for; what cannot be done is told by `refuse`."""
    message = message_of(data)
    now = socket | tallied(call, socket) | {"flat": is_flat(message, socket)}
    if now.get("heard", 0) > call.option("message_limit"):
        raise SocketError(f"rate limiting threshold hit for {socket['session_id']}!")
    now |= signed_in(call, socket, message)
    now, answers = (answer_flat if now["flat"] else answer_wrapped)(call, now, message)
    now |= {"conferences": sorted({each["conference_id"] for each in now["subscriptions"]})}
    if now != socket:
        call.shared("sockets").save(now)
    for each in answers:
        call.send(socket["id"], each)


def refuse(call: Call, socket: Json, error: ApiError) -> None:
    """Say what was wrong; the socket stays open, and the message counts like any other."""
    tally = tallied(call, socket)
    if tally:
        call.shared("sockets").save(socket | tally)
    try:
        message = message_of(call.request.body)
    except SocketError:
        message = {}
    told = (
        refusal_flat(error) if is_flat(message, socket) else refusal_wrapped(call, message, error)
    )
    call.send(socket["id"], told)


def disconnect(call: Call, socket: Json, code: int) -> None:
    """Nobody is told: subscriptions go with their socket."""


SOCKETS = tuple(
    SocketRoute(path, connect, receive, disconnect, refuse=refuse, idle=IDLE)
    for path in ("/websocket", "/v2/websocket", "/")
)


def message_of(data: str | bytes) -> Json:
    """A message as the JSON object it is to be."""
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise SocketError("failed to parse message as JSON") from None
    if not isinstance(message, dict):
        raise SocketError("failed to parse message as a JSON object")
    return message


def tallied(call: Call, socket: Json) -> Json:
    """How many messages this one makes within a second; nothing when they are not limited."""
    if call.option("message_limit") <= 0:
        return {}
    second = gregorian(call.now())
    before = socket["heard"] if socket.get("second") == second else 0
    return {"second": second, "heard": before + 1}


def is_flat(message: Json, socket: Json) -> bool:
    """Whether a message is of the older dialect; one that could be either is as the last was."""
    if isinstance(message.get("data"), dict):
        return False
    return bool(socket["flat"]) or "binding" in message or "bindings" in message


def signed_in(call: Call, socket: Json, message: Json) -> Json:
    """Whose socket it is; once that is known no token is needed."""
    text = message.get("auth_token")
    if text is None and "account_id" in socket:
        call.enter(Caller(socket["who"], socket["tenant"]))
        return {}
    token = good_token(call, text) if isinstance(text, str) and text else None
    if token is None:
        raise BadTokenError(text)
    bearer = bearer_of(call, token)
    call.enter(bearer)
    return {"who": bearer.who, "tenant": bearer.tenant, "account_id": token["account_id"]}
