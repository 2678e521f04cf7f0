"""Scripts: what the world does to a provider by itself, step by step, on the world's clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any

from isodate import ISO8601Error, duration_isoformat, parse_duration
from jsonschema import Draft202012Validator

from greenroom.emulator.toolkit import Call, ConflictError, Json
from greenroom.state import Store

STEP = "with"  # where a timer says that it is a step: no function has an argument of this name
ANSWERS = ("_greenroom", "answers")  # what steps answered, for as long as later ones want it
_REFERENCE = re.compile(r"\{([A-Za-z0-9_-]+)(?:\.([A-Za-z0-9_]+))?\}")
SCHEMA: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["at", "do"],
        "properties": {
            "at": {"type": ["string", "number"]},
            "do": {"type": "string"},
            "as": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Step:
    """One stimulus, its distance from the beginning, and the name its answer is known by.

    `taken` says which arguments an earlier step answered: its name, and the field of the answer.
    """

    at: timedelta
    do: str
    arguments: Json = field(default_factory=dict)
    taken: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    name: str = ""

    def shown(self) -> Json:
        """The step as a scenario spells it."""
        taken = {
            argument: f"{{{name}}}" if wanted == argument else f"{{{name}.{wanted}}}"
            for argument, (name, wanted) in self.taken.items()
        }
        named = {"as": self.name} if self.name else {}
        return {
            "at": duration_isoformat(self.at),
            "do": self.do,
            **self.arguments,
            **taken,
            **named,
        }


def read_step(document: Json) -> Step:
    """A step from a scenario; a ValueError says what is wrong with when it happens."""
    rest = {key: _reference(value) for key, value in document.items()}
    at, do, name = _distance(rest.pop("at")), rest.pop("do"), rest.pop("as", "")
    taken = {}
    for argument, value in rest.items():
        found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if found:
            taken[argument] = (found[1], found[2] or argument)
    return Step(at, do, {key: rest[key] for key in rest if key not in taken}, taken, name)


def _reference(value: Any) -> Any:
    """`{ada}` without quotes is a mapping to YAML, and a reference to us."""
    if isinstance(value, dict) and list(value.values()) == [None]:
        return f"{{{next(iter(value))}}}"
    return value


def _distance(value: float | str) -> timedelta:
    try:
        found = parse_duration(value) if isinstance(value, str) else timedelta(seconds=value)
    except (ISO8601Error, OverflowError):
        found = None
    if not isinstance(found, timedelta) or found < timedelta(0):
        raise ValueError(f"{value!r} is no duration such as PT30S or 30, and not a negative one")
    return found


def problems(steps: Sequence[Step], schemas: Mapping[str, Json]) -> Iterator[tuple[int, str]]:
    """What is wrong with which step, given the JSON Schema of each stimulus' body."""
    named: dict[str, tuple[timedelta, int]] = {}
    for index, step in enumerate(steps):
        if step.name in named:
            yield index, f"{step.name} is the name of another step, too"
        elif step.name:
            named[step.name] = (step.at, index)
    for index, step in enumerate(steps):
        for name, _ in step.taken.values():
            if name not in named or named[name] >= (step.at, index):
                yield index, f"no earlier step is known as {name}"
        if step.do not in schemas:
            yield index, f"there is no stimulus {step.do}; there are {', '.join(schemas) or 'none'}"
        else:
            yield from ((index, each) for each in _misfits(step, schemas[step.do]))


def _misfits(step: Step, schema: Json) -> Iterator[str]:
    """In what the arguments do not fit; those that an answer supplies are believed."""
    yield from (
        f"{step.do} takes no {name}" for name in step.taken if name not in schema["properties"]
    )
    needed = [name for name in schema.get("required", ()) if name not in step.taken]
    for error in Draft202012Validator({**schema, "required": needed}).iter_errors(step.arguments):
        place = "/".join(map(str, error.absolute_path))
        yield f"{place}: {error.message}" if place else error.message


def schedule(store: Store, provider: str, steps: Sequence[Step], *, scope: str = "") -> None:
    """Let the steps happen, counted from now; the scope keeps the names of scripts apart."""
    start = store.clock.now()
    known = f"{provider}/{scope}"
    wanted = Counter(name for step in steps for name, _ in step.taken.values())
    with store.transaction():
        for step in steps:
            taken = {key: [known + name, wish] for key, (name, wish) in step.taken.items()}
            facts: Json = {"taken": taken}
            if wanted[step.name]:
                facts["kept"] = [known + step.name, wanted[step.name]]
            store.timers.add(
                start + step.at,
                provider=provider,
                tenant="",
                name=step.do,
                body={**step.arguments, STEP: facts},
            )


def answered(store: Store, facts: Json) -> Json:
    """The arguments that earlier steps answered; one that has not is a `ConflictError`."""
    with store.transaction():
        found = {
            argument: (name, wish, _take(store, name).get(wish))
            for argument, (name, wish) in facts["taken"].items()
        }
    for name, wish, value in found.values():
        if value is None:
            step = name.rpartition("/")[2]
            raise ConflictError(f"The step {step} has not answered a {wish}; it was refused.")
    return {argument: value for argument, (_, _, value) in found.items()}


def _take(store: Store, name: str) -> Json:
    """An answer, which is forgotten when nobody wants it any more."""
    answers = store.collection(*ANSWERS)
    if name not in answers:
        return {}
    record = answers.get(name)
    if record["wanted"] > 1:
        answers.save({**record, "wanted": record["wanted"] - 1})
    else:
        answers.remove(name)
    answer = record["answer"]
    return answer if isinstance(answer, dict) else {}


def remembering(function: Callable[..., Any], facts: Json) -> Callable[..., Any]:
    """The function of a step, its answer kept for those that want it."""

    @wraps(function)
    def remembered(call: Call, **arguments: Any) -> Any:
        answer = function(call, **arguments)
        if "kept" in facts:
            name, wanted = facts["kept"]
            call.store.collection(*ANSWERS).add({"id": name, "wanted": wanted, "answer": answer})
        return answer

    return remembered
