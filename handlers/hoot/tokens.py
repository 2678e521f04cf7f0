"""Tokens of the identity provider: their form, what they claim, and who signed them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import lru_cache
from typing import Any

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.errors import MalformedTokenError, TokenExpiredError

SHARED = ["HS256", "HS384", "HS512"]
PUBLIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_FORM = re.compile(r"[\w-]*\.[\w-]*\.[\w-]*", re.ASCII)
# the world's clock decides on the times, not the library's; whom a token is for is not looked at
_CHECKS: Any = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}


def is_well_formed(token: str) -> bool:
    """Whether a token has three parts between dots."""
    return _FORM.fullmatch(token) is not None


def claims_of(token: str) -> Json:
    """What the middle part says; nothing when it does not decode."""
    try:
        payload = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


def check_time(call: Call, claims: Json) -> None:
    """Refuse a token that is over."""
    expires = claims.get("exp")
    if isinstance(expires, int | float) and call.has_reached(expires):
        raise TokenExpiredError


def check_signature(call: Call, token: str) -> None:
    """Refuse a token that none of the keys signed which the emulator was given, if it was."""
    secret, keys = call.option("token_secret"), call.option("token_keys")
    if (secret or keys) and not (_signed_with(token, secret) or _signed_by(token, keys)):
        raise MalformedTokenError


def _signed_with(token: str, secret: str) -> bool:
    return bool(secret) and _is_signed(token, secret, SHARED)


def _signed_by(token: str, keys: str) -> bool:
    from jwt import PyJWTError, get_unverified_header

    try:
        wanted = get_unverified_header(token).get("kid")
    except PyJWTError:
        return False
    return any(
        _is_signed(token, each.key, PUBLIC)
        for each in _read_keys(keys)
        if wanted is None or each.key_id == wanted
    )


def _is_signed(token: str, key: Any, algorithms: list[str]) -> bool:
    from jwt import PyJWTError, decode

    try:
        decode(token, key, algorithms=algorithms, options=_CHECKS)
    except (PyJWTError, TypeError, ValueError):
        return False
    return True


@lru_cache(maxsize=8)
def _read_keys(text: str) -> list[Any]:
    from jwt import PyJWKSet, PyJWTError

    try:
        return list(PyJWKSet.from_json(text).keys) if text else []
    except (PyJWTError, ValueError):
        return []
