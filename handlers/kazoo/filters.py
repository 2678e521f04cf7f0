"""The filters of a list: which documents a query asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import orjson

from greenroom.emulator.toolkit import Json
from greenroom.handlers.kazoo.gregorian import gregorian

Test: TypeAlias = Callable[[Json], bool]
ABSENT: Any = object()
EMPTY: tuple[Any, ...] = (None, "", [], {})


def chosen_by(pairs: Iterable[tuple[str, str]]) -> Test:
    """A test that a document passes when every filter of the query lets it through."""
    tests = [test for name, value in pairs if (test := _test(name, value)) is not None]
    return lambda document: all(test(document) for test in tests)


def _test(name: str, value: str) -> Test | None:
    """The test behind one query parameter; none when it is no filter."""
    if name.startswith("filter_not_"):
        return _differs(name.removeprefix("filter_not_"), value)
    if name.startswith("filter_"):
        return _equals(name.removeprefix("filter_"), value)
    make = TESTS.get(name)
    return make(value) if make is not None else None


def field_of(document: Json, key: str) -> Any:
    """The value behind a dotted key, or `ABSENT`."""
    value: Any = document
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            return ABSENT
        value = value[part]
    return value


def _text(value: Any) -> str | None:
    """A value as a query would spell it; None for what cannot be spelled."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    return None


def _wanted(text: str) -> set[str | None]:
    """The texts a filter means: those of a JSON array, or the one that is given."""
    try:
        values = orjson.loads(text) if text.startswith("[") else text
    except orjson.JSONDecodeError:
        values = text
    return {_text(value) for value in values} if isinstance(values, list) else {text}


def _equals(key: str, value: str) -> Test:
    wanted = _wanted(value) - {None}
    return lambda document: _text(field_of(document, key)) in wanted


def _differs(key: str, value: str) -> Test:
    equals = _equals(key, value)
    return lambda document: not equals(document)


def _has_key(key: str) -> Test:
    return lambda document: field_of(document, key) is not ABSENT


def _lacks_key(key: str) -> Test:
    return lambda document: field_of(document, key) is ABSENT


def _has_value(key: str) -> Test:
    return lambda document: field_of(document, key) not in (ABSENT, *EMPTY)


def _lacks_value(key: str) -> Test:
    return lambda document: field_of(document, key) in (ABSENT, *EMPTY)


def _since(field: str) -> Callable[[str], Test]:
    return lambda text: _compared(field, text, lambda seconds, bound: seconds >= bound)


def _until(field: str) -> Callable[[str], Test]:
    return lambda text: _compared(field, text, lambda seconds, bound: seconds <= bound)


def _compared(field: str, text: str, holds: Callable[[int, int], bool]) -> Test:
    """A test of an instant against a bound; a bound that is no number leaves everything out."""
    try:
        bound = int(text)
    except ValueError:
        return lambda document: False
    return lambda document: field in document and holds(gregorian(document[field]), bound)


TESTS: dict[str, Callable[[str], Test]] = {
    "has_key": _has_key,
    "key_missing": _lacks_key,
    "has_value": _has_value,
    "missing_value": _lacks_value,
    "value_missing": _lacks_value,
    "created_from": _since("pvt_created"),
    "created_to": _until("pvt_created"),
    "modified_from": _since("pvt_modified"),
    "modified_to": _until("pvt_modified"),
}
