"""Indexes find by each element of a list, and unique ones refuse a second record."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from greenroom.state import Collection, Indexes, RecordConflictError, Store, where

KIND = ("api", "rooms")
INDEXES = Indexes(plain=("status", "member.numbers", "people.name"), unique=("pin", "codes"))


def make_rooms() -> Collection:
    """An empty collection with indexes of every kind."""
    return Store(collections={KIND: INDEXES}).collection(*KIND)


@pytest.fixture
def rooms() -> Collection:
    """The same for a test that needs one."""
    return make_rooms()


def ids(records: list[dict[str, Any]]) -> list[str]:
    """The ids of records."""
    return [record["id"] for record in records]


def at(path: str, value: Any) -> dict[str, Any]:
    """What `find` is given to look for a value at a path."""
    return {path: value}


def test_a_list_is_found_by_each_of_its_elements(rooms: Collection) -> None:
    rooms.add({"id": "a", "member": {"numbers": ["1", "2", "2"]}})
    rooms.add({"id": "b", "member": {"numbers": "2"}})
    assert ids(rooms.find(**at("member.numbers", "2"))) == ["a", "b"]
    assert ids(rooms.find(**at("member.numbers", "1"))) == ["a"]
    assert ids(rooms.find(**at("member.numbers", ["1", "2", "2"]))) == ["a"]
    assert ids(rooms.find(where("member")["numbers"].any(["1", "3"]))) == ["a"]


def test_a_path_goes_through_a_list_of_objects(rooms: Collection) -> None:
    rooms.add({"id": "a", "people": [{"name": "bob"}, {"name": "eve"}, "nobody"]})
    rooms.add({"id": "b", "people": {"name": "eve"}})
    assert ids(rooms.find(**at("people.name", "eve"))) == ["a", "b"]
    assert ids(rooms.find(**at("people.name", "bob"))) == ["a"]
    assert rooms.find(**at("people.name.first", "bob")) == []


def test_null_is_found_and_absence_is_not(rooms: Collection) -> None:
    rooms.add({"id": "a", "status": None})
    rooms.add({"id": "b"})
    assert ids(rooms.find(status=None)) == ["a"]
    rooms.save({"id": "a"})
    rooms.save({"id": "b", "status": None})
    assert ids(rooms.find(status=None)) == ["b"]


@pytest.mark.parametrize("value", [None, {}, {"a": 1}, [], ["x"], [{}], "x", 0, False])
@pytest.mark.parametrize("other", [None, {}, {"b": 1}, [], ["y"], "y", True])
def test_an_indexed_value_can_become_any_other(rooms: Collection, value: Any, other: Any) -> None:
    for number in range(2):
        rooms.add({"id": str(number), "status": value})
    rooms.save({"id": "0", "status": other})
    rooms.save({"id": "1"})
    rooms.save({"id": "1", "status": other})
    assert rooms.count(status="x") == 0
    assert rooms.count(status="y") == (2 if other in (["y"], "y") else 0)
    for number in range(2):
        rooms.remove(str(number))
    assert rooms.count(status=None) == 0


def test_the_keys_of_an_object_are_found_by_a_query(rooms: Collection) -> None:
    # That is what TinyDB does with anything that can be walked.
    rooms.add({"id": "a", "status": {"long": 1}})
    rooms.add({"id": "b", "status": "long"})
    rooms.add({"id": "c", "status": ["long"]})
    assert ids(rooms.find(where("status").any(["long"]))) == ["a", "c"]


def test_an_index_follows_its_records(rooms: Collection) -> None:
    for number in range(200):
        rooms.add({"id": str(number), "status": "live"})
    for number in range(0, 200, 2):
        rooms.save({"id": str(number), "status": "over"})
    for number in range(0, 200, 4):
        rooms.remove(str(number))
    assert rooms.count(status="live") == 100
    assert ids(rooms.find(status="over")) == [str(number) for number in range(2, 200, 4)]
    assert ids(rooms.find(status="live", skip=40, limit=2)) == ["81", "83"]
    for number in range(1, 200, 2):
        rooms.remove(str(number))
    assert rooms.count(status="live") == 0


def test_a_unique_value_is_refused_a_second_time(rooms: Collection) -> None:
    rooms.add({"id": "a", "pin": 1, "codes": ["x", "y"]})
    rooms.add({"id": "b", "pin": 2})
    with pytest.raises(RecordConflictError) as refused:
        rooms.add({"id": "c", "pin": 1})
    assert (refused.value.field, refused.value.value) == ("pin", 1)
    with pytest.raises(RecordConflictError) as refused:
        rooms.save({"id": "b", "codes": ["z", "y"]})
    assert (refused.value.field, refused.value.value) == ("codes", "y")
    assert rooms.find() == [{"id": "a", "pin": 1, "codes": ["x", "y"]}, {"id": "b", "pin": 2}]


def test_a_record_does_not_clash_with_itself(rooms: Collection) -> None:
    rooms.add({"id": "a", "pin": 1, "codes": ["x", "x"]})
    assert rooms.save({"id": "a", "pin": 1, "codes": ["x"]}) == rooms.get("a")


def test_null_absent_and_objects_never_clash(rooms: Collection) -> None:
    pins: list[Any] = [None, None, {}, {}, [], []]
    for number, pin in enumerate(pins):
        rooms.add({"id": str(number), "pin": pin})
    rooms.add({"id": "x"})
    rooms.add({"id": "y"})
    assert len(rooms) == 8


def test_a_unique_value_is_free_again_when_given_up(rooms: Collection) -> None:
    rooms.add({"id": "a", "pin": 1})
    rooms.save({"id": "a", "pin": 2})
    rooms.add({"id": "b", "pin": 1})
    rooms.remove("a")
    rooms.add({"id": "c", "pin": 2})
    assert ids(rooms.find(pin=2)) == ["c"]


def test_an_index_on_the_id_is_the_id_itself() -> None:
    store = Store(collections={KIND: Indexes(plain=("id",), unique=("id",))})
    rooms = store.collection(*KIND)
    rooms.add({"id": "a"})
    assert rooms.find(id="a") == rooms.find(where("id").one_of(["a", "b"])) == [{"id": "a"}]


VALUES = st.sampled_from([None, "x", 1, True, ["x"], ["x", 1], {"name": "x"}, [], [[1]]])


@given(st.lists(st.tuples(st.sampled_from("abc"), VALUES, st.booleans()), max_size=20))
def test_what_is_indexed_is_what_is_there(steps: list[tuple[str, Any, bool]]) -> None:
    rooms = make_rooms()
    for id, value, removing in steps:
        if id not in rooms:
            rooms.add({"id": id, "status": value})
        elif removing:
            rooms.remove(id)
        else:
            rooms.save({"id": id, "status": value})
    for wanted in (None, "x", 1):
        expected = [
            record
            for record in rooms
            if record["status"] == wanted
            or (isinstance(record["status"], list) and wanted in record["status"])
        ]
        assert rooms.find(status=wanted) == expected
        assert rooms.count(status=wanted) == len(expected)
