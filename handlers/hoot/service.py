"""What HooT says of itself: that it lives, its keys, its door, and whether a code opens it."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.emulator.toolkit.signing import ALGORITHM, PUBLIC_KEY
from greenroom.handlers.hoot.errors import EntryCodeError
from greenroom.handlers.hoot.places import base

PAGE = b"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>HooT</title></head>
<body>
<h1>You are in</h1>
<p>This is where the mixer would take over. Nothing happens here.</p>
</body>
</html>
"""


def status(call: Call) -> None:
    """Say that all is well, by answering."""


def check_entry_code(call: Call, body: Json) -> None:
    """Answer 200 for a code that is configured."""
    if body["code"] not in call.option("entry_codes"):
        raise EntryCodeError


def join_page(call: Call) -> Reply:
    """Show a page; the join happened before, when the link was handed out."""
    return Reply(PAGE, media_type="text/html; charset=utf-8")


def get_open_id_configuration(call: Call) -> Json:
    """Tell where the keys are."""
    return {
        "issuer": f"{base(call)}/",
        "jwks_uri": f"{base(call)}/.well-known/jwks.json",
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }


def get_json_web_key_set(call: Call) -> Json:
    """Show the public half of the key that events are signed with."""
    return {"keys": [PUBLIC_KEY]}
