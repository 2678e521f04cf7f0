"""What is live, against a model of a few plain values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans, data, integers, sampled_from

from greenroom.emulator import Emulator

CONFERENCES = "/v2/accounts/9d351ad7ffd6f846313af9eed3bb7b85/conferences"
LIMIT = 4
FLAG = {
    "mute": ("speak", False),
    "unmute": ("speak", True),
    "deaf": ("hear", False),
    "undeaf": ("hear", True),
}


class Live(RuleBasedStateMachine):
    """One conference of at most four, its telephones and its buttons."""

    def __init__(self) -> None:
        super().__init__()
        start = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self.emulator = Emulator(providers=["kazoo"], scenario="empty", at=start, frozen=True)
        self.alice = self.emulator.client("kazoo", as_="alice")
        self.control = self.emulator.client()
        document = {"name": "Model", "max_participants": LIMIT, "moderator": {"join_muted": False}}
        created = self.alice.put(CONFERENCES, json={"data": document}).json()["data"]
        self.meeting: str = created["id"]
        self.path = f"{CONFERENCES}/{self.meeting}"
        self.people: dict[int, dict[str, Any]] = {}
        self.locked = False
        self.now = self.started = self.joined = 0
        self.told: dict[int, dict[str, Any]] = {}
        self.heard = 0

    def teardown(self) -> None:
        self.emulator.close()

    def stimulate(self, name: str, **body: Any) -> httpx.Response:
        body = {"meeting": self.meeting, **body}
        return self.control.post(f"/_greenroom/stimuli/kazoo/{name}", json=body)

    def act(self, path: str, action: str) -> None:
        assert self.alice.put(path, json={"data": {"action": action}}).status_code == 201

    def forget(self, number: int) -> None:
        del self.people[number]
        if not self.people:
            self.locked, self.joined = False, 0

    @rule(moderates=booleans())
    def somebody_joins(self, moderates: bool) -> None:
        role = "moderator" if moderates else "member"
        answer = self.stimulate("participant_joins", role=role)
        if self.locked or len(self.people) == LIMIT:
            assert answer.status_code == 409
            return
        if not self.people:
            self.started = self.now
        self.joined += 1
        assert (answer.status_code, answer.json()) == (201, {"participant": self.joined})
        self.people[self.joined] = {
            "is_moderator": moderates,
            "speak": moderates,
            "hear": True,
            "talking": False,
            "floor": False,
            "video": False,
            "joined": self.now,
        }

    @precondition(lambda self: self.people)
    @rule(chosen=data(), what=sampled_from(["talks", "goes_silent", "leaves"]))
    def somebody_does_something(self, chosen: Any, what: str) -> None:
        number = chosen.draw(sampled_from(sorted(self.people)))
        answer = self.stimulate(f"participant_{what}", participant=number)
        assert answer.status_code == 204
        person = self.people[number]
        if what == "leaves":
            self.forget(number)
        elif what == "goes_silent":
            person["talking"] = False
        elif person["speak"]:
            for each in self.people.values():
                each["floor"] = False
            person.update(talking=True, floor=True)

    @precondition(lambda self: self.people)
    @rule(chosen=data(), shows=booleans())
    def somebody_switches_the_camera(self, chosen: Any, shows: bool) -> None:
        number = chosen.draw(sampled_from(sorted(self.people)))
        self.stimulate("video_on" if shows else "video_off", participant=number)
        self.people[number]["video"] = shows

    @rule(number=integers(1, 6), action=sampled_from([*FLAG, "kick"]))
    def one_is_acted_upon(self, number: int, action: str) -> None:
        self.act(f"{self.path}/participants/{number}", action)
        if number in self.people:
            self.apply(number, action)

    @rule(action=sampled_from([*FLAG, "kick"]))
    def all_are_acted_upon(self, action: str) -> None:
        self.act(f"{self.path}/participants", action)
        for number in list(self.people):
            if action == "kick" or not self.people[number]["is_moderator"]:
                self.apply(number, action)

    def apply(self, number: int, action: str) -> None:
        if action == "kick":
            self.forget(number)
            return
        flag, value = FLAG[action]
        self.people[number][flag] = value
        if action == "mute":
            self.people[number]["talking"] = False

    @rule(locks=booleans())
    def the_door_is_moved(self, locks: bool) -> None:
        self.act(self.path, "lock" if locks else "unlock")
        self.locked = locks

    @rule(seconds=integers(1, 4000))
    def time_passes(self, seconds: int) -> None:
        self.control.post("/_greenroom/clock/advance", json={"by": seconds})
        self.now += seconds

    @rule()
    def the_switch_ends_it(self) -> None:
        assert self.stimulate("meeting_ends").status_code == 204
        self.people.clear()
        self.locked, self.joined = False, 0

    @rule()
    def the_document_is_written(self) -> None:
        assert self.alice.patch(self.path, json={"data": {"custom": 1}}).status_code == 200

    @invariant()
    def what_is_shown_is_so(self) -> None:
        live = self.alice.get(self.path).json()["data"]["_read_only"]
        moderators = sum(each["is_moderator"] for each in self.people.values())
        counts = {
            "members": len(self.people) - moderators,
            "admins": moderators,
            "moderators": moderators,
            "duration": self.now - self.started if self.people else 0,
            "is_locked": self.locked,
        }
        shown = live.pop("participants")
        assert live == counts
        summary = self.alice.get(CONFERENCES).json()["data"][0]
        assert {key: summary[key] for key in counts} == counts
        assert self.alice.get(f"{self.path}/participants").json()["data"] == shown
        assert [each["participant_id"] for each in shown] == sorted(self.people)
        for each in shown:
            person = self.people[each["participant_id"]]
            assert each["duration"] == self.now - person["joined"]
            assert (each["current_energy"] > each["energy_level"]) is each["talking"]
            flags = {key: each[key] for key in person if key != "joined"}
            assert flags == {key: value for key, value in person.items() if key != "joined"}
        assert len({each["conference_uuid"] for each in shown}) <= 1

    @invariant()
    def whoever_listens_knows_as_much(self) -> None:
        """What is told, and nothing else, amounts to what is shown."""
        since = {"since": self.heard}
        for happened in self.control.get("/_greenroom/events", params=since).json():
            self.heard = happened["id"]
            if happened["kind"] != "event":
                continue
            told = happened["data"]
            number = told["participant_id"]
            if told["event"] == "del-member":
                del self.told[number]
            else:
                assert (told["event"] == "add-member") is (number not in self.told)
                before = self.told.get(number)
                self.told[number] = {key: told[key] for key in ("hear", "speak", "talking")}
                assert self.told[number] != before
        shown = self.alice.get(f"{self.path}/participants").json()["data"]
        flags = ("hear", "speak", "talking")
        assert self.told == {
            each["participant_id"]: {key: each[key] for key in flags} for each in shown
        }


TestLive = Live.TestCase
TestLive.settings = settings(max_examples=15, stateful_step_count=25)
