"""Streaming targets: made, changed, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

TARGET = {
    "name": "Town square",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.acme.example/town",
    "streaming_key": "a key",
    "public_url": "https://watch.acme.example/town",
}

MakeRoom = Callable[..., str]


def test_a_target_is_shown_as_it_was_made(alice: httpx.Client, made_room: MakeRoom) -> None:
    targets = f"{made_room()}/streaming_targets"
    answer = alice.post(targets, json=TARGET)
    assert answer.status_code == 201
    made = answer.json()
    assert made == TARGET | {"id": made["id"]}
    assert alice.get(targets).json() == [made]
    assert alice.get(f"{targets}/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://watch.acme.example", "https://watch.acme.example/"),
        ("https://watch.acme.example?room=1", "https://watch.acme.example/?room=1"),
        ("rtmp://live.acme.example:1935/a/b", "rtmp://live.acme.example:1935/a/b"),
        ("mailto:alice@acme.example", "mailto:alice@acme.example"),
    ],
)
def test_a_bare_host_gets_a_path(
    alice: httpx.Client, made_room: MakeRoom, sent: str, kept: str
) -> None:
    body = TARGET | {"public_url": sent}
    answer = alice.post(f"{made_room()}/streaming_targets", json=body)
    assert answer.json()["public_url"] == kept


@pytest.mark.parametrize(
    "change",
    [{"kind": "twitch"}, {"public_url": "nowhere"}, {"name": None}, {"streaming_key": 7}],
)
def test_a_target_that_makes_no_sense_is_refused(
    alice: httpx.Client, made_room: MakeRoom, change: dict[str, Any]
) -> None:
    answer = alice.post(f"{made_room()}/streaming_targets", json=TARGET | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_a_target_changes_where_it_is_told_to(alice: httpx.Client, made_room: MakeRoom) -> None:
    targets = f"{made_room()}/streaming_targets"
    made = alice.post(targets, json=TARGET).json()
    changed = alice.patch(f"{targets}/{made['id']}", json={"name": "Market"})
    assert (changed.status_code, changed.json()) == (200, made | {"name": "Market"})


@pytest.mark.parametrize("body", [{}, {"colour": "green"}, {"name": None}])
def test_a_change_of_no_target_member_is_refused(
    alice: httpx.Client, made_room: MakeRoom, body: dict[str, Any]
) -> None:
    targets = f"{made_room()}/streaming_targets"
    made = alice.post(targets, json=TARGET).json()
    answer = alice.patch(f"{targets}/{made['id']}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_deleted_target_is_gone(alice: httpx.Client, made_room: MakeRoom) -> None:
    targets = f"{made_room()}/streaming_targets"
    target = f"{targets}/{alice.post(targets, json=TARGET).json()['id']}"
    assert alice.delete(target).status_code == 204
    for answer in (alice.get(target), alice.delete(target), alice.patch(target, json=TARGET)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
