"""What a schema does to a value: read it leniently, complete it with defaults, judge it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from greenroom.emulator.engine.casting import (
    MalformedError,
    read_boolean,
    read_integer,
    read_number,
)
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.schemas import Schemas, Validator
from greenroom.emulator.toolkit import InvalidError

Change: TypeAlias = Callable[[Any], Any]
_DEEPEST = 8
_READ: Mapping[str, Callable[[str], Any]] = {
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
}


def compile_lenience(place: Place, types: tuple[str, ...]) -> Change | None:
    """A function that reads texts as these types where the schema wants them; None for none."""

    def leaf(schema: Place) -> Change | None:
        wanted = schema.get("type")
        return (lambda value: _read(wanted, value)) if wanted in types else None

    return _compile(place, leaf, lambda _: None) if types else None


def compile_defaults(place: Place) -> Change | None:
    """A function that writes the schema's defaults where members are absent; None for none."""

    def missing(schema: Place) -> Change | None:
        if "default" not in schema.node:
            return None
        default = schema.node["default"]
        return lambda _: deepcopy(default)

    return _compile(place, lambda _: None, missing)


def _compile(
    place: Place,
    leaf: Callable[[Place], Change | None],
    missing: Callable[[Place], Change | None],
    depth: int = 0,
) -> Change | None:
    """Walk the schema once: what to do with a value, and what to put where a member is absent."""
    if depth > _DEEPEST:
        return None
    own = leaf(place)
    if own is not None:
        return own
    whole = [
        change
        for index in range(len(place.get("allOf") or []))
        if (change := _compile(place.child("allOf", index), leaf, missing, depth + 1)) is not None
    ]
    absent: dict[str, Change] = {}
    members: dict[str, Change] = {}
    for name, child in place.items("properties"):
        if (supply := missing(child)) is not None:
            absent[name] = supply
        if (change := _compile(child, leaf, missing, depth + 1)) is not None:
            members[name] = change
    items = (
        _compile(place.child("items"), leaf, missing, depth + 1) if "items" in place.node else None
    )
    if not (whole or absent or members or items):
        return None

    def apply(value: Any) -> Any:
        for each in whole:
            value = each(value)
        if isinstance(value, dict):
            value = {**value, **{n: give(None) for n, give in absent.items() if n not in value}}
            for name, inner in members.items():
                if name in value:
                    value[name] = inner(value[name])
        elif isinstance(value, list) and items is not None:
            value = [items(item) for item in value]
        return value

    return apply


def _read(wanted: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return _READ[wanted](value)
    except MalformedError:
        return value


class Checker:
    """Holds values to the named schemas of one spec."""

    def __init__(self, spec: Mapping[str, Any], schemas: Schemas, lenient: tuple[str, ...]) -> None:
        self._spec = spec
        self._schemas = schemas
        self._lenient = lenient
        self._known: dict[str, tuple[Change | None, Validator, Change | None]] = {}

    def __call__(self, name: str, value: Any) -> Any:
        """The value converted, judged and completed; the one given stays as it is."""
        if name not in self._known:
            self._known[name] = self._compiled(name)
        convert, validator, complete = self._known[name]
        value = convert(value) if convert is not None else value
        if not validator.is_valid(value):
            violations = validator.violations(value, "body")
            raise InvalidError(f"The value is no {name}.", violations=violations)
        return complete(value) if complete is not None else value

    def _compiled(self, name: str) -> tuple[Change | None, Validator, Change | None]:
        place = Place(dict(self._spec), "").child("components", "schemas", name)
        return (
            compile_lenience(place, self._lenient),
            self._schemas.request(place.pointer),
            compile_defaults(place),
        )
