"""Finding people who are written, or only sound, like what is looked for."""

from __future__ import annotations

from jellyfish import levenshtein_distance, soundex

from greenroom.emulator.toolkit import Call, Json

# dossier 7.1
FARTHEST = 5


def found_users(call: Call, wanted: str) -> list[Json]:
    """The tenant's users that match, the most like what is wanted first."""
    found = [user for user in call.collection("users") if _matches(user, wanted)]
    return sorted(found, key=lambda user: _distances(user, wanted))


def _matches(user: Json, wanted: str) -> bool:
    names = (user["display_name"], _full_name(user))
    return _is_in(wanted, *names, user["email"]) or any(_is_like(name, wanted) for name in names)


def _distances(user: Json, wanted: str) -> tuple[int, int, str]:
    return (_apart(user["display_name"], wanted), _apart(_full_name(user), wanted), user["id"])


def _full_name(user: Json) -> str:
    return f"{user['firstname']} {user['lastname']}"


def _is_in(wanted: str, *texts: str) -> bool:
    return any(wanted.casefold() in text.casefold() for text in texts)


def _is_like(name: str, wanted: str) -> bool:
    """Whether the two sound alike and are spelled nearly alike."""
    code = soundex(name)
    return bool(code) and code == soundex(wanted) and _apart(name, wanted) < FARTHEST


def _apart(name: str, wanted: str) -> int:
    return levenshtein_distance(name.casefold(), wanted.casefold())


def found_strangers(call: Call, wanted: str) -> list[Json]:
    """Those of the tenant that only the OpenID provider knows, by a part of name or address."""
    users = call.collection("users")
    return [
        identity
        for identity in call.shared("identities").find(tenant=call.tenant)
        if users.first(sub=identity["id"]) is None
        and _is_in(wanted, f"{identity['given_name']} {identity['family_name']}", identity["email"])
    ]
