"""Worlds, snapshots, rewinds and forks against a model: a world is what was done in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

if TYPE_CHECKING:
    from greenroom.emulator.toolkit import Json
    from tests.emulator.conftest import Tiny

ADA = {"Authorization": "Bearer ada"}
Past = tuple[str, ...]
NAMES = st.sampled_from(["a", "b", "c"])


@dataclass
class Model:
    """A world: everything done in it since the server began, and what it can go back to."""

    past: Past = ()
    beginning: Past = ()
    exchanges: int = 0
    journal: list[tuple[str, Past, int]] = field(default_factory=list)
    snapshots: dict[str, tuple[Past, int, Past]] = field(default_factory=dict)

    def newest(self, key: str) -> int | None:
        """The place in the journal of the newest exchange with that key."""
        places = [place for place, kept in enumerate(self.journal) if kept[0] == key]
        return places[-1] if places else None


class Worlds(RuleBasedStateMachine):
    """Gives orders to worlds; the same past must always have the same answers to tell."""

    worlds = Bundle("worlds")
    served: Tiny
    told: ClassVar[dict[Past, Any]]
    runs: Iterator[int]

    def __init__(self) -> None:
        super().__init__()
        self.run = next(self.runs)
        self.models: dict[str, Model] = {}

    def order(self, world: str, line: str, body: Json | None = None, status: int = 204) -> Any:
        method, _, path = line.partition(" ")
        answer = self.served.send_to(f"{method} /~{world}/_greenroom{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def did(self, world: str, deed: str, answer: Any) -> None:
        """Note what was done; whoever did all the same before got the same answer."""
        model = self.models[world]
        model.past = (*model.past, deed)
        assert self.told.setdefault(model.past, answer) == answer

    def exchanged(self, world: str, line: str, body: Json | None = None) -> None:
        model = self.models[world]
        method, _, path = line.partition(" ")
        answer = self.served.send_to(f"{method} /~{world}/tiny{path}", headers=ADA, json=body)
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("location", "x-greenroom-world")
        }
        self.did(world, f"{line} {body}", (answer.status_code, headers, answer.content))
        model.exchanges += 1
        key = f"e{model.exchanges}"
        assert headers["x-greenroom-exchange"] == key
        model.journal.append((key, model.past, model.exchanges))

    @initialize(target=worlds)
    def begin(self) -> str:
        return self.make()

    def make(self, model: Model | None = None) -> str:
        name = f"r{self.run}-{len(self.models)}"
        self.models[name] = model or Model()
        return name

    @rule(world=worlds, name=NAMES)
    def add_a_room(self, world: str, name: str) -> None:
        self.exchanged(world, "POST /rooms", {"name": name})

    @rule(world=worlds)
    def list_rooms(self, world: str) -> None:
        self.exchanged(world, "GET /rooms")

    @rule(world=worlds)
    def be_refused(self, world: str) -> None:
        self.exchanged(world, "GET /rooms/none")

    @rule(world=worlds, minutes=st.sampled_from([1, 61]))
    def wind(self, world: str, minutes: int) -> None:
        answer = self.order(world, "POST /clock/advance", {"by": minutes * 60}, 200)
        self.did(world, f"wind {minutes}", answer)

    @rule(world=worlds, seats=st.integers(0, 3))
    def edit(self, world: str, seats: int) -> None:
        body = {"id": "hall", "seats": seats}
        self.did(world, f"edit {seats}", self.order(world, "PUT /state/tiny/rooms/hall", body, 200))

    @rule(world=worlds, times=st.integers(1, 2), probability=st.sampled_from([0.5, 1]))
    def order_a_fault(self, world: str, times: int, probability: float) -> None:
        body = {"times": times, "probability": probability, "effect": {"status": 503}}
        self.did(world, f"fault {body}", self.order(world, "POST /faults", body, 201))

    @rule(world=worlds)
    def take_faults_back(self, world: str) -> None:
        self.order(world, "DELETE /faults")
        self.did(world, "no faults", None)

    @rule(world=worlds, name=NAMES)
    def keep(self, world: str, name: str) -> None:
        model = self.models[world]
        status = 200 if name in model.snapshots else 201
        self.order(world, f"PUT /snapshots/{name}", None, status)
        model.snapshots[name] = (model.past, model.exchanges, model.beginning)

    @rule(world=worlds, name=NAMES)
    def restore(self, world: str, name: str) -> None:
        model = self.models[world]
        found = model.snapshots.get(name)
        self.order(world, f"POST /snapshots/{name}/restore", None, 204 if found else 404)
        if found:
            model.past, model.exchanges, model.beginning = found
            model.journal = [each for each in model.journal if each[2] <= model.exchanges]

    @rule(world=worlds, key=st.integers(1, 8))
    def rewind(self, world: str, key: int) -> None:
        model = self.models[world]
        place = model.newest(f"e{key}")
        status = 404 if place is None else 204
        self.order(world, "POST /rewind", {"exchange": f"e{key}"}, status)
        if place is not None:
            del model.journal[place + 1 :]
            _, model.past, model.exchanges = model.journal[place]

    @rule(world=worlds)
    def reset(self, world: str) -> None:
        model = self.models[world]
        self.order(world, "POST /reset")
        model.past, model.exchanges = model.beginning, self.counted(model.beginning)
        model.journal.clear()

    @rule(target=worlds, world=worlds, name=NAMES, key=st.integers(1, 8), how=st.integers(0, 2))
    def fork(self, world: str, name: str, key: int, how: int) -> str:
        model = self.models[world]
        origin: Json = {"world": world}
        past: Past = model.past
        if how == 1 and name in model.snapshots:
            origin["snapshot"], past = name, model.snapshots[name][0]
        place = model.newest(f"e{key}")
        if how == 2 and place is not None:
            origin["exchange"], past, _ = model.journal[place]
        made = self.make(Model(past, past, self.counted(past)))
        answer = self.order("main", "POST /worlds", {"name": made, "from": origin}, 201)
        assert answer["exchanges"] == self.counted(past)
        return made

    @staticmethod
    def counted(past: Past) -> int:
        return sum(deed.startswith(("GET ", "POST ")) for deed in past)

    @invariant()
    def the_same_past_is_the_same_world(self) -> None:
        for name, model in self.models.items():
            digest = self.served.worlds.get(name).store.digest()
            seen = self.told.setdefault((*model.past, "digest"), digest)
            assert seen == digest, name

    @invariant()
    def a_journal_holds_what_was_exchanged(self) -> None:
        for name, model in self.models.items():
            kept = self.order(name, "GET /journal?limit=1000", None, 200)
            assert [each["id"] for each in kept] == [key for key, _, _ in model.journal]

    def teardown(self) -> None:
        for name in self.models:
            self.served.worlds.drop(name)


def test_a_world_is_what_was_done_in_it(rooms: Callable[..., Tiny]) -> None:
    class Run(Worlds):
        served = rooms(world_cap=100_000)
        told: ClassVar[dict[Past, Any]] = {}
        runs = count()

    run_state_machine_as_test(
        Run,
        settings=settings(
            max_examples=100, stateful_step_count=40, suppress_health_check=list(HealthCheck)
        ),
    )
