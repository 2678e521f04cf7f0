"""Scripts: what happens by itself, step by step, on the world's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.scripts import ANSWERS, Step, read_step
from greenroom.emulator.toolkit import Call, ConflictError, Json, ScenarioError
from greenroom.state import Indexes

if TYPE_CHECKING:
    from greenroom.emulator import Emulator
    from tests.emulator.conftest import Tiny

SCRIPT = """
title: A visit
cast: {}
records:
  rooms:
    acme:
      - {id: hall, seats: 2}
script:
  - {at: PT30S, do: participant_joins, meeting: hall, name: Ada, as: ada}
  - {at: 30, do: participant_joins, meeting: hall, name: Bob, as: bob}
  - {at: PT40S, do: participant_joins, meeting: hall, name: Eve, as: eve}
  - {at: PT50S, do: participant_leaves, meeting: hall, participant: {eve}}
  - {at: PT1M, do: participant_leaves, meeting: hall, participant: "{ada}"}
  - {at: PT2M, do: participant_joins, meeting: hall, name: "{bob.shown}"}
"""
QUIET = "title: Nothing\ncast: {}\nrecords: {rooms: {acme: [{id: hall, seats: 2}]}}\n"


def participant_joins(call: Call, meeting: str, name: str = "Somebody") -> Json:
    """Come in, unless all seats are taken."""
    rooms = call.holding("rooms", meeting).collection("rooms")
    room = rooms.get(meeting)
    people = {**room.get("people", {}), call.ids.hex(6): name}
    if len(people) > room["seats"]:
        raise ConflictError("The room is full.")
    rooms.save(room | {"people": people})
    return {"participant": list(people)[-1], "shown": f"{name} the Second"}


def participant_leaves(call: Call, meeting: str, participant: str) -> None:
    """Go out."""
    rooms = call.holding("rooms", meeting).collection("rooms")
    room = rooms.get(meeting)
    rest = {key: name for key, name in room["people"].items() if key != participant}
    rooms.save(room | {"people": rest})


@pytest.fixture
def meetings(tiny: Tiny, tmp_path: Path) -> Callable[..., Emulator]:
    """Serves rooms with a script in the default scenario."""
    tiny.provider = replace(
        tiny.provider,
        collections={"rooms": Indexes()},
        stimuli=(participant_joins, participant_leaves),
    )
    tiny.answer(
        "GET /rooms/{id}", lambda call, id_: call.within("acme").collection("rooms").get(id_)
    )

    def serve(script: str = SCRIPT, **settings: Any) -> Emulator:
        return tiny.stage(tmp_path, {"default": script, "quiet": QUIET}, **settings)

    return serve


def advance(tiny: Tiny, by: str, world: str = "") -> list[Json]:
    answer = tiny.send_to(f"POST {world}/_greenroom/clock/advance", json={"by": by})
    fired: list[Json] = answer.json()["fired"]
    return fired


def inside(tiny: Tiny, world: str = "") -> list[str]:
    people = tiny.send_to(f"GET {world}/tiny/rooms/hall").json().get("people", {})
    return list(people.values())


def test_a_script_runs_on_the_worlds_clock(meetings: Callable[..., Emulator], tiny: Tiny) -> None:
    meetings()
    seen = []
    for by in ("PT29S", "PT1S", "PT30S", "PT59S", "PT1S"):
        advance(tiny, by)
        seen.append(inside(tiny))
    assert seen == [[], ["Ada", "Bob"], ["Bob"], ["Bob"], ["Bob", "Bob the Second"]]


def test_what_is_refused_is_told_and_the_rest_goes_on(
    meetings: Callable[..., Emulator], tiny: Tiny
) -> None:
    meetings()
    fired = advance(tiny, "PT1H")
    assert [each["kind"].partition("_")[2] for each in fired] == [
        *("joins", "joins", "joins", "leaves", "leaves", "joins")
    ]
    refused = [each["detail"].get("refused") for each in fired]
    assert refused == [
        *(None, None, "The room is full."),
        "The step eve has not answered a participant; it was refused.",
        *(None, None),
    ]
    ada = fired[0]["detail"]["answer"]["participant"]
    assert fired[4] == {
        "at": "2026-01-05T09:01:00Z",
        "provider": "tiny",
        "kind": "participant_leaves",
        "detail": {"meeting": "hall", "participant": ada},
    }


def test_answers_are_forgotten_when_nobody_wants_them_any_more(
    meetings: Callable[..., Emulator], tiny: Tiny
) -> None:
    store = meetings().world().store
    kept = []
    for by in ("PT30S", "PT30S", "PT60S"):
        advance(tiny, by)
        kept.append([each["id"] for each in store.collection(*ANSWERS)])
    assert kept == [["tiny/ada", "tiny/bob"], ["tiny/bob"], []]
    listed = tiny.send_to("GET /_greenroom/state").json()
    assert ANSWERS[1] not in [each["collection"] for each in listed]


def test_a_script_goes_with_its_world(meetings: Callable[..., Emulator], tiny: Tiny) -> None:
    meetings()
    advance(tiny, "PT30S")
    exchange = tiny.send("GET /rooms/hall").headers["x-greenroom-exchange"]
    tiny.send_to("PUT /_greenroom/snapshots/two")
    fork = {"name": "w", "from": {"world": "main"}}
    assert tiny.send_to("POST /_greenroom/worlds", json=fork).status_code == 201
    for _ in range(2):
        advance(tiny, "PT30S")
        assert inside(tiny) == ["Bob"]
        assert inside(tiny, "/~w") == ["Ada", "Bob"]
        tiny.send_to("POST /_greenroom/snapshots/two/restore")
    tiny.send_to("POST /_greenroom/rewind", json={"exchange": exchange})
    assert len(advance(tiny, "PT1H")) == 4
    tiny.send_to("POST /_greenroom/reset")
    assert inside(tiny) == []
    assert len(advance(tiny, "PT1H")) == 6
    tiny.send_to("POST /_greenroom/reset", json={"scenario": "quiet"})
    assert advance(tiny, "PT1H") == []


def test_a_script_survives_a_restart(
    meetings: Callable[..., Emulator], tiny: Tiny, tmp_path: Path
) -> None:
    folder = str(tmp_path / "data")
    emulator = meetings(data=folder)
    advance(tiny, "PT30S")
    emulator.close()
    meetings(data=folder)
    assert inside(tiny) == ["Ada", "Bob"]
    advance(tiny, "PT30S")
    assert inside(tiny) == ["Bob"]


def test_the_same_seed_gives_the_same_state(meetings: Callable[..., Emulator], tiny: Tiny) -> None:
    digests = set()
    for _ in range(2):
        emulator = meetings()
        advance(tiny, "PT1H")
        digests.add(emulator.world().store.digest())
        emulator.close()
    assert len(digests) == 1


BAD = {
    "no duration": (
        "{at: soon, do: participant_joins, meeting: hall}",
        "0: at: 'soon' is no duration",
    ),
    "negative": ("{at: -PT1S, do: participant_joins, meeting: hall}", "0: at: '-PT1S' is no"),
    "months": ("{at: P1M, do: participant_joins, meeting: hall}", "0: at: 'P1M' is no duration"),
    "endless": ("{at: 1.0e+30, do: participant_joins, meeting: hall}", "0: at: 1e+30 is no"),
    "no stimulus": (
        "{at: 1, do: dance}",
        "0: there is no stimulus dance; there are participant_joins, participant_leaves, populate",
    ),
    "nothing to do": ("{at: 1}", "0: 'do' is a required property"),
    "no meeting": ("{at: 1, do: participant_joins}", "0: 'meeting' is a required property"),
    "wrong type": ("{at: 1, do: participant_joins, meeting: 3}", "0: meeting: 3 is not of type"),
    "out of bounds": ("{at: 1, do: populate, meeting: hall, people: 0}", "0: people: 0 is less"),
    "unknown argument": (
        "{at: 1, do: participant_joins, meeting: hall, hat: red}",
        "0: Additional properties are not allowed",
    ),
    "unknown argument taken": (
        "{at: 1, do: participant_joins, meeting: hall, as: a},"
        "{at: 2, do: participant_joins, meeting: hall, hat: {a}}",
        "1: participant_joins takes no hat",
    ),
    "nobody of that name": (
        "{at: 1, do: participant_leaves, meeting: hall, participant: {ada}}",
        "0: no earlier step is known as ada",
    ),
    "too early": (
        "{at: 2, do: participant_joins, meeting: hall, as: ada},"
        "{at: 1, do: participant_leaves, meeting: hall, participant: {ada}}",
        "1: no earlier step is known as ada",
    ),
    "two of one name": (
        "{at: 1, do: participant_joins, meeting: hall, as: ada},"
        "{at: 2, do: participant_joins, meeting: hall, as: ada}",
        "1: ada is the name of another step, too",
    ),
    "no name": ("{at: 1, do: participant_joins, meeting: hall, as: a b}", "0/as: 'a b' does not"),
}


@pytest.mark.parametrize("slip", BAD)
def test_a_slip_in_a_script_is_told_by_file_and_place(
    meetings: Callable[..., Emulator], slip: str
) -> None:
    steps, complaint = BAD[slip]
    with pytest.raises(ScenarioError) as refused:
        meetings(f"title: A slip\ncast: {{}}\nrecords: {{}}\nscript: [{steps}]")
    place = "handlers/tiny/scenarios/default.yaml at script/"
    assert str(refused.value).startswith(place + complaint)


def test_every_slip_is_told(meetings: Callable[..., Emulator]) -> None:
    steps = "{at: 1, do: dance}, {at: 2, do: sing}, {at: 3, do: participant_joins}"
    with pytest.raises(ScenarioError) as refused:
        meetings(f"title: Slips\ncast: {{}}\nrecords: {{}}\nscript: [{steps}]")
    assert len(str(refused.value).splitlines()) == 3


def test_a_script_beyond_the_calendar_is_told(meetings: Callable[..., Emulator]) -> None:
    step = "{at: P3000000D, do: participant_joins, meeting: hall}"
    with pytest.raises(ScenarioError, match="at script: "):
        meetings(f"title: Late\ncast: {{}}\nrecords: {{}}\nscript: [{step}]")


def test_a_step_is_shown_as_a_scenario_spells_it() -> None:
    documents = [
        {"at": "PT1M30S", "do": "joins", "meeting": "m", "name": "{x.shown}", "as": "ada"},
        {"at": "PT2M", "do": "leaves", "participant": "{ada}"},
        {"at": "PT1H", "do": "rings"},
    ]
    steps = [read_step(each) for each in documents]
    assert steps[1] == Step(
        timedelta(minutes=2), "leaves", {}, {"participant": ("ada", "participant")}
    )
    assert [each.shown() for each in steps] == documents
