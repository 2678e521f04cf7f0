"""What a collection can be looked up by, and how an index follows its records.

An index is a persistent map from a value to a bucket; a bucket is the ordered set of the
positions of the records that have the value: a sorted tuple while it is small, a trie after.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeAlias

from immutables import Map

from greenroom.state.entries import SCALARS, Json
from greenroom.state.trie import Trie

Path: TypeAlias = tuple[str, ...]
Bucket: TypeAlias = tuple[int, ...] | Trie[int]
Index: TypeAlias = Map[Any, Bucket]

SMALL_BUCKET = 32


@dataclass(frozen=True, slots=True)
class Indexes:
    """What a collection can be looked up by, besides the id.

    Each is a dotted path into the record (`member.numbers`). A list is entered: the record is
    found by each of its elements. `unique` in addition lets no two records of one tenant share
    a value; null and absent never clash.
    """

    plain: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()


class _Anything:
    """The value under which an index keeps the records that have an object at its path."""


OBJECT: Final = _Anything()
_ABSENT: Final = object()


@lru_cache(maxsize=4096)
def path_of(name: str) -> Path:
    """The path that a dotted name stands for."""
    return tuple(name.split("."))


def leaves_at(record: Json, path: Path) -> list[Any]:
    """What the record has at that path, entering the lists on the way."""
    found: Any = record
    for index, part in enumerate(path):
        if type(found) is dict:
            found = found.get(part, _ABSENT)
            if found is _ABSENT:
                return []
        elif type(found) is list:
            rest = path[index:]
            return [leaf for item in found if type(item) is dict for leaf in leaves_at(item, rest)]
        else:
            return []
    return [found]


def values_at(record: Json, path: Path) -> tuple[Any, ...]:
    """The values under which an index on that path keeps the record."""
    values: dict[Any, None] = {}
    for leaf in leaves_at(record, path):
        if type(leaf) is list:
            values.update((item, None) for item in leaf if type(item) in SCALARS)
        else:
            values[OBJECT if type(leaf) is dict else leaf] = None
    return tuple(values)


def has(record: Json, path: Path, value: Any) -> bool:
    """Whether the record has this value at the path, or a list there that holds it."""
    return any(
        leaf == value or (type(leaf) is list and value in leaf) for leaf in leaves_at(record, path)
    )


def add(bucket: Bucket, position: int) -> Bucket:
    """The bucket with one more position."""
    if isinstance(bucket, Trie):
        return bucket.set(position, position)
    if len(bucket) < SMALL_BUCKET:
        at = bisect_left(bucket, position)
        return (*bucket[:at], position, *bucket[at:])
    return Trie.of((member, member) for member in (*bucket, position))


def discard(bucket: Bucket, position: int) -> Bucket:
    """The bucket without a position that it holds."""
    if isinstance(bucket, Trie):
        return bucket.remove(position)
    at = bisect_left(bucket, position)
    return bucket[:at] + bucket[at + 1 :]


def members(bucket: Bucket, skip: int = 0) -> Iterator[int]:
    """The positions of a bucket in order, without the first `skip`."""
    return bucket.walk(skip) if isinstance(bucket, Trie) else islice(bucket, skip, None)


def fill(path: Path, records: Iterable[tuple[int, Json]]) -> Index:
    """An index on that path over these positions, which rise, and records."""
    grouped: dict[Any, list[int]] = {}
    for position, record in records:
        for value in values_at(record, path):
            grouped.setdefault(value, []).append(position)
    return Map({value: _bucket(positions) for value, positions in grouped.items()})


def _bucket(positions: list[int]) -> Bucket:
    if len(positions) <= SMALL_BUCKET:
        return tuple(positions)
    return Trie.of((position, position) for position in positions)


def move(index: Index, position: int, *, old: tuple[Any, ...], new: tuple[Any, ...]) -> Index:
    """The index after the record at that position changed its values from `old` to `new`."""
    for value in old:
        if value not in new:
            bucket = discard(index[value], position)
            index = index.set(value, bucket) if bucket else index.delete(value)
    for value in new:
        if value not in old:
            index = index.set(value, add(index.get(value, ()), position))
    return index
