"""Which exchanges an order means: the matcher that faults and verifications share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property, lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson

from greenroom.emulator.toolkit import Json

_NOTHING: Any = object()
_FORM = "application/x-www-form-urlencoded"
_SEGMENT = "\uf8ff"  # stands for a segment while a pattern is made


class Facts(Protocol):
    """What a matcher looks at: texts and numbers by the names of the criteria, and these."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers by lower-case name."""

    @property
    def body(self) -> bytes:
        """The body."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One criterion that an exchange does not meet."""

    criterion: str
    wanted: Any
    got: Any

    def shown(self) -> Json:
        """The difference as the control plane shows it."""
        return {"criterion": self.criterion, "wanted": self.wanted, "got": self.got}


@dataclass(frozen=True)
class Matcher:
    """Criteria that must all be met.

    Texts may hold `*` for any text and `?` for any character, a path also `{name}` for any
    segment. `header` names headers and what they hold, `body` JSON pointers into a JSON body (or
    the fields of a form) and what stands there.
    """

    criteria: Json

    @cached_property
    def looks_at_caller(self) -> bool:
        """Whether the caller must be known to decide."""
        return "who" in self.criteria

    def meets(self, facts: Facts) -> bool:
        """Whether the exchange meets every criterion."""
        return not self.differences(facts, first_only=True)

    def differences(self, facts: Facts, *, first_only: bool = False) -> list[Difference]:
        """The criteria the exchange does not meet."""
        found: list[Difference] = []
        for name, wanted in self.criteria.items():
            if name == "header":
                found += _header_differences(wanted, facts.headers)
            elif name == "body":
                found += _body_differences(wanted, facts)
            else:
                got = getattr(facts, name)
                if not _fits(name, wanted, got):
                    found.append(Difference(name, wanted, got))
            if found and first_only:
                break
        return found

    @property
    def bad_pointers(self) -> list[str]:
        """What is written where a JSON pointer should be and is none."""
        return [each for each in self.criteria.get("body", {}) if each and each[0] != "/"]


def _fits(name: str, wanted: Any, got: Any) -> bool:
    if not isinstance(wanted, str) or not isinstance(got, str):
        return bool(wanted == got)
    if name == "method":
        return _pattern(wanted.upper(), is_path=False).fullmatch(got.upper()) is not None
    return _pattern(wanted, is_path=name == "path").fullmatch(got) is not None


@lru_cache(maxsize=1024)
def _pattern(text: str, *, is_path: bool) -> re.Pattern[str]:
    marked = re.sub(r"\{[^{}/]*\}", _SEGMENT, text) if is_path else text
    regex = translate(marked.replace("[", "[[]"))  # a bracket means itself
    return re.compile(regex.replace(_SEGMENT, "[^/]+") if is_path else regex)


def _header_differences(wanted: Mapping[str, str], headers: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(f"header {name}", value, headers.get(name.lower()))
        for name, value in wanted.items()
        if not _fits("header", value, headers.get(name.lower()))
    ]


def _body_differences(wanted: Mapping[str, Any], facts: Facts) -> list[Difference]:
    document, found = _document(facts), []
    for pointer, value in wanted.items():
        got = _resolve(document, pointer)
        if got is _NOTHING or not _same(got, value):
            found.append(Difference(f"body {pointer}", value, None if got is _NOTHING else got))
    return found


def _document(facts: Facts) -> Any:
    body = facts.body
    if facts.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        return orjson.loads(body) if body else _NOTHING
    except orjson.JSONDecodeError:
        return _NOTHING


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; `true` is not `1`."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _resolve(document: Any, pointer: str) -> Any:
    node = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and re.fullmatch("0|[1-9][0-9]{0,8}", name):
            if int(name) >= len(node):
                return _NOTHING
            node = node[int(name)]
        else:
            return _NOTHING
    return node
