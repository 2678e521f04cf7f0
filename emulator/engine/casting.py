"""Texts read as the types a schema wants, by regular expression and nothing more lenient."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from greenroom.emulator.engine.pointers import Place

_INTEGER = re.compile(r"-?[0-9]{1,400}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")


class MalformedError(ValueError):
    """A text cannot be read as the type the schema declares."""

    def __init__(self, wanted: str, text: str, *path: str | int) -> None:
        super().__init__(wanted)
        self.wanted, self.text, self.path = wanted, text, path


def decoded(raw: str, *, plus: bool = False) -> str:
    """The text behind percent-encoding; not UTF-8 is malformed."""
    if plus:
        raw = raw.replace("+", " ")
    if "%" not in raw:
        return raw
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise MalformedError("text in UTF-8", raw) from None


def types_of(place: Place, depth: int = 0) -> set[str]:
    """The JSON types a schema speaks of, through its compositions."""
    if depth > 5:
        return set()
    node = place.node
    if isinstance(node.get("type"), str):
        return {node["type"]}
    found: set[str] = set()
    for word in ("allOf", "oneOf", "anyOf"):
        for index in range(len(node.get(word) or [])):
            found |= types_of(place.child(word, index), depth + 1)
    if not found and "properties" in node:
        return {"object"}
    return found


def caster(place: Place) -> Callable[[str], Any]:
    """A function that reads a text as the schema's type."""
    types = types_of(place)
    for options, cast in (
        ({"integer"}, read_integer),
        ({"number"}, read_number),
        ({"boolean"}, read_boolean),
        ({"string"}, str),
    ):
        if types == options:
            return cast
    casts: list[Callable[[str], Any]] = [
        cast
        for name, cast in (
            ("boolean", read_boolean),
            ("integer", read_integer),
            ("number", read_number),
        )
        if name in types
    ]
    return lambda text: _first_that_reads(casts, text)


def _first_that_reads(casts: list[Callable[[str], Any]], text: str) -> Any:
    for cast in casts:
        try:
            return cast(text)
        except MalformedError:
            continue
    return text


def read_integer(text: str) -> int:
    """The integer a text spells, in decimal digits and nothing else."""
    if not _INTEGER.fullmatch(text):
        raise MalformedError("an integer", text)
    return int(text)


def read_number(text: str) -> float:
    """The number a text spells, as JSON would."""
    if not _NUMBER.fullmatch(text):
        raise MalformedError("a number", text)
    number = int(text) if _INTEGER.fullmatch(text) else float(text)
    if number in (math.inf, -math.inf):
        raise MalformedError("a number", text)
    return number


def read_boolean(text: str) -> bool:
    """The boolean a text spells: true or false."""
    if text not in ("true", "false"):
        raise MalformedError("a boolean", text)
    return text == "true"
