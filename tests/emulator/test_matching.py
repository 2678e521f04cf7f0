"""Which exchanges a matcher means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.emulator.matching import Matcher

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@dataclass
class Seen:
    """An exchange as a matcher sees it."""

    provider: str = "tiny"
    operation: str = "addRoom"
    method: str = "POST"
    path: str = "/rooms/a%20b"
    who: str = "ada"
    status: int = 201
    headers: dict[str, str] = field(default_factory=lambda: {**JSON, "x-trace": "abc-123"})
    body: bytes = b'{"name": "Hall", "seats": [1, {"a/b": true, "~": null}], "open": 1}'


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"provider": "tiny", "operation": "addRoom", "method": "POST", "who": "ada"},
        {"provider": "t*", "operation": "add????", "who": "*"},
        {"method": "post"},
        {"path": "/rooms/a%20b"},
        {"path": "/rooms/*"},
        {"path": "/rooms/{id}"},
        {"path": "*/{id}"},
        {"status": 201},
        {"header": {"X-Trace": "abc-*", "content-TYPE": "application/json"}},
        {"body": {"/name": "Hall", "/seats/0": 1, "/seats/1/a~1b": True, "/seats/1/~0": None}},
        {"body": {"/open": 1.0}},
        {"body": {"": {"name": "Hall", "seats": [1, {"a/b": True, "~": None}], "open": 1}}},
    ],
)
def test_an_exchange_that_meets_all_criteria_is_meant(criteria: dict[str, Any]) -> None:
    assert Matcher(criteria).meets(Seen())


@pytest.mark.parametrize(
    ("criteria", "criterion", "got"),
    [
        ({"provider": "tin"}, "provider", "tiny"),
        ({"operation": "addroom"}, "operation", "addRoom"),
        ({"method": "PUT"}, "method", "POST"),
        ({"path": "/rooms"}, "path", "/rooms/a%20b"),
        ({"path": "/{any}"}, "path", "/rooms/a%20b"),
        ({"path": "/rooms/{id}/people"}, "path", "/rooms/a%20b"),
        ({"path": "/rooms/[a]*"}, "path", "/rooms/a%20b"),
        ({"who": "{who}"}, "who", "ada"),
        ({"who": ""}, "who", "ada"),
        ({"status": 200}, "status", 201),
        ({"header": {"x-trace": "abc"}}, "header x-trace", "abc-123"),
        ({"header": {"x-none": "*"}}, "header x-none", None),
        ({"body": {"/name": "hall"}}, "body /name", "Hall"),
        ({"body": {"/open": True}}, "body /open", 1),
        ({"body": {"/seats": [1]}}, "body /seats", [1, {"a/b": True, "~": None}]),
        ({"body": {"/seats/2": 1}}, "body /seats/2", None),
        ({"body": {"/seats/00": 1}}, "body /seats/00", None),
        ({"body": {"/none": None}}, "body /none", None),
        ({"body": {"/name/0": "H"}}, "body /name/0", None),
    ],
)
def test_what_differs_is_told(criteria: dict[str, Any], criterion: str, got: Any) -> None:
    [difference] = Matcher(criteria).differences(Seen())
    assert (difference.criterion, difference.got) == (criterion, got)


def test_every_difference_is_told() -> None:
    matcher = Matcher({"method": "GET", "status": 200, "body": {"/a": 1, "/b": 2}})
    told = [each.criterion for each in matcher.differences(Seen())]
    assert told == ["method", "status", "body /a", "body /b"]


def test_a_bracket_in_a_pattern_is_a_bracket() -> None:
    assert Matcher({"path": "/rooms?ids[*]=[a]"}).meets(Seen(path="/rooms?ids[0]=[a]"))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"plain"])
def test_what_is_no_json_holds_nothing(body: bytes) -> None:
    assert not Matcher({"body": {"/a": None}}).meets(Seen(body=body))
    assert not Matcher({"body": {"": ""}}).meets(Seen(body=body))


def test_a_form_holds_its_fields() -> None:
    seen = Seen(headers=FORM, body=b"name=Hall+1&seats=3&empty=")
    assert Matcher({"body": {"/name": "Hall 1", "/seats": "3", "/empty": ""}}).meets(seen)


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists))
def test_a_value_matches_itself_and_nothing_that_reads_otherwise(value: Any) -> None:
    seen = Seen(body=orjson.dumps({"a": value}))
    assert Matcher({"body": {"/a": value}}).meets(seen)
    assert not Matcher({"body": {"/a": [value]}}).meets(seen)


@given(st.text(max_size=30))
def test_a_text_without_wildcards_means_itself(text: str) -> None:
    plain = text.replace("*", "").replace("?", "")
    assert Matcher({"who": plain}).meets(Seen(who=plain))
    assert not Matcher({"who": plain}).meets(Seen(who=f"{plain}x"))


def test_a_pattern_of_many_stars_is_decided_at_once() -> None:
    assert not Matcher({"who": "*a" * 500 + "b"}).meets(Seen(who="a" * 5000))


@pytest.mark.parametrize(("pointer", "bad"), [("", []), ("/a", []), ("a", ["a"]), ("#/a", ["#/a"])])
def test_what_is_no_pointer_is_known(pointer: str, bad: list[str]) -> None:
    assert Matcher({"body": {pointer: 1}}).bad_pointers == bad
