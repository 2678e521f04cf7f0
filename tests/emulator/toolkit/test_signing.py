"""Tokens signed with the key pair that everybody has."""

from __future__ import annotations

import jwt
import pytest

from greenroom.emulator.toolkit.signing import ALGORITHM, KEY_ID, PUBLIC_KEY, signed

CLAIMS = {"sub": "ada", "aud": "tiny"}


def test_a_token_is_verified_with_the_public_half() -> None:
    key = jwt.PyJWK(PUBLIC_KEY).key
    assert jwt.decode(signed(CLAIMS), key, algorithms=[ALGORITHM], audience="tiny") == CLAIMS


def test_a_token_names_the_key() -> None:
    header = jwt.get_unverified_header(signed(CLAIMS))
    assert header == {"alg": ALGORITHM, "kid": KEY_ID, "typ": "JWT"}


def test_a_token_that_was_changed_is_not_verified() -> None:
    head, _, signature = signed(CLAIMS).split(".")
    changed = signed(CLAIMS | {"sub": "eve"}).split(".")[1]
    key = jwt.PyJWK(PUBLIC_KEY).key
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{changed}.{signature}", key, algorithms=[ALGORITHM])


def test_the_same_claims_make_the_same_token() -> None:
    assert signed(CLAIMS) == signed(CLAIMS)
