"""Files that meetings left: listed, fetched, deleted."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import httpx
import pytest

from greenroom.state import Store

WEEKLY = "/v1/rooms/10000000-0000-4000-8000-000000000001"
PROTOCOL = f"{WEEKLY}/assets/a5000000-0000-4000-8000-000000000001"

MakeRoom = Callable[..., str]
Options = Callable[..., httpx.Client]


@pytest.fixture
def stage(with_options: Options) -> Callable[[str], httpx.Client]:
    """Acts as one of the cast in the default scenario; all calls share no world."""
    return lambda who: with_options(who, "default")


def test_assets_are_listed_without_what_is_in_them(stage: Callable[[str], httpx.Client]) -> None:
    first, second = stage("alice").get(f"{WEEKLY}/assets").json()
    assert first == {
        "id": "a5000000-0000-4000-8000-000000000001",
        "filename": "protocol.txt",
        "namespace": "protocol",
        "created_at": "2026-01-02T09:00:00Z",
    }
    assert second["namespace"] == "whiteboard"


def test_an_asset_comes_as_its_bytes(stage: Callable[[str], httpx.Client]) -> None:
    answer = stage("alice").get(PROTOCOL)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''protocol.txt"
    assert answer.content == b"Minutes of the weekly\n\n- Alice spoke.\n- Bob agreed.\n"


def test_a_deleted_asset_is_gone(stage: Callable[[str], httpx.Client]) -> None:
    alice = stage("alice")
    assert alice.delete(PROTOCOL).status_code == 204
    for answer in (alice.get(PROTOCOL), alice.delete(PROTOCOL)):
        assert answer.status_code == 404
    assert len(alice.get(f"{WEEKLY}/assets").json()) == 1


def test_an_asset_is_found_only_in_its_own_room(
    stage: Callable[[str], httpx.Client], made_room: MakeRoom
) -> None:
    lounge = PROTOCOL.replace("8000-000000000001/assets", "8000-000000000002/assets")
    assert stage("alice").get(lounge).status_code == 404


def test_an_asset_can_be_put_there_by_a_test(
    store: Store, alice: httpx.Client, made_room: MakeRoom
) -> None:
    room = made_room()
    asset = {
        "id": "a5000000-0000-4000-8000-000000000007",
        "room_id": room.rpartition("/")[2],
        "filename": 'Fünf "Minuten".webm',
        "created_at": "2026-01-05T09:00:00Z",
        "content": b64encode(bytes(range(256))).decode(),
    }
    store.collection("opentalk", "assets", "acme").add(asset)
    answer = alice.get(f"{room}/assets/{asset['id']}")
    assert answer.content == bytes(range(256))
    assert "namespace" not in alice.get(f"{room}/assets").json()[0]
