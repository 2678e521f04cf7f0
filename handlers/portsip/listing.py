"""The options of lists: filter and search, then order, then count, then skip and top."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from greenroom.emulator.toolkit import Json
from greenroom.handlers.portsip.errors import ListOptionError
from greenroom.handlers.portsip.filters import Fields, Test, compiled
from greenroom.state import Collection

_ORDER = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)(?:\s+(asc|desc))?\s*")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a kind of record shows in lists, and where a search looks for words."""

    shape: Callable[[Json], Json]
    fields: Fields
    searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A page of a list and the number of all that match."""

    count: int
    items: list[Json]


def window(
    records: Collection,
    listed: Listed,
    *,
    wanted: str = "",
    search: str = "",
    orderby: str = "",
    skip: int,
    top: int,
) -> Window:
    """The page of these records that the options ask for, as shapes."""
    tests = list(_tests(listed, wanted=wanted, search=search))
    keys = order_keys(orderby, listed.fields) if orderby.strip() else []
    if not tests and not keys:
        page = records.find(skip=skip, limit=top)
        return Window(len(records), [listed.shape(record) for record in page])

    def matches(value: Mapping[str, Any]) -> bool:
        return all(test(value) for test in tests)

    rows = ordered([listed.shape(record) for record in records.find(matches)], keys)
    return Window(len(rows), rows[skip : skip + top])


def _tests(listed: Listed, *, wanted: str, search: str) -> Iterable[Test]:
    if wanted.strip():
        yield compiled(wanted, listed.fields)
    if search.strip():
        yield searching(search, listed.searched)


def searching(text: str, fields: tuple[str, ...]) -> Test:
    """A test for all the words, or for either of two with an `or` between them."""
    groups = word_groups(text.casefold().split())

    def test(record: Mapping[str, Any]) -> bool:
        texts = [text.casefold() for field in fields if (text := record.get(field)) is not None]
        return all(any(word in each for word in group for each in texts) for group in groups)

    return test


def word_groups(words: list[str]) -> list[list[str]]:
    """The words, those with an `or` between them together."""
    groups: list[list[str]] = []
    joined = False
    for index, word in enumerate(words):
        if word == "or" and groups and not joined and index + 1 < len(words):
            joined = True
        elif joined:
            groups[-1].append(word)
            joined = False
        else:
            groups.append([word])
    return groups


def order_keys(text: str, fields: Fields) -> list[tuple[str, bool]]:
    """Field and whether downwards, for each part of an `orderby`."""
    keys, position = [], 1
    for part in text.split(","):
        found = _ORDER.fullmatch(part)
        start = position + len(part) - len(part.lstrip())
        if found is None:
            raise ListOptionError("orderby", "a field is expected here, then asc or desc.", start)
        if found[1] not in fields:
            known = ", ".join(fields)
            reason = f"{found[1]} is no field of this list; there are {known}."
            raise ListOptionError("orderby", reason, start)
        keys.append((found[1], found[2] == "desc"))
        position += len(part) + 1
    return keys


def ordered(rows: list[Json], keys: list[tuple[str, bool]]) -> list[Json]:
    """The rows in this order, what is not set first, ties by id; as they came without keys."""
    for field, downwards in [("id", False), *reversed(keys)] if keys else []:
        unset = [row for row in rows if row[field] is None]
        given = [row for row in rows if row[field] is not None]
        rows = unset + sorted(given, key=_value_of(field), reverse=downwards)
    return rows


def _value_of(field: str) -> Callable[[Json], Any]:
    return lambda row: row[field]
