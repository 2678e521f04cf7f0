"""Search histories: the terms a user's client wants remembered."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call
from greenroom.handlers.hoot.auth import check_identity
from greenroom.handlers.hoot.users import user_named


def add_user_search_string(call: Call, user_id: str, search_string: str) -> None:
    """Put a term at the end of the history, once."""
    user = user_named(call, user_id)
    check_identity(call, user)
    terms = call.collection("search_strings")
    term = {"id": f"{search_string}/{user['id']}", "user": user["id"], "term": search_string}
    if term["id"] in terms:
        terms.remove(term["id"])
    terms.add(term)


def user_search_strings(call: Call, user_id: str) -> list[str]:
    """Answer with the history, oldest first."""
    user = user_named(call, user_id)
    check_identity(call, user)
    return [each["term"] for each in call.collection("search_strings").find(user=user["id"])]
