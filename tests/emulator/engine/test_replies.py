"""Answers: what a handler may return, how it is dressed, and what is held to the spec."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.engine.schemas import Proven
from greenroom.emulator.toolkit import (
    ApiError,
    Call,
    ConflictError,
    GoneError,
    InvalidError,
    Json,
    NotFoundError,
    Reply,
    Request,
)

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

NOTE: Json = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "size": {"type": "integer", "format": "int64"}},
    "additionalProperties": False,
}
FAILURE = {"refused": 500, "code": "internal", "wrong": []}


def documented(tiny: Tiny, *statuses: int | str, schema: Json | None = None) -> Json:
    """Responses with these statuses, each with a note as its body unless there is no schema."""
    content = tiny.content(NOTE if schema is None else schema)
    return {str(status): {"description": "", **content} for status in statuses}


def keep_and_answer(answer: Any) -> Callable[[Call], Any]:
    """A handler that keeps a record, an id, chance and a timer, and then answers."""

    def handler(call: Call) -> Any:
        call.shared("notes").add({"id": call.ids.uuid()})
        call.random.random()
        call.later(timedelta(hours=1), "nothing")
        return answer

    return handler


def test_a_shape_is_answered_with_the_only_success(tiny: Tiny) -> None:
    tiny.answer("POST /notes", lambda call: {"id": "1"}, responses=documented(tiny, 201))
    del tiny.paths["/notes"]["post"]["responses"]["200"]
    answer = tiny.send("POST /notes")
    assert (answer.status_code, answer.json()) == (201, {"id": "1"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.content))


def test_none_is_an_answer_without_a_body(tiny: Tiny) -> None:
    tiny.answer("DELETE /notes", lambda call: None, responses={"204": {"description": ""}})
    del tiny.paths["/notes"]["delete"]["responses"]["200"]
    answer = tiny.send("DELETE /notes")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("answer", [({"id": "1"}, 202), Reply({"id": "1"}, 202)])
def test_a_status_beside_the_shape_chooses_among_several(tiny: Tiny, answer: Any) -> None:
    tiny.answer("POST /notes", lambda call: answer, responses=documented(tiny, 201, 202))
    assert tiny.send("POST /notes").status_code == 202


def test_several_successes_and_no_choice_is_a_mistake(
    tiny: Tiny, caplog: pytest.LogCaptureFixture
) -> None:
    both = documented(tiny, 201, 202)
    tiny.answer("POST /notes", lambda call: {"id": "1"}, name="addNote", responses=both)
    assert tiny.send("POST /notes").json() == FAILURE
    assert "specs/tiny.yaml: addNote documents several successes" in caplog.text


def test_a_reply_carries_headers_and_a_media_type(tiny: Tiny) -> None:
    reply = Reply(b"a;b", headers={"X-Total": "2", "Link": "<é>"}, media_type="text/csv; header=no")
    responses = {"200": {"description": "", **tiny.content({}, "text/csv")}}
    tiny.answer("GET /notes", lambda call: reply, responses=responses)
    answer = tiny.send("GET /notes")
    assert (answer.content, answer.headers["content-type"]) == (b"a;b", "text/csv; header=no")
    assert (answer.headers["x-total"], answer.headers["link"]) == ("2", "<é>")


@pytest.mark.parametrize("status", [200, 404])
def test_a_header_stays_on_its_line(tiny: Tiny, status: int) -> None:
    def handler(call: Call) -> Reply:
        headers = {"X-Name": "€\r\nSet-Cookie: a=b\tc"}
        if status == 404:
            raise NotFoundError("Not there.", headers=headers)
        return Reply({}, headers=headers)

    tiny.answer("GET /notes", handler)
    answer = tiny.send("GET /notes")
    assert (answer.status_code, answer.headers["x-name"]) == (status, "?  Set-Cookie: a=b\tc")
    assert "set-cookie" not in answer.headers


def test_a_reply_that_a_handler_keeps_stays_as_it_is(tiny: Tiny) -> None:
    def wrap(reply: Reply, call: Call) -> Reply:
        reply.body = {"data": reply.body}
        return reply

    kept = Reply({"id": "1"})
    tiny.provider = replace(tiny.provider, wire=replace(tiny.provider.wire, write_reply=wrap))
    tiny.answer("GET /notes", lambda call: kept)
    answers = [tiny.send("GET /notes").json() for _ in range(2)]
    assert answers == [{"data": {"id": "1"}}] * 2


def test_write_reply_dresses_every_success(tiny: Tiny) -> None:
    def wrap(reply: Reply, call: Call) -> Reply:
        assert call.operation is not None
        body = {"id": call.operation.id, "size": reply.body}
        return Reply(body, headers={"X-Dressed": str(reply.status)})

    tiny.provider = replace(tiny.provider, wire=replace(tiny.provider.wire, write_reply=wrap))
    tiny.answer("GET /notes", lambda call: 7, name="n", responses=documented(tiny, 200))
    answer = tiny.send("GET /notes")
    assert (answer.status_code, answer.json()) == (200, {"id": "n", "size": 7})
    assert answer.headers["x-dressed"] == "200"


def test_writers_serialise_what_is_not_json(tiny: Tiny) -> None:
    def write_lines(body: Any) -> bytes:
        return "".join(f"{name}={value}\n" for name, value in body.items()).encode()

    wire = replace(tiny.provider.wire, writers={"text/lines": write_lines})
    tiny.provider = replace(tiny.provider, wire=wire)
    lines = {"200": {"description": "", **tiny.content(NOTE, "text/lines; charset=utf-8")}}
    tiny.answer("GET /notes", lambda call: {"id": "1", "size": 2}, responses=lines)
    tiny.answer("GET /wrong", lambda call: {"size": 2}, responses=lines)
    answer = tiny.send("GET /notes")
    assert (answer.content, answer.headers["content-type"]) == (
        b"id=1\nsize=2\n",
        "text/lines; charset=utf-8",
    )
    assert tiny.send("GET /wrong").status_code == 500


WRONG_ANSWERS = [
    ({"size": 1}, "200 with a body that does not fit: /id id is required. (it is None)"),
    ({"id": 1}, "200 with a body that does not fit: /id must be string. (it is 1)"),
    (
        {"id": "1", "size": 2**63},
        "200 with a body that does not fit: /size must be at most 9223372036854775807. "
        "(it is 9223372036854775808)",
    ),
    ({"id": "1", "colour": 3}, "200 with a body that does not fit: /colour"),
    (["1"], "200 with a body that does not fit: / must be object. (it is ['1'])"),
    (None, "200 without the documented body."),
    (({"id": "1"}, 202), "202, which is not documented."),
    (Reply({"id": "1"}, media_type="text/csv"), "200 with a body of text/csv, which is not doc"),
    (({"id": "1"}, 404), "404 with a body that does not fit: /code code is required."),
]


@pytest.mark.parametrize(("answer", "told"), WRONG_ANSWERS)
def test_an_answer_that_does_not_fit_is_a_loud_failure_and_changes_nothing(
    tiny: Tiny, caplog: pytest.LogCaptureFixture, answer: Any, told: str
) -> None:
    responses = documented(tiny, 200)
    tiny.answer("POST /notes", keep_and_answer(answer), name="addNote", responses=responses)
    before = tiny.main.digest()
    sent = tiny.send("POST /notes")
    assert (sent.status_code, sent.json()) == (500, FAILURE)
    assert f"specs/tiny.yaml: addNote answers {told}" in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert tiny.main.digest() == before


@pytest.mark.parametrize("body", [{"id": {1, 2}}, {"id": "\ud800"}, {1: "id"}, object()])
def test_an_answer_that_is_no_json_is_a_loud_failure_and_changes_nothing(
    tiny: Tiny, caplog: pytest.LogCaptureFixture, body: Any
) -> None:
    tiny.answer("POST /notes", keep_and_answer(body), name="addNote")
    before = tiny.main.digest()
    sent = tiny.send("POST /notes")
    assert (sent.status_code, sent.json()) == (500, FAILURE)
    assert "addNote" in caplog.text
    assert tiny.main.digest() == before


def test_checking_can_be_switched_off(tiny: Tiny) -> None:
    tiny.mounted = {"check_replies": False}
    responses = documented(tiny, 200)
    tiny.answer("POST /notes", keep_and_answer({"size": "x"}), responses=responses)
    tiny.answer("GET /notes", lambda call: ({"size": "x"}, 299), responses=responses)
    assert tiny.send("POST /notes").json() == {"size": "x"}
    assert tiny.send("GET /notes").status_code == 299
    assert len(tiny.main.collection("tiny", "notes")) == 1


def test_every_answer_is_checked_and_not_only_the_first(tiny: Tiny) -> None:
    answers = iter([{"id": "1"}, Reply(b'{"id": "2"}', media_type="application/json"), {}])
    tiny.answer("POST /notes", lambda call: next(answers), responses=documented(tiny, 200))
    assert [tiny.send("POST /notes").status_code for _ in range(3)] == [200, 200, 500]


def test_what_fits_one_schema_is_judged_anew_by_another(tiny: Tiny) -> None:
    for path, limit in (("/wide", 9), ("/narrow", 3)):
        schema = {"type": "object", "properties": {"size": {"type": "integer", "maximum": limit}}}
        tiny.answer(
            f"GET {path}",
            lambda call: {"size": 7},
            responses=documented(tiny, 200, schema=schema),
        )
    sent = [tiny.send(f"GET {path}").status_code for path in ("/wide", "/wide", "/narrow")]
    assert sent == [200, 200, 500]


def test_what_was_found_to_fit_is_remembered_within_bounds() -> None:
    validator: Any = object()
    another: Any = object()
    proven, first = Proven(longest=4, size=10), bytes([1, 2, 3, 4])
    for text in (first, b"5678", b"12345"):
        proven.add(validator, text)
    assert proven.get(validator, bytes([1, 2, 3, 4])) is first
    assert proven.get(validator, b"5678") == b"5678"
    assert proven.get(validator, b"12345") is None
    proven.add(validator, b"9012")
    assert proven.get(validator, first) is None
    assert proven.get(validator, b"9012") == b"9012"
    assert proven.get(another, b"9012") is None


def test_ranges_and_the_default_document_statuses(tiny: Tiny) -> None:
    loose: Json = {**documented(tiny, "2XX"), **documented(tiny, "default", schema={})}
    tiny.answer("GET /notes", lambda call: ({"id": "1"}, 299), responses=loose)
    tiny.answer("GET /wrong", lambda call: ({}, 299), responses=loose)
    tiny.answer("GET /moved", lambda call: ("there", 301), responses=loose)
    assert tiny.send("GET /notes").status_code == 299
    assert tiny.send("GET /wrong").status_code == 500
    assert tiny.send("GET /moved").status_code == 301


def test_integers_of_any_size_are_written_exactly(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: {"big": 2**80, "text": "é\0"})
    assert tiny.send("GET /notes").json() == {"big": 2**80, "text": "é\0"}


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (NotFoundError("x"), (404, "not_found")),
        (ConflictError("x", code="locked"), (409, "locked")),
        (GoneError("x", status=404), (404, "gone")),
        (InvalidError("x", status=422, headers={"X-Why": "y"}), (422, "invalid")),
    ],
)
def test_a_refusal_is_dressed_by_the_provider_and_changes_nothing(
    tiny: Tiny, error: ApiError, answer: tuple[int, str]
) -> None:
    def handler(call: Call) -> None:
        keep_and_answer(None)(call)
        raise error

    tiny.answer("POST /notes", handler)
    before = tiny.main.digest()
    sent = tiny.send("POST /notes")
    assert (sent.status_code, sent.json()) == (answer[0], tiny.refusal(*answer))
    assert sent.headers.get("x-why") == error.headers.get("X-Why")
    assert tiny.main.digest() == before


def test_what_the_state_refuses_is_a_refusal_of_the_provider(tiny: Tiny) -> None:
    told: list[tuple[Any, ...]] = []

    def write_error(error: ApiError, request: Request) -> Reply:
        told.append((error.status, error.code, error.subject, error.identifier))
        return wire.write_error(error, request)

    wire = tiny.provider.wire
    tiny.provider = replace(tiny.provider, wire=replace(wire, write_error=write_error))
    tiny.answer("GET /notes/{id}", lambda call, id_: call.shared("notes").get(id_))
    tiny.answer("PUT /notes/{id}", lambda call, id_: call.shared("notes").add({"id": id_}))
    statuses = [tiny.send(f"{method} /notes/a").status_code for method in ("GET", "PUT", "PUT")]
    assert statuses == [404, 200, 409]
    assert told == [(404, "not_found", "notes", "a"), (409, "already_exists", "id", None)]


def test_a_bug_is_told_in_the_log_and_not_to_the_client(
    tiny: Tiny, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(call: Call) -> None:
        keep_and_answer(None)(call)
        raise ZeroDivisionError("a secret")

    tiny.answer("POST /notes", handler, name="addNote")
    before = tiny.main.digest()
    sent = tiny.send("POST /notes")
    assert (sent.status_code, sent.json()) == (500, FAILURE)
    assert "addNote failed: ZeroDivisionError('a secret')" in caplog.text
    assert "Traceback" in caplog.text
    assert tiny.main.digest() == before


def test_an_undocumented_refusal_of_a_handler_is_a_loud_failure(
    tiny: Tiny, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(call: Call) -> None:
        raise ApiError("I am a teapot.", status=418)

    tiny.answer("GET /notes", handler, name="readNotes")
    assert tiny.send("GET /notes").json() == FAILURE
    assert "specs/tiny.yaml: readNotes answers 418, which is not documented." in caplog.text


def test_a_refusal_of_the_engine_needs_no_documentation(tiny: Tiny) -> None:
    tiny.answer("POST /notes", lambda call, body: "", body=tiny.content({"type": "object"}))
    responses = tiny.paths["/notes"]["post"]["responses"]
    for status in ("400", "405", "415"):
        del responses[status]
    assert tiny.send("POST /notes", json=[]).status_code == 400
    assert tiny.send("POST /notes", json=[], type_="text/csv").status_code == 415
    assert tiny.send("DELETE /notes").status_code == 405


def test_a_refusal_that_does_not_fit_its_own_schema_is_a_loud_failure(
    tiny: Tiny, caplog: pytest.LogCaptureFixture
) -> None:
    def write_error(error: ApiError, _: Request) -> Reply:
        return Reply({"oops": error.status})

    tiny.provider = replace(
        tiny.provider, wire=replace(tiny.provider.wire, write_error=write_error)
    )
    number = tiny.parameter("query", "size", type="integer")
    tiny.answer("GET /notes", lambda call, size=0: "", name="readNotes", parameters=[number])
    answer = tiny.send("GET /notes?size=x")
    assert (answer.status_code, answer.json()) == (500, {"oops": 500})
    assert "readNotes answers 400 with a body that does not fit: /code" in caplog.text


def test_a_bug_in_the_dress_itself_is_still_an_answer(
    tiny: Tiny, caplog: pytest.LogCaptureFixture
) -> None:
    def write_error(error: ApiError, _: Request) -> Reply:
        raise KeyError(error.code)

    tiny.provider = replace(
        tiny.provider, wire=replace(tiny.provider.wire, write_error=write_error)
    )
    tiny.answer("GET /notes", lambda call: "")
    answer = tiny.send("GET /nothing")
    assert answer.status_code == 500
    assert "KeyError('not_found')" in caplog.text


def test_a_provider_may_say_no_with_200(tiny: Tiny) -> None:
    def write_error(error: ApiError, _: Request) -> Reply:
        return Reply({"status": "error", "code": error.status}, 200)

    tiny.provider = replace(
        tiny.provider, wire=replace(tiny.provider.wire, write_error=write_error)
    )
    tiny.answer("GET /notes/{id}", lambda call, id_: call.shared("notes").get(id_))
    answer = tiny.send("GET /notes/a")
    assert (answer.status_code, answer.json()) == (200, {"status": "error", "code": 404})


def test_a_header_that_must_stay_stays_in_any_dress(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "")
    answer = tiny.send("POST /notes")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_head_changes_nothing_even_where_get_does(tiny: Tiny) -> None:
    def count(call: Call) -> Reply:
        visits = call.shared("visits")
        visits.add({"id": call.ids.uuid()})
        return Reply({"visits": len(visits)}, headers={"X-Visits": str(len(visits))})

    tiny.answer("GET /visits", count)
    before = tiny.main.digest()
    for _ in range(2):
        asked = tiny.send("HEAD /visits")
        assert (asked.status_code, asked.headers["x-visits"], asked.content) == (200, "1", b"")
    assert tiny.main.digest() == before
    assert tiny.send("GET /visits").json() == {"visits": 1}


def test_head_of_what_is_not_there_has_no_body_either(tiny: Tiny) -> None:
    tiny.answer("GET /notes/{id}", lambda call, id_: call.shared("notes").get(id_))
    read, asked = tiny.send("GET /notes/a"), tiny.send("HEAD /notes/a")
    assert (asked.status_code, asked.content) == (404, b"")
    assert asked.headers["content-length"] == str(len(read.content))


def test_a_provider_may_dress_what_says_which_methods_there_are(tiny: Tiny) -> None:
    def write_options(reply: Reply, request: Request) -> Reply:
        return Reply(status=200, headers={**reply.headers, "X-Path": request.path})

    wire = replace(tiny.provider.wire, write_options=write_options)
    tiny.provider = replace(tiny.provider, wire=wire)
    tiny.answer("GET /notes", lambda call: "")
    answer = tiny.send("OPTIONS /notes")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["allow"], answer.headers["x-path"]) == ("GET, HEAD, OPTIONS", "/notes")


LISTS = [
    {"type": "array", "items": NOTE, "maxItems": 20},
    {"$ref": "#/components/schemas/Notes"},
]
GOOD = [{"id": str(number)} for number in range(15)]


@pytest.mark.parametrize("schema", LISTS, ids=["written out", "by reference"])
@pytest.mark.parametrize(
    ("notes", "status"),
    [
        (GOOD, 200),
        (GOOD[::-1], 200),
        ([*GOOD, {"id": 7}], 500),
        ([*GOOD, *GOOD], 500),
        ([*GOOD, [*GOOD]], 500),
        (dict.fromkeys("abcdefghijklmno", "x"), 500),
    ],
    ids=["known", "in another order", "one is bad", "too many", "a list among them", "no list"],
)
def test_a_long_list_is_held_to_the_spec_also_where_most_of_it_is_known(
    tiny: Tiny, schema: Json, notes: Any, status: int
) -> None:
    tiny.components["schemas"] = {"Notes": LISTS[0]}
    held: list[Any] = [GOOD]
    responses = documented(tiny, 200, schema=schema)
    tiny.answer("POST /notes", lambda call: held[0], responses=responses)
    assert tiny.send("POST /notes").json() == GOOD
    held[0] = notes
    answer = tiny.send("POST /notes")
    assert (answer.status_code, answer.json()) == (status, notes if status == 200 else FAILURE)
