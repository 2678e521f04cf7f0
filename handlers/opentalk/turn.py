"""Servers that help media through firewalls, and what opens them."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.errors import UnavailableError
from greenroom.handlers.opentalk.profiles import profile

MOST_SERVERS = 2


def get_turn(call: Call) -> tuple[list[Json] | None, int]:
    """Give credentials for up to two servers; they are the caller's and the moment's own."""
    assert call.caller is not None
    # Looking must not use any of the world's chance up, nor answer twice what was asked twice.
    chance = sha256(f"{call.caller.who} {call.now()}".encode()).digest()
    servers = _drawn(call.option("turn_servers"), chance)
    shown = [_turn(call, uris.split(), chance) for uris in servers]
    stun = [uri for uris in call.option("stun_servers") for uri in uris.split()]
    if stun:
        shown.append({"uris": stun})
    if shown:
        return shown, 200
    if profile(call).turn_missing == UnavailableError.status:
        raise UnavailableError("No TURN or STUN server is configured.")
    return None, profile(call).turn_missing


def _drawn(servers: list[str], chance: bytes) -> list[str]:
    """The one there is, one of two, or two of more."""
    left = list(servers)
    wanted = MOST_SERVERS if len(left) > MOST_SERVERS else min(len(left), 1)
    return [left.pop(chance[index] % len(left)) for index in range(wanted)]


def _turn(call: Call, uris: list[str], chance: bytes) -> Json:
    until = int(call.now().timestamp()) + call.option("turn_seconds")
    random = b64encode(chance[16:]).decode()
    username = f"{until}:turn_random_for_privacy_{random}"
    secret = call.option("turn_secret").encode()
    password = b64encode(hmac.digest(secret, username.encode(), "sha1")).decode()
    return {"username": username, "password": password, "ttl": str(until), "uris": uris}
