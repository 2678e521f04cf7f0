"""Records go in and come out as copies, in the order of insertion, told apart by their id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.state import (
    Collection,
    Indexes,
    RecordConflictError,
    RecordNotFoundError,
    Store,
    where,
)

ROOMS = ("api", "rooms")


@pytest.fixture
def rooms() -> Collection:
    """A collection of one room."""
    collection = Store().collection(*ROOMS, "acme")
    collection.add({"id": "a", "name": "first", "seats": [1, 2]})
    return collection


def test_a_collection_knows_whose_it_is(rooms: Collection) -> None:
    assert (rooms.provider, rooms.name, rooms.tenant) == ("api", "rooms", "acme")
    assert repr(rooms) == "<Collection api/rooms of acme>"
    assert repr(Store().collection(*ROOMS)) == "<Collection api/rooms of nobody>"


def test_what_was_given_is_not_what_is_kept(rooms: Collection) -> None:
    record = {"id": "b", "seats": [1]}
    answer = rooms.add(record)
    record["seats"].append(2)  # type: ignore[attr-defined]  # the type of the value is too wide
    answer["seats"].append(3)
    assert rooms.get("b") == {"id": "b", "seats": [1]}


def test_what_is_taken_is_not_what_is_kept(rooms: Collection) -> None:
    for taken in (
        rooms.get("a"),
        rooms.find()[0],
        rooms.find(where("id") == "a")[0],
        next(iter(rooms)),
        rooms.first() or {},
        rooms.save({"id": "a", "name": "first", "seats": [1, 2]}),
    ):
        taken["seats"].append(3)
        taken["name"] = "other"
    assert rooms.get("a") == {"id": "a", "name": "first", "seats": [1, 2]}


def test_a_taken_id_is_refused(rooms: Collection) -> None:
    with pytest.raises(RecordConflictError) as refused:
        rooms.add({"id": "a"})
    error = refused.value
    assert (error.collection, error.field, error.value) == ("rooms", "id", "a")
    assert str(error) == "There is a record in rooms whose id is 'a' already."
    assert len(rooms) == 1


def test_an_unknown_id_is_refused(rooms: Collection) -> None:
    works: list[Callable[[], object]] = [
        lambda: rooms.get("b"),
        lambda: rooms.remove("b"),
        lambda: rooms.save({"id": "b"}),
    ]
    for work in works:
        with pytest.raises(RecordNotFoundError, match=r"^There is no 'b' in rooms\.$") as refused:
            work()
        assert (refused.value.collection, refused.value.id) == ("rooms", "b")


@pytest.mark.parametrize("id", [None, 1, ["a"], {"a": 1}])
def test_what_is_no_text_is_no_id(rooms: Collection, id: Any) -> None:
    assert id not in rooms
    assert rooms.first(id=id) is None
    with pytest.raises(RecordNotFoundError):
        rooms.get(id)


@pytest.mark.parametrize("record", [{}, {"id": 1}, {"id": None}, {"id": ["a"]}])
def test_a_record_needs_a_text_as_its_id(rooms: Collection, record: dict[str, Any]) -> None:
    for work in (rooms.add, rooms.save):
        with pytest.raises(ValueError, match="A record of rooms needs a text as its id"):
            work(record)


def test_saving_keeps_the_place(rooms: Collection) -> None:
    rooms.add({"id": "b"})
    assert rooms.save({"id": "a", "name": "new"}) == {"id": "a", "name": "new"}
    assert list(rooms) == [{"id": "a", "name": "new"}, {"id": "b"}]


def test_a_removed_record_comes_back_at_the_end(rooms: Collection) -> None:
    rooms.add({"id": "b"})
    first = rooms.remove("a")
    rooms.add(first)
    assert [record["id"] for record in rooms] == ["b", "a"]


def test_records_can_be_counted_and_asked_for(rooms: Collection) -> None:
    rooms.add({"id": "b", "name": "second"})
    assert len(rooms) == rooms.count() == 2
    assert rooms.count(name="second") == rooms.count(where("name") == "second") == 1
    assert "a" in rooms
    assert "c" not in rooms
    assert rooms.first(name="second") == {"id": "b", "name": "second"}
    assert rooms.first(name="third") is None
    assert rooms.first(id="b") == rooms.first(id="b", name="second") == rooms.get("b")
    assert rooms.first(id="c") is None
    assert rooms.first(id="b", name="first") is None
    assert rooms.first(where("name") == "first", id="b") is None


def test_a_page_is_a_part_of_the_list() -> None:
    rooms = Store().collection(*ROOMS)
    for number in range(3000):
        rooms.add({"id": str(number)})
    for number in range(0, 3000, 3):
        rooms.remove(str(number))
    everything = rooms.find()
    assert len(everything) == 2000
    assert rooms.find(skip=1234, limit=3) == everything[1234:1237]
    assert rooms.find(skip=1999) == everything[1999:]
    assert rooms.find(limit=0) == rooms.find(skip=2000) == []


@pytest.mark.parametrize("page", [{"skip": -1}, {"limit": -1}])
def test_a_page_has_no_negative_numbers(rooms: Collection, page: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="A page cannot begin at"):
        rooms.find(**page)


def test_the_same_id_in_two_tenants_is_two_records() -> None:
    store = Store(collections={ROOMS: Indexes(unique=("pin",))})
    store.collection(*ROOMS, "acme").add({"id": "a", "pin": 1})
    store.collection(*ROOMS, "globex").add({"id": "a", "pin": 1})
    store.collection(*ROOMS, "acme").remove("a")
    assert store.collection(*ROOMS, "globex").get("a") == {"id": "a", "pin": 1}


def test_asking_an_empty_collection_changes_nothing() -> None:
    store = Store()
    before = store.digest()
    assert store.collection(*ROOMS, "acme").find(name="x") == []
    assert (store.digest(), store.tenants(*ROOMS)) == (before, [])
