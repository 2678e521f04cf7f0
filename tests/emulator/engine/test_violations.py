"""What is wrong with a request: where, what, how much, and in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.toolkit import ApiError, Json, Reply, Request, Violation

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny


def violations(tiny: Tiny) -> list[Violation]:
    """A list that will hold what was wrong with what is sent from here on."""
    told: list[Violation] = []
    wire = tiny.provider.wire

    def write_error(error: ApiError, request: Request) -> Reply:
        told.extend(error.violations)
        return wire.write_error(error, request)

    tiny.provider = replace(tiny.provider, wire=replace(wire, write_error=write_error))
    return told


def test_violations_say_where_what_and_how_much(tiny: Tiny) -> None:
    told = violations(tiny)
    either = [{"type": "integer"}, {"type": "boolean"}]
    schema: Json = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "a/b": {"items": {"minLength": 2, "type": "string"}},
            "c": {"oneOf": either},
        },
        "additionalProperties": False,
    }
    tiny.answer("POST /notes", lambda call, body: "", body=tiny.content(schema))
    tiny.send("POST /notes", json={"a/b": ["xx", "y"], "c": "d", "e": 1, "f": 2})
    facts = [(each.pointer, each.field, each.keyword, each.limit, each.value) for each in told]
    assert facts == [
        ("/a~1b/1", "a/b.1", "minLength", 2, "y"),
        ("/c", "c", "oneOf", either, "d"),
        ("/e", "e", "additionalProperties", "e", 1),
        ("/f", "f", "additionalProperties", "f", 2),
        ("/id", "id", "required", "id", None),
    ]
    assert told[0].message == "must have at least 2 characters."


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"type": "string", "minLength": 1}, "", "body must have at least 1 character."),
        ({"type": "array", "items": {}, "maxItems": 1}, [1, 2], "body must have at most 1 item."),
        ({"type": "object", "minProperties": 2}, {"a": 1}, "body must have at least 2 members."),
        ({"enum": ["ok", 1, True, None]}, "no", "body must be one of ok, 1, true, null."),
        ({"properties": {"a": {"type": "string"}}}, {"a": 1}, "a must be string."),
        ({"type": "object", "required": ["a"]}, {}, "a is required."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    tiny: Tiny, schema: Json, value: Any, sentence: str
) -> None:
    told = violations(tiny)
    tiny.answer("POST /notes", lambda call, body: "", body=tiny.content(schema))
    assert tiny.send("POST /notes", json=value).status_code == 400
    assert [each.sentence for each in told] == [sentence]


def test_what_is_a_sentence_already_stands_alone(tiny: Tiny) -> None:
    told = violations(tiny)
    body = {**tiny.content({"type": "object"}), "required": True}
    tiny.answer("POST /notes", lambda call, body: "", body=body)
    assert tiny.send("POST /notes").status_code == 400
    assert [each.sentence for each in told] == ["A body is required."]
