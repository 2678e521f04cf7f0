"""The personal lists, marks on favourites, and search."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.hoot.auth import caller_user, check_identity, require_caller
from greenroom.handlers.hoot.errors import NotAPartyError
from greenroom.handlers.hoot.parties import party_of, trace
from greenroom.handlers.hoot.shapes import partyconfs

ALL = -1


def user_last_joined_conferences(call: Call, user_uuid: str, to: int, from_: int = 0) -> Reply:
    """Answer with what the user joined, the latest join first."""
    return _window(call, "joins", _user(call, user_uuid), max(from_, 0), to)


def user_invited_to_conferences(call: Call, user_uuid: str, to: int, from_: int = 0) -> Reply:
    """Answer with what the user is a party of, the latest first."""
    return _window(call, "parties", _user(call, user_uuid), from_, to)


def _window(call: Call, kept_in: str, user: Json, first: int, to: int) -> Reply:
    """Those from `first` to before `to`; only a `first` beyond the number is no content."""
    collection, parties = call.collection(kept_in), call.collection("parties")
    number = collection.count(user=user["id"])
    if first > number:
        return Reply(status=204)
    end = number if to == ALL else min(to, number)
    size = max(end - first, 0)  # the latest come first, so the window is as far from the end
    found = collection.find(user=user["id"], skip=number - first - size, limit=size)
    return Reply(partyconfs(call, [parties.get(each["id"]) for each in reversed(found)]), 200)


def user_favourite_conference(call: Call, user_uuid: str) -> list[Json]:
    """Answer with what the user marked, the earliest mark first."""
    user = _user(call, user_uuid)
    marks = call.collection("favourites").find(user=user["id"])
    return partyconfs(call, [call.collection("parties").get(each["id"]) for each in marks])


def user_set_favourite_conference(call: Call, user_uuid: str, conf_id: str) -> None:
    """Mark a conference; twice is once."""
    user = call.collection("users").get(user_uuid)
    call.collection("conferences").get(conf_id)
    check_identity(call, user)
    party = party_of(call, conf_id, user)
    if party is None:
        raise NotAPartyError
    favourites = call.collection("favourites")
    if party["id"] not in favourites:
        favourites.add(trace(party))


def user_unset_favourite_conference(call: Call, user_uuid: str, conf_id: str) -> None:
    """Take the mark off, if there is one."""
    user = call.collection("users").get(user_uuid)
    call.collection("conferences").get(conf_id)
    check_identity(call, user)
    favourites = call.collection("favourites")
    mark = favourites.first(user=user["id"], conference=conf_id)
    if mark is not None:
        favourites.remove(mark["id"])


def search_conferences(call: Call, search_string: str, count: int) -> list[Json]:
    """Answer with the caller's conferences that have this in their name."""
    require_caller(call)
    wanted, conferences = search_string.lower(), call.collection("conferences")
    user = caller_user(call)
    found = [
        each
        for each in (_parties_of_user(call, user) if user else [])
        if wanted in conferences.get(each["conference"])["name"].lower()
    ]
    return partyconfs(call, found if count == ALL else found[:count])


def _user(call: Call, user_uuid: str) -> Json:
    user = call.collection("users").get(user_uuid)
    check_identity(call, user)
    return user


def _parties_of_user(call: Call, user: Json) -> list[Json]:
    return call.collection("parties").find(user=user["id"])[::-1]
