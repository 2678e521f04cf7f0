"""Moderation, chat, breakout rooms and media (dossier 8.8 to 8.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.handlers.opentalk.signaling.conftest import House, Person

NOW = "2026-01-05T09:00:00Z"


def waiting(house: House) -> tuple[Person, Person]:
    """Alice in the meeting, a guest in its waiting room."""
    house.make_room(waiting_room=True)
    alice, guest = house.enter("alice"), house.arrive(None)
    guest.say("control", "join", display_name="Guest")
    assert guest.names() == ["moderation.in_waiting_room"]
    guest.id = alice.heard()[0]["id"]
    return alice, guest


def test_a_guest_waits_until_a_moderator_accepts_him(house: House) -> None:
    alice, guest = waiting(house)
    guest.say("control", "enter_room")
    error = "not_accepted_or_not_in_waiting_room"
    assert guest.heard() == [{"name": "control.error", "error": error}]
    alice.say("moderation", "accept", target=guest.id)
    assert alice.names() == []
    assert guest.names() == ["moderation.accepted"]
    guest.say("control", "enter_room")
    assert guest.names() == ["control.join_success"]
    assert alice.names() == ["moderation.left_waiting_room", "control.joined"]


def test_a_moderator_who_comes_later_sees_who_waits(house: House) -> None:
    house.invite(role="moderator", waiting_room=True)
    alice, guest = house.enter("alice"), house.arrive(None)
    guest.say("control", "join", display_name="Guest")
    alice.heard(), guest.heard()
    moderation = house.arrive("bob").join()["moderation"]
    [shown] = moderation.pop("waiting_room_participants")
    assert moderation == {"raise_hands_enabled": True, "waiting_room_enabled": True}
    assert (shown["control"]["display_name"], shown["waiting_room_state"]) == ("Guest", "waiting")


def test_who_hangs_up_while_waiting_no_longer_waits(house: House) -> None:
    alice, guest = waiting(house)
    guest.socket.close()
    assert alice.hear()["payload"] == {"message": "left_waiting_room", "id": guest.id}


def test_who_only_waited_was_never_in_the_meeting(house: House) -> None:
    alice, guest = waiting(house)
    alice.say("moderation", "kick", target=guest.id)
    assert alice.names() == ["moderation.left_waiting_room"]
    assert guest.ends() == (["moderation.kicked"], 1000)
    alice.say("moderation", "disable_waiting_room")
    assert alice.names() == ["moderation.waiting_room_disabled"]
    other = house.enter(None, "Other")
    other.socket.close()
    assert [alice.hear()["payload"]["message"] for _ in range(2)] == ["joined", "left"]
    there = house.arrive(None).join("Late")["participants"]
    assert [each["id"] for each in there] == [alice.id, other.id]


def test_who_is_kicked_has_to_wait_again(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.say("moderation", "enable_waiting_room")
    alice.say("moderation", "kick", target=guest.id)
    assert guest.ends() == (["moderation.waiting_room_enabled", "moderation.kicked"], 1000)
    assert alice.names() == ["control.joined", "moderation.waiting_room_enabled", "control.left"]


def test_who_is_banned_cannot_start_again_until_all_are_gone(house: House) -> None:
    house.invite()
    alice, bob = house.enter("alice"), house.enter("bob")
    alice.say("moderation", "ban", target=bob.id)
    assert bob.ends() == (["moderation.banned"], 1000)
    assert house.start("bob", 403)["code"] == "banned_from_room"
    alice.heard()
    alice.socket.close()
    house.order("GET /sockets")
    assert "ticket" in house.start("bob")


def test_a_guest_cannot_be_banned(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    alice.say("moderation", "ban", target=guest.id)
    assert alice.heard() == [{"name": "moderation.error", "error": "cannot_ban_guest"}]


@pytest.mark.parametrize(
    ("scope", "gone"),
    [
        ("guests", {"guest"}),
        ("users_and_guests", {"guest", "bob"}),
        ("all", {"guest", "bob", "alice"}),
    ],
)
def test_a_debriefing_sends_some_away_and_tells_the_rest(
    house: House, scope: str, gone: set[str]
) -> None:
    house.invite()
    people = {"alice": house.enter("alice"), "bob": house.enter("bob")}
    people["guest"] = house.enter(None, "Guest")
    for each in people.values():
        each.heard()
    people["alice"].say("moderation", "debrief", kick_scope=scope)
    for name in gone:
        assert people[name].ends()[1] == 1000
    for name in people.keys() - gone:
        names = people[name].names()
        assert names[0] == "moderation.debriefing_started"
        assert names[1:] == ["control.left"] * len(gone)


def test_switched_off_hands_go_down_and_stay_down(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    guest.say("control", "raise_hand")
    guest.heard()
    alice.heard()
    alice.say("moderation", "disable_raise_hands")
    told = alice.heard()
    assert [each["name"] for each in told] == ["moderation.raise_hands_disabled", "control.update"]
    assert told[0]["issued_by"] == alice.id
    assert guest.names() == ["moderation.raise_hands_disabled"]
    guest.say("control", "raise_hand")
    assert guest.heard() == [{"name": "control.error", "error": "raise_hands_disabled"}]
    alice.say("moderation", "enable_raise_hands")
    alice.heard()
    guest.say("control", "raise_hand")
    assert guest.names() == ["moderation.raise_hands_enabled", "control.hand_raised"]


def test_a_moderator_takes_all_hands_down(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    guest.say("control", "raise_hand")
    guest.heard(), alice.heard()
    alice.say("moderation", "reset_raised_hands")
    assert alice.names() == ["moderation.raised_hand_reset_by_moderator", "control.update"]


@pytest.mark.parametrize("action", ["kick", "ban", "accept"])
def test_who_is_no_moderator_is_ignored(house: House, action: str) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    guest.say("moderation", action, target=alice.id)
    guest.say("moderation", "enable_waiting_room")
    assert guest.heard() == []
    assert alice.names() == ["control.joined"]


def test_a_message_reaches_all_and_is_kept(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    guest.say("chat", "send_message", scope="global", content="hello")
    [told] = alice.heard()
    assert guest.heard() == [told]
    assert told == {
        "name": "chat.message_sent",
        "id": told["id"],
        "source": guest.id,
        "content": "hello",
        "scope": "global",
    }
    history = house.arrive(None).join("Late")["chat"]["room_history"]
    kept = {key: value for key, value in told.items() if key != "name"}
    assert history == [kept | {"timestamp": NOW}]


def test_a_private_message_is_between_two(house: House) -> None:
    alice, one = house.enter("alice"), house.enter(None, "One")
    other = house.enter(None, "Other")
    for each in (alice, one):
        each.heard()
    one.say("chat", "send_message", scope="private", target=alice.id, content="psst")
    assert one.names() == alice.names() == ["chat.message_sent"]
    assert other.names() == []


def employ_alice_and_bob(house: House) -> None:
    house.invite()
    for user in house.order("GET /state/opentalk/users"):
        record = user.get("record", user)
        if record["email"].startswith(("alice", "bob")):
            path = f"PUT /state/opentalk/users/{record['id']}?tenant=acme"
            house.order(path, **{**record, "groups": ["staff"]})


def test_a_group_is_shown_to_its_members(house: House) -> None:
    employ_alice_and_bob(house)
    alice = house.enter("alice")
    for who, groups in (("bob", ["staff"]), ("carol", [])):
        others = house.arrive(who).join()["participants"]
        assert [each["chat"] for each in others if each["id"] == alice.id] == [{"groups": groups}]


def test_a_group_message_stays_in_the_group(house: House) -> None:
    employ_alice_and_bob(house)
    alice, bob, carol = (house.enter(who) for who in ("alice", "bob", "carol"))
    for each in (alice, bob):
        each.heard()
    bob.say("chat", "send_message", scope="group", target="staff", content="us")
    assert alice.names() == bob.names() == ["chat.message_sent"]
    carol.say("chat", "send_message", scope="group", target="staff", content="them")
    assert carol.names() == alice.names() == []


def test_an_empty_message_is_none_and_a_long_one_is_cut(house: House) -> None:
    alice = house.enter("alice")
    alice.say("chat", "send_message", scope="global", content="")
    assert alice.heard() == []
    alice.say("chat", "send_message", scope="global", content="é" * 3000)
    assert alice.heard()[0]["content"] == "é" * 2048


def test_how_far_one_has_read_is_there_when_one_comes_back(house: House) -> None:
    alice, guest = house.enter("alice"), house.start(None)
    person = house.come(guest["ticket"])
    person.join("Guest")
    read = {"timestamp": "2026-01-05T10:00:00+01:00"}
    person.say("chat", "set_last_seen_timestamp", scope="global", **read)
    person.say("chat", "set_last_seen_timestamp", scope="private", target=alice.id, **read)
    person.say("chat", "set_last_seen_timestamp", scope="group", target="staff", **read)
    assert person.heard() == []
    for odd in ({"timestamp": "yesterday"}, {"scope": "private"}, {"scope": "nobody"}):
        person.say("chat", "set_last_seen_timestamp", **{"scope": "global", **read, **odd})
        assert person.heard() == [{"name": "control.error", "error": "invalid_json"}]
    person.socket.close()
    assert [alice.hear()["payload"]["message"] for _ in range(2)] == ["joined", "left"]
    chat = house.arrive(None, resumption=guest["resumption"]).join("Guest")["chat"]
    assert {name: told for name, told in chat.items() if name.startswith("last_seen")} == {
        "last_seen_timestamp_global": NOW,
        "last_seen_timestamps_private": {alice.id: NOW},
        "last_seen_timestamps_group": {"staff": NOW},
    }


def test_what_two_said_in_private_is_there_when_one_comes_back(house: House) -> None:
    alice, guest, other = house.enter("alice"), house.start(None), house.enter(None, "Other")
    person = house.come(guest["ticket"])
    person.join("Guest")
    for one, target, content in (
        (person, alice, "psst"),
        (alice, person, "what?"),
        (other, alice, "not yours"),
    ):
        one.say("chat", "send_message", scope="private", target=target.id, content=content)
        while alice.hear()["payload"].get("content") != content:
            pass
    person.socket.close()
    while alice.hear()["payload"].get("message") != "left":
        pass
    chat = house.arrive(None, resumption=guest["resumption"]).join("Guest")["chat"]
    assert chat["room_history"] == []
    [private] = chat["private_history"]
    assert private["correspondent"] == alice.id
    said = [(each["source"], each["content"]) for each in private["history"]]
    assert said == [(person.id, "psst"), (alice.id, "what?")]


def test_a_switched_off_chat_takes_nothing(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    guest.say("chat", "disable_chat")
    assert guest.heard() == [{"name": "chat.error", "error": "insufficient_permissions"}]
    alice.say("chat", "disable_chat")
    assert alice.names() == ["chat.chat_disabled"]
    guest.say("chat", "send_message", scope="global", content="hello")
    assert guest.heard() == [
        {"name": "chat.chat_disabled", "issued_by": alice.id},
        {"name": "chat.error", "error": "chat_disabled"},
    ]


def test_a_cleared_history_is_gone(house: House) -> None:
    alice = house.enter("alice")
    alice.say("chat", "send_message", scope="global", content="hello")
    alice.say("chat", "clear_history")
    assert alice.names() == ["chat.message_sent", "chat.history_cleared"]
    assert house.arrive(None).join("Late")["chat"]["room_history"] == []


def test_breakout_rooms_are_meetings_of_their_own(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    rooms: list[Any] = [
        {"name": "One", "assignments": [guest.id]},
        {"name": "Two", "assignments": []},
    ]
    assert house.start("alice", 400, breakout_room=1)["code"] == "no_breakout_rooms"
    alice.say("breakout", "start", rooms=rooms, duration=600)
    [told] = guest.heard()
    assert (told["name"], told["expires"]) == ("breakout.started", "2026-01-05T09:10:00Z")
    assert told["assignment"] == told["rooms"][0]["id"]
    assert alice.heard()[0]["assignment"] is None
    assert house.start("alice", 400, breakout_room=1)["code"] == "invalid_breakout_room_id"
    inside = house.arrive(None, breakout_room=told["assignment"])
    welcome = inside.join("Guest")
    assert (welcome["participants"], welcome["breakout"]["current"]) == ([], told["assignment"])
    [joined] = alice.heard()
    assert (joined["name"], joined["breakout_room"]) == ("breakout.joined", told["assignment"])
    house.order("POST /clock/advance", by="PT10M")
    assert inside.names() == alice.names() == guest.names()[1:] == ["breakout.expired"]
    assert house.start(None, 400, breakout_room=told["assignment"])["code"] == "no_breakout_rooms"


def test_breakout_rooms_are_a_moderators(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    guest.say("breakout", "start", rooms=[{"name": "One", "assignments": []}])
    assert guest.heard() == [{"name": "breakout.error", "error": "insufficient_permissions"}]
    alice.say("breakout", "stop")
    assert alice.heard() == [{"name": "breakout.error", "error": "inactive"}]


def test_a_microphone_is_seen_and_a_voice_is_heard(house: House) -> None:
    alice, guest = house.enter("alice"), house.enter(None, "Guest")
    alice.heard()
    session = {"audio": True, "video": False}
    guest.say(
        "media", "update_media_session", media_session_type="video", media_session_state=session
    )
    [update] = alice.heard()
    assert update["media"] == {"is_presenter": True, "state": {"video": session}}
    guest.say("media", "update_speaking_state", is_speaking=True)
    spoken = {"participant": guest.id, "is_speaking": True, "updated_at": NOW}
    assert guest.heard() == [{"name": "media.speaker_updated", **spoken}]


def test_people_come_and_go_by_stimulus(house: House) -> None:
    alice = house.enter("alice")
    stimulus = "POST /stimuli/opentalk"
    joins = house.order(f"{stimulus}/participant_joins", meeting=house.room, name="Ada")
    someone = {"meeting": house.room, "participant": joins["participant"]}
    for name in ("talks", "goes_silent", "raises_hand", "lowers_hand", "leaves"):
        house.order(f"{stimulus}/participant_{name}", **someone)
    assert alice.names() == [
        "control.joined",
        "media.speaker_updated",
        "media.speaker_updated",
        "control.update",
        "control.update",
        "control.left",
    ]


def test_of_the_cast_only_who_is_invited_comes(house: House) -> None:
    def comes(who: str) -> int:
        url = f"{house.server.url}/~{house.world}/_greenroom/stimuli/opentalk/participant_joins"
        return httpx.post(url, json={"meeting": house.room, "who": who}).status_code

    house.make_room()
    assert (comes("bob"), comes("alice")) == (409, 201)
    house.invite()
    assert (comes("bob"), comes("mallory")) == (201, 409)
