"""Logins: where HooT learns who a token stands for."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.users import bind_token, log_in


def web_login(call: Call, body: Json) -> Json:
    """Register the login; the answer's `user_id` is the e-mail."""
    user = log_in(call, body)
    bind_token(call, user, call.request.header(b"authorization") or "")
    return {"user_id": user["profile"]["email"], "user_uuid": user["id"]}
