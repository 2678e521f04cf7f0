"""A query answers the same with indexes, without them and in stock TinyDB."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from tinydb import Query, TinyDB
from tinydb.queries import QueryInstance
from tinydb.storages import MemoryStorage

from greenroom.state import Collection, Indexes, Store, where

Json = dict[str, Any]

KIND = ("api", "rooms")
INDEXES = Indexes(plain=("a", "b.c", "b", "numbers"), unique=("pin",))

SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 2, "", "a", "b", "ab", "live"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["c", "a"]), inner),
    max_leaves=4,
)
DOCUMENTS = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "numbers", "other"]), VALUES), max_size=8
)
PATHS = [("a",), ("b",), ("b", "c"), ("numbers",), ("other",), ("id",)]


def field_at(path: tuple[str, ...]) -> Query:
    """A query about what is at a path."""
    query = where(path[0])
    for part in path[1:]:
        query = query[part]
    return query


FIELDS = st.sampled_from(PATHS).map(field_at)


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def conditions() -> st.SearchStrategy[QueryInstance]:
    """Conditions on one field, of every kind TinyDB has."""
    lists = st.lists(SCALARS, max_size=3)
    return st.one_of(
        st.builds(lambda field, value: field == value, FIELDS, VALUES),
        st.builds(lambda field, value: field != value, FIELDS, VALUES),
        st.builds(lambda field, value: field < value, FIELDS, SCALARS),
        st.builds(lambda field, value: field.one_of(value), FIELDS, lists),
        st.builds(lambda field, value: field.one_of(value), FIELDS, st.just("live")),
        st.builds(lambda field, value: field.any(value), FIELDS, lists),
        st.builds(lambda field, value: field.any(value), FIELDS, st.just("ab")),
        st.builds(lambda field, value: field.any(set(value)), FIELDS, lists),
        st.builds(lambda field, value: field.any(where("c") == value), FIELDS, SCALARS),
        st.builds(lambda field, value: field.all(value), FIELDS, lists),
        st.builds(lambda field: field.exists(), FIELDS),
        st.builds(lambda field: field.test(is_text), FIELDS),
        st.builds(lambda field: field.map(str) == "1", FIELDS),
        st.builds(lambda value: Query().fragment({"a": value}), SCALARS),
        st.just(Query().noop()),
    )


QUERIES = st.recursive(
    conditions(),
    lambda inner: st.one_of(
        st.builds(lambda left, right: left & right, inner, inner),
        st.builds(lambda left, right: left | right, inner, inner),
        st.builds(lambda query: ~query, inner),
    ),
    max_leaves=4,
)


@pytest.fixture
def rooms() -> Collection:
    """An empty collection with indexes."""
    return Store(collections={KIND: INDEXES}).collection(*KIND)


@settings(max_examples=200, deadline=None)
@given(documents=DOCUMENTS, queries=st.lists(QUERIES, min_size=1, max_size=5))
def test_indexes_do_not_change_an_answer(
    documents: list[Json], queries: list[QueryInstance]
) -> None:
    rooms = Store(collections={KIND: INDEXES}).collection(*KIND)
    bare = Store().collection(*KIND)
    stock = TinyDB(storage=MemoryStorage)
    for number, document in enumerate(documents):
        record = {**document, "id": str(number)}
        rooms.add(record)
        bare.add(record)
        stock.insert(record)
    for query in queries:
        # A comparison of things that have no order fails or not, depending on who is asked.
        with suppress(TypeError):
            expected = stock.search(query)
            assert rooms.find(query) == bare.find(query) == expected
            assert rooms.count(query) == len(expected)


@settings(max_examples=100, deadline=None)
@given(documents=DOCUMENTS, name=st.sampled_from(["a", "b.c", "numbers"]), value=VALUES)
def test_a_value_is_found_alike_with_and_without_an_index(
    documents: list[Json], name: str, value: Any
) -> None:
    rooms = Store(collections={KIND: INDEXES}).collection(*KIND)
    bare = Store().collection(*KIND)
    for number, document in enumerate(documents):
        rooms.add({**document, "id": str(number)})
        bare.add({**document, "id": str(number)})
    found = rooms.find(**{name: value})
    assert found == bare.find(**{name: value})
    assert rooms.count(**{name: value}) == bare.count(**{name: value}) == len(found)
    assert rooms.find(skip=1, limit=2, **{name: value}) == found[1:3]


class Counted:
    """A condition that counts how many records it is asked about."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, value: Any) -> bool:
        self.asked += 1
        return True


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        (lambda: where("a") == 7, 1),
        (lambda: where("a").one_of([7, 8]), 2),
        (lambda: where("numbers").any([7]), 1),
        (lambda: (where("a") == 7) | (where("a") == 9), 2),
        (lambda: (where("a") == 7) & (where("id") == "7"), 1),
        (lambda: where("id") == "7", 1),
        (lambda: where("id") == "none", 0),
        (lambda: where("other") == 7, 100),
        (lambda: (where("a") == 7) | (where("other") == 9), 100),
        (lambda: ~(where("a") == 7), 100),
        (lambda: where("numbers").any(["x"]), 100),
    ],
)
def test_an_index_spares_the_other_records(
    rooms: Collection, narrow: Callable[[], QueryInstance], expected: int
) -> None:
    for number in range(100):
        rooms.add({"id": str(number), "a": number, "numbers": [number], "seen": 1, "other": 1})
    counted = Counted()
    # The function is asked first, so it sees every candidate.
    rooms.find((where("seen").test(counted)) & narrow())
    assert counted.asked == expected


def test_a_query_that_describes_itself_in_no_way_is_a_scan(rooms: Collection) -> None:
    rooms.add({"id": "1", "a": 1})
    rooms.add({"id": "2", "a": 2})
    assert rooms.find(lambda record: record["a"] == 2) == [{"id": "2", "a": 2}]


def test_a_query_and_values_must_both_hold(rooms: Collection) -> None:
    for number in range(6):
        rooms.add({"id": str(number), "a": number % 2, "other": number % 3})
    assert rooms.find(where("other") == 0, a=1) == [{"id": "3", "a": 1, "other": 0}]
    assert rooms.find(a=1, other=0) == [{"id": "3", "a": 1, "other": 0}]
    assert rooms.count(where("other") == 0, a=1) == 1


def test_a_page_can_begin_behind_the_end(rooms: Collection) -> None:
    for number in range(3):
        rooms.add({"id": str(number), "a": 1, "other": 1})
    assert rooms.find(skip=9) == rooms.find(skip=9, a=1) == rooms.find(skip=9, other=1) == []
