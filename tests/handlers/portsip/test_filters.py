"""The filter language against a model of it in plain Python."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.portsip.errors import ListOptionError
from greenroom.handlers.portsip.filters import Fields, compiled

Json = dict[str, Any]
Test = Callable[[Json], bool]
Written = tuple[str, Test]

FIELDS: Fields = {
    "name": "text",
    "note": "text",
    "size": "integer",
    "open": "boolean",
    "notes_at": "instant",
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
TEXTS = st.text(st.sampled_from("abAB'ß or()"), max_size=4)
MOMENTS = st.sampled_from(
    ["2026-01-05T09:00:00Z", "2026-01-05T09:00:01Z", "2025-12-31T23:59:59Z", "0999-01-01T00:00:00Z"]
)
RECORDS = st.fixed_dictionaries(
    {
        "name": TEXTS,
        "note": st.none() | TEXTS,
        "size": st.none() | st.integers(-3, 3),
        "open": st.booleans(),
        "notes_at": st.none() | MOMENTS,
    }
)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def compares(field: str, word: str, value: Any, read: Callable[[Any], Any] = lambda v: v) -> Test:
    return lambda row: row[field] is not None and OPERATORS[word](read(row[field]), read(value))


WORDS = st.sampled_from(sorted(OPERATORS))
TERMS: st.SearchStrategy[Written] = st.one_of(
    st.builds(
        lambda field, word, text: (f"{field} {word} {quoted(text)}", compares(field, word, text)),
        st.sampled_from(["name", "note"]),
        WORDS,
        TEXTS,
    ),
    st.builds(
        lambda word, number: (f"size {word} {number}", compares("size", word, number)),
        WORDS,
        st.integers(-3, 3),
    ),
    st.builds(
        lambda word, truth: (f"open {word} {str(truth).lower()}", compares("open", word, truth)),
        st.sampled_from(["eq", "ne"]),
        st.booleans(),
    ),
    st.builds(
        lambda word, text, bare: (
            f"notes_at {word} {text if bare else quoted(text)}",
            compares("notes_at", word, text, moment),
        ),
        WORDS,
        MOMENTS,
        st.booleans(),
    ),
    st.builds(
        lambda field, is_null: (
            f"{field} {'eq' if is_null else 'ne'} null",
            lambda row: (row[field] is None) is is_null,
        ),
        st.sampled_from(sorted(FIELDS)),
        st.booleans(),
    ),
    st.builds(
        lambda name, field, text: (
            f"{name}({field},{quoted(text)})",
            lambda row: (
                row[field] is not None
                and {
                    "startswith": str.startswith,
                    "endswith": str.endswith,
                    "contains": str.__contains__,
                }[name](row[field].casefold(), text.casefold())
            ),
        ),
        st.sampled_from(["startswith", "endswith", "contains"]),
        st.sampled_from(["name", "note"]),
        TEXTS,
    ),
)


def joined(word: str, left: Written, right: Written) -> Written:
    tests = left[1], right[1]
    either = any if word == "or" else all
    return f"({left[0]}) {word} ({right[0]})", lambda row: either(test(row) for test in tests)


def denied(part: Written) -> Written:
    return f"not ({part[0]})", lambda row: not part[1](row)


EXPRESSIONS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds(joined, st.sampled_from(["and", "or"]), inner, inner), st.builds(denied, inner)
    ),
    max_leaves=8,
)


@given(EXPRESSIONS, st.lists(RECORDS, max_size=5))
def test_a_filter_means_what_it_says(written: Written, records: list[Json]) -> None:
    text, model = written
    test = compiled(text, FIELDS)
    assert [test(record) for record in records] == [model(record) for record in records]


@given(TERMS, TERMS, TERMS, RECORDS)
def test_and_binds_tighter_than_or(a: Written, b: Written, c: Written, record: Json) -> None:
    test = compiled(f"{a[0]} or {b[0]} and {c[0]}", FIELDS)
    assert test(record) == (a[1](record) or (b[1](record) and c[1](record)))


@given(TERMS, TERMS, RECORDS)
def test_not_binds_tighter_than_and(a: Written, b: Written, record: Json) -> None:
    test = compiled(f"not {a[0]} and {b[0]}", FIELDS)
    assert test(record) == (not a[1](record) and b[1](record))


@given(st.text(max_size=40) | st.text(st.sampled_from("not size eq 5'()andor,"), max_size=60))
def test_any_text_is_a_filter_or_is_refused_with_its_place(text: str) -> None:
    refusal = None
    try:
        compiled(text, FIELDS)
    except ListOptionError as error:
        refusal = error.subject
    assert refusal is None or 1 <= refusal["position"] <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("size", 5),
        ("size eq", 8),
        ("size eq 5 and", 14),
        ("(size eq 5", 11),
        ("size eq 5)", 10),
        ("size == 5", 6),
        ("size eq 5.5", 9),
        ("size eq5", 6),
        ("size EQ 5", 6),
        ("size eq 5 AND open eq true", 11),
        ("name eq 'it''s", 13),
        ("colour eq 'red'", 1),
        ("size eq 5 or colour eq 'red'", 14),
        ("name eq 5", 9),
        ("size eq '5'", 9),
        ("open eq 'true'", 9),
        ("open gt false", 6),
        ("notes_at eq 'yesterday'", 13),
        ("notes_at eq 2026-13-01T00:00:00Z", 13),
        ("contains(size,'5')", 10),
        ("contains(notes_at,'5')", 10),
        ("Contains(name,'5')", 9),
        ("contains(name,5)", 15),
    ],
)
def test_what_is_no_filter_is_refused_at_its_character(text: str, position: int) -> None:
    with pytest.raises(ListOptionError) as caught:
        compiled(text, FIELDS)
    assert caught.value.subject["position"] == position


def test_a_comparison_of_null_by_size_is_false() -> None:
    assert not compiled("size gt null", FIELDS)({"size": 5})
    assert not compiled("size le null", FIELDS)({"size": None})


@pytest.mark.parametrize("text", ["(" * 900 + "size eq 5" + ")" * 900, "not " * 500 + "size eq 5"])
def test_brackets_and_denials_may_be_deep(text: str) -> None:
    assert compiled(text, FIELDS)({"size": 5})


def test_alternating_depth_stays_within_the_stack() -> None:
    text = "size eq 5"
    while len(text) < 2000:
        text = f"size eq 6 or({text})" if "and(" in text[:14] else f"size eq 5 and({text})"
    assert compiled(text, FIELDS)({"size": 5})
