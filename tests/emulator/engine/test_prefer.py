"""What a client may wish for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from greenroom.emulator.engine.prefer import Preferences
from greenroom.emulator.toolkit import ApiError, Reply, Request

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, "invalid"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (409, "conflict"),
        (410, "gone"),
        (413, "status_413"),
        (429, "rate_limited"),
    ],
)
def test_a_documented_refusal_comes_for_the_asking_and_changes_nothing(
    tiny: Tiny, code: int, kind: str
) -> None:
    tiny.answer("POST /notes", lambda call: call.shared("notes").add({"id": "1"}))
    before = tiny.main.digest()
    answer = tiny.send("POST /notes", headers={"prefer": f"code={code}"})
    assert (answer.status_code, answer.json()) == (code, tiny.refusal(code, kind))
    assert answer.headers["preference-applied"] == f"code={code}"
    assert tiny.main.digest() == before


def test_a_405_on_demand_says_what_is_allowed(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "")
    answer = tiny.send("GET /notes", headers={"prefer": "code=405"})
    assert answer.status_code == 405
    assert "allow" in answer.headers


def test_a_wish_comes_before_signing_in_and_before_what_is_wrong(tiny: Tiny) -> None:
    tiny.components = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    tiny.security = [{"token": []}]
    tiny.answer("POST /notes", lambda call, body: "", body=tiny.content({"type": "object"}))
    answer = tiny.send("POST /notes", json=[], headers={"prefer": "code=409"})
    assert answer.status_code == 409


def test_an_undocumented_status_is_refused_with_those_that_are(tiny: Tiny) -> None:
    told: list[str] = []

    def write_error(error: ApiError, request: Request) -> Reply:
        told.append(error.detail)
        return wire.write_error(error, request)

    wire = tiny.provider.wire
    tiny.provider = replace(tiny.provider, wire=replace(wire, write_error=write_error))
    tiny.answer("GET /notes", lambda call: "", name="readNotes")
    responses = tiny.paths["/notes"]["get"]["responses"]
    tiny.paths["/notes"]["get"]["responses"] = {key: responses[key] for key in ("200", "404")}
    answer = tiny.send("GET /notes", headers={"prefer": "code=503"})
    assert answer.json() == tiny.refusal(400, "undocumented_preference")
    assert told == ["Prefer: code=503 is not documented for readNotes; 200, 404 are."]


@pytest.mark.parametrize(
    "wish", ["code=200", "respond-async", "code", "", ";;,", "handling=lenient"]
)
def test_a_wish_for_success_or_for_what_we_do_not_know_changes_nothing(
    tiny: Tiny, wish: str
) -> None:
    tiny.answer("GET /notes", lambda call: "here")
    answer = tiny.send("GET /notes", headers={"prefer": wish})
    assert (answer.status_code, answer.json()) == (200, "here")


@pytest.mark.parametrize(
    "wish", ["code=", "code=4040", "code=abc", "wait=x", "wait=-1", "wait=1e3"]
)
def test_a_wish_that_cannot_be_read_is_invalid(tiny: Tiny, wish: str) -> None:
    tiny.answer("GET /notes", lambda call: "here")
    assert tiny.send("GET /notes", headers={"prefer": wish}).json() == tiny.refusal(400, "invalid")


def test_a_wish_to_wait_is_granted(tiny: Tiny) -> None:
    tiny.answer("GET /notes", lambda call: "here")
    answer = tiny.send("GET /notes", headers={"prefer": "wait=0.001"})
    assert answer.json() == "here"


@pytest.mark.parametrize(
    ("header", "wishes"),
    [
        ("code=503", Preferences(503)),
        ('Code="503"', Preferences(503)),
        (" code = 503 ; wait = 2.5", Preferences(503, 2.5)),
        ("respond-async, wait=10, code=404", Preferences(404, 10)),
        ("wait=9999", Preferences(None, 60)),
    ],
)
def test_wishes_are_read_as_they_are_written(header: str, wishes: Preferences) -> None:
    assert Preferences.parse(header) == wishes
