"""Conferences and people, held to a model of a few plain dictionaries."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from greenroom.emulator import Emulator

Json = dict[str, Any]
PEOPLE = {
    "alice": "a5c818fb-bd18-41f6-a030-745ff9fe7f21",
    "bob": "728de4da-e94f-4367-80e7-c672814a55e6",
    "carol": "c4401000-3f5b-4d1e-8c62-0e1f2a3b4c5d",
}
WORLDS = count(1)
WHICH = st.integers(0, 6)
WHO = st.sampled_from(sorted(PEOPLE))
SOME = st.lists(WHO, unique=True, max_size=3)


def mail(who: str) -> str:
    return f"{who}@acme.example"


class Diary(RuleBasedStateMachine):
    """What three people do to conferences, and what each should see of them afterwards."""

    emulator: Emulator

    def __init__(self) -> None:
        super().__init__()
        world = f"model-{next(WORLDS)}"
        self.store = self.emulator.world(world).store
        self.clients = {who: self.emulator.client("hoot", as_=who, world=world) for who in PEOPLE}
        self.control = self.emulator.client(world=world)
        self.stranger = self.emulator.client("hoot", as_="mallory", world=world)
        self.conferences: list[Json] = []
        self.joined: dict[str, list[str]] = {who: [] for who in PEOPLE}
        self.invited: dict[str, list[str]] = {who: [] for who in PEOPLE}
        self.marked: dict[str, list[str]] = {who: [] for who in PEOPLE}
        self.ended: list[str] = []

    def teardown(self) -> None:
        for client in (*self.clients.values(), self.control, self.stranger):
            client.close()

    def pick(self, which: int) -> Json:
        return self.conferences[which % len(self.conferences)]

    def come(self, conference: Json, who: str, *, leads: bool) -> None:
        if who not in conference["people"]:
            conference["people"][who] = leads
            self.invited[who].insert(0, conference["id"])
        elif leads:
            conference["people"][who] = True

    def go(self, conference: Json, who: str) -> None:
        if conference["people"].pop(who, None) is not None:
            for lists in (self.invited, self.joined, self.marked):
                if conference["id"] in lists[who]:
                    lists[who].remove(conference["id"])
            conference["present"].discard(who)

    @precondition(lambda self: len(self.conferences) < 4)
    @rule(who=WHO, moderators=SOME, participants=SOME)
    def create(self, who: str, moderators: list[str], participants: list[str]) -> None:
        body = {
            "moderators": [mail(each) for each in moderators],
            "participants": [mail(each) for each in participants],
        }
        answer = self.clients[who].post("/v1/create_conference/Model", json=body)
        assert answer.status_code == 200
        conference: Json = {
            "id": answer.json()["conference"]["id"],
            "creator": who,
            "people": {},
            "present": set(),
        }
        self.conferences.append(conference)
        self.come(conference, who, leads=True)
        for each in moderators:
            self.come(conference, each, leads=True)
        for each in participants:
            self.come(conference, each, leads=False)

    @precondition(lambda self: self.conferences)
    @rule(which=WHICH, who=WHO, moderators=SOME, participants=SOME, removed=SOME)
    def edit(
        self,
        which: int,
        who: str,
        moderators: list[str],
        participants: list[str],
        removed: list[str],
    ) -> None:
        conference = self.pick(which)
        body = {
            "new_moderators": [mail(each) for each in moderators],
            "new_participants": [mail(each) for each in participants],
            "remove_users": [mail(each) for each in removed],
        }
        answer = self.clients[who].post(f"/v1/edit_conference/{conference['id']}", json=body)
        if not conference["people"].get(who) or conference["creator"] in removed:
            assert answer.status_code == 403
            return
        assert answer.status_code == 200
        for each in removed:
            self.go(conference, each)
        for each in participants:
            if each not in moderators:
                self.come(conference, each, leads=False)
        for each in moderators:
            self.come(conference, each, leads=True)
        assert ("party" in answer.json()) == (who in conference["people"])

    @precondition(lambda self: self.conferences)
    @rule(which=WHICH, who=WHO)
    def delete(self, which: int, who: str) -> None:
        conference = self.pick(which)
        answer = self.clients[who].delete(f"/v1/conf/{conference['id']}")
        if who != conference["creator"]:
            assert answer.status_code == 403
            return
        assert answer.status_code == 200
        for each in list(conference["people"]):
            self.go(conference, each)
        self.conferences.remove(conference)
        self.ended.append(conference["id"])

    @precondition(lambda self: self.conferences)
    @rule(which=WHICH, who=WHO)
    def follow_the_link(self, which: int, who: str) -> None:
        conference = self.pick(which)
        found = self.clients[who].get("/v1/search/conferences/Model").json()
        mine = [each for each in found if each["conference"]["id"] == conference["id"]]
        assert bool(mine) == (who in conference["people"])
        if mine:
            assert self.stranger.get(mine[0]["party"]["join_url"]).status_code == 302
            if conference["id"] in self.joined[who]:
                self.joined[who].remove(conference["id"])
            self.joined[who].insert(0, conference["id"])
            conference["present"].add(who)

    @precondition(lambda self: self.conferences)
    @rule(which=WHICH, who=WHO)
    def leave(self, which: int, who: str) -> None:
        conference = self.pick(which)
        body = {"meeting": conference["id"], "participant": PEOPLE[who]}
        answer = self.control.post("/_greenroom/stimuli/hoot/participant_leaves", json=body)
        assert answer.status_code == (204 if who in conference["present"] else 404)
        conference["present"].discard(who)

    @precondition(lambda self: self.conferences)
    @rule(which=WHICH, who=WHO, marked=st.booleans())
    def mark(self, which: int, who: str, marked: bool) -> None:
        conference = self.pick(which)
        verb = "set" if marked else "unset"
        path = f"/v1/user/{PEOPLE[who]}/{verb}_favourite_conference/{conference['id']}"
        status = self.clients[who].post(path).status_code
        if marked and who not in conference["people"]:
            assert status == 403
            return
        assert status == 202
        if marked and conference["id"] not in self.marked[who]:
            self.marked[who].append(conference["id"])
        if not marked and conference["id"] in self.marked[who]:
            self.marked[who].remove(conference["id"])

    @rule(minutes=st.integers(1, 600))
    def wait(self, minutes: int) -> None:
        answer = self.control.post("/_greenroom/clock/advance", json={"by": f"PT{minutes}M"})
        assert answer.json()["fired"] == []

    @invariant()
    def everybody_sees_his_own(self) -> None:
        for who, client in self.clients.items():
            for path, expected in (
                ("last_joined_conferences", self.joined[who]),
                ("invited_to_conferences", self.invited[who]),
                ("favourite_conferences", self.marked[who]),
            ):
                found = client.get(f"/v1/user/{PEOPLE[who]}/{path}").json()
                assert [each["conference"]["id"] for each in found] == expected
                assert all(each["party"]["id"] == PEOPLE[who] for each in found)

    @invariant()
    def the_roles_are_kept(self) -> None:
        for conference in self.conferences:
            found = self.clients["alice"].get(f"/v1/conf/{conference['id']}/all_users").json()
            people = conference["people"].items()
            assert set(found["moderators"]) == {mail(who) for who, leads in people if leads}
            assert set(found["participants"]) == {mail(who) for who, leads in people if not leads}
            assert found["moderators"][0] == mail(conference["creator"])

    @invariant()
    def what_is_gone_or_elsewhere_is_unknown(self) -> None:
        for conference in self.ended:
            assert self.clients["alice"].get(f"/v1/check_conf/{conference}").status_code == 404
        for each in self.conferences:
            assert self.stranger.get(f"/v1/check_conf/{each['id']}").status_code == 404

    @invariant()
    def looking_changes_nothing(self) -> None:
        before = self.store.digest()
        self.clients["bob"].get("/v1/search/conferences/Model")
        assert self.store.digest() == before


def test_conferences_are_what_the_model_says() -> None:
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with Emulator(["hoot"], scenario="empty", at=start, frozen=True) as emulator:
        Diary.emulator = emulator
        run_state_machine_as_test(Diary, settings=settings(max_examples=25, stateful_step_count=25))
