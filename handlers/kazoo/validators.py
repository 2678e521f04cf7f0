"""What Kazoo's validators say about a value, word for word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from greenroom.emulator.toolkit import Json, Violation


class Words(NamedTuple):
    """How one keyword is reported: the validator's name, its sentence, the keys beside it."""

    validator: str
    sentence: str
    keys: tuple[str, ...] = ()


TYPE = Words("type", "Value did not match type(s): {target}", ("target",))
WORDS: Mapping[str, Words] = {
    "required": Words("required", "Field is required but missing"),
    "type": TYPE,
    "anyOf": TYPE,
    "minLength": Words(
        "minLength", "String must be at least {target} characters", ("target", "cause")
    ),
    "maxLength": Words(
        "maxLength", "String must not be more than {target} characters", ("target", "cause")
    ),
    "pattern": Words("pattern", "Failed to match pattern '{target}'", ("target",)),
    "uniqueItems": Words("uniqueItems", "List of items is not unique"),
    "enum": Words("enum", "Value not found in enumerated list of values", ("target",)),
    "minimum": Words("minimum", "Value must be at least {target}", ("target",)),
    "maximum": Words("maximum", "Value must be at most {target}", ("target",)),
    "minItems": Words("minItems", "The list must have at least {target} items", ("target",)),
    "maxItems": Words("maxItems", "The list is more than {target} items", ("target",)),
    "additionalProperties": Words(
        "additionalProperties",
        "Strict checking of data is enabled; only include schema-defined properties",
    ),
    "unique": Words("unique", "Numbers already in use", ("cause",)),
    "malformed": Words("invalid", "All JSON must be valid", ("target",)),
}


def validation_errors(violations: Sequence[Violation]) -> Json:
    """Everything that is wrong, by dotted field and validator."""
    told: Json = {}
    for violation in violations:
        words = WORDS.get(violation.keyword, Words(violation.keyword, violation.message))
        told.setdefault(_field(violation), {})[words.validator] = _error(words, violation)
    return told


def _error(words: Words, violation: Violation) -> Json:
    offered = {"target": _target(violation), "cause": violation.value}
    message = words.sentence.replace("{target}", str(offered["target"]))
    return {"message": message, **{key: offered[key] for key in words.keys}}


def _field(violation: Violation) -> str:
    return "json" if violation.keyword == "malformed" else violation.field or "data"


def _target(violation: Violation) -> Any:
    """What the value should have been; of a type, the list of types as text."""
    match violation.keyword:
        case "malformed":
            return "body"
        case "type" | "anyOf":
            limit = violation.limit
            types = limit if isinstance(limit, list) else [limit]
            return ", ".join(each["type"] if isinstance(each, dict) else each for each in types)
    return violation.limit
