"""Searching and ordering, where many inputs matter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.portsip.errors import ListOptionError
from greenroom.handlers.portsip.filters import Fields
from greenroom.handlers.portsip.listing import order_keys, ordered, searching, word_groups

Json = dict[str, Any]

FIELDS: Fields = {"id": "text", "name": "text", "size": "integer"}
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.text("abc", min_size=1), "name": st.text("xy"), "size": st.none() | st.integers()}
    ),
    unique_by=lambda row: row["id"],
)


@given(ROWS)
def test_what_is_not_set_comes_first_and_id_settles_a_draw(rows: list[Json]) -> None:
    expected = sorted(
        rows, key=lambda row: (row["size"] is not None, row["size"] or 0, row["name"], row["id"])
    )
    assert ordered(rows, order_keys("size, name", FIELDS)) == expected


@given(ROWS)
def test_downwards_is_upwards_turned_round(rows: list[Json]) -> None:
    upwards = ordered(rows, order_keys("id asc", FIELDS))
    assert ordered(rows, order_keys("id desc", FIELDS)) == upwards[::-1]


def test_what_is_not_set_comes_first_downwards_too() -> None:
    rows: list[Json] = [{"id": "a", "size": 1}, {"id": "b", "size": None}, {"id": "c", "size": 2}]
    assert [row["id"] for row in ordered(rows, [("size", True)])] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("colour", 1),
        ("size,colour", 6),
        ("size,  colour desc", 8),
        ("size up", 1),
        (",", 1),
        ("size,", 6),
        ("size desc desc", 1),
        ("size DESC", 1),
    ],
)
def test_what_is_no_order_is_refused_at_its_character(text: str, position: int) -> None:
    with pytest.raises(ListOptionError) as caught:
        order_keys(text, FIELDS)
    assert caught.value.subject["position"] == position
    assert caught.value.subject["field"] == "orderby"


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("a b", [["a"], ["b"]]),
        ("a or b", [["a", "b"]]),
        ("a or b or c d", [["a", "b", "c"], ["d"]]),
        ("or a", [["or"], ["a"]]),
        ("a or", [["a"], ["or"]]),
        ("or", [["or"]]),
        ("a or or", [["a", "or"]]),
    ],
)
def test_or_joins_the_words_beside_it(text: str, groups: list[list[str]]) -> None:
    assert word_groups(text.split()) == groups


def test_every_word_may_be_found_in_another_field() -> None:
    test = searching("Weekly 8000", ("subject", "number", "note"))
    assert test({"subject": "weekly planning", "number": "8000", "note": None})
    assert not test({"subject": "weekly planning", "number": "8001", "note": None})
