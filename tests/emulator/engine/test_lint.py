"""What is refused before the first request, with file and operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.toolkit import Call, Json, SpecMismatchError

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

FILE = "specs/tiny.yaml"


def problems(tiny: Tiny) -> list[str]:
    """What the start is refused with, line by line."""
    with pytest.raises(SpecMismatchError) as refused:
        _ = tiny.app
    return str(refused.value).splitlines()


def test_a_spec_and_handlers_that_fit_start(tiny: Tiny) -> None:
    tiny.answer("GET /notes/{id}", lambda call, id_: id_, name="readNote")
    assert tiny.send("GET /notes/1").json() == "1"


def test_an_operation_needs_an_id(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "", name="readNotes")
    del tiny.paths["/notes"]["get"]["operationId"]
    tiny.handlers.clear()
    assert problems(tiny) == [f"{FILE}: GET /notes has no operationId"]


def test_an_id_stands_for_one_operation(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "", name="readNotes")
    tiny.answer("PUT /notes", lambda call: "", name="readNotes")
    shared = "PUT /notes and GET /notes share the operationId readNotes"
    assert problems(tiny) == [f"{FILE}: {shared}"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/notes/{id}", "/notes/{name}"),
        ("/notes/{id}.json", "/notes/{name}.json"),
        ("/{a}/notes", "/{b}/notes"),
    ],
)
def test_two_paths_may_not_fit_the_same_requests(tiny: Tiny, one: str, other: str) -> None:
    takers: Mapping[str, Callable[..., Any]] = {
        "id": lambda call, id_: None,
        "name": lambda call, name: None,
        "a": lambda call, a: None,
        "b": lambda call, b: None,
    }
    for path in (one, other):
        parameter = path.partition("{")[2].partition("}")[0]
        tiny.answer(f"GET {path}", takers[parameter])
    assert problems(tiny) == [f"{FILE}: GET {other}: {one} and {other} fit the same requests"]


def test_an_operation_needs_a_handler(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "", name="readAllNotes")
    tiny.handlers.clear()
    missing = "readAllNotes (GET /notes) has no handler; write a function read_all_notes"
    assert problems(tiny) == [f"{FILE}: {missing}"]


def test_a_handler_needs_an_operation(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "")
    tiny.handlers["sing"] = lambda call: ""
    assert problems(tiny) == [f"{FILE}: the handler sing belongs to no operation"]


@pytest.mark.parametrize(
    ("handler", "problem"),
    [
        (lambda call, body: 0, "has a path parameter id that its handler does not take"),
        (lambda call, id_: 0, "has a body that its handler does not take"),
        (lambda call, id_, body, colour: 0, "has no parameter colour, which its handler takes"),
        (
            lambda call, id_, body, size: 0,
            "may come without size; give it a default in the handler",
        ),
        (lambda: 0, "needs a plain function that takes the call first"),
    ],
)
def test_a_handler_takes_what_its_operation_has(
    tiny: Tiny, handler: Callable[..., Any], problem: str
) -> None:
    tiny.answer(
        "PUT /notes/{id}",
        handler,
        name="changeNote",
        parameters=[tiny.parameter("query", "size", type="integer")],
        body=tiny.content({}),
    )
    assert f"{FILE}: changeNote (PUT /notes/{{id}}) {problem}" in problems(tiny)


def test_a_handler_is_no_coroutine(tiny: Tiny) -> None:
    async def read_notes(call: Call) -> str:
        return ""

    tiny.answer("GET /notes", read_notes, name="readNotes")
    plain = "readNotes (GET /notes) needs a plain function that takes the call first"
    assert problems(tiny) == [f"{FILE}: {plain}"]


def test_a_parameter_with_a_default_or_that_is_required_needs_none_in_the_handler(
    tiny: Tiny,
) -> None:
    parameters = [
        tiny.parameter("query", "size", type="integer", default=3),
        tiny.parameter("query", "name", type="string", required=True),
    ]
    tiny.answer("GET /notes", lambda call, size, name: [size, name], parameters=parameters)
    assert tiny.send("GET /notes?name=a").json() == [3, "a"]


def test_two_parameters_may_not_have_one_name_in_python(tiny: Tiny) -> None:
    parameters = [
        tiny.parameter("query", "noteId", type="string"),
        tiny.parameter("query", "note-id", type="string"),
    ]
    tiny.answer("GET /notes", lambda call, note_id="": "", name="readNotes", parameters=parameters)
    several = "readNotes (GET /notes) has several parameters that a handler would know as note_id"
    assert problems(tiny) == [f"{FILE}: {several}"]


def test_a_handler_that_answers_for_itself_is_given_only_the_path_and_the_body(tiny: Tiny) -> None:
    tiny.provider = replace(tiny.provider, validation="handler")
    parameters = [tiny.parameter("query", "size", type="integer", required=True)]
    tiny.answer("GET /notes", lambda call, size: "", name="readNotes", parameters=parameters)
    unread = "readNotes (GET /notes) has no parameter size, which its handler takes"
    assert problems(tiny) == [f"{FILE}: {unread}"]


def test_a_parameter_stands_on_the_path_or_on_the_operation(tiny: Tiny) -> None:
    size = tiny.parameter("query", "size", type="integer")
    tiny.components = {"parameters": {"Size": size}}
    tiny.answer(
        "GET /notes",
        lambda call, size=0: "",
        name="readNotes",
        parameters=[{"$ref": "#/components/parameters/Size"}],
    )
    tiny.paths["/notes"]["parameters"] = [size]
    twice = "readNotes (GET /notes) declares the parameter size that its path declares too"
    assert problems(tiny) == [f"{FILE}: {twice}"]


@pytest.mark.parametrize("declared", [["other"], ["id", "other"], []])
def test_the_path_has_the_parameters_that_are_declared(tiny: Tiny, declared: list[str]) -> None:
    tiny.answer("GET /notes/{id}", lambda call, id_: "", name="readNote")
    operation = tiny.paths["/notes/{id}"]["get"]
    operation["parameters"] = [tiny.parameter("path", name, type="string") for name in declared]
    differs = "readNote (GET /notes/{id}) does not declare the same path parameters as its path has"
    assert f"{FILE}: {differs}" in problems(tiny)


def test_somebody_chooses_between_several_media_types(tiny: Tiny) -> None:
    several: Json = {"application/json": {"schema": {}}, "text/csv": {"schema": {}}}
    documented = {"200": {"description": "", "content": several}}
    tiny.answer("GET /notes", lambda call: "", name="readNotes", responses=documented)
    choice = "documents several media types for 200, and no write_reply chooses"
    assert problems(tiny) == [f"{FILE}: readNotes (GET /notes) {choice}"]


def test_a_refusal_has_a_body_or_says_that_it_has_none(tiny: Tiny) -> None:
    bare: Json = {"404": {"description": "Not there."}}
    tiny.answer("GET /notes", lambda call: "", name="readNotes", responses=bare)
    tiny.answer(
        "GET /more",
        lambda call: "",
        responses={"404": {"description": "Not there.", "x-no-body": True}},
    )
    silent = "documents 404 without a body; describe it or say x-no-body: true"
    assert problems(tiny) == [f"{FILE}: readNotes (GET /notes) {silent}"]


def test_an_answer_with_a_body_has_a_schema(tiny: Tiny) -> None:
    bare = {"200": {"description": "", "content": {"application/json": {"example": 1}}}}
    tiny.answer("GET /notes", lambda call: "", name="readNotes", responses=bare)
    unknown = "documents 200 as application/json without a schema"
    assert problems(tiny) == [f"{FILE}: readNotes (GET /notes) {unknown}"]


def test_a_security_scheme_is_declared(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "", name="readNotes", security=[{"token": []}])
    unknown = "wants the unknown security scheme token"
    assert problems(tiny) == [f"{FILE}: readNotes (GET /notes) {unknown}"]


def test_every_problem_is_told_at_once(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call, size: "", name="readNotes")
    tiny.answer("GET /more", lambda call: "", name="readMore")
    tiny.handlers["sing"] = tiny.handlers.pop("readMore")
    assert len(problems(tiny)) == 3


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("openapi", "3.1.0", "is not OpenAPI 3.0 at /openapi: "),
        ("info", {"title": "Tiny"}, "is not OpenAPI 3.0 at /info: 'version' is a required"),
        ("paths", {"/a/b": {"get": {}}}, "is not OpenAPI 3.0 at /paths/~1a~1b/get: 'responses'"),
        ("paths", {"/a": {"get": {"responses": {}}}}, "/paths/~1a/get/responses: {}"),
    ],
)
def test_what_is_not_openapi_is_told_with_its_place(
    tiny: Tiny, place: str, value: Any, told: str
) -> None:
    tiny.answer("GET /notes", lambda call: "")
    odd = replace(
        tiny.mount(), spec={**tiny.spec, place: value}, name="odd", source="specs/odd.yaml"
    )
    tiny.neighbours = [odd]
    line = problems(tiny)[0]
    assert line.startswith("specs/odd.yaml ")
    assert told in line


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/schemas/None",
        "other.yaml#/Thing",
        "#/components/schemas/Loop",
        "#/paths/1",
        "#/paths/~1notes/put/operationId/0/deeper",
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_place(tiny: Tiny, reference: str) -> None:
    loop = {"$ref": "#/components/schemas/Loop"}
    tiny.components = {"schemas": {"Loop": loop} if "Loop" in reference else {}}
    tiny.answer("PUT /notes", lambda call, body: "", body=tiny.content({"$ref": reference}))
    place = (
        "/components/schemas/Loop"
        if "Loop" in reference
        else "/paths/~1notes/put/requestBody/content/application~1json/schema"
    )
    assert f"{FILE} at {place} refers to what is not there" in problems(tiny)


@pytest.mark.parametrize("pattern", ["(", "(?a)x"])
def test_a_pattern_must_be_one(tiny: Tiny, pattern: str) -> None:
    schema = {"type": "string", "pattern": pattern}
    tiny.answer(
        "GET /notes",
        lambda call, of="": of,
        parameters=[{"name": "of", "in": "query", "schema": schema}],
    )
    (problem,) = problems(tiny)
    assert problem.startswith(f"{FILE} is not OpenAPI 3.0 at /paths/~1notes/get/parameters/0: a ")
