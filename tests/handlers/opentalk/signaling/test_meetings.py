"""Coming in, hands, roles and going (dossier 8.3 to 8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.handlers.opentalk.signaling.conftest import House

NOW = "2026-01-05T09:00:00Z"


def state(**more: Any) -> dict[str, Any]:
    return {
        "display_name": "Guest",
        "role": "guest",
        "participation_kind": "guest",
        "hand_is_up": False,
        "joined_at": NOW,
        "left_at": None,
        "hand_updated_at": NOW,
        "is_room_owner": False,
        **more,
    }


def test_the_first_one_is_told_what_there_is(house: House) -> None:
    told = house.arrive("alice").join()
    tariff = told.pop("tariff")
    assert isinstance(tariff["modules"], dict)
    assert told.pop("avatar_url").startswith("https://")
    assert told == {
        "id": told["id"],
        "display_name": house.alice.get("/v1/users/me").json()["display_name"],
        "role": "moderator",
        "is_room_owner": True,
        "participants": [],
        "event_info": None,
        "chat": {
            "enabled": True,
            "room_history": [],
            "groups_history": [],
            "private_history": [],
            "last_seen_timestamp_global": None,
            "last_seen_timestamps_private": {},
            "last_seen_timestamps_group": {},
        },
        "moderation": {
            "raise_hands_enabled": True,
            "waiting_room_enabled": False,
            "waiting_room_participants": [],
        },
        "media": {"is_presenter": True, "speakers": []},
        "recording": None,
    }


def test_others_see_a_guest_come_in(house: House) -> None:
    alice = house.enter("alice")
    guest = house.arrive(None)
    told = guest.join("  Grace   Hopper ")
    assert [each["id"] for each in told["participants"]] == [alice.id]
    shown = state(display_name="Grace Hopper")
    assert alice.heard() == [
        {
            "name": "control.joined",
            "id": guest.id,
            "control": shown,
            "media": {"is_presenter": True},
        }
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "ü" * 51, None])
def test_a_guest_needs_a_name(house: House, name: str | None) -> None:
    guest = house.arrive(None)
    guest.say("control", "join", **({} if name is None else {"display_name": name}))
    assert guest.heard() == [{"name": "control.error", "error": "invalid_username"}]


def test_nobody_joins_twice(house: House) -> None:
    alice = house.enter("alice")
    alice.say("control", "join")
    assert alice.heard() == [{"name": "control.error", "error": "already_joined"}]


def test_who_has_not_joined_can_do_nothing_else(house: House) -> None:
    guest = house.arrive(None)
    guest.say("control", "raise_hand")
    guest.say("chat", "send_message", scope="global", content="hello")
    assert guest.heard() == [{"name": "control.error", "error": "not_yet_joined"}]


def test_the_invited_come_with_the_role_of_their_invite(house: House) -> None:
    event = house.invite(role="moderator")
    told = house.arrive("bob").join()
    assert (told["role"], told["is_room_owner"]) == ("moderator", False)
    assert told["event_info"] == {"id": event, "title": "Weekly", "is_adhoc": False}


def test_a_raised_hand_is_seen_by_the_others(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    house.order("POST /clock/advance", by=60)
    guest.say("control", "raise_hand")
    assert guest.heard() == [{"name": "control.hand_raised"}]
    shown = state(hand_is_up=True, hand_updated_at="2026-01-05T09:01:00Z")
    media = {"is_presenter": True}
    update = {"name": "control.update", "id": guest.id, "control": shown, "media": media}
    assert alice.heard() == [update]
    guest.say("control", "lower_hand")
    assert guest.names() == ["control.hand_lowered"]
    assert alice.heard()[0]["control"]["hand_is_up"] is False


def test_a_moderator_makes_a_moderator_and_unmakes_him(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    alice.say("control", "grant_moderator_role", target=guest.id)
    assert guest.heard() == [{"name": "control.role_updated", "new_role": "moderator"}]
    assert [each["control"]["role"] for each in alice.heard()] == ["moderator"]
    alice.say("control", "revoke_moderator_role", target=guest.id)
    assert alice.names() == ["control.update"]
    assert guest.heard() == [{"name": "control.role_updated", "new_role": "guest"}]


@pytest.mark.parametrize(
    ("who", "action", "target", "error"),
    [
        ("guest", "grant_moderator_role", "guest", "insufficient_permissions"),
        ("alice", "grant_moderator_role", "nobody", "not_yet_joined"),
        ("alice", "grant_moderator_role", "alice", "target_is_room_owner"),
        ("alice", "revoke_moderator_role", "guest", "nothing_to_do"),
    ],
)
def test_roles_that_cannot_be_changed(
    house: House, who: str, action: str, target: str, error: str
) -> None:
    people = {"alice": house.enter("alice"), "guest": house.enter(None, "Guest")}
    people["alice"].heard()
    ids = {name: each.id for name, each in people.items()}
    people[who].say("control", action, target=ids.get(target, target))
    assert people[who].heard() == [{"name": "control.error", "error": error}]


def test_who_goes_is_still_shown_to_those_who_come_later(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    guest.socket.close()
    assert alice.hear()["payload"] == {"message": "left", "id": guest.id}
    [shown] = [
        each for each in house.arrive(None).join("Late")["participants"] if each["id"] == guest.id
    ]
    assert shown["control"] == state(left_at=NOW)


def test_a_session_is_resumed_with_its_token(house: House) -> None:
    alice, guest = house.enter("alice"), house.start(None)
    person = house.come(guest["ticket"])
    person.join("Guest")
    refused = house.start(None, 400, resumption=guest["resumption"])
    assert refused["code"] == "session_running"
    person.socket.close()
    alice.hear(), alice.hear()
    again = house.arrive(None, resumption=guest["resumption"])
    assert again.join("Guest")["id"] == person.id


def test_who_resumes_a_session_still_has_a_hand_up(house: House) -> None:
    alice, guest = house.enter("alice"), house.start(None)
    person = house.come(guest["ticket"])
    person.join("Guest")
    person.say("control", "raise_hand")
    assert person.names() == ["control.hand_raised"]
    assert alice.names() == ["control.joined", "control.update"]
    person.socket.close()
    assert alice.hear()["payload"]["message"] == "left"
    house.order("POST /clock/advance", by=60)
    house.arrive(None, resumption=guest["resumption"]).join("Guest")
    [joined] = alice.heard()
    later = "2026-01-05T09:01:00Z"
    assert joined["control"] == state(hand_is_up=True, joined_at=later)


@pytest.mark.parametrize("action", ["reset_raised_hands", "disable_raise_hands"])
def test_a_hand_is_also_taken_down_while_its_owner_is_away(house: House, action: str) -> None:
    alice, guest = house.enter("alice"), house.start(None)
    person = house.come(guest["ticket"])
    person.join("Guest")
    person.say("control", "raise_hand")
    assert person.names() == ["control.hand_raised"]
    person.socket.close()
    assert [alice.hear()["payload"]["message"] for _ in range(3)] == ["joined", "update", "left"]
    alice.say("moderation", action)
    assert len(alice.heard()) == 1
    house.arrive(None, resumption=guest["resumption"]).join("Guest")
    assert [each["control"] for each in alice.heard()] == [state()]


def test_who_resumes_a_session_comes_with_the_role_of_now(house: House) -> None:
    event = house.invite()
    bob, alice = house.start("bob"), house.enter("alice")
    person = house.come(bob["ticket"])
    assert person.join()["role"] == "user"
    invitee = house.client("bob").get("/v1/users/me").json()["id"]
    invite = f"/v1/events/{event}/invites/{invitee}"
    assert house.alice.patch(invite, json={"role": "moderator"}).status_code == 204
    assert (person.names(), alice.names()) == ([], ["control.joined"])
    person.socket.close()
    assert alice.hear()["payload"] == {"message": "left", "id": person.id}
    again = house.arrive("bob", resumption=bob["resumption"]).join()
    assert (again["id"], again["role"]) == (person.id, "moderator")


def test_a_token_lapses_after_two_minutes(house: House) -> None:
    alice, guest = house.enter("alice"), house.start(None)
    person = house.come(guest["ticket"])
    person.join("Guest")
    person.socket.close()
    alice.hear(), alice.hear()
    house.order("POST /clock/advance", by="PT2M")
    again = house.arrive(None, resumption=guest["resumption"])
    assert again.join("Guest")["id"] != person.id


def test_deleting_the_room_sends_everybody_away(house: House) -> None:
    guest = house.enter(None, "Guest")
    assert house.alice.delete(f"/v1/rooms/{house.room}").status_code == 204
    assert guest.ends() == (["control.room_deleted"], 1000)


def test_the_tariff_limits_how_many_there_are_and_for_how_long(house: House) -> None:
    [tariff] = house.order("GET /state/opentalk/tariffs")[:1]
    record = tariff.get("record", tariff)
    quotas = {"room_participant_limit": 1, "room_time_limit_secs": 600}
    house.order(f"PUT /state/opentalk/tariffs/{record['id']}", **{**record, "quotas": quotas})
    alice = house.arrive("alice")
    assert alice.join()["closes_at"] == "2026-01-05T09:10:00Z"
    guest = house.arrive(None)
    guest.say("control", "join", display_name="Late")
    reason = "participant_limit_reached"
    assert guest.heard() == [{"name": "control.join_blocked", "reason": reason}]
    house.order("POST /clock/advance", by="PT10M")
    assert alice.ends() == (["control.time_limit_quota_elapsed"], 1000)


@pytest.mark.parametrize(
    "text",
    [
        '{"namespace": "nowhere", "payload": {"action": "join"}}',
        '{"namespace": "chat", "payload": {"action": "fly"}}',
        '{"namespace": "chat", "payload": 7}',
        '{"namespace": "timer", "payload": {}}',
    ],
)
@pytest.mark.parametrize("waiting_room", [False, True])
def test_before_the_join_only_control_is_listened_to(
    house: House, waiting_room: bool, text: str
) -> None:
    house.make_room(waiting_room=waiting_room)
    guest, waits = house.arrive(None), []
    if waiting_room:
        guest.say("control", "join", display_name="Guest")
        waits = ["moderation.in_waiting_room"]
    guest.socket.send(text)
    assert guest.names() == waits


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", "invalid_json"),
        ("[]", "invalid_json"),
        ("7", "invalid_json"),
        ('{"namespace": "control"}', "invalid_json"),
        ('{"namespace": 1, "payload": {"action": "join"}}', "invalid_json"),
        ('{"namespace": "nowhere", "payload": {"action": "join"}}', "invalid_namespace"),
        ('{"namespace": "control", "payload": {"action": "fly"}}', "invalid_json"),
        ('{"namespace": "timer", "payload": {}}', "invalid_json"),
        (
            '{"namespace": "control", "payload": {"action": "join", "display_name": 7}}',
            "invalid_json",
        ),
        ("[" * 5000, "invalid_json"),
    ],
)
def test_what_makes_no_sense_is_told_to_its_sender(house: House, text: str, error: str) -> None:
    guest = house.enter(None, "Guest")
    guest.socket.send(text)
    assert guest.heard() == [{"name": "control.error", "error": error}]


def test_binary_frames_are_read_as_text(house: House) -> None:
    guest = house.arrive(None)
    guest.socket.send(b'{"namespace": "echo", "payload": {"any": [1]}}')
    assert guest.hear() == {"namespace": "echo", "timestamp": NOW, "payload": {"any": [1]}}


def test_a_reset_ends_the_connection(house: House) -> None:
    guest = house.enter(None, "Guest")
    house.order("POST /reset")
    assert guest.ends() == ([], 1012)
