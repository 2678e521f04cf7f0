"""A look into the records."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

HALL = {"id": "hall", "made": "2026-01-04T09:00:00Z", "seats": 12}
ATTIC = {"id": "attic", "made": "2026-01-05T09:00:00Z", "seats": 2}
CELLAR = {"id": "cellar", "made": "2026-01-12T09:00:00Z", "seats": 4}


def test_collections_are_counted_tenant_by_tenant(rooms: Callable[..., Tiny]) -> None:
    listed = rooms().send_to("GET /_greenroom/state").json()
    assert [each for each in listed if each["provider"] == "tiny"] == [
        {"provider": "tiny", "collection": "people", "tenant": "", "records": 2},
        {"provider": "tiny", "collection": "rooms", "tenant": "acme", "records": 2},
        {"provider": "tiny", "collection": "rooms", "tenant": "globex", "records": 1},
    ]


@pytest.mark.parametrize(
    ("query", "records", "total"),
    [
        ("", [HALL, ATTIC, CELLAR], 3),
        ("?limit=2", [HALL, ATTIC], 3),
        ("?limit=1&offset=1", [ATTIC], 3),
        ("?offset=9", [], 3),
        ("?tenant=globex", [CELLAR], 1),
        ("?tenant=", [], 0),
        ("?tenant=nobody", [], 0),
        ("?q=HALL", [HALL], 1),
        ("?q=seats%22:2", [ATTIC], 1),
        ("?q=nothing", [], 0),
    ],
)
def test_records_are_listed_in_order_paged_and_filtered(
    rooms: Callable[..., Tiny], query: str, records: list[object], total: int
) -> None:
    answer = rooms().send_to(f"GET /_greenroom/state/tiny/rooms{query}")
    assert answer.json() == records
    assert answer.headers["x-total-count"] == str(total)


def test_records_with_numbers_of_any_size_are_filtered(rooms: Callable[..., Tiny]) -> None:
    tiny, large = rooms(), {"id": "sky", "seats": 10**20}
    tiny.main.collection("tiny", "rooms", "acme").add(large)
    assert tiny.send_to(f"GET /_greenroom/state/tiny/rooms?q={10**20}").json() == [large]


def test_a_record_is_shown_as_it_is_stored(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    assert tiny.send_to("GET /_greenroom/state/tiny/rooms/cellar").json() == CELLAR
    assert tiny.send_to("GET /_greenroom/state/tiny/rooms/cellar?tenant=globex").json() == CELLAR


@pytest.mark.parametrize(
    "path", ["other/rooms", "tiny/other", "tiny/rooms/none", "tiny/rooms/cellar?tenant=acme"]
)
def test_what_is_not_there_is_a_404(rooms: Callable[..., Tiny], path: str) -> None:
    answer = rooms().send_to(f"GET /_greenroom/state/{path}")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "offset=-1", "limit=x"])
def test_a_page_has_bounds(rooms: Callable[..., Tiny], query: str) -> None:
    assert rooms().send_to(f"GET /_greenroom/state/tiny/rooms?{query}").status_code == 400


def test_records_are_those_of_the_world(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    headers = {"authorization": "Bearer ada"}
    tiny.send("POST /rooms", json={"id": "new"}, headers=headers)
    assert tiny.send_to("GET /_greenroom/state/tiny/rooms/new").status_code == 200
    assert tiny.send_to("GET /~t1/_greenroom/state/tiny/rooms/new").status_code == 404


def test_a_record_is_written_and_removed_behind_the_providers_back(
    rooms: Callable[..., Tiny],
) -> None:
    tiny = rooms()
    made = tiny.send_to("PUT /_greenroom/state/tiny/rooms/new?tenant=acme", json={"seats": 1})
    assert (made.status_code, made.json()) == (201, {"id": "new", "seats": 1})
    changed = tiny.send_to("PUT /_greenroom/state/tiny/rooms/new", json={"id": "new", "seats": 2})
    assert (changed.status_code, changed.json()) == (200, {"id": "new", "seats": 2})
    seen = tiny.send("GET /rooms/new", headers={"authorization": "Bearer ada"})
    assert seen.json() == {"id": "new", "seats": 2}
    assert tiny.send_to("DELETE /_greenroom/state/tiny/rooms/new").status_code == 204
    assert tiny.send_to("DELETE /_greenroom/state/tiny/rooms/new").status_code == 404


def test_a_record_keeps_the_id_of_its_address(rooms: Callable[..., Tiny]) -> None:
    answer = rooms().send_to("PUT /_greenroom/state/tiny/rooms/new", json={"id": "other"})
    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/id"]
