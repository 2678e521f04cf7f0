"""Rooms, people and a server, held to a model of a few plain dictionaries."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from greenroom.emulator import Emulator

Json = dict[str, Any]
GRIDS = {"LAYOUT0": 9, "LAYOUT1": 1, "LAYOUT2": 2, "LAYOUT3": 3, "LAYOUT4": 4, "LAYOUT9": 9}
NUMBERS = [str(number) for number in range(201, 208)]
WORLDS = count(1)
WHICH = st.integers(0, 6)


class Telephones(RuleBasedStateMachine):
    """What a PBX is asked to do, and what it should be like afterwards."""

    emulator: Emulator

    def __init__(self) -> None:
        super().__init__()
        world = f"model-{next(WORLDS)}"
        self.client = self.emulator.client("portsip", as_="alice", world=world)
        self.control = self.emulator.client(world=world)
        self.server = self.client.get("/api/conference_servers").json()["items"][0]["id"]
        self.enabled = True
        self.rooms: list[Json] = []
        self.extensions = count(8000)

    @initialize(layout=st.sampled_from(sorted(GRIDS)), control=st.sampled_from(["FREE", "MASTER"]))
    def begin(self, layout: str, control: str) -> None:
        """Somebody is in from the beginning, since most rules need people."""
        self.create(layout=layout, control=control, capacity=5, record=True)
        for number in NUMBERS[:3]:
            self.invite(which=0, number=number)

    def teardown(self) -> None:
        self.client.close()
        self.control.close()

    def ask(self, path: str, body: Json | None = None) -> int:
        return self.client.post(f"/api/{path}", json=body or {}).status_code

    def pick(self, which: int) -> Json:
        return self.rooms[which % len(self.rooms)]

    def somebody(self, which: int, who: int) -> tuple[Json, Json]:
        busy = [room for room in self.rooms if room["people"]]
        room = busy[which % len(busy)]
        return room, room["people"][who % len(room["people"])]

    def place(self, room: Json) -> int:
        taken = {person["position"] for person in room["people"]}
        size = GRIDS[room["layout"]] if room["layout"] else 0
        return next((place for place in range(size) if place not in taken), -1)

    def end(self, room: Json) -> None:
        room["recorded"] += room["recording"]
        room |= {"people": [], "locked": False, "muted": False, "recording": False}

    def gone(self, room: Json, person: Json) -> None:
        room["people"].remove(person)
        if not room["people"]:
            self.end(room)
        elif person["chairman"]:
            self.promote(room, room["people"][0])

    def promote(self, room: Json, person: Json) -> None:
        for other in room["people"]:
            other["chairman"] = other is person
        person["muted"] = person["muted"] and room["control"] != "MASTER"

    @precondition(lambda self: len(self.rooms) < 3)
    @rule(
        layout=st.none() | st.sampled_from(sorted(GRIDS)),
        control=st.sampled_from(["FREE", "MASTER"]),
        capacity=st.integers(1, 5),
        record=st.booleans(),
    )
    def create(self, layout: str | None, control: str, capacity: int, record: bool) -> None:
        body = {
            "extension_number": str(next(self.extensions)),
            "mode": "VIDEO" if layout else "AUDIO",
            "layout": layout,
            "control": control,
            "subject": "Model",
            "capacity": capacity,
            "enable_recording": record,
        }
        answer = self.client.post("/api/conference_rooms", json=body)
        assert answer.status_code == 201
        kept = {"layout": layout, "control": control, "capacity": capacity, "record": record}
        switches = {"locked": False, "muted": False, "recording": False}
        path = f"conference_rooms/{answer.json()['id']}"
        self.rooms.append({**kept, **switches, "path": path, "recorded": 0, "people": []})

    @precondition(lambda self: self.rooms)
    @rule(which=WHICH, number=st.sampled_from(NUMBERS))
    def invite(self, which: int, number: str) -> None:
        room = self.pick(which)
        present = any(person["number"] == number for person in room["people"])
        full = len(room["people"]) >= room["capacity"]
        status = self.ask(f"{room['path']}/participants/invite", {"number": number})
        if not self.enabled or room["locked"] or present or full:
            assert status == 409
            return
        assert status == 200
        first = not room["people"]
        room["recording"] = room["recording"] or (first and room["record"])
        newcomer = {
            "number": number,
            "muted": room["muted"] or (room["control"] == "MASTER" and not first),
            "chairman": first,
            "position": self.place(room),
        }
        room["people"].append(newcomer)

    @precondition(lambda self: any(room["people"] for room in self.rooms))
    @rule(which=WHICH, who=WHICH, muted=st.booleans())
    def mute_one(self, which: int, who: int, muted: bool) -> None:
        room, person = self.somebody(which, who)
        verb = "mute" if muted else "unmute"
        assert self.ask(f"{self.path_of(room, person)}/{verb}") == 200
        person["muted"] = muted

    @precondition(lambda self: any(room["people"] for room in self.rooms))
    @rule(which=WHICH, who=WHICH)
    def hand_over(self, which: int, who: int) -> None:
        room, person = self.somebody(which, who)
        assert self.ask(f"{self.path_of(room, person)}/chairman") == 200
        if not person["chairman"]:
            self.promote(room, person)

    @precondition(lambda self: any(room["people"] for room in self.rooms))
    @rule(which=WHICH, who=WHICH)
    def kick(self, which: int, who: int) -> None:
        room, person = self.somebody(which, who)
        assert self.ask(f"{self.path_of(room, person)}/destroy") == 204
        self.gone(room, person)

    @precondition(lambda self: any(room["people"] for room in self.rooms))
    @rule(which=WHICH, who=WHICH, position=st.integers(-1, 8))
    def move(self, which: int, who: int, position: int) -> None:
        room, person = self.somebody(which, who)
        status = self.ask(f"{self.path_of(room, person)}/position", {"position": position})
        if position >= GRIDS.get(room["layout"], -1):
            assert status == 400
            return
        assert status == 200
        for other in room["people"]:
            if other["position"] == position != -1:
                other["position"] = person["position"]
        person["position"] = position

    @precondition(lambda self: any(room["people"] for room in self.rooms))
    @rule(which=WHICH, order=st.permutations(range(5)), length=st.integers(0, 5))
    def arrange(self, which: int, order: list[int], length: int) -> None:
        room, _ = self.somebody(which, 0)
        people = room["people"]
        shown = [people[index] for index in order if index < len(people)][:length]
        items = [self.id_of(room, person) for person in shown]
        status = self.ask(f"{room['path']}/participants/layout", {"items": items})
        if len(shown) > GRIDS.get(room["layout"], -1):
            assert status == 400
            return
        assert status == 200
        for person in people:
            person["position"] = -1
        for place, person in enumerate(shown):
            person["position"] = place

    @precondition(lambda self: self.rooms)
    @rule(
        which=WHICH,
        verb=st.sampled_from(
            ["mute", "unmute", "lock", "unlock", "start_recording", "stop_recording"]
        ),
    )
    def switch(self, which: int, verb: str) -> None:
        room = self.pick(which)
        status = self.ask(f"{room['path']}/{verb}")
        if not self.enabled:
            assert status == 409
            return
        assert status == 200
        if "recording" in verb:
            room["recorded"] += room["recording"] and verb == "stop_recording"
            room["recording"] = verb == "start_recording"
        elif "lock" in verb:
            room["locked"] = verb == "lock"
        else:
            room["muted"] = verb == "mute"
            for person in room["people"]:
                person["muted"] = room["muted"]

    @precondition(lambda self: self.rooms)
    @rule(which=WHICH, layout=st.sampled_from(sorted(GRIDS)), capacity=st.integers(1, 5))
    def change(self, which: int, layout: str, capacity: int) -> None:
        room = self.pick(which)
        status = self.ask(room["path"], {"layout": layout, "capacity": capacity})
        if not room["layout"]:
            assert status == 400
        elif capacity < len(room["people"]):
            assert status == 409
        else:
            assert status == 200
            room |= {"layout": layout, "capacity": capacity}
            for person in room["people"]:
                if person["position"] >= GRIDS[layout]:
                    person["position"] = -1

    @rule(enabled=st.booleans())
    def power(self, enabled: bool) -> None:
        assert self.ask(f"conference_servers/{self.server}", {"enabled": enabled}) == 200
        if not enabled:
            for room in self.rooms:
                switches = {key: room[key] for key in ("locked", "muted")}
                busy = bool(room["people"])
                self.end(room)
                room |= {} if busy else switches
        self.enabled = enabled

    @precondition(lambda self: self.rooms)
    @rule(which=WHICH)
    def destroy(self, which: int) -> None:
        room = self.pick(which)
        assert self.ask(f"{room['path']}/destroy") == 204
        assert self.ask(f"{room['path']}/destroy") == 404
        self.rooms.remove(room)

    @rule(by=st.integers(0, 100))
    def wait(self, by: int) -> None:
        assert self.control.post("/_greenroom/clock/advance", json={"by": by}).status_code == 200

    def id_of(self, room: Json, person: Json) -> str:
        items = self.client.get(f"/api/{room['path']}/participants").json()["items"]
        return str(items[room["people"].index(person)]["id"])

    def path_of(self, room: Json, person: Json) -> str:
        return f"{room['path']}/participants/{self.id_of(room, person)}"

    @invariant()
    def the_pbx_is_as_the_model_says(self) -> None:
        people = 0
        for room in self.rooms:
            self.the_room_is_as_the_model_says(room)
            people += len(room["people"])
        status = self.client.get(f"/api/conference_servers/{self.server}/status").json()
        assert status["participants_count"] == people
        assert status["rooms_count"] == (len(self.rooms) if self.enabled else 0)

    def the_room_is_as_the_model_says(self, room: Json) -> None:
        busy = "ON_CALL" if room["people"] else "ONLINE"
        assert self.client.get(f"/api/{room['path']}/status").json() == {
            "status": busy if self.enabled else "OFFLINE",
            **{key: room[key] for key in ("locked", "muted", "recording")},
        }
        items = self.client.get(f"/api/{room['path']}/participants").json()["items"]
        shown = ("muted", "chairman", "position")
        assert [{key: item[key] for key in shown} for item in items] == [
            {key: person[key] for key in shown} for person in room["people"]
        ]
        assert [item["chairman"] for item in items].count(True) == bool(items)
        recordings = self.client.get(f"/api/{room['path']}/recordings").json()
        assert recordings["count"] == room["recorded"]
        for item in recordings["items"]:
            begun, ended = (
                datetime.fromisoformat(item[key]) for key in ("answered_at", "ended_at")
            )
            assert (ended - begun).total_seconds() == item["duration"]


def test_a_pbx_does_what_its_model_does(emulator: Emulator) -> None:
    class Served(Telephones):
        pass

    Served.emulator = emulator
    run_state_machine_as_test(Served, settings=settings(max_examples=15, stateful_step_count=30))
