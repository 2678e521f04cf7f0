"""Finding records: which index can answer, and a scan when none can.

A TinyDB query describes itself in a tuple (`_hash`). From `==`, `one_of`, `any`, `and` and `or`
the planner reads a bucket of candidates. Candidates are always tested against the query itself,
so an index may name too many and never too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from tinydb.queries import QueryLike

from greenroom.state.contents import KEY, Content
from greenroom.state.entries import SCALARS, Entry
from greenroom.state.indexes import OBJECT, Bucket, Path, has, members, path_of


def select(
    content: Content, query: QueryLike | None, equals: Mapping[str, Any], skip: int = 0
) -> Iterator[Entry]:
    """The entries that satisfy the query and hold the values, in order, without the first `skip`.

    The names in `equals` are dotted paths; a list at a path counts as each of its elements.
    """
    if query is None:
        if not equals:
            return content.entries.walk(skip)
        exact = _only(content, equals)
        if exact is not None:
            return _entries(content, members(exact, skip))
    wanted = {path_of(name): value for name, value in equals.items()}
    buckets = [_lookup(content, path, value) for path, value in wanted.items()]
    buckets.append(candidates(content, getattr(query, "_hash", None)))
    return _skipped(_tested(_narrowest(content, buckets), query, wanted), skip)


def first(content: Content, query: QueryLike | None, equals: Mapping[str, Any]) -> Entry | None:
    """The first entry that `select` finds."""
    if query is None and len(equals) == 1 and isinstance(id := equals.get("id"), str):
        entry: Entry | None = content.keys.get(id)
        return entry
    return next(select(content, query, equals), None)


def size(content: Content, query: QueryLike | None, equals: Mapping[str, Any]) -> int:
    """How many entries `select` finds; all, or those of one indexed value, are not walked."""
    if query is None and not equals:
        return len(content.entries)
    exact = _only(content, equals) if query is None else None
    if exact is not None:
        return len(exact)
    return sum(1 for _ in select(content, query, equals))


def candidates(content: Content, shape: Any) -> Bucket | None:
    """A bucket with at least every entry that satisfies a query of this shape; None: scan."""
    match shape:
        case ("and", frozenset() as parts):
            return _smallest([candidates(content, part) for part in parts])
        case ("or", frozenset() as parts):
            return _union([candidates(content, part) for part in parts])
        case ("==", tuple() as path, value):
            return _lookup(content, path, value)
        case ("one_of", tuple() as path, (tuple() | frozenset()) as values):
            return _union([_lookup(content, path, value) for value in values])
        case ("any", tuple() as path, (tuple() | frozenset()) as values):
            return _any(content, path, values)
    return None


def _only(content: Content, equals: Mapping[str, Any]) -> Bucket | None:
    # For a single value the bucket is the answer and not just a list of candidates.
    if len(equals) != 1:
        return None
    ((name, value),) = equals.items()
    return _lookup(content, path_of(name), value)


def _any(content: Content, path: Path, values: Iterable[Any]) -> Bucket | None:
    # TinyDB's `any` walks whatever can be walked: the characters of a text and the keys of an
    # object too. A single character could therefore be found inside any text.
    if any(type(value) is str and len(value) == 1 for value in values):
        return None
    return _union([_lookup(content, path, value) for value in (*values, OBJECT)])


def _lookup(content: Content, path: Path, value: Any) -> Bucket | None:
    if type(value) not in SCALARS and value is not OBJECT:
        return None
    if path == KEY and content.layout.keyed:
        entry = content.keys.get(value)
        return () if entry is None else (entry.position,)
    index = content.index(path)
    return None if index is None else index.get(value, ())


def _smallest(buckets: Iterable[Bucket | None]) -> Bucket | None:
    return min((bucket for bucket in buckets if bucket is not None), key=len, default=None)


def _union(buckets: list[Bucket | None]) -> Bucket | None:
    known = [bucket for bucket in buckets if bucket is not None]
    if len(known) < len(buckets):
        return None
    filled = [bucket for bucket in known if bucket]
    return filled[0] if len(filled) == 1 else tuple(sorted(set(chain.from_iterable(filled))))


def _narrowest(content: Content, buckets: Iterable[Bucket | None]) -> Iterator[Entry]:
    bucket = _smallest(buckets)
    return content.entries.walk() if bucket is None else _entries(content, members(bucket))


def _entries(content: Content, positions: Iterable[int]) -> Iterator[Entry]:
    for position in positions:
        entry = content.entries.get(position)
        assert entry is not None
        yield entry


def _tested(
    entries: Iterable[Entry], query: QueryLike | None, wanted: Mapping[Path, Any]
) -> Iterator[Entry]:
    for entry in entries:
        record = entry.record
        if query is not None and not query(record):
            continue
        if all(has(record, path, value) for path, value in wanted.items()):
            yield entry


def _skipped(entries: Iterator[Entry], skip: int) -> Iterator[Entry]:
    for _ in range(skip):
        if next(entries, None) is None:
            break
    return entries
