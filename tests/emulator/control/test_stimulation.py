"""What the world may do to a provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

ADA = {"authorization": "Bearer ada"}


def do(tiny: Tiny, name: str, body: Any = None, world: str = "") -> Any:
    return tiny.send_to(f"POST {world}/_greenroom/stimuli/tiny/{name}", json=body)


def test_stimuli_are_listed_with_a_schema_each(rooms: Callable[..., Tiny]) -> None:
    listed = rooms().send_to("GET /_greenroom/stimuli").json()
    assert listed[0] == {
        "provider": "tiny",
        "name": "person_arrives",
        "summary": "Let somebody in; a room without seats lets nobody in.",
        "schema": {
            "type": "object",
            "properties": {
                "room": {"type": "string"},
                "name": {"type": "string", "default": "Ada"},
                "role": {"type": "string", "enum": ["guest", "host"], "default": "guest"},
            },
            "required": ["room"],
            "additionalProperties": False,
        },
    }
    assert [each["name"] for each in listed] == ["person_arrives", "room_empties", "goes_wrong"]


def test_a_stimulus_happens_and_tells_what_came_of_it(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    answer = do(tiny, "person_arrives", {"room": "hall", "name": "Bob", "role": "host"})
    assert (answer.status_code, answer.json()) == (201, {"person": "Bob"})
    hall = tiny.send("GET /rooms/hall", headers=ADA).json()
    assert hall["guests"] == ["host Bob"]


def test_a_stimulus_without_an_answer_answers_nothing(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    do(tiny, "person_arrives", {"room": "hall"})
    answer = do(tiny, "room_empties", {"room": "hall"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert tiny.send("GET /rooms/hall", headers=ADA).json()["guests"] == []


def test_what_the_provider_would_refuse_is_a_conflict_and_changes_nothing(
    rooms: Callable[..., Tiny],
) -> None:
    tiny = rooms()
    for _ in range(2):
        assert do(tiny, "person_arrives", {"room": "attic"}).status_code == 201
    before = tiny.main.digest()
    answer = do(tiny, "person_arrives", {"room": "attic"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "The room is full.")
    assert tiny.main.digest() == before


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("tiny/person_arrives", {"room": "nowhere"}, 404),
        ("tiny/room_closes", {"room": "hall"}, 404),
        ("tiny/bell_rings", {"room": "hall"}, 404),
        ("tiny/nothing", {}, 404),
        ("other/person_arrives", {"room": "hall"}, 404),
        ("tiny/goes_wrong", {"how": "unknown"}, 404),
        ("tiny/goes_wrong", {"how": "badly"}, 500),
        ("tiny/person_arrives", [], 400),
    ],
)
def test_what_cannot_be_done_is_told(
    rooms: Callable[..., Tiny], path: str, body: Any, status: int
) -> None:
    answer = rooms().send_to(f"POST /_greenroom/stimuli/{path}", json=body)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (None, ["/room"]),
        ({}, ["/room"]),
        ({"room": 3}, ["/room"]),
        ({"room": "hall", "role": "clown", "more": 1}, ["/more", "/role"]),
    ],
)
def test_a_bad_body_is_refused_with_every_place(
    rooms: Callable[..., Tiny], body: Any, pointers: list[str]
) -> None:
    answer = do(rooms(), "person_arrives", body)
    assert answer.status_code == 400
    assert sorted(each["pointer"] for each in answer.json()["errors"]) == pointers


def test_a_stimulus_concerns_its_own_world(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    do(tiny, "person_arrives", {"room": "hall"}, world="/~t1")
    assert "guests" not in tiny.send("GET /rooms/hall", headers=ADA).json()
    assert "guests" in tiny.send_to("GET /~t1/tiny/rooms/hall", headers=ADA).json()
