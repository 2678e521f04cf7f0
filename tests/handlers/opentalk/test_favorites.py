from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

Made = Callable[..., dict[str, Any]]
MARKS = "/v1/users/me/event_favorites"
BOB = "b0b00000-0000-4000-8000-000000000002"
NOTHING = "00000000-0000-4000-8000-000000000000"


def test_an_event_is_marked_once(alice: httpx.Client, made_event: Made) -> None:
    event = made_event()["id"]
    assert alice.put(f"{MARKS}/{event}").status_code == 201
    assert alice.put(f"{MARKS}/{event}").status_code == 204
    assert alice.get(f"/v1/events/{event}").json()["is_favorite"] is True


def test_a_mark_is_the_callers_own(
    alice: httpx.Client, bob: httpx.Client, made_event: Made
) -> None:
    event = made_event()["id"]
    alice.post(f"/v1/events/{event}/invites", json={"invitee": BOB})
    assert bob.put(f"{MARKS}/{event}").status_code == 201
    assert alice.get(f"/v1/events/{event}").json()["is_favorite"] is False
    assert alice.delete(f"{MARKS}/{event}").status_code == 404
    assert bob.delete(f"{MARKS}/{event}").status_code == 204
    assert bob.delete(f"{MARKS}/{event}").status_code == 404


def test_only_what_one_sees_can_be_marked(
    carol: httpx.Client, mallory: httpx.Client, made_event: Made
) -> None:
    event = made_event()["id"]
    for client, name in ((carol, event), (mallory, event), (carol, NOTHING), (carol, "mine")):
        assert client.put(f"{MARKS}/{name}").status_code == 404
        assert client.delete(f"{MARKS}/{name}").status_code == 404
