"""JSON Web Tokens: those of the built-in provider, and those that a test writes for itself.

A token without a signature is taken, and one that is signed with a shared secret is taken
whatever the secret: who runs an emulator may be whom they like. One that is signed with a key
pair has to be the built-in provider's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from greenroom.emulator.toolkit import Json
from greenroom.emulator.toolkit.signing import ALGORITHM, KEY_ID, PUBLIC_KEY
from greenroom.handlers.opentalk.formats import is_email

UNPROVEN = ("none", "HS256")
LONGEST = 16_384


class TokenError(ValueError):
    """A text that is no token, or one that nobody we know has signed."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**33


# dossier 3.1
REQUIRED: dict[str, Callable[[Any], bool]] = {
    "exp": _is_time,
    "iat": _is_time,
    "iss": _is_text,
    "sub": _is_text,
    "email": is_email,
    "given_name": lambda value: isinstance(value, str),
    "family_name": lambda value: isinstance(value, str),
}
OPTIONAL: dict[str, Callable[[Any], bool]] = {
    "nickname": lambda value: isinstance(value, str),
    "phone_number": lambda value: isinstance(value, str),
    "tenant_id": _is_text,
    "tariff_id": _is_text,
    "tariff_status": _is_text,
    "x_grp": lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
}


@lru_cache(maxsize=1024)
def claims_of(token: str) -> Json:
    """What the token says, not to be changed; `TokenError` when it is none that counts."""
    import jwt  # takes a tenth of a second, which who uses plain tokens need not wait for

    if len(token) > LONGEST:
        raise TokenError("it is too long")
    try:
        claims = orjson.loads(_payload(token, jwt.get_unverified_header(token)))
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenError(str(error)) from None
    if not isinstance(claims, dict):
        raise TokenError("what it says are no claims")
    return claims


def _payload(token: str, header: Json) -> bytes:
    import jwt

    tokens = jwt.PyJWS()
    if header.get("alg") in UNPROVEN:
        unproven: bytes = tokens.decode(token, options={"verify_signature": False})
        return unproven
    if header.get("alg") != ALGORITHM or header.get("kid") != KEY_ID:
        raise TokenError("the key it is signed with is not known here")
    key = jwt.PyJWK(PUBLIC_KEY).key
    proven: bytes = tokens.decode(token, key, algorithms=[ALGORITHM])
    return proven


def faults(claims: Json) -> list[str]:
    """The claims of a user's token that are missing or make no sense."""
    missing = [name for name, fits in REQUIRED.items() if not fits(claims.get(name))]
    odd = [
        name
        for name, fits in OPTIONAL.items()
        if claims.get(name) is not None and not fits(claims[name])
    ]
    return missing + odd
