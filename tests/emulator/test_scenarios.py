"""Starting worlds, read from files and put into a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.discovery import Found, names
from greenroom.emulator.options import defaults
from greenroom.emulator.scenarios import Scenario, load_scenario
from greenroom.emulator.toolkit import GreenroomError, Option, ScenarioError
from greenroom.state import Indexes, Store

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
FILE = "handlers/tiny/scenarios/default.yaml"
HEAD = "title: A start\ncast: {}\n"
Load = Callable[..., Scenario]


@pytest.fixture
def load(tiny: Tiny, tmp_path: Path) -> Load:
    """Loads a scenario from its text."""

    def load_text(text: str, name: str = "default") -> Scenario:
        tiny.provider = replace(
            tiny.provider,
            collections={"notes": Indexes(unique=("key",)), "rooms": Indexes()},
            options={"limit": Option(10, "How many.")},
        )
        tiny.answer("GET /notes", lambda call: "")
        emulator = tiny.stage(tmp_path, {"default": f"{HEAD}records: {{}}"})
        (tmp_path / "default.yaml").write_text(text, "utf-8")
        return load_scenario(emulator.providers[0], name)

    return load_text


def furnished(scenario: Scenario) -> Store:
    store = Store(seed=1, at=START, frozen=True, collections={("tiny", "notes"): Indexes()})
    scenario.furnish(store)
    return store


def test_a_scenario_is_its_title_its_cast_its_options_and_its_records(load: Load) -> None:
    scenario = load(
        """
        title: A start
        description: For a test.
        options: {limit: 3}
        cast:
          ada: {tenant: acme, role: owner, headers: {X-Key: k}, query: {a: b}, path: {id: "1"}}
        records:
          notes: [{id: a}, {id: b}]
          rooms: {acme: [{id: hall}], globex: [{id: cellar}]}
        """
    )
    assert (scenario.title, scenario.description) == ("A start", "For a test.")
    assert (scenario.options, list(scenario.cast)) == ({"limit": 3}, ["ada"])
    store = furnished(scenario)
    assert [each["id"] for each in store.collection("tiny", "notes")] == ["a", "b"]
    assert store.collection("tiny", "rooms", "acme").get("hall") == {"id": "hall"}
    assert store.tenants("tiny", "rooms") == ["acme", "globex"]


def test_times_are_told_by_their_distance_from_the_start(load: Load) -> None:
    text = """
    - {id: a, at: !at -P2DT3H, unix: !unix PT1H, ms: [!unix_ms PT0.5S], deep: {at: !at P1W}}
    """
    scenario = load(f"{HEAD}records:\n  notes:\n{text}")
    assert furnished(scenario).collection("tiny", "notes").get("a") == {
        "id": "a",
        "at": "2026-01-03T06:00:00Z",
        "unix": 1767607200,
        "ms": [1767603600500],
        "deep": {"at": "2026-01-12T09:00:00Z"},
    }


def test_every_world_gets_records_of_its_own(load: Load) -> None:
    scenario = load(f"{HEAD}records: {{notes: [{{id: a, list: [1]}}]}}")
    one, other = furnished(scenario), furnished(scenario)
    one.collection("tiny", "notes").save({"id": "a", "list": []})
    assert other.collection("tiny", "notes").get("a") == {"id": "a", "list": [1]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: [", f"{FILE}: "),
        ("[]", f"{FILE} at the top: [] is not of type 'object'"),
        ("title: A start\ncast: {}", f"{FILE} at the top: 'records' is a required property"),
        (f"{HEAD}records: {{}}\nmore: 1", f"{FILE} at the top: Additional properties"),
        (f"{HEAD}records: {{notes: 3}}", f"{FILE} at records/notes: 3 is not valid"),
        (f"{HEAD}records: {{notes: [{{}}]}}", f"{FILE} at records/notes: [{{}}] is not valid"),
        (
            "title: A start\nrecords: {}\ncast: {ada: {tenant: acme}}",
            f"{FILE} at cast/ada: 'role' is a required property",
        ),
        (
            f"{HEAD}records: {{songs: []}}",
            f"{FILE}: no collection 'songs'; there are notes, rooms.",
        ),
        (
            f"{HEAD}records: {{}}\noptions: {{limit: many}}",
            f"{FILE} at options: tiny.limit wants an integer, not 'many'.",
        ),
        (
            f"{HEAD}records: {{}}\noptions: {{mood: calm}}",
            f"{FILE} at options: tiny has no option 'mood'; it has limit.",
        ),
        (f"{HEAD}records: {{notes: [{{id: a, at: !at soon}}]}}", f"{FILE}: 'soon' is no duration"),
        (f"{HEAD}records: {{notes: [{{id: a, at: !at P1M}}]}}", f"{FILE}: 'P1M' is no duration"),
        (f"{HEAD}records: {{notes: [!!python/name:os.system '']}}", f"{FILE}: could not determine"),
        (f"{HEAD}records: {{notes: [!at PT1H]}}", f"{FILE} at records/notes: "),
    ],
)
def test_a_file_that_does_not_fit_is_told_with_its_place(load: Load, text: str, told: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load(text)
    assert str(refused.value)[: len(told)] == told


@pytest.mark.parametrize(
    ("records", "place"),
    [
        ("[{id: a}, {id: a}]", "records/notes/a: "),
        ("{acme: [{id: a, key: k}, {id: b, key: k}]}", "records/notes/acme/b: "),
        ("[{id: 7}]", "records/notes/7: "),
        ("[{id: a, day: 2026-01-05}]", "records/notes/a: "),
        ("[{id: a, set: {1: 2}}]", "records/notes/a: "),
        ("[{id: a, at: !at P9999999D}]", "records/notes/a: "),
    ],
)
def test_a_record_that_cannot_be_kept_is_told_with_its_place(
    load: Load, records: str, place: str
) -> None:
    scenario = load(f"{HEAD}records:\n  notes: {records}")
    store = Store(at=START, collections={("tiny", "notes"): Indexes(unique=("key",))})
    with pytest.raises(ScenarioError) as refused:
        scenario.furnish(store)
    assert str(refused.value).startswith(f"{FILE} at {place}")


def test_a_scenario_nobody_wrote_is_told_with_those_that_are_there(load: Load) -> None:
    with pytest.raises(ScenarioError, match=r"^tiny has no scenario 'full'; it has default\.$"):
        load(f"{HEAD}records: {{}}", "full")


@pytest.fixture
def staged(tiny: Tiny, tmp_path: Path) -> Callable[..., Any]:
    """Stages a tiny API that has these scenarios."""

    def stage(*scenarios: str, **settings: Any) -> Any:
        tiny.provider = replace(tiny.provider, options={"limit": Option(10, "How many.")})
        tiny.answer("GET /limit", lambda call: call.option("limit"))
        texts = dict.fromkeys(scenarios, f"{HEAD}records: {{}}\noptions: {{limit: 3}}")
        return tiny.stage(tmp_path, texts, **settings)

    return stage


def test_a_start_in_a_scenario_nobody_has_is_refused(staged: Callable[..., Any]) -> None:
    with pytest.raises(GreenroomError, match="There is no scenario 'full'; there are default"):
        staged("default", scenario="full")


@pytest.mark.parametrize(("settings", "limit"), [({}, 3), ({"options": {"tiny": {"limit": 4}}}, 4)])
def test_options_of_the_scenario_yield_to_those_of_the_start(
    tiny: Tiny, staged: Callable[..., Any], settings: Any, limit: int
) -> None:
    staged("default", **settings)
    assert tiny.send("GET /limit").json() == limit


def test_options_of_somebody_else_are_refused_at_the_start(staged: Callable[..., Any]) -> None:
    with pytest.raises(GreenroomError, match="'other' is not served here"):
        staged("default", options={"other": {"limit": 4}})
    with pytest.raises(GreenroomError, match="tiny has no option 'mood'"):
        staged("default", options={"tiny": {"mood": 4}})


@pytest.mark.parametrize("provider", names())
def test_every_scenario_of_every_provider_furnishes_a_world(provider: str) -> None:
    found = Found(provider)
    assert list(found.scenarios)[:2] == ["default", "empty"]
    declared = {(provider, name): each for name, each in found.provider.collections.items()}
    for name in found.scenarios:
        scenario = load_scenario(found, name)
        stores = [Store(seed=1, at=START, frozen=True, collections=declared) for _ in range(2)]
        for store in stores:
            scenario.furnish(store)
        assert stores[0].digest() == stores[1].digest()
        assert {"alice", "bob", "carol", "mallory"} <= set(scenario.cast)
        defaults(found.provider, scenario.options.items())
