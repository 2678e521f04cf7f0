"""Sockets as the API lists them: who is connected, and subscribed to what."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.bindings import OFFERED
from greenroom.handlers.kazoo.errors import BadIdentifierError
from greenroom.handlers.kazoo.shapes import socket_shape
from greenroom.handlers.kazoo.wire import expect_acceptable


def list_websocket_bindings(call: Call) -> Json:
    """Nobody has to sign in to see what there is to subscribe to."""
    expect_acceptable(call.request)
    return {"data": OFFERED}


def list_websockets(call: Call, account_id: str) -> Json:
    """A socket is its account's as soon as it has shown a token."""
    found = call.shared("sockets").find(account_id=account_id)
    return {"data": [socket_shape(each) for each in found]}


def get_websocket(call: Call, account_id: str, socket_id: str) -> Json:
    """A socket goes by the address of its client."""
    found = call.shared("sockets").first(account_id=account_id, session_id=socket_id)
    if found is None:
        raise BadIdentifierError(socket_id)
    return {"data": socket_shape(found)}
