from __future__ import annotations

from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator
from greenroom.handlers.kazoo.documents import merged, offered

CONFERENCES = "/v2/accounts/9d351ad7ffd6f846313af9eed3bb7b85/conferences"


@pytest.mark.parametrize(
    ("document", "changes", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({}, {"a": None}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {}}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
        ({"a": 1}, {}, {"a": 1}),
    ],
)
def test_changes_are_merged(document: Any, changes: Any, result: Any) -> None:
    assert merged(document, changes) == result


def test_merging_leaves_the_document_alone() -> None:
    document = {"a": {"b": 1}}
    merged(document, {"a": {"b": 2, "c": 3}})
    assert document == {"a": {"b": 1}}


def test_private_fields_are_not_taken() -> None:
    data = {"name": "x", "_read_only": {}, "_id": 1, "pvt_type": 1, "a_b": 1}
    assert offered(data) == {"name": "x", "a_b": 1}


def test_the_focus_is_not_kept(alice: httpx.Client) -> None:
    created = alice.put(CONFERENCES, json={"data": {"name": "Conf", "focus": "freeswitch@fs2"}})
    assert "focus" not in created.json()["data"]


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("max_participants", "12", 12),
        ("max_participants", "-3", -3),
        ("play_name", "true", True),
        ("play_welcome", "false", False),
        ("play_entry_tone", "true", "true"),
        ("play_exit_tone", False, False),
        ("custom", "12", "12"),
        ("custom", {"deep": [None, 1.5, {"_x": 1}]}, {"deep": [None, 1.5, {"_x": 1}]}),
    ],
)
def test_texts_are_read_where_integers_and_booleans_are_wanted(
    alice: httpx.Client, field: str, sent: Any, kept: Any
) -> None:
    answer = alice.put(CONFERENCES, json={"data": {"name": "Conf", field: sent}})
    assert answer.status_code == 201
    assert answer.json()["data"][field] == kept
    assert type(answer.json()["data"][field]) is type(kept)


@pytest.mark.parametrize(
    ("data", "field", "validator", "told"),
    [
        ({}, "name", "required", {"message": "Field is required but missing"}),
        (
            {"name": ""},
            "name",
            "minLength",
            {"message": "String must be at least 1 characters", "target": 1, "cause": ""},
        ),
        (
            {"name": "x" * 129},
            "name",
            "maxLength",
            {
                "message": "String must not be more than 128 characters",
                "target": 128,
                "cause": "x" * 129,
            },
        ),
        (
            {"name": None},
            "name",
            "type",
            {"message": "Value did not match type(s): string", "target": "string"},
        ),
        (
            {"max_participants": str(2**63)},
            "max_participants",
            "maximum",
            {"message": f"Value must be at most {2**63 - 1}", "target": 2**63 - 1},
        ),
        (
            {"max_participants": "1_000"},
            "max_participants",
            "type",
            {"message": "Value did not match type(s): integer", "target": "integer"},
        ),
        (
            {"play_name": "yes"},
            "play_name",
            "type",
            {"message": "Value did not match type(s): boolean", "target": "boolean"},
        ),
        (
            {"play_exit_tone": None},
            "play_exit_tone",
            "type",
            {
                "message": "Value did not match type(s): boolean, string",
                "target": "boolean, string",
            },
        ),
        (
            {"moderator": {"pins": ["12a"]}},
            "moderator.pins.0",
            "pattern",
            {"message": "Failed to match pattern '^[0-9]+$'", "target": "^[0-9]+$"},
        ),
        (
            {"moderator": {"numbers": ["1\n"]}},
            "moderator.numbers.0",
            "pattern",
            {"message": "Failed to match pattern '^[0-9]+$'", "target": "^[0-9]+$"},
        ),
        (
            {"member": {"numbers": ["1", "1"]}},
            "member.numbers",
            "uniqueItems",
            {"message": "List of items is not unique"},
        ),
        (
            {"owner_id": ""},
            "owner_id",
            "minLength",
            {"message": "String must be at least 32 characters", "target": 32, "cause": ""},
        ),
    ],
)
def test_what_is_wrong_is_told_word_for_word(
    alice: httpx.Client, data: Any, field: str, validator: str, told: Any
) -> None:
    document = data if "name" in data or not data else {"name": "Conf"} | data
    answer = alice.put(CONFERENCES, json={"data": document})
    assert (answer.status_code, answer.json()["message"]) == (400, "validation error")
    assert answer.json()["data"] == {field: {validator: told}}


def test_pins_need_not_be_unique(alice: httpx.Client) -> None:
    data = {"name": "Conf", "member": {"pins": ["1", "1"]}}
    assert alice.put(CONFERENCES, json={"data": data}).status_code == 201


def test_a_name_may_be_taken_twice(alice: httpx.Client) -> None:
    for _ in range(2):
        assert alice.put(CONFERENCES, json={"data": {"name": "Board"}}).status_code == 201


@pytest.mark.parametrize("chosen", ["a/b", "ü", "a b", "%2F", "x" * 256])
def test_an_odd_id_is_found_where_location_says(alice: httpx.Client, chosen: str) -> None:
    created = alice.put(CONFERENCES, json={"data": {"id": chosen, "name": "Odd"}})
    assert created.status_code == 201
    found = alice.get(created.headers["Location"])
    assert (found.status_code, found.json()["data"]["id"]) == (200, chosen)


def test_the_id_in_the_path_wins_whatever_the_document_says(alice: httpx.Client) -> None:
    path = f"{CONFERENCES}/c0ffee5a1d2b4c3e8f7a6b5c4d3e2f10"
    for body in ({"id": 5, "name": "Board"}, {"id": "", "name": "Board"}):
        assert alice.post(path, json={"data": body}).json()["data"]["id"] == path[-32:]
        assert alice.patch(path, json={"data": body}).json()["data"]["id"] == path[-32:]


def test_a_deleted_id_may_come_again(alice: httpx.Client) -> None:
    document = {"data": {"id": "again", "name": "Again", "conference_numbers": ["900"]}}
    for thoroughly in ("true", "false", "true"):
        assert alice.put(CONFERENCES, json=document).status_code == 201
        query = {"should_soft_delete": thoroughly}
        assert alice.delete(f"{CONFERENCES}/again", params=query).status_code == 200
        assert alice.get(f"{CONFERENCES}/again").status_code == 404


@pytest.mark.parametrize(("softly", "kept"), [("true", 1), ("false", 0), (None, 1)])
def test_what_is_deleted_softly_is_kept_aside(
    emulator: Emulator, world: str, alice: httpx.Client, softly: str | None, kept: int
) -> None:
    path = f"{CONFERENCES}/c0ffee5a1d2b4c3e8f7a6b5c4d3e2f10"
    query = {} if softly is None else {"should_soft_delete": softly}
    assert alice.delete(path, params=query).status_code == 200
    state = emulator.client("_greenroom", world=world).get("/state/kazoo/deleted_conferences")
    assert [each["pvt_deleted"] for each in state.json()] == [path[-32:]] * kept


def test_how_thoroughly_to_delete_is_yes_or_no(alice: httpx.Client) -> None:
    path = f"{CONFERENCES}/c0ffee5a1d2b4c3e8f7a6b5c4d3e2f10"
    answer = alice.delete(path, params={"should_soft_delete": "maybe"})
    assert answer.json()["data"]["should_soft_delete"]["type"]["target"] == "boolean"
    assert alice.get(path).status_code == 200
