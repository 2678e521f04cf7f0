"""Events, who is asked to them and what belongs to them, held to a model of plain dictionaries."""

from __future__ import annotations

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
IDS = {
    "alice": "a11ce000-0000-4000-8000-000000000001",
    "bob": "b0b00000-0000-4000-8000-000000000002",
    "carol": "ca901000-0000-4000-8000-000000000003",
    "mallory": "ba110000-0000-4000-8000-000000000009",
}
TENANTS = {"alice": "acme", "bob": "acme", "carol": "acme", "mallory": "globex"}
WORLDS = count(1)
WHO = st.sampled_from(sorted(IDS))
WHICH = st.integers(0, 3)
STATUS = st.sampled_from(["ok", "cancelled"])
# Most of what happens to an event is its owner's to do.
ACTOR = st.sampled_from([*sorted(IDS), *["owner"] * 6])
TIMES: Json = {
    "is_all_day": False,
    "starts_at": {"datetime": "2026-01-06T09:00:00Z", "timezone": "Europe/Berlin"},
    "ends_at": {"datetime": "2026-01-06T10:00:00Z", "timezone": "Europe/Berlin"},
}
DAYS = ("20260106T090000Z", "20260107T090000Z", "20260108T090000Z")
has_events = precondition(lambda self: self.events)


class Calendar(RuleBasedStateMachine):
    """What a calendar is asked to do, and what everybody should see of it afterwards."""

    emulator: Emulator

    def __init__(self) -> None:
        super().__init__()
        world = f"model-{next(WORLDS)}"
        self.clients = {who: self.emulator.client("opentalk", as_=who, world=world) for who in IDS}
        self.events: list[Json] = []
        self.rooms: dict[str, str] = {}
        self.titles = count(1)

    @initialize()
    def begin(self) -> None:
        """Somebody is asked from the beginning, since most rules need people."""
        self.create(who="alice", kind="daily", folder=False)
        self.invite(who="alice", which=0, whom="bob", by_email=False)
        self.mark(who="bob", which=0, marks=True)
        self.change_instance(who="alice", which=0, day=1, status="cancelled")

    def teardown(self) -> None:
        for client in self.clients.values():
            client.close()

    def ask(self, who: str, method: str, path: str, **sent: Any) -> int:
        return self.clients[who].request(method, path, **sent).status_code

    def pick(self, which: int) -> Json:
        return self.events[which % len(self.events)]

    def cast(self, who: str, which: int) -> tuple[str, Json]:
        event = self.pick(which)
        return event["owner"] if who == "owner" else who, event

    def sees(self, who: str, event: Json) -> bool:
        return who == event["owner"] or who in event["asked"]

    @rule(who=WHO, kind=st.sampled_from(["whenever", "once", "daily"]), folder=st.booleans())
    def create(self, who: str, kind: str, folder: bool) -> None:
        body: Json = {
            "title": f"{next(self.titles)}",
            "description": "",
            "has_shared_folder": folder,
        }
        body |= (
            {"is_time_independent": True}
            if kind == "whenever"
            else {"is_time_independent": False, **TIMES}
        )
        if kind == "daily":
            body["recurrence_pattern"] = ["RRULE:FREQ=DAILY;COUNT=3"]
        made = self.clients[who].post("/v1/events", json=body).json()
        self.rooms[made["room"]["id"]] = who
        self.events.append(
            {
                "id": made["id"],
                "path": f"/v1/events/{made['id']}",
                "room": made["room"]["id"],
                "owner": who,
                "title": body["title"],
                "kind": kind,
                "folder": folder,
                "asked": {},
                "marked": set(),
                "different": {},
            }
        )

    @has_events
    @rule(who=ACTOR, which=WHICH, whom=WHO, by_email=st.booleans())
    def invite(self, who: str, which: int, whom: str, by_email: bool) -> None:
        who, event = self.cast(who, which)
        strange = TENANTS[whom] != TENANTS[event["owner"]]
        email = f"{whom}@{TENANTS[whom]}.example"
        body = {"email": email} if by_email else {"invitee": IDS[whom]}
        status = self.ask(who, "POST", f"{event['path']}/invites", json=body)
        if who != event["owner"] or (strange and not by_email):
            assert status == 404
        elif strange:
            assert status in (201, 204)  # a stranger to this tenant is asked by address alone
        elif whom == who or whom in event["asked"]:
            assert status == 204
        else:
            assert status == 201
            event["asked"][whom] = "pending"

    @has_events
    @rule(who=WHO, which=WHICH, accepts=st.booleans())
    def answer(self, who: str, which: int, accepts: bool) -> None:
        event = self.pick(which)
        method = "PATCH" if accepts else "DELETE"
        status = self.ask(who, method, f"{event['path']}/invite")
        assert status == (204 if who in event["asked"] else 404)
        if who in event["asked"]:
            event["asked"][who] = "accepted" if accepts else "declined"

    @has_events
    @rule(who=ACTOR, which=WHICH, whom=WHO, again=st.sampled_from([None, True, False]))
    def uninvite(self, who: str, which: int, whom: str, again: bool | None) -> None:
        """Take an invite back, most often one there is, and perhaps think better of it."""
        who, event = self.cast(who, which)
        if again is not None and event["asked"]:
            whom = sorted(event["asked"])[0]
        status = self.ask(who, "DELETE", f"{event['path']}/invites/{IDS[whom]}")
        assert status == (204 if who == event["owner"] and whom in event["asked"] else 404)
        if status == 204:
            del event["asked"][whom]
            event["marked"].discard(whom)
            if again:
                self.invite(who=who, which=which, whom=whom, by_email=True)

    @has_events
    @rule(who=WHO, which=WHICH, marks=st.booleans())
    def mark(self, who: str, which: int, marks: bool) -> None:
        event = self.pick(which)
        method, marked = ("PUT" if marks else "DELETE"), who in event["marked"]
        status = self.ask(who, method, f"/v1/users/me/event_favorites/{event['id']}")
        if not self.sees(who, event):
            assert status == 404
        elif marks:
            assert status == (204 if marked else 201)
            event["marked"].add(who)
        else:
            assert status == (204 if marked else 404)
            event["marked"].discard(who)

    @has_events
    @rule(who=ACTOR, which=WHICH, method=st.sampled_from(["PUT", "DELETE", "GET"]))
    def use_folder(self, who: str, which: int, method: str) -> None:
        who, event = self.cast(who, which)
        owned, status = (
            who == event["owner"],
            self.ask(who, method, f"{event['path']}/shared_folder"),
        )
        if method == "GET":
            assert status == (200 if event["folder"] and self.sees(who, event) else 404)
        elif method == "PUT":
            assert status == ((200 if event["folder"] else 201) if owned else 404)
            event["folder"] |= owned
        else:
            assert status == (204 if owned and event["folder"] else 404)
            event["folder"] &= not owned

    @has_events
    @rule(who=ACTOR, which=WHICH, day=st.integers(0, 2), status=STATUS)
    def change_instance(self, who: str, which: int, day: int, status: str) -> None:
        who, event = self.cast(who, which)
        path = f"{event['path']}/instances/{DAYS[day]}"
        may = who == event["owner"] and event["kind"] == "daily"
        assert self.ask(who, "PATCH", path, json={"status": status}) == (200 if may else 404)
        if may:
            event["different"][DAYS[day]] = status

    @has_events
    @rule(who=ACTOR, which=WHICH, to=st.sampled_from(["title", "rules", "whenever"]))
    def change(self, who: str, which: int, to: str) -> None:
        (who, event), title = self.cast(who, which), f"{next(self.titles)}"
        body: Json = {"title": title}
        if to == "whenever":
            body["is_time_independent"] = True
        elif to == "rules" and event["kind"] != "whenever":
            body["recurrence_pattern"] = []
        status = self.ask(who, "PATCH", event["path"], json=body)
        assert status == (200 if who == event["owner"] else 404)
        if status == 200:
            event["title"] = title
            if len(body) > 1:
                event["kind"] = "whenever" if to == "whenever" else "once"
                event["different"] = {}

    @has_events
    @rule(who=ACTOR, which=WHICH, with_room=st.booleans())
    def delete(self, who: str, which: int, with_room: bool) -> None:
        who, event = self.cast(who, which)
        path = f"/v1/rooms/{event['room']}" if with_room else event["path"]
        owned = who == event["owner"]
        assert self.ask(who, "DELETE", path) == (204 if owned else 404)
        if owned:
            self.events.remove(event)
            if with_room:
                del self.rooms[event["room"]]

    @invariant()
    def everybody_sees_what_is_theirs(self) -> None:
        for who, client in self.clients.items():
            mine = [event for event in self.events if self.sees(who, event)]
            shown = client.get("/v1/events", params={"per_page": 100, "invitees_max": 9}).json()
            events = [each for each in shown if each["type"] != "exception"]
            assert {each["id"]: self.seen(each) for each in events} == {
                event["id"]: self.expected(who, event) for event in mine
            }
            different = {each["id"]: each["status"] for each in shown if each not in events}
            assert different == {
                f"{event['id']}_{day}": status
                for event in mine
                for day, status in event["different"].items()
            }
            waiting = [event for event in mine if event["asked"].get(who) == "pending"]
            pending = client.get("/v1/users/me/pending_invites").json()
            assert pending == {"total_pending_invites": len(waiting)}
            own = {room for room, owner in self.rooms.items() if owner == who}
            rooms = client.get("/v1/rooms", params={"per_page": 100}).json()
            assert {room["id"] for room in rooms} == own | {event["room"] for event in mine}

    def seen(self, event: Json) -> Json:
        profiles = [each for each in event["invitees"] if each["profile"]["kind"] == "registered"]
        return {
            "title": event["title"],
            "type": event["type"],
            "answer": event["invite_status"],
            "marked": event["is_favorite"],
            "owned": event["can_edit"],
            "folder": len(event["shared_folder"] or {}),
            "asked": {each["profile"]["id"]: each["status"] for each in profiles},
        }

    def expected(self, who: str, event: Json) -> Json:
        owned = who == event["owner"]
        return {
            "title": event["title"],
            "type": "recurring" if event["kind"] == "daily" else "single",
            "answer": event["asked"].get(who, "accepted"),
            "marked": who in event["marked"],
            "owned": owned,
            "folder": event["folder"] * (1 + owned),
            "asked": {IDS[whom]: status for whom, status in event["asked"].items()},
        }


def test_a_calendar_does_what_its_model_does(emulator: Emulator) -> None:
    class Served(Calendar):
        pass

    Served.emulator = emulator
    run_state_machine_as_test(Served, settings=settings(max_examples=12, stateful_step_count=30))
