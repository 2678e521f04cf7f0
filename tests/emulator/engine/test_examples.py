"""Whether a spec's own examples and defaults fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.engine.examples import example_problems
from greenroom.emulator.toolkit import Json

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

NUMBER: Json = {"type": "integer", "minimum": 1}
HERE = "specs/tiny.yaml at /paths/~1notes/put"


def put(tiny: Tiny, **more: Any) -> list[str]:
    tiny.answer("PUT /notes", lambda call, size=1, body=None: 0, **more)
    return list(example_problems(tiny.mount()))


def test_what_fits_is_no_problem(tiny: Tiny) -> None:
    size = tiny.parameter("query", "size", **NUMBER, default=1, example=2)
    body = tiny.content({"type": "object", "example": {"a": 1}}, example={"b": 2})
    assert put(tiny, parameters=[size], body=body) == []


def test_a_default_that_does_not_fit_is_told_with_file_and_place(tiny: Tiny) -> None:
    size = tiny.parameter("query", "size", **NUMBER, default=0)
    told = "/parameters/0/schema: the default at / must be at least 1."
    assert put(tiny, parameters=[size]) == [HERE + told]


@pytest.mark.parametrize(
    ("schema", "more", "told"),
    [
        ({**NUMBER, "example": "x"}, {}, "the example at / must be integer."),
        (NUMBER, {"example": 0}, "the example at / must be at least 1."),
        (NUMBER, {"examples": {"low": {"value": 0}}}, "the example low at / must be at least 1."),
        ({"type": "array", "items": NUMBER}, {"example": [1, 0]}, "the example at /1 must be at"),
    ],
)
def test_an_example_that_does_not_fit_is_told_with_file_and_place(
    tiny: Tiny, schema: Json, more: Json, told: str
) -> None:
    problems = put(tiny, body=tiny.content(schema, **more))
    place = f"{HERE}/requestBody/content/application~1json/schema: "
    assert [each[: len(place + told)] for each in problems] == [place + told]


def test_an_example_of_an_answer_may_lack_what_only_a_client_writes(tiny: Tiny) -> None:
    person: Json = {
        "type": "object",
        "required": ["name", "password", "id"],
        "properties": {
            "name": {},
            "password": {"type": "string", "writeOnly": True},
            "id": {"type": "string", "readOnly": True},
        },
    }
    shown = {"description": "", **tiny.content(person, example={"name": "a", "id": "1"})}
    body = tiny.content(person, example={"name": "a", "password": "b"})
    assert put(tiny, body=body, responses={"200": shown}) == []
    told = put(tiny, body=tiny.content(person, example={"name": "a", "id": "1"}))
    assert [each.rpartition(": ")[2] for each in told] == [
        "the example at /password password is required."
    ]
