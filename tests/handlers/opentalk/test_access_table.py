"""Who may do what, operation by operation: checked in as a table, and found out over HTTP.

The tables `access.docs.txt` and `access.live.txt` hold the status that each person gets for each
operation on what is alice's. When one is meant to change, the failing test shows the new table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator
from greenroom.handlers.opentalk.access import LEAST, SERVICES, WITH_CODE, Tie

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ROOM = "/v1/rooms/10000000-0000-4000-8000-000000000001"
EVENT = "/v1/events/e0000000-0000-4000-8000-000000000001"
MARK = "/v1/users/me/event_favorites/e0000000-0000-4000-8000-000000000001"
INVITE = f"{ROOM}/invites/c0000000-0000-4000-8000-000000000001"
ASSET = f"{ROOM}/assets/a5000000-0000-4000-8000-000000000001"
TARGET = f"{ROOM}/streaming_targets/57000000-0000-4000-8000-000000000001"
INSTANCE = f"{EVENT}/instances/20260112T090000Z"
BOB = "b0b00000-0000-4000-8000-000000000002"
CAROL = "ca901000-0000-4000-8000-000000000003"
GUEST = "InviteCode c0000000-0000-4000-8000-000000000001"

PEOPLE = {
    "owner": "Bearer alice",
    "invited": "Bearer bob",
    "colleague": "Bearer carol",
    "stranger": "Bearer mallory",
    "guest": GUEST,
    "service": "Bearer call-in",
    "nobody": "",
}
STREAM = {
    "name": "Town square",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.example/town",
    "streaming_key": "a key",
    "public_url": "https://watch.example/town",
}
IDLE = {"title": "Idle", "description": "", "is_time_independent": True}
WAITING = {"waiting_room": True}
PIN = {"id": "1234567890", "pin": "5555555555"}
ENTRY = {"invite_code": INVITE.rpartition("/")[2], "password": "swordfish"}

# dossier 2, in its order
CALLS: dict[str, tuple[str, str, Any]] = {
    "auth_login": ("POST", "/v1/auth/login", {"id_token": "alice"}),
    "get_auth_providers": ("GET", "/v1/auth/login", None),
    "get_rooms": ("GET", "/v1/rooms", None),
    "post_rooms": ("POST", "/v1/rooms", {"password": "x", "enable_sip": False}),
    "patch_room": ("PATCH", ROOM, WAITING),
    "get_room": ("GET", ROOM, None),
    "delete_room": ("DELETE", ROOM, None),
    "get_room_tariff": ("GET", f"{ROOM}/tariff", None),
    "get_room_event": ("GET", f"{ROOM}/event", None),
    "signaling_start": ("POST", f"{ROOM}/start", {}),
    "signaling_start_invited": ("POST", f"{ROOM}/start_invited", ENTRY),
    "get_all_invites": ("GET", f"{ROOM}/invites", None),
    "create_invite": ("POST", f"{ROOM}/invites", {}),
    "get_invite": ("GET", INVITE, None),
    "put_invite": ("PUT", INVITE, {"expiration": None}),
    "delete_invite": ("DELETE", INVITE, None),
    "verify_invite": ("POST", "/v1/invite/verify", {"invite_code": ENTRY["invite_code"]}),
    "get_sip": ("GET", f"{ROOM}/sip", None),
    "put_sip": ("PUT", f"{ROOM}/sip", {"lobby": True}),
    "delete_sip": ("DELETE", f"{ROOM}/sip", None),
    "get_all_assets": ("GET", f"{ROOM}/assets", None),
    "get_asset": ("GET", ASSET, None),
    "delete_asset": ("DELETE", ASSET, None),
    "get_users": ("GET", "/v1/users", None),
    "patch_users_me": ("PATCH", "/v1/users/me", {"title": "Dr."}),
    "get_users_me": ("GET", "/v1/users/me", None),
    "get_me_tariff": ("GET", "/v1/users/me/tariff", None),
    "get_user": ("GET", f"/v1/users/{BOB}", None),
    "find_user": ("GET", "/v1/users/find?q=alice", None),
    "add_event_favorite": ("PUT", MARK, None),
    "delete_event_favorite": ("DELETE", MARK, None),
    "get_turn": ("GET", "/v1/turn", None),
    "signaling_websocket": ("GET", "/v1/signaling", None),
    "new_event": ("POST", "/v1/events", IDLE),
    "get_events": ("GET", "/v1/events", None),
    "get_event": ("GET", EVENT, None),
    "patch_event": ("PATCH", EVENT, {"title": "Changed"}),
    "delete_event": ("DELETE", EVENT, None),
    "get_event_instances": ("GET", f"{EVENT}/instances?per_page=2", None),
    "get_event_instance": ("GET", INSTANCE, None),
    "patch_event_instance": ("PATCH", INSTANCE, {"title": "Changed"}),
    "create_event_invites": ("POST", f"{EVENT}/invites", {"invitee": CAROL}),
    "get_event_invites": ("GET", f"{EVENT}/invites", None),
    "update_event_invite": ("PATCH", f"{EVENT}/invites/{BOB}", {"role": "user"}),
    "delete_event_invite": ("DELETE", f"{EVENT}/invites/{BOB}", None),
    "delete_email_invite": ("DELETE", f"{EVENT}/invites/email", {"email": "guest@example.org"}),
    "accept_event_invite": ("PATCH", f"{EVENT}/invite", None),
    "decline_event_invite": ("DELETE", f"{EVENT}/invite", None),
    "get_shared_folder": ("GET", f"{EVENT}/shared_folder", None),
    "put_shared_folder": ("PUT", f"{EVENT}/shared_folder", None),
    "delete_shared_folder": ("DELETE", f"{EVENT}/shared_folder", None),
    "event_invites_pending": ("GET", "/v1/users/me/pending_invites", None),
    "start_sip": ("POST", "/v1/services/call_in/start", PIN),
    "get_streaming_targets": ("GET", f"{ROOM}/streaming_targets", None),
    "post_streaming_target": ("POST", f"{ROOM}/streaming_targets", STREAM),
    "get_streaming_target": ("GET", TARGET, None),
    "patch_streaming_target": ("PATCH", TARGET, {"name": "Market"}),
    "delete_streaming_target": ("DELETE", TARGET, None),
}
# What somebody of another tenant gets to see are its own things, and what a code says to anybody.
TOLD_TO_ANYBODY = {"signaling_start_invited", "verify_invite"}


@pytest.fixture(scope="module")
def stages() -> Iterator[Callable[[str], Emulator]]:
    opened: dict[str, Emulator] = {}

    def stage(profile: str) -> Emulator:
        if profile not in opened:
            opened[profile] = Emulator(
                providers=["opentalk"],
                at=START,
                frozen=True,
                options={"opentalk": {"profile": profile}},
            )
        return opened[profile]

    yield stage
    for each in opened.values():
        each.close()


def answer_to(emulator: Emulator, person: str, operation: str) -> httpx.Response:
    """What this person gets for it in a world where nothing happened before."""
    method, path, body = CALLS[operation]
    client = emulator.client("opentalk", world=f"{person}-{operation.replace('_', '-')}")
    headers = {"Authorization": PEOPLE[person]} if PEOPLE[person] else {}
    return client.request(method, path, json=body, headers=headers)


def table(emulator: Emulator) -> str:
    rows = [f"{'operation':24}" + "".join(f"{person:>10}" for person in PEOPLE)]
    for operation in CALLS:
        statuses = [answer_to(emulator, person, operation).status_code for person in PEOPLE]
        rows.append(f"{operation:24}" + "".join(f"{status:>10}" for status in statuses))
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("profile", ["docs", "live"])
def test_everybody_gets_what_the_table_says(
    stages: Callable[[str], Emulator], profile: str
) -> None:
    checked_in = Path(__file__).with_name(f"access.{profile}.txt").read_text("utf-8")
    assert table(stages(profile)) == checked_in


def test_the_table_knows_every_operation(stages: Callable[[str], Emulator]) -> None:
    paths = stages("docs").client("opentalk").get("/openapi.json").json()["paths"]
    documented = {
        operation["operationId"]
        for path, methods in paths.items()
        if path.startswith("/v1/")
        for operation in methods.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert set(CALLS) == documented
    assert len(CALLS) == 58


@pytest.mark.parametrize("profile", ["docs", "live"])
def test_nothing_of_alices_is_shown_to_another_tenant(
    stages: Callable[[str], Emulator], profile: str
) -> None:
    for operation in set(CALLS) - TOLD_TO_ANYBODY:
        answer = answer_to(stages(profile), "stranger", operation)
        for secret in ("acme", "swordfish", "1234567890", "Weekly", "weekly"):
            assert secret not in answer.text, operation


def test_what_is_not_there_and_what_is_not_ones_own_look_the_same(
    stages: Callable[[str], Emulator],
) -> None:
    for operation in set(LEAST) - {"patch_room", "update_event_invite"}:
        method, path, body = CALLS[operation]
        client = stages("docs").client("opentalk", world="compare")
        client.headers["Authorization"] = "Bearer mallory"
        other = path.replace("-000000000001", "-00000000dead")
        known, unknown = (client.request(method, each, json=body) for each in (path, other))
        assert known.json() == unknown.json(), operation


def test_the_rules_are_about_operations_that_are_there() -> None:
    assert set(LEAST) | set(SERVICES) | WITH_CODE <= set(CALLS)
    assert Tie.NONE not in LEAST.values()
