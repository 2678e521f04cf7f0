"""The smaller resources: assets, streaming targets, tariffs, TURN servers, where things are."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.state import Store

WEEKLY = "/v1/rooms/10000000-0000-4000-8000-000000000001"
PROTOCOL = f"{WEEKLY}/assets/a5000000-0000-4000-8000-000000000001"
TARGET = {
    "name": "Town square",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.acme.example/town",
    "streaming_key": "a key",
    "public_url": "https://watch.acme.example/town",
}

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


def test_a_target_is_shown_as_it_was_made(alice: httpx.Client, made_room: MakeRoom) -> None:
    targets = f"{made_room()}/streaming_targets"
    answer = alice.post(targets, json=TARGET)
    assert answer.status_code == 201
    made = answer.json()
    assert made == TARGET | {"id": made["id"]}
    assert alice.get(targets).json() == [made]
    assert alice.get(f"{targets}/{made['id']}").json() == made


def test_a_bare_host_gets_a_path(alice: httpx.Client, made_room: MakeRoom) -> None:
    body = TARGET | {"public_url": "https://watch.acme.example"}
    answer = alice.post(f"{made_room()}/streaming_targets", json=body)
    assert answer.json()["public_url"] == "https://watch.acme.example/"


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


def test_a_tariff_lists_what_it_has(alice: httpx.Client) -> None:
    tariff = alice.get("/v1/users/me/tariff").json()
    assert (tariff["name"], tariff["quotas"]) == ("OpenTalkDefaultTariff", {})
    assert tariff["disabled_features"] == []
    assert tariff["enabled_modules"] == [module["name"] for module in tariff["modules"]]
    assert {"name": "core", "features": ["call_in"]} in tariff["modules"]


def test_a_tariff_leaves_out_what_it_has_not(carol: httpx.Client) -> None:
    tariff = carol.get("/v1/users/me/tariff").json()
    assert tariff["quotas"] == {"room_participant_limit": 5, "room_time_limit_secs": 2700}
    assert tariff["disabled_features"] == ["core::call_in", "call_in"]
    assert not {"breakout", "recording"} & set(tariff["enabled_modules"])
    assert {"name": "core", "features": []} in tariff["modules"]


def test_a_rooms_tariff_is_that_of_whoever_made_it(
    alice: httpx.Client, made_room: MakeRoom
) -> None:
    tariff = alice.get(f"{made_room()}/tariff")
    assert tariff.json() == alice.get("/v1/users/me/tariff").json()


def test_turn_credentials_are_what_the_servers_expect(alice: httpx.Client) -> None:
    turn, stun = alice.get("/v1/turn").json()
    until, _, random = turn["username"].partition(":turn_random_for_privacy_")
    assert (until, turn["ttl"], len(b64decode(random))) == ("1767690000", "1767690000", 16)
    digest = hmac.digest(b"greenroom", turn["username"].encode(), "sha1")
    assert turn["password"] == b64encode(digest).decode()
    assert turn["uris"][0] == "turn:127.0.0.1:3478?transport=udp"
    assert stun == {"uris": ["stun:127.0.0.1:3478"]}


def test_turn_credentials_are_new_each_time(alice: httpx.Client) -> None:
    names = {alice.get("/v1/turn").json()[0]["username"] for _ in range(5)}
    assert len(names) == 5


@pytest.mark.parametrize(("servers", "shown"), [(1, 1), (2, 1), (3, 2), (9, 2)])
def test_of_many_turn_servers_two_are_drawn(
    with_options: Options, servers: int, shown: int
) -> None:
    uris = [f"turn:{number}.example" for number in range(servers)]
    alice = with_options("alice", turn_servers=uris, stun_servers=[])
    drawn = [uri for each in alice.get("/v1/turn").json() for uri in each["uris"]]
    assert len(set(drawn)) == shown
    assert set(drawn) <= set(uris)


def test_no_turn_server_is_a_mistake_of_the_installation(with_options: Options) -> None:
    alice = with_options("alice", turn_servers=[], stun_servers=[])
    answer = alice.get("/v1/turn")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")


def test_newer_clients_find_the_api(nobody: httpx.Client) -> None:
    base = nobody.get("/.well-known/opentalk/client").json()["opentalk_controller"]["base_url"]
    path = nobody.get("/.well-known/opentalk/api").json()["opentalk_api"]["v1"]["base_url"]
    assert re.fullmatch(r"http://127\.0\.0\.1:8800/~test-\d+/opentalk", base)
    assert nobody.get(f"{base}{path}/auth/login").status_code == 200
