"""Whatever happens in a meeting: lists, single reads, counters and events agree all the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.emulator import Emulator
from greenroom.emulator.scripts import ANSWERS, problems, read_step, schedule

Json = dict[str, Any]
People = dict[str, list[str]]
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
KAZOO = "/v2/accounts/9d351ad7ffd6f846313af9eed3bb7b85/conferences"
PORTSIP = "/api/conference_rooms"
# Meetings of alice's, and what opens them.
MEETINGS: dict[str, dict[str, Json]] = {
    "kazoo": {
        "5edbfdd3b825314a71b0a05957392edb": {},
        "c0ffee5a1d2b4c3e8f7a6b5c4d3e2f10": {"pin": "1234"},
    },
    "opentalk": {
        "10000000-0000-4000-8000-000000000002": {},
        "10000000-0000-4000-8000-000000000004": {},
    },
    "portsip": {"NzAwNTUxOTA5NzczMTQ4MTYx": {}, "NzAwNTUxOTA5NzczMTQ4MTYw": {"pin": "1234"}},
}
WORLDS = count(1)


@st.composite
def scripts(draw: st.DrawFn, meetings: dict[str, Json], stimuli: list[Json]) -> list[Json]:
    """A script that a scenario could hold, in no way a sensible one."""
    with_somebody = [each["name"] for each in stimuli if takes(each, "meeting", "participant")]
    alone = [each["name"] for each in stimuli if takes(each, "meeting")]
    steps: list[Json] = []
    names: list[str] = []
    now = 1  # what is due at once happens before anybody can wind the clock
    for index in range(draw(st.integers(1, 25))):
        now += draw(st.sampled_from([0, 1, 20]))
        meeting = draw(st.sampled_from(sorted(meetings)))
        step = {"at": now, "meeting": meeting}
        if not names or draw(st.integers(0, 2)) == 0:
            role = draw(st.sampled_from(["member", "moderator"]))
            names.append(f"p{index}")
            comes = {"do": "participant_joins", "role": role, "as": names[-1]}
            steps.append({**step, **comes, **meetings[meeting]})
        elif draw(st.integers(0, 9)):
            who = {"participant": f"{{{draw(st.sampled_from(names))}}}"}
            steps.append({**step, "do": draw(st.sampled_from(with_somebody)), **who})
        else:
            steps.append({**step, "do": draw(st.sampled_from(alone))})
    return steps


def takes(stimulus: Json, *names: str) -> bool:
    """Whether a stimulus needs these and nothing else."""
    return sorted(stimulus["schema"].get("required", ())) == sorted(names) and (
        stimulus["name"] not in ("participant_joins", "populate")
    )


def seen_by_kazoo(alice: httpx.Client, control: httpx.Client) -> tuple[People, Any]:
    """Who is in which conference, and of whom there is no event that tells it."""
    untold: Counter[tuple[str, str]] = Counter()
    for each in control.get("/_greenroom/events").json():
        if each["kind"] == "event" and each["name"] in ("add-member", "del-member"):
            who = each["data"]["conference_id"], str(each["data"]["participant_id"])
            untold[who] += 1 if each["name"] == "del-member" else -1
    people: People = {}
    for meeting in MEETINGS["kazoo"]:
        live = alice.get(f"{KAZOO}/{meeting}").json()["data"]["_read_only"]
        listed = alice.get(f"{KAZOO}/{meeting}/participants").json()["data"]
        moderators = sum(each["is_moderator"] for each in listed)
        assert live["participants"] == listed
        assert live["moderators"] == live["admins"] == moderators
        assert live["members"] == len(listed) - moderators
        assert listed or (live["duration"], live["is_locked"]) == (0, False)
        assert sum(each["floor"] for each in listed) <= 1
        for each in listed:
            single = alice.get(f"{KAZOO}/{meeting}/participants/{each['participant_id']}").json()
            assert single["data"] == each
        people[meeting] = [str(each["participant_id"]) for each in listed]
        untold.update((meeting, number) for number in people[meeting])
    return people, {who for who, times in untold.items() if times}


def seen_by_opentalk(_: httpx.Client, control: httpx.Client) -> tuple[People, Any]:
    """Who is in which room, and whoever the events show to be elsewhere."""
    told: dict[str, str] = {}
    for each in control.get("/_greenroom/events").json():
        name, data = each.get("name"), each.get("data", {})
        if name == "control.joined":
            told[data["id"]] = data["meeting"]
        elif name == "control.left":
            del told[data["id"]]
        elif name == "control.time_limit_quota_elapsed":
            told = {who: room for who, room in told.items() if room != data["meeting"]}
    people: People = {meeting: [] for meeting in MEETINGS["opentalk"]}
    for record in control.get("/_greenroom/state/opentalk/participants?limit=1000").json():
        if record["standing"] == "joined":
            people[record["room_id"]].append(record["id"])
    return people, told.items() ^ {(who, room) for room, there in people.items() for who in there}


def seen_by_portsip(alice: httpx.Client, _: httpx.Client) -> tuple[People, Any]:
    """Who is in which room, and how many more are on the servers than in alice's rooms."""
    people: People = {}
    for room in alice.get(PORTSIP).json()["items"]:
        path = f"{PORTSIP}/{room['id']}"
        listed = alice.get(f"{path}/participants").json()["items"]
        status = alice.get(f"{path}/status").json()
        assert (status["status"] == "ON_CALL") == bool(listed)
        assert listed or not (status["locked"] or status["muted"] or status["recording"])
        assert sum(each["chairman"] for each in listed) == bool(listed)
        for each in listed:
            assert alice.get(f"{path}/participants/{each['id']}").json() == each
        people[room["id"]] = [each["id"] for each in listed]
    servers = alice.get("/api/conference_servers").json()["items"]
    paths = [f"/api/conference_servers/{each['id']}/status" for each in servers]
    on_servers = sum(alice.get(path).json()["participants_count"] for path in paths)
    return people, on_servers - sum(map(len, people.values()))


SEEN: dict[str, Callable[[httpx.Client, httpx.Client], tuple[People, Any]]] = {
    "kazoo": seen_by_kazoo,
    "opentalk": seen_by_opentalk,
    "portsip": seen_by_portsip,
}


@pytest.fixture(scope="module", params=sorted(SEEN))
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def emulator(provider: str) -> Iterator[Emulator]:
    with Emulator(providers=[provider], at=START, frozen=True) as made:
        yield made


@pytest.fixture(scope="module")
def stimuli(emulator: Emulator) -> list[Json]:
    """What may be done to the provider."""
    with closing(emulator.client()) as control:
        found: list[Json] = control.get("/_greenroom/stimuli").json()
    return found


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_all_channels_agree_at_every_instant(
    provider: str, emulator: Emulator, stimuli: list[Json], data: st.DataObject
) -> None:
    script = data.draw(scripts(MEETINGS[provider], stimuli))
    steps = [read_step(each) for each in script]
    assert list(problems(steps, {each["name"]: each["schema"] for each in stimuli})) == []
    name = f"script-{next(WORLDS)}"
    world = emulator.world(name)
    alice, control = emulator.client(provider, as_="alice", world=name), emulator.client(world=name)
    with closing(alice), closing(control):
        people, others = SEEN[provider](alice, control)
        schedule(world.store, provider, steps)
        fired = 0
        while len(world.store.timers):
            advanced = control.post("/_greenroom/clock/advance", json={"next": True}).json()
            for each in advanced["fired"]:
                follow(people, each)
            fired += len(advanced["fired"])
            assert SEEN[provider](alice, control) == (people, others)
    assert fired == len(steps)
    assert len(world.store.collection(*ANSWERS)) == 0
    emulator.worlds.drop(name)


def follow(people: People, fired: Json) -> None:
    """What becomes of the people when this happens."""
    detail = fired["detail"]
    if "refused" in detail:
        return
    if fired["kind"] == "participant_joins":
        people[detail["meeting"]].append(str(detail["answer"]["participant"]))
    elif fired["kind"] == "participant_leaves":
        people[detail["meeting"]].remove(str(detail["participant"]))
    elif fired["kind"] == "meeting_ends":
        people[detail["meeting"]] = []


@pytest.mark.parametrize("seed", [1, 2])
def test_a_populated_meeting_agrees_at_every_instant_and_ends_empty(
    provider: str, emulator: Emulator, seed: int
) -> None:
    name, meeting = f"populated-{next(WORLDS)}", next(iter(MEETINGS[provider]))
    alice, control = emulator.client(provider, as_="alice", world=name), emulator.client(world=name)
    with closing(alice), closing(control):
        people, others = SEEN[provider](alice, control)
        before = list(people[meeting])
        body = {"meeting": meeting, "people": 4, "minutes": 3, "seed": seed}
        answer = control.post(f"/_greenroom/stimuli/{provider}/populate", json=body)
        assert answer.status_code == 201
        most = 0
        for _ in answer.json()["steps"]:
            advanced = control.post("/_greenroom/clock/advance", json={"next": True}).json()
            for each in advanced["fired"]:
                assert "refused" not in each["detail"]
                follow(people, each)
            assert SEEN[provider](alice, control) == (people, others)
            most = max(most, len(people[meeting]))
    assert most == len(before) + 4
    assert people[meeting] == before
