"""The records of one kind of all tenants can be looked at."""

from __future__ import annotations

import pytest

from greenroom.state import Everywhere, Indexes, RecordNotFoundError, Store

ROOMS = ("api", "rooms")


@pytest.fixture
def store() -> Store:
    """A store with rooms of two tenants."""
    store = Store(collections={ROOMS: Indexes(plain=("owner",))})
    store.collection(*ROOMS, "acme").add({"id": "a", "owner": "alice"})
    store.collection(*ROOMS, "globex").add({"id": "a", "owner": "mallory"})
    store.collection(*ROOMS, "globex").add({"id": "b", "owner": "mallory"})
    store.collection(*ROOMS, "acme").add({"id": "c", "owner": "mallory"})
    store.collection("api", "calls", "acme").add({"id": "b"})
    return store


@pytest.fixture
def rooms(store: Store) -> Everywhere:
    """All rooms of that store."""
    return store.everywhere(*ROOMS)


def test_the_tenant_of_a_record_can_be_found(rooms: Everywhere) -> None:
    assert [rooms.locate(id) for id in "abcd"] == ["acme", "globex", "acme", None]
    assert rooms.get("b") == ("globex", {"id": "b", "owner": "mallory"})
    with pytest.raises(RecordNotFoundError, match="no 'd' in rooms"):
        rooms.get("d")


def test_records_of_all_tenants_can_be_found(rooms: Everywhere) -> None:
    found = [(tenant, record["id"]) for tenant, record in rooms.find(owner="mallory")]
    assert found == [("acme", "c"), ("globex", "a"), ("globex", "b")]
    assert rooms.count(owner="mallory") == 3


def test_all_records_of_all_tenants_can_be_walked(rooms: Everywhere) -> None:
    assert [record["id"] for _, record in rooms] == ["a", "c", "a", "b"]
    assert len(rooms) == rooms.count() == 4


def test_what_is_looked_at_is_a_copy(rooms: Everywhere) -> None:
    rooms.get("b")[1]["owner"] = "x"
    rooms.find()[0][1]["owner"] = "x"
    assert rooms.count(owner="x") == 0


def test_the_view_follows_the_store(store: Store, rooms: Everywhere) -> None:
    store.collection(*ROOMS, "new").add({"id": "d"})
    assert rooms.locate("d") == "new"


def test_the_view_goes_back_with_the_store(store: Store, rooms: Everywhere) -> None:
    empty = Store(collections={ROOMS: Indexes(plain=("owner",))}).snapshot()
    assert len(rooms) == 4
    store.restore(empty)
    store.collection(*ROOMS, "zeta").add({"id": "z"})
    assert [tenant for tenant, _ in rooms] == ["zeta"]
