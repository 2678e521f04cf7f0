"""A record is exactly what was given, or is refused before anything is stored."""

from __future__ import annotations

import enum
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from greenroom.state import Collection, Store

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Colour(enum.Enum):
    """An enumeration, which is not JSON."""

    RED = "red"


class Name(str):
    """A text that is more than a text."""

    __slots__ = ()


def nested(levels: int) -> Any:
    """A list in a list, as often as said."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.fixture
def things() -> Collection:
    """An empty collection."""
    return Store().collection("api", "things")


@given(value=JSON)
def test_json_comes_out_as_it_went_in(value: Any) -> None:
    things = Store().collection("api", "things")
    record = {"id": "a", "value": value}
    assert repr(things.add(record)) == repr(things.get("a")) == repr(record)


@pytest.mark.parametrize(
    "value",
    [2**63, 2**64, -(2**63) - 1, 10**400, -0.0, 1e308, 5e-324, "\x00\ud7ff\uffff\U0010ffff", "é"],
)
def test_extremes_are_kept_exactly(things: Collection, value: Any) -> None:
    things.add({"id": "a", "flat": value})
    things.add({"id": "b", "deep": [{"er": value}]})
    assert repr(things.get("a")["flat"]) == repr(things.get("b")["deep"][0]["er"]) == repr(value)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), TypeError, "value in x.y is a datetime, which is not"),
        (uuid.UUID(int=1), TypeError, "value in x.y is a UUID"),
        (Colour.RED, TypeError, "value in x.y is a Colour"),
        (Decimal(1), TypeError, "value in x.y is a Decimal"),
        (b"bytes", TypeError, "value in x.y is a bytes"),
        ({1, 2}, TypeError, "value in x.y is a set"),
        (object(), TypeError, "value in x.y is a object"),
        ({1: 2}, TypeError, "keys of x.y must be text, but one is 1"),
        ([1, float("nan")], ValueError, r"number in x.y\[1\] is nan, which JSON cannot hold"),
        (float("inf"), ValueError, "number in x.y is inf"),
        ("\ud800", ValueError, "text in x.y holds half of a surrogate pair"),
        ({"\udc00": 1}, ValueError, "text in x.y holds half of a surrogate pair"),
        pytest.param(10**5000, ValueError, "integer in x.y is too long", id="long"),
        (nested(300), ValueError, "nested 254 levels deep"),
    ],
)
def test_what_is_not_json_is_refused(
    things: Collection, value: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        things.add({"id": "a", "x": {"y": value}})
    with pytest.raises(kind):
        things.add({"id": "a", "x": {"y": value, "long": 2**70}})
    assert len(things) == 0


def test_a_key_of_the_record_itself_must_be_text(things: Collection) -> None:
    with pytest.raises(TypeError, match="keys of the record must be text"):
        things.add({"id": "a", 1: 2})  # type: ignore[dict-item]  # that is the point


def test_a_record_that_holds_itself_is_refused(things: Collection) -> None:
    record: dict[str, Any] = {"id": "a"}
    record["self"] = record
    with pytest.raises(ValueError, match="nested 254 levels deep"):
        things.add(record)


def test_tuples_become_arrays_and_richer_scalars_plain_ones(things: Collection) -> None:
    stored = things.add({"id": Name("a"), Name("x"): (1, (True, None, 0.5)), "name": Name("b")})
    assert stored == {"id": "a", "x": [1, [True, None, 0.5]], "name": "b"}
    assert {type(key) for key in stored} == {type(stored["name"]), type(stored["id"])} == {str}


def test_as_deep_as_allowed_is_kept(things: Collection) -> None:
    record = {"id": "a", "x": nested(253)}
    assert things.add(record) == record
    assert things.add(record | {"id": "b", "y": 2**70})["x"] == record["x"]


@pytest.mark.parametrize("members", [1, 8, 9, 40])
def test_every_copy_is_whole_however_much_is_nested(things: Collection, members: int) -> None:
    record = {"id": "a", **{f"m{number}": [{"n": [number]}] for number in range(members)}}
    things.add(record)
    for value in list(things.get("a").values())[1:]:
        value[0]["n"].append("changed")
    assert things.get("a") == record
