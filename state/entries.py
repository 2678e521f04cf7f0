"""Records as they are kept: immutable values that cannot be reached from outside.

A record is brought in by writing it as JSON and reading it back, which is faster than a deep
copy and proves that it is JSON. What JSON would bend (a NaN, a UUID, an integer beyond 64 bits)
shows as a difference between the two and takes the slow way, which copies or refuses.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

Json = dict[str, Any]

SCALARS = frozenset({str, int, float, bool, type(None)})
FEW = 8  # nested members that are read one by one
MAXIMUM_DEPTH = 254
MAXIMUM_BITS = 14_000
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class Entry:
    """One stored record, where it stands in its table and how to copy it out.

    `position` orders the table; `doc_id` is TinyDB's number for it. A shallow copy is a full
    one but for the members in `inner`, which are read from JSON; when there are many of them,
    the whole record is read, from `text`.
    """

    __slots__ = ("doc_id", "inner", "position", "record", "text")
    odd: ClassVar[bool] = False

    def __init__(
        self, record: Json, text: bytes | None, inner: tuple[tuple[str, bytes], ...] = ()
    ) -> None:
        self.record = record
        self.text = text
        self.inner = inner
        self.position = -1
        self.doc_id: Any = -1

    def at(self, position: int, doc_id: Any) -> Entry:
        """The same entry, put in its place; to be called before anybody else sees it."""
        self.position = position
        self.doc_id = doc_id
        return self

    def copy(self) -> Json:
        """The record, for somebody who may change it."""
        if self.text is not None:
            read: Json = orjson.loads(self.text)
            return read
        copied = self.record.copy()
        for name, text in self.inner:
            copied[name] = orjson.loads(text)
        return copied

    def dump(self) -> bytes:
        """The record as JSON."""
        return orjson.dumps(self.record) if self.text is None else self.text


class OddEntry(Entry):
    """A record with integers beyond 64 bits, which only the slow JSON reader keeps exact."""

    __slots__ = ()
    odd = True

    def copy(self) -> Json:
        """The record, for somebody who may change it."""
        copied: Json = json.loads(self.dump())
        return copied


def adopt(record: Json) -> Entry:
    """An entry of a record that is plain JSON and that nobody else holds."""
    try:
        return _entry(record, orjson.dumps(record))
    except TypeError:
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        return OddEntry(record, text.encode())


def pack(record: Mapping[str, Any]) -> Entry:
    """An entry that holds a copy of the record; what is not JSON is a TypeError or ValueError.

    A tuple is taken as an array. The message names the place in the record.
    """
    try:
        text = orjson.dumps(record, option=_STRICT)
    except TypeError:
        return _pack_slowly(record)
    copied: Json = orjson.loads(text)
    if copied != record:
        return _pack_slowly(record)
    return _entry(copied, text)


def _entry(record: Json, text: bytes) -> Entry:
    if SCALARS.issuperset(map(type, record.values())):
        return Entry(record, None)
    nested = [name for name, value in record.items() if type(value) not in SCALARS]
    if len(nested) > FEW:
        return Entry(record, text)
    return Entry(record, None, tuple([(name, orjson.dumps(record[name])) for name in nested]))


def _pack_slowly(record: Mapping[str, Any]) -> Entry:
    return adopt(_plain(dict(record), "", 1))


def _plain(value: Any, place: str, depth: int) -> Any:
    if not isinstance(value, dict | list | tuple):
        return _scalar(value, place)
    if depth > MAXIMUM_DEPTH:
        raise ValueError(f"A record may be nested {MAXIMUM_DEPTH} levels deep, this one is deeper.")
    if isinstance(value, dict):
        return {
            _key(key, place): _plain(item, f"{place}.{key}", depth + 1)
            for key, item in value.items()
        }
    return [_plain(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(value)]


def _key(key: Any, place: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"The keys of{_at(place)} must be text, but one is {key!r}.")
    return _text(key, place)


def _scalar(value: Any, place: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        if value.bit_length() > MAXIMUM_BITS:
            raise ValueError(f"The integer in{_at(place)} is too long to be written in JSON.")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"The number in{_at(place)} is {value!r}, which JSON cannot hold.")
        return float(value)
    raise TypeError(f"The value in{_at(place)} is a {type(value).__name__}, which is not JSON.")


def _text(value: str, place: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"The text in{_at(place)} holds half of a surrogate pair, which UTF-8 cannot."
        ) from None
    return str.__str__(value)


def _at(place: str) -> str:
    return f" {place.lstrip('.')}" if place else " the record"
