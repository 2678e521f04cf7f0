"""How one operation runs: the provider's gates, who is told what, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.toolkit import (
    Call,
    Caller,
    Credentials,
    ForbiddenError,
    InvalidError,
    Json,
    Option,
    Provider,
    Request,
)

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

NOTE: Json = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "text": {"type": "string"},
        "size": {"type": "integer", "default": 3},
        "kind": {"type": "string", "format": "kind"},
    },
}


def with_wire(provider: Provider, **wire: Any) -> Provider:
    return replace(provider, wire=replace(provider.wire, **wire))


def test_read_request_forgives_before_anything_is_looked_at(tiny: Tiny) -> None:
    def forgive(request: Request) -> Request:
        headers = [(b"content-type", b"application/json")]
        return request.replaced(path=request.path.replace("//", "/"), raw_headers=headers)

    tiny.provider = with_wire(tiny.provider, read_request=forgive)
    tiny.answer("POST /notes", lambda call, body: body, body=tiny.content(NOTE))
    answer = tiny.send("POST //notes", content=b'{"text": "a"}', type_="text/csv")
    assert answer.json() == {"text": "a", "size": 3}


def test_read_request_may_give_its_findings_to_the_handler(tiny: Tiny) -> None:
    tiny.provider = with_wire(
        tiny.provider, read_request=lambda request: request.replaced(given={"seen": request.path})
    )
    tiny.answer("GET /notes", lambda call: dict(call.request.given))
    assert tiny.send("GET /notes").json() == {"seen": "/notes"}


def test_read_request_may_choose_another_method(tiny: Tiny) -> None:
    def verb(request: Request) -> Request:
        wanted = dict(request.query_pairs()).get("method")
        return request.replaced(method=wanted) if wanted else request

    tiny.provider = with_wire(tiny.provider, read_request=verb)
    tiny.answer("DELETE /notes", lambda call: call.request.method)
    assert tiny.send("POST /notes?method=DELETE").json() == "DELETE"


def test_receive_stands_before_routing_and_may_refuse_or_redirect(tiny: Tiny) -> None:
    def receive(call: Call) -> Request:
        assert call.operation is None
        if len(call.shared("blocked")):
            raise ForbiddenError("Closed.")
        return call.request.replaced(path="/notes")

    tiny.provider = replace(tiny.provider, receive=receive)
    tiny.answer("GET /notes", lambda call: "here")
    assert tiny.send("GET /anything").json() == "here"
    tiny.main.collection("tiny", "blocked").add({"id": "1"})
    assert tiny.send("GET /anything").status_code == 403


def test_admit_stands_between_routing_and_signing_in(tiny: Tiny) -> None:
    def admit(call: Call, path: Mapping[str, str]) -> None:
        assert call.operation is not None
        assert call.caller is None
        if path["id"] == "no/where":
            raise ForbiddenError(call.operation.id)

    tiny.components = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    tiny.security = [{"token": []}]
    tiny.provider = replace(tiny.provider, admit=admit)
    tiny.answer("GET /notes/{id}", lambda call, id_: id_)
    assert tiny.send("GET /notes/no%2Fwhere").status_code == 403
    assert tiny.send("GET /notes/a").status_code == 401


def test_a_handler_that_answers_for_itself_gets_what_was_sent(tiny: Tiny) -> None:
    def handler(call: Call, id_: str, body: Any) -> Json:
        return {"id": id_, "body": body, "query": call.request.query_pairs(), "path": call.path}

    tiny.provider = replace(tiny.provider, validation="handler")
    number = tiny.parameter("path", "id", type="integer")
    size = tiny.parameter("query", "size", type="integer", required=True)
    body = tiny.content(NOTE) | {"required": True}
    tiny.answer("PUT /notes/{id}", handler, parameters=[number, size], body=body)
    answer = tiny.send("PUT /notes/x%20y?size=z", json={"text": 4})
    assert answer.json() == {
        "id": "x y",
        "body": {"text": 4},
        "query": [["size", "z"]],
        "path": {"id": "x y"},
    }
    assert tiny.send("PUT /notes/x").json()["body"] is None
    malformed = tiny.send("PUT /notes/x", content=b"{", type_="application/json")
    assert malformed.json() == tiny.refusal(400, "malformed_body", "body malformed")
    assert tiny.send("PUT /notes/x", content=b"{", type_="text/csv").status_code == 415


def test_a_handler_that_answers_for_itself_may_take_the_call_alone(tiny: Tiny) -> None:
    tiny.provider = replace(tiny.provider, validation="handler")
    tiny.answer("PUT /notes/{id}", lambda call: call.path["id"], body=tiny.content(NOTE))
    assert tiny.send("PUT /notes/a", content=b"{", type_="text/csv").json() == "a"


def test_a_call_holds_values_to_the_schemas_of_the_spec(tiny: Tiny) -> None:
    def handler(call: Call, body: Json) -> Json:
        given = dict(body)
        checked: Json = call.check("Note", body)
        assert body == given
        return checked

    tiny.components = {"schemas": {"Note": NOTE}}
    tiny.provider = replace(
        tiny.provider, lenient=("integer",), formats={"kind": lambda text: text in ("a", "b")}
    )
    tiny.answer("PUT /notes", handler, body=tiny.content({"type": "object"}))
    answer = tiny.send("PUT /notes", json={"text": "a", "size": "12", "kind": "b"})
    assert answer.json() == {"text": "a", "size": 12, "kind": "b"}
    assert tiny.send("PUT /notes", json={"text": "a"}).json() == {"text": "a", "size": 3}
    answer = tiny.send("PUT /notes", json={"size": "x", "kind": "c"})
    assert answer.json() == tiny.refusal(
        400, "invalid", "body/kind format", "body/size type", "body/text required"
    )


def test_a_schema_nobody_has_is_a_bug(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: call.check("Nothing", {}))
    assert tiny.send("GET /notes").status_code == 500


def test_a_handler_sees_the_options_of_its_provider(tiny: Tiny) -> None:
    tiny.provider = replace(tiny.provider, options={"limit": Option(50, "How many.")})
    tiny.answer("GET /notes", lambda call: [call.option("limit"), call.request.options["limit"]])
    assert tiny.send("GET /notes").json() == [50, 50]


def test_an_option_nobody_has_is_a_bug(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: call.option("limit"))
    assert tiny.send("GET /notes").status_code == 500


def test_a_callers_records_are_those_of_its_tenant(tiny: Tiny) -> None:
    def identify(call: Call, credentials: Credentials) -> Caller:
        who, _, tenant = credentials.value.partition("@")
        return Caller(who, tenant)

    def handler(call: Call) -> Json:
        notes = call.collection("notes")
        notes.add({"id": str(len(notes)), "by": call.caller.who if call.caller else None})
        return {"mine": len(notes), "all": len(call.everywhere("notes"))}

    tiny.components = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    tiny.security = [{"token": []}]
    tiny.provider = replace(tiny.provider, identify=identify)
    tiny.answer("POST /notes", handler)
    people = ("ada@acme", "bob@acme", "eve@globex")
    answers = [
        tiny.send("POST /notes", headers={"authorization": f"Bearer {each}"}).json()
        for each in people
    ]
    assert answers == [{"mine": 1, "all": 1}, {"mine": 2, "all": 2}, {"mine": 1, "all": 3}]
    assert [each["by"] for each in tiny.main.collection("tiny", "notes", "acme")] == ["ada", "bob"]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_every_method_of_a_spec_may_be_an_operation(tiny: Tiny, method: str) -> None:
    tiny.answer(f"{method} /notes", lambda call: call.request.method)
    assert tiny.send(f"{method} /notes").json() == method


def test_a_documented_head_is_answered_by_its_own_handler(tiny: Tiny) -> None:
    def refuse(call: Call) -> None:
        raise InvalidError("Not so.")

    tiny.answer("GET /notes", lambda call: "here")
    tiny.answer("HEAD /notes", refuse)
    assert tiny.send("HEAD /notes").status_code == 400
