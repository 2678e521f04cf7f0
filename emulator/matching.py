"""Which exchanges an order means: the matcher that faults and verifications share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Protocol

import orjson

from greenroom.emulator.toolkit import Json

_NOTHING: Any = object()


class Facts(Protocol):
    """What a matcher looks at."""

    @property
    def provider(self) -> str:
        """The provider's name."""

    @property
    def operation(self) -> str:
        """The operation's id; empty when the request fits none."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The path below the provider, as sent."""

    @property
    def who(self) -> str:
        """The caller; empty for nobody."""

    @property
    def status(self) -> int:
        """The status answered; 0 before there is one."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by lower-case name."""

    @property
    def body(self) -> bytes:
        """The request's body."""


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

    Texts may hold `*` and `?` as in file names. `header` names headers and what they hold, `body`
    JSON pointers into a JSON body and what stands there.
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
                found += body_differences(wanted, facts.body)
            else:
                got = getattr(facts, name)
                if not _fits(wanted, got):
                    found.append(Difference(name, wanted, got))
            if found and first_only:
                break
        return found


def _fits(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, str) and isinstance(got, str):
        return fnmatchcase(got, wanted)
    return bool(wanted == got)


def _header_differences(wanted: Mapping[str, str], headers: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(f"header {name}", value, headers.get(name.lower()))
        for name, value in wanted.items()
        if not _fits(value, headers.get(name.lower()))
    ]


def body_differences(wanted: Mapping[str, Any], body: bytes) -> list[Difference]:
    """The pointers at which a JSON body does not hold what is wanted."""
    try:
        document = orjson.loads(body) if body else _NOTHING
    except orjson.JSONDecodeError:
        document = _NOTHING
    found = []
    for pointer, value in wanted.items():
        got = _resolve(document, pointer)
        if got is _NOTHING or got != value:
            found.append(Difference(f"body {pointer}", value, None if got is _NOTHING else got))
    return found


def _resolve(document: Any, pointer: str) -> Any:
    node = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return _NOTHING
    return node
