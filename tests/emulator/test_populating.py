"""A plausible meeting, planned from a seed and played on the world's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isodate import parse_duration

from greenroom.emulator.populating import populating
from greenroom.emulator.scripts import ANSWERS
from greenroom.emulator.stimuli import schema_of
from greenroom.emulator.toolkit import Call, ConflictError, Json, Key, Request
from greenroom.state import Indexes, Store

if TYPE_CHECKING:
    from greenroom.emulator import Emulator
    from tests.emulator.conftest import Tiny

START = "title: A hall\ncast: {}\nrecords: {halls: [{id: hall, seats: 9, people: {}, log: []}]}\n"
PLAYED = f"{START}script: [{{at: PT1M, do: populate, meeting: hall, people: 2, seed: 1}}]\n"


def participant_joins(
    call: Call, meeting: str, name: str = "Somebody", pin: str | None = None
) -> Json:
    """Come in."""
    halls = call.shared("halls")
    hall = halls.get(meeting)
    if hall.get("pin") not in (None, pin):
        raise ConflictError("The PIN is wrong.")
    if len(hall["people"]) >= hall["seats"]:
        raise ConflictError("The hall is full.")
    participant = call.ids.hex(6)
    halls.save(hall | {"people": {**hall["people"], participant: name}})
    _note(call, meeting, f"{name} joins")
    return {"participant": participant}


def participant_leaves(call: Call, meeting: str, participant: str) -> None:
    """Go out."""
    halls = call.shared("halls")
    hall = halls.get(meeting)
    _note(call, meeting, f"{hall['people'][participant]} leaves")
    hall = halls.get(meeting)
    rest = {key: name for key, name in hall["people"].items() if key != participant}
    halls.save(hall | {"people": rest})


def _note(call: Call, meeting: str, text: str) -> None:
    hall = call.shared("halls").get(meeting)
    call.shared("halls").save(hall | {"log": [*hall["log"], text]})


def noting(does: str) -> Callable[..., None]:
    def noted(call: Call, meeting: str, participant: str) -> None:
        who = call.shared("halls").get(meeting)["people"][participant]
        _note(call, meeting, f"{who} {does}")

    noted.__name__ = f"participant_{does}"
    return noted


FULL: tuple[Callable[..., Any], ...] = (
    participant_joins,
    participant_leaves,
    *map(noting, ("talks", "goes_silent", "raises_hand", "lowers_hand", "mutes", "unmutes")),
)


@pytest.fixture
def hall(tiny: Tiny, tmp_path: Path) -> Callable[..., Emulator]:
    """Serves a hall with these stimuli."""
    tiny.answer("GET /halls/{id}", lambda call, id_: call.shared("halls").get(id_))

    def serve(*stimuli: Callable[..., Any], scenario: str = START, **more: Any) -> Emulator:
        collections = {"halls": Indexes()}
        tiny.provider = replace(
            tiny.provider, collections=collections, stimuli=stimuli or FULL, meetings="halls"
        )
        return tiny.stage(tmp_path, {"default": scenario}, **more)

    return serve


def populate(tiny: Tiny, **body: Any) -> Any:
    return tiny.send_to("POST /_greenroom/stimuli/tiny/populate", json={"meeting": "hall", **body})


def advance(tiny: Tiny, by: str) -> list[Json]:
    fired: list[Json] = tiny.send_to("POST /_greenroom/clock/advance", json={"by": by}).json()[
        "fired"
    ]
    return fired


def log(tiny: Tiny) -> list[str]:
    noted: list[str] = tiny.send("GET /halls/hall").json()["log"]
    return noted


def test_a_plan_is_what_happens(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    emulator = hall()
    answer = populate(tiny, people=4, minutes=5, seed=3)
    plan = answer.json()
    assert answer.status_code == 201
    assert (plan["meeting"], plan["seed"], len(plan["people"])) == ("hall", 3, 4)
    assert (plan["begins"], plan["ends"]) == ("2026-01-05T09:00:00Z", "2026-01-05T09:05:00Z")
    assert log(tiny) == []
    fired = advance(tiny, "PT5M")
    assert [each["kind"] for each in fired] == [each["do"] for each in plan["steps"]]
    assert [each for each in fired if "refused" in each["detail"]] == []
    did = [line.split(" ", 1)[1] for line in log(tiny)]
    once = ("raises_hand", "lowers_hand", "mutes", "unmutes")
    assert [did.count(each) for each in ("joins", "leaves", *once)] == [5, 5, 1, 1, 1, 1]
    assert did.count("talks") == did.count("goes_silent") > 5
    assert tiny.send("GET /halls/hall").json()["people"] == {}
    store = emulator.world().store
    assert (len(store.timers), len(store.collection(*ANSWERS))) == (0, 0)


def test_what_the_provider_has_no_stimulus_for_is_left_out(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    hall(participant_joins)
    plan = populate(tiny, people=3, minutes=1).json()
    assert {each["do"] for each in plan["steps"]} == {"participant_joins"}


def test_a_provider_that_nobody_can_join_cannot_be_populated(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    hall(participant_leaves)
    assert populate(tiny).status_code == 404
    listed = tiny.send_to("GET /_greenroom/stimuli").json()
    assert [each["name"] for each in listed] == ["participant_leaves"]


def test_it_is_listed_like_any_stimulus(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    hall()
    (found,) = [
        each
        for each in tiny.send_to("GET /_greenroom/stimuli").json()
        if each["name"] == "populate"
    ]
    described = tiny.send_to("GET /_greenroom/openapi.json").json()
    body = described["paths"]["/stimuli/{provider}/populate"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert "required" not in found["schema"].keys() | schema.keys()
    assert found["schema"]["properties"].keys() == schema["properties"].keys()
    for name in ("people", "minutes"):
        assert found["schema"]["properties"][name] == schema["properties"][name]


def test_what_may_be_left_out_may_be_null_as_well(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    hall()
    answer = populate(tiny, people=1, minutes=1, seed=None, pin=None)
    assert answer.status_code == 201, answer.text


def test_without_a_seed_the_world_draws_one(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    hall()
    plans = [populate(tiny).json() for _ in range(2)]
    assert plans[0]["seed"] != plans[1]["seed"]
    assert plans[0]["steps"] != plans[1]["steps"]
    tiny.send_to("POST /_greenroom/reset")
    assert populate(tiny).json() == plans[0]


def test_the_same_seed_gives_the_same_bytes(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    seen = []
    for _ in range(2):
        emulator = hall()
        answer = populate(tiny, seed=7, people=6)
        fired = advance(tiny, "PT10M")
        seen.append((answer.content, fired, emulator.world().store.digest()))
        emulator.close()
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "body",
    [
        {"people": 0},
        {"people": 101},
        {"minutes": 0},
        {"minutes": 481},
        {"seed": "x"},
        {"hat": 1},
        {"meeting": 3},
    ],
)
def test_a_bad_body_is_refused(hall: Callable[..., Emulator], tiny: Tiny, body: Json) -> None:
    hall()
    assert populate(tiny, **body).status_code == 400


def test_where_nobody_would_be_let_in_nothing_is_planned(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    emulator = hall(scenario=START.replace("seats: 9", "seats: 9, pin: '12'"))
    before = emulator.world().store.digest()
    assert populate(tiny, meeting="attic").status_code == 404
    refused = populate(tiny)
    assert (refused.status_code, refused.json()["detail"]) == (409, "The PIN is wrong.")
    assert emulator.world().store.digest() == before
    assert populate(tiny, pin="12").status_code == 201
    assert [each for each in advance(tiny, "PT10M") if "refused" in each["detail"]] == []


TWO = START.replace("records: {halls: [", "records: {halls: [{id: attic, seats: 0, people: {}}, ")


def test_without_a_meeting_the_first_that_lets_anybody_in_is_taken(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    hall(scenario=TWO)
    plan = populate(tiny, meeting=None, people=2, seed=1).json()
    assert plan == {**plan, "meeting": "hall"}
    tiny.send_to("POST /_greenroom/reset")
    assert populate(tiny, people=2, seed=1).json() == plan


def test_where_no_meeting_lets_anybody_in_none_is_planned(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    hall(scenario=START.replace("seats: 9", "seats: 0"))
    full = populate(tiny, meeting=None)
    assert (full.status_code, full.json()["detail"]) == (409, "The hall is full.")
    hall(scenario="title: Nothing\ncast: {}\nrecords: {}\n")
    none = populate(tiny, meeting=None)
    why = "There is no meeting to come to; give the id of one."
    assert (none.status_code, none.json()["detail"]) == (409, why)


def test_only_those_come_who_would_be_let_in(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    hall(scenario=START.replace("seats: 9", "seats: 2"))
    assert len(populate(tiny, people=4, seed=2).json()["people"]) == 2
    assert [each for each in advance(tiny, "PT10M") if "refused" in each["detail"]] == []


def test_where_nobody_knows_the_names_whoever_is_expected_comes(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    def expecting(call: Call, meeting: str, name: str = "Bob") -> Json:
        if name != "Bob":
            raise ConflictError(f"{name} is not expected.")
        return participant_joins(call, meeting, name)

    expecting.__name__ = "participant_joins"
    hall(expecting, participant_leaves)
    plan = populate(tiny, people=2, minutes=1).json()
    assert all("name" not in step for step in plan["steps"])
    advance(tiny, "PT1M")
    assert log(tiny) == ["Bob joins"] * 2 + ["Bob leaves", "Bob joins"] + ["Bob leaves"] * 2


def test_what_is_refused_when_it_is_due_does_not_stop_the_rest(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    emulator = hall(scenario=START.replace("seats: 9", "seats: 4"))
    for _ in range(2):
        populate(tiny, people=3, seed=2)
    fired = advance(tiny, "PT10M")
    refused = {each["detail"].get("refused") for each in fired}
    assert {None, "The hall is full."} < refused
    assert tiny.send("GET /halls/hall").json()["people"] == {}
    assert len(emulator.world().store.collection(*ANSWERS)) == 0


def test_a_meeting_beyond_the_calendar_is_refused(
    hall: Callable[..., Emulator], tiny: Tiny
) -> None:
    hall()
    tiny.send_to("POST /_greenroom/clock/advance", json={"to": "9999-12-31T23:59:00Z"})
    refused = populate(tiny)
    assert (refused.status_code, "calendar" in refused.json()["detail"]) == (409, True)


def test_a_script_may_populate(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    hall(scenario=PLAYED)
    (begun,) = advance(tiny, "PT1M")
    assert begun["detail"]["answer"]["begins"] == "2026-01-05T09:01:00Z"
    played = advance(tiny, "PT10M")
    assert len(played) == len(begun["detail"]["answer"]["steps"])


def test_a_plan_is_a_script(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    emulator = hall()
    plan = populate(tiny, people=3, minutes=2, seed=5).json()
    advance(tiny, "PT2M")
    once = log(tiny)
    emulator.close()
    hall(scenario=f"{START}script: {plan['steps']}\n")
    advance(tiny, "PT2M")
    assert log(tiny) == once


def test_two_meetings_at_once_keep_apart(hall: Callable[..., Emulator], tiny: Tiny) -> None:
    hall()
    for _ in range(2):
        populate(tiny, people=2, seed=1)
    assert [each for each in advance(tiny, "PT10M") if "refused" in each["detail"]] == []


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 100), st.integers(1, 90), st.integers(-(2**63), 2**63 - 1))
def test_a_plan_is_plausible(people: int, minutes: int, seed: int) -> None:
    store = Store(frozen=True, collections={("tiny", "halls"): Indexes()})
    hall = {"id": "hall", "seats": people + 1, "people": {}, "log": []}
    store.collection("tiny", "halls").add(hall)
    functions = {each.__name__: each for each in FULL}
    request = Request("", "", "", [], b"", "", "", Key(""), store.clock.now, {})
    play = populating(functions)
    assert play is not None
    plan = play(Call("tiny", store, {}, request), "hall", people, minutes, seed)
    assert len(plan["people"]) == len(set(plan["people"])) == people
    times = [parse_duration(step["at"]).total_seconds() for step in plan["steps"]]
    assert times == sorted(times)
    assert 0 < times[0] <= times[-1] <= minutes * 60
    there: set[str] = set()
    talking: list[str] = []
    for step in plan["steps"]:
        assert set(step) - {"at", "as"} <= {"do", *schema_of(functions[step["do"]])["properties"]}
        who = step.get("participant", "")[1:-1]
        if step["do"] == "participant_joins":
            assert step["as"] not in there
            there.add(step["as"])
        else:
            assert who in there
        if step["do"] == "participant_leaves":
            assert who not in talking
            there.remove(who)
        elif step["do"] == "participant_talks":
            talking.append(who)
        elif step["do"] == "participant_goes_silent":
            talking.remove(who)
        assert len(talking) <= 1
    assert (there, talking) == (set(), [])
