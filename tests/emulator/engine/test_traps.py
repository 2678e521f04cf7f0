"""What a stock stack gets wrong and we must not, each thing once."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.toolkit import Call, Caller, Credentials, Json, Reply, SpecMismatchError

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

BEARER = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}


def echo(call: Call, body: Any = None) -> Json:
    return {"body": body}


def is_known(call: Call, credentials: Credentials) -> Caller | None:
    return Caller(credentials.value) if credentials.value.startswith("good") else None


def with_tokens(tiny: Tiny, *security: Json) -> None:
    tiny.components = BEARER
    tiny.security = list(security) or [{"token": []}]
    tiny.provider = replace(tiny.provider, identify=is_known)


def test_two_operations_with_one_id_are_refused_at_the_start(tiny: Tiny) -> None:
    tiny.answer("GET /open", lambda call: "open", name="read")
    tiny.answer("GET /secret", lambda call: "secret", name="read")
    with pytest.raises(SpecMismatchError, match="GET /secret and GET /open share the operationId"):
        tiny.send("GET /open")


def test_a_literal_path_wins_over_a_parameter_that_comes_first(tiny: Tiny) -> None:
    tiny.answer("GET /users/{name}", lambda call, name: f"user {name}")
    tiny.answer("GET /users/me", lambda call: "me")
    assert tiny.send("GET /users/me").json() == "me"
    assert tiny.send("GET /users/you").json() == "user you"


@pytest.mark.parametrize(
    ("raw", "name"),
    [("a%2Fb", "a/b"), ("YWJj%2B%2F8%3D%3D", "YWJj+/8=="), ("a+b", "a+b"), ("%E2%82%AC", "€")],
)
def test_an_encoded_slash_stays_inside_its_segment(tiny: Tiny, raw: str, name: str) -> None:
    tiny.answer("GET /files/{name}", lambda call, name: {"name": name})
    answer = tiny.send(f"GET /files/{raw}")
    assert (answer.status_code, answer.json()) == (200, {"name": name})


def test_an_integer_in_the_path_that_is_none_is_invalid_and_not_unknown(tiny: Tiny) -> None:
    number = tiny.parameter("path", "number", type="integer")
    tiny.answer("GET /pages/{number}", lambda call, number: number, parameters=[number])
    answer = tiny.send("GET /pages/abc")
    assert answer.status_code == 400
    assert answer.json() == tiny.refusal(400, "invalid", "path/number malformed")


def test_who_may_not_call_learns_nothing_about_the_path(tiny: Tiny) -> None:
    with_tokens(tiny)
    number = tiny.parameter("path", "number", type="integer")
    tiny.answer("GET /pages/{number}", lambda call, number: number, parameters=[number])
    assert tiny.send("GET /pages/abc").status_code == 401


def test_a_parameter_declared_on_path_and_operation_is_refused_at_the_start(tiny: Tiny) -> None:
    limit = tiny.parameter("query", "limit", type="integer")
    tiny.answer("GET /pages", lambda call, limit=0: limit, parameters=[limit])
    tiny.paths["/pages"]["parameters"] = [limit]
    with pytest.raises(SpecMismatchError, match="declares the parameter limit that its path"):
        tiny.send("GET /pages")


def test_a_parameter_of_the_path_is_judged_once(tiny: Tiny) -> None:
    tiny.answer("GET /pages", lambda call, limit=0: limit)
    tiny.paths["/pages"]["parameters"] = [tiny.parameter("query", "limit", type="integer")]
    assert tiny.send("GET /pages?limit=7").json() == 7
    answer = tiny.send("GET /pages?limit=x")
    assert answer.json() == tiny.refusal(400, "invalid", "query/limit malformed")


def test_headers_and_cookies_are_cast_and_handed_over(tiny: Tiny) -> None:
    tiny.answer(
        "GET /pages",
        lambda call, x_depth, ticket: [x_depth, ticket],
        parameters=[
            tiny.parameter("header", "X-Depth", type="integer", maximum=9, required=True),
            tiny.parameter("cookie", "ticket", type="boolean", required=True),
        ],
    )
    answer = tiny.send("GET /pages", headers={"x-depth": "5", "cookie": "a=b; ticket=true"})
    assert answer.json() == [5, True]
    answer = tiny.send("GET /pages", headers={"x-depth": "10", "cookie": "ticket=1"})
    assert answer.json() == tiny.refusal(
        400, "invalid", "header/X-Depth maximum", "cookie/ticket malformed"
    )


def test_a_body_in_chunks_needs_no_length(tiny: Tiny) -> None:
    tiny.answer("POST /notes", echo, body=tiny.content({"type": "object"}) | {"required": True})
    chunks = [b'{"text"', b': "in', b' parts"}']
    answer = tiny.send("POST /notes", content=chunks, type_="application/json")
    assert answer.json() == {"body": {"text": "in parts"}}


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b'{"text": "\xff"}', "application/json", 400),
        (b"[" * 2000 + b"]" * 2000, "application/json", 400),
        (b'{"text": "x"}', "Application/JSON", 200),
        (b'{"text": "x"}', "application/json; charset=utf-8", 200),
        (b'{"text": "x"}', None, 200),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--', "", 400),
        (b"--x--", "multipart/form-data", 400),
    ],
)
def test_an_odd_body_is_never_a_bug_of_ours(
    tiny: Tiny, content: bytes, media_type: str | None, status: int
) -> None:
    body = tiny.content({"type": "object"})
    body["content"] |= tiny.content({"type": "object"}, "multipart/form-data")["content"]
    tiny.answer("POST /notes", echo, body=body)
    answer = tiny.send("POST /notes", content=content, type_=media_type)
    assert answer.status_code == status
    assert "refused" in answer.json() or answer.json() == {"body": {"text": "x"}}


def test_a_parameter_may_have_a_schema_without_a_type(tiny: Tiny) -> None:
    either = {"oneOf": [{"type": "integer", "minimum": 10}, {"type": "string", "enum": ["all"]}]}
    size = tiny.parameter("query", "size", **either, required=True)
    tiny.answer("GET /pages", lambda call, size: size, parameters=[size])
    assert tiny.send("GET /pages?size=12").json() == 12
    assert tiny.send("GET /pages?size=all").json() == "all"
    answer = tiny.send("GET /pages?size=9")
    assert answer.json() == tiny.refusal(400, "invalid", "query/size oneOf")


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "1e400", "01", "+1"])
def test_what_only_looks_like_json_is_refused(tiny: Tiny, text: str) -> None:
    tiny.answer("POST /notes", echo, body=tiny.content({}))
    answer = tiny.send("POST /notes", content=text.encode(), type_="application/json")
    assert answer.json() == tiny.refusal(400, "malformed_body", "body malformed")


def test_a_media_type_nobody_documented_is_not_supported(tiny: Tiny) -> None:
    tiny.answer("POST /notes", echo, body=tiny.content({}))
    tiny.answer("POST /events", echo, body=tiny.content({}, "application/vnd.tiny+json"))
    request = {"content": b"{}", "type_": "application/vnd.tiny+json"}
    assert tiny.send("POST /notes", **request).json() == tiny.refusal(415, "unsupported_media_type")
    assert tiny.send("POST /events", **request).json() == {"body": {}}


def test_what_only_we_may_write_is_not_required_of_a_client(tiny: Tiny) -> None:
    note = {
        "type": "object",
        "required": ["id", "text"],
        "properties": {"id": {"type": "string", "readOnly": True}, "text": {"type": "string"}},
    }
    tiny.answer("POST /notes", echo, body=tiny.content(note))
    assert tiny.send("POST /notes", json={"text": "x"}).json() == {"body": {"text": "x"}}
    assert tiny.send("POST /notes", json={"id": "1", "text": "x"}).status_code == 200
    answer = tiny.send("POST /notes", json={"id": "1"})
    assert answer.json() == tiny.refusal(400, "invalid", "body/text required")


def test_what_only_a_client_may_write_is_not_required_of_an_answer(tiny: Tiny) -> None:
    person = {
        "type": "object",
        "required": ["name", "password"],
        "properties": {"name": {}, "password": {"type": "string", "writeOnly": True}},
    }
    tiny.components = {"schemas": {"Person": person}}
    shown = tiny.content({"$ref": "#/components/schemas/Person"})
    tiny.answer(
        "POST /people",
        lambda call, body: {"name": body["name"]},
        body=shown,
        responses={"200": {"description": "", **shown}},
    )
    assert tiny.send("POST /people", json={"name": "a", "password": "b"}).json() == {"name": "a"}
    assert tiny.send("POST /people", json={"name": "a"}).status_code == 400


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"type": "string", "nullable": True, "enum": ["a"]},
        {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Text"}]},
        {"nullable": True, "oneOf": [{"type": "string"}, {"type": "boolean"}]},
        {"type": "string", "nullable": True, "anyOf": [{"minLength": 1}, {"maxLength": 0}]},
        {"nullable": True, "not": {"type": "integer"}},
    ],
)
def test_nullable_allows_null_whatever_stands_beside_it(tiny: Tiny, schema: Json) -> None:
    tiny.components = {"schemas": {"Text": {"type": "string"}}}
    tiny.answer("POST /notes", echo, body=tiny.content({"properties": {"text": schema}}))
    for good in (None, "a"):
        assert tiny.send("POST /notes", json={"text": good}).json() == {"body": {"text": good}}
    assert tiny.send("POST /notes", json={"text": 4}).status_code == 400


@pytest.mark.parametrize(
    ("word", "good", "bad"),
    [
        ("uuid", "123e4567-e89b-42d3-a456-426614174000", "123e4567e89b42d3a456426614174000"),
        ("uri", "https://greenroom.test/a?b=c", "not a uri"),
        ("email", "a@greenroom.test", "a at greenroom"),
        ("date-time", "2026-01-05T09:00:00Z", "2026-01-05 09:00"),
        ("date", "2026-02-28", "2026-02-30"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("hostname", "greenroom.test", "-greenroom"),
        ("byte", "YWJj", "YWJ"),
        ("duration", "PT45M", "45 minutes"),
    ],
)
def test_formats_are_checked(tiny: Tiny, word: str, good: str, bad: str) -> None:
    tiny.answer("POST /notes", echo, body=tiny.content({"type": "string", "format": word}))
    assert tiny.send("POST /notes", json=good).json() == {"body": good}
    assert tiny.send("POST /notes", json=bad).json() == tiny.refusal(400, "invalid", "body format")


def test_defaults_are_filled_in_wherever_they_stand(tiny: Tiny) -> None:
    note = {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "default": "plain"},
            "tags": {"type": "array", "items": {"properties": {"on": {"default": True}}}},
        },
    }
    body = tiny.content(note)
    body["content"] |= tiny.content(note, "application/x-www-form-urlencoded")["content"]
    tiny.answer(
        "POST /notes",
        lambda call, limit, body: [limit, body],
        parameters=[tiny.parameter("query", "limit", type="integer", default=20)],
        body=body,
    )
    answer = tiny.send("POST /notes", json={"tags": [{}, {"on": False}]})
    assert answer.json() == [20, {"tags": [{"on": True}, {"on": False}], "kind": "plain"}]
    answer = tiny.send("POST /notes", content=b"x=y", type_="application/x-www-form-urlencoded")
    assert answer.json() == [20, {"x": "y", "kind": "plain"}]


def test_a_comma_in_an_exploded_list_is_only_a_comma(tiny: Tiny) -> None:
    names = tiny.parameter("query", "names", type="array", items={"type": "string"}, required=True)
    tiny.answer("GET /people", lambda call, names: names, parameters=[names])
    assert tiny.send("GET /people?names=x,y&names=z").json() == ["x,y", "z"]


def test_a_deep_object_is_read_beside_a_parameter_whose_name_begins_it(tiny: Tiny) -> None:
    deep = {"type": "object", "properties": {"x": {"type": "integer"}}}
    tiny.answer(
        "GET /pages",
        lambda call, d=None, deep=None: [d, deep],
        parameters=[
            tiny.parameter("query", "d", type="string"),
            tiny.parameter("query", "deep", **deep, style="deepObject"),
        ],
    )
    assert tiny.send("GET /pages?deep[x]=1").json() == [None, {"x": 1}]
    assert tiny.send("GET /pages?d=a&deep%5Bx%5D=2").json() == ["a", {"x": 2}]


@pytest.mark.parametrize(
    "query",
    ["d=1_000", "d=%2B1", "d=%20%201", "d=1.0", "d=", "d=1e3", "b=TRUE", "b=1", "b=", "f=."],
)
def test_a_number_or_boolean_is_spelled_as_in_json_or_refused(tiny: Tiny, query: str) -> None:
    tiny.answer(
        "GET /pages",
        lambda call, d=0, b=None, f=0: [d, b, f],
        parameters=[
            tiny.parameter("query", "d", type="integer"),
            tiny.parameter("query", "b", type="boolean"),
            tiny.parameter("query", "f", type="number"),
        ],
    )
    answer = tiny.send(f"GET /pages?{query}")
    assert answer.json() == tiny.refusal(400, "invalid", f"query/{query[0]} malformed")


def test_the_word_null_is_a_text(tiny: Tiny) -> None:
    name = tiny.parameter("query", "name", type="string", nullable=True, required=True)
    tiny.answer("GET /pages", lambda call, name: name, parameters=[name])
    assert tiny.send("GET /pages?name=null").json() == "null"


def test_parameters_nobody_documented_are_ignored(tiny: Tiny) -> None:
    size = tiny.parameter("query", "size", type="integer")
    tiny.answer("GET /pages", lambda call, size=0: size, parameters=[size])
    assert tiny.send("GET /pages?whatever=1&%ff=%fe&=&&").json() == 0


def test_a_slash_too_many_is_unknown_and_no_redirect(tiny: Tiny) -> None:
    tiny.answer("POST /notes", echo, body=tiny.content({}))
    for path in ("/notes/", "//notes", "/notes//"):
        assert tiny.send(f"POST {path}", json={}).json() == tiny.refusal(404, "not_found")


def test_allow_names_every_method_of_the_path(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "read")
    tiny.answer("POST /notes", lambda call: "written")
    tiny.answer("DELETE /notes/{id}", lambda call, id_: None)
    refused = tiny.send("PATCH /notes")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert refused.json() == tiny.refusal(405, "method_not_allowed")
    asked = tiny.send("OPTIONS /notes/1")
    assert (asked.status_code, asked.headers["allow"], asked.content) == (
        204,
        "DELETE, OPTIONS",
        b"",
    )


def test_head_is_answered_for_every_get(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: {"text": "x"})
    read, asked = tiny.send("GET /notes"), tiny.send("HEAD /notes")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-type"] == read.headers["content-type"]
    assert asked.headers["content-length"] == str(len(read.content))


def test_of_several_media_types_the_first_is_meant_unless_another_is_said(tiny: Tiny) -> None:
    media_types = ("application/json", "application/problem+json", "text/csv")
    documented = {"description": "", "content": {name: {"schema": {}} for name in media_types}}
    wire = replace(tiny.provider.wire, write_reply=lambda reply, call: reply)
    tiny.provider = replace(tiny.provider, wire=wire)
    tiny.answer("GET /plain", lambda call: {"a": 1}, responses={"200": documented})
    tiny.answer(
        "GET /table",
        lambda call: Reply(b"a\n1\n", media_type="text/csv"),
        responses={"200": documented},
    )
    plain, table = tiny.send("GET /plain"), tiny.send("GET /table")
    assert (plain.headers["content-type"], plain.json()) == ("application/json", {"a": 1})
    assert (table.headers["content-type"], table.content) == ("text/csv", b"a\n1\n")


def test_handlers_and_refusals_run_on_the_loop_itself(tiny: Tiny) -> None:
    loops = []

    def handler(call: Call) -> None:
        loops.append(asyncio.get_running_loop())

    def refuse(error: Exception, request: Any) -> Reply:
        loops.append(asyncio.get_running_loop())
        return Reply({"refused": 404, "code": "", "wrong": []})

    tiny.answer("POST /notes", handler, responses={"200": {"description": ""}})
    tiny.provider = replace(tiny.provider, wire=replace(tiny.provider.wire, write_error=refuse))
    assert tiny.send("POST /notes").status_code == 200
    assert tiny.send("POST /unknown").status_code == 404
    assert len(loops) == 2
    assert loops[0] is loops[1]


def test_double_braces_in_a_spec_are_text(tiny: Tiny) -> None:
    tiny.description = "Greets {{ name }} {% if politely %}and bows{% endif %}."
    tiny.answer("GET /hello", lambda call: "hello")
    assert tiny.send("GET /openapi.json").json()["info"]["description"] == tiny.description
    assert tiny.description in tiny.send("GET /openapi.yaml").text


def test_a_schema_may_contain_itself(tiny: Tiny) -> None:
    tree = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    }
    tiny.components = {"schemas": {"Tree": tree}}
    tiny.answer("POST /trees", echo, body=tiny.content({"$ref": "#/components/schemas/Tree"}))
    good = {"name": "a", "children": [{"name": "b", "children": []}]}
    assert tiny.send("POST /trees", json=good).json() == {"body": good}
    answer = tiny.send("POST /trees", json={"name": "a", "children": [{"children": []}]})
    assert answer.json() == tiny.refusal(400, "invalid", "body/children/0/name required")
    assert tiny.send("GET /openapi.json").json()["components"]["schemas"]["Tree"] == tree


def test_a_handler_is_told_who_calls(tiny: Tiny) -> None:
    def identify(call: Call, credentials: Credentials) -> Caller:
        return Caller(credentials.value, tenant="acme", role="owner", attributes={"age": 4})

    def handler(call: Call) -> Any:
        caller = call.caller
        assert caller is not None
        return [caller.who, caller.tenant, caller.role, caller.attributes, call.tenant]

    with_tokens(tiny)
    tiny.provider = replace(tiny.provider, identify=identify)
    tiny.answer("GET /me", handler)
    answer = tiny.send("GET /me", headers={"authorization": "Bearer ada"})
    assert answer.json() == ["ada", "acme", "owner", {"age": 4}, "acme"]


def test_where_signing_in_is_optional_a_bad_token_is_still_refused(tiny: Tiny) -> None:
    with_tokens(tiny, {"token": []}, {})
    tiny.answer("GET /me", lambda call: call.caller.who if call.caller else "nobody")
    assert tiny.send("GET /me").json() == "nobody"
    assert tiny.send("GET /me", headers={"authorization": "Bearer good"}).json() == "good"
    answer = tiny.send("GET /me", headers={"authorization": "Bearer bad"})
    assert answer.json() == tiny.refusal(401, "unauthorized")


def test_where_two_credentials_are_wanted_both_must_be_good(tiny: Tiny) -> None:
    with_tokens(tiny, {"token": [], "key": []})
    tiny.components["securitySchemes"] |= {"key": {"type": "apiKey", "in": "header", "name": "k"}}
    tiny.answer("GET /me", lambda call: call.caller.who if call.caller else None)
    both = {"authorization": "Bearer good token", "k": "good key"}
    assert tiny.send("GET /me", headers=both).json() == "good key"
    assert tiny.send("GET /me", headers={**both, "k": "bad"}).status_code == 401
    for name in both:
        assert tiny.send("GET /me", headers={name: both[name]}).status_code == 401


def test_a_handler_that_cannot_be_called_is_refused_at_the_start(tiny: Tiny) -> None:
    tiny.answer("GET /files/{the-id}", lambda call, wrong: wrong)
    with pytest.raises(SpecMismatchError, match="the-id that its handler does not take"):
        tiny.send("GET /files/1")


def test_names_are_handed_over_in_pythons_spelling(tiny: Tiny) -> None:
    tiny.answer(
        "GET /files/{the-id}/{fileName}",
        lambda call, the_id, file_name, filter_name, id_: [the_id, file_name, filter_name, id_],
        parameters=[
            tiny.parameter("query", "filter[name]", type="string", required=True),
            tiny.parameter("query", "id", type="string", required=True),
        ],
    )
    assert tiny.send("GET /files/a/b?filter[name]=c&id=d").json() == ["a", "b", "c", "d"]


def test_a_spec_of_another_openapi_is_refused_at_the_start(tiny: Tiny) -> None:
    tiny.answer("GET /hello", lambda call: "hello")
    mount = replace(tiny.mount(), spec={**tiny.spec, "openapi": "3.1.0"})
    tiny.neighbours = [replace(mount, name="newer", source="specs/newer.yaml")]
    with pytest.raises(SpecMismatchError, match=r"^specs/newer\.yaml is not OpenAPI 3\.0 at"):
        tiny.send("GET /hello")


def test_a_refusal_is_nothing_to_log(tiny: Tiny, caplog: pytest.LogCaptureFixture) -> None:
    with_tokens(tiny)
    tiny.answer("POST /notes", echo, body=tiny.content({"type": "object"}))
    caplog.set_level(logging.DEBUG)
    tiny.send("GET /nothing")
    tiny.send("GET /notes")
    tiny.send("POST /notes", json=[])
    tiny.send("POST /notes", json=[], headers={"authorization": "Bearer good"})
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_starting_up_is_silent() -> None:
    script = "import greenroom.emulator.app"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert (run.stdout, run.stderr) == (b"", b"")


def test_a_handler_sees_the_request_through_its_call(tiny: Tiny) -> None:
    def handler(call: Call, name: str) -> Json:
        request = call.request
        return {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "agent": request.headers["user-agent"],
            "url": call.url("/notes"),
            "raw": call.path,
        }

    tiny.answer("GET /notes/{name}", handler)
    answer = tiny.send("GET /notes/a%20b?x=%41", headers={"user-agent": "tests"})
    assert answer.json() == {
        "method": "GET",
        "path": "/notes/a%20b",
        "query": "x=%41",
        "agent": "tests",
        "url": "http://127.0.0.1:8800/tiny/notes",
        "raw": {"name": "a b"},
    }


def test_a_handler_sees_the_extensions_of_its_operation(tiny: Tiny) -> None:
    def handler(call: Call) -> Any:
        assert call.operation is not None
        facts = call.operation
        return [facts.id, facts.method, facts.path, facts.extensions]

    extensions: Json = {"x-cost": 3}
    tiny.answer("GET /notes", handler, name="readNotes", **extensions)
    assert tiny.send("GET /notes").json() == ["readNotes", "GET", "/notes", extensions]
