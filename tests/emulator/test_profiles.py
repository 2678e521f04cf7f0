"""An API that behaves one way in its documents and another live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from greenroom.emulator.checking import problems, write_variants
from greenroom.emulator.toolkit import (
    Call,
    Caller,
    Credentials,
    Json,
    Option,
    Reply,
    SpecMismatchError,
)
from greenroom.state import Indexes

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

DOCUMENTED = "title: As documented\ncast: {}\nrecords: {}\n"
LIVE = "title: As it is\noptions: {profile: live}\ncast: {}\nrecords: {}\n"
ADA = {"authorization": "Bearer ada"}
NOTE: Json = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
PATCH = """
info: {title: Tiny as it is}
paths:
  /notes:
    post:
      security: [{token: []}]
      responses:
        200: null
        201: {description: Made., content: {application/json: {schema: {type: object}}}}
  /archive: null
components:
  schemas:
    Note: {required: [text, author], properties: {author: {type: string}}}
"""


def add_note(call: Call, body: Json) -> Reply | Json:
    return call.collection("notes").add({"id": call.ids.uuid(), **body})


def identify(_: Call, credentials: Credentials) -> Caller | None:
    return Caller(credentials.value) if credentials.value == "ada" else None


def note_arrives(call: Call, text: str) -> Json:
    """Leave a note."""
    return call.check("Note", {"text": text})  # type: ignore[no-any-return]  # as it came in


@pytest.fixture
def notes(tiny: Tiny, tmp_path: Path) -> Callable[..., Tiny]:
    """Serves notes, which somebody must sign only where it is live."""
    tiny.provider = replace(
        tiny.provider,
        identify=identify,
        collections={"notes": Indexes()},
        options={
            "profile": Option("docs", "What is served.", choices=("docs", "live", "beta")),
            "size": Option(3, "How many notes there are room for."),
        },
        stimuli=(note_arrives,),
        profile="profile",
    )
    token = {"type": "http", "scheme": "bearer"}
    tiny.components = {"schemas": {"Note": NOTE}, "securitySchemes": {"token": token}}
    note = {"$ref": "#/components/schemas/Note"}
    done = {"200": {"description": "Done.", **tiny.content(note)}}
    body = {**tiny.content(note), "required": True}
    tiny.answer("POST /notes", add_note, name="addNote", body=body, responses=done)
    tiny.answer("GET /archive", lambda call: [], name="readArchive")

    def serve(patch: str = PATCH, **settings: Any) -> Tiny:
        (tmp_path / "profiles").mkdir(exist_ok=True)
        (tmp_path / "profiles" / "tiny.live.yaml").write_text(patch, "utf-8")
        tiny.stage(tmp_path, {"default": DOCUMENTED, "live": LIVE}, **settings)
        return tiny

    return serve


def live(**settings: Any) -> Json:
    return {"options": {"tiny": {"profile": "live"}}, **settings}


def post(tiny: Tiny, *, world: str = "", **request: Any) -> Any:
    return tiny.send_to(f"POST {world}/tiny/notes", json={"text": "Hello"}, **request)


def test_the_default_is_served_as_the_spec_says(notes: Callable[..., Tiny]) -> None:
    tiny = notes()
    assert post(tiny).status_code == 200
    assert tiny.send("GET /archive").json() == []


def test_a_variant_has_its_own_status_schema_and_security(notes: Callable[..., Tiny]) -> None:
    tiny = notes(**live())
    assert post(tiny).status_code == 401
    assert post(tiny, headers=ADA).json() == tiny.refusal(400, "invalid", "body/author required")
    signed = {"text": "Hello", "author": "Ada"}
    answer = tiny.send("POST /notes", json=signed, headers=ADA)
    assert (answer.status_code, answer.json()["author"]) == (201, "Ada")


def test_an_operation_that_a_patch_removes_is_unknown(notes: Callable[..., Tiny]) -> None:
    tiny = notes(**live())
    unknown, removed = tiny.send("GET /nothing"), tiny.send("GET /archive")
    assert (removed.status_code, removed.json()) == (404, unknown.json())


def test_a_choice_without_a_file_is_served_as_the_spec_says(notes: Callable[..., Tiny]) -> None:
    assert post(notes(options={"tiny": {"profile": "beta"}})).status_code == 200


def test_worlds_serve_different_profiles_at_the_same_time(notes: Callable[..., Tiny]) -> None:
    tiny = notes()
    made = tiny.send_to("POST /_greenroom/worlds", json={"name": "w", "scenario": "live"})
    assert made.status_code == 201
    for _ in range(2):
        assert [post(tiny).status_code, post(tiny, world="/~w").status_code] == [200, 401]
    reset = tiny.send_to("POST /_greenroom/reset", json={"scenario": "live"})
    assert reset.status_code == 204
    assert post(tiny).status_code == 401


def test_the_documents_describe_what_is_served(notes: Callable[..., Tiny]) -> None:
    tiny = notes()
    tiny.send_to("POST /_greenroom/worlds", json={"name": "w", "scenario": "live"})
    documents = [tiny.send_to(f"GET {at}/tiny/openapi.json").json() for at in ("", "/~w")]
    assert [each["info"]["title"] for each in documents] == ["Tiny", "Tiny as it is"]
    assert [list(each["paths"]) for each in documents] == [["/notes", "/archive"], ["/notes"]]
    as_yaml = tiny.send_to("GET /~w/tiny/openapi.yaml").content
    assert yaml.safe_load(as_yaml) == documents[1]
    assert "<title>Tiny as it is</title>" in tiny.send_to("GET /~w/tiny/ui").text


def test_the_control_plane_describes_what_is_served(notes: Callable[..., Tiny]) -> None:
    tiny = notes()
    tiny.send_to("POST /_greenroom/worlds", json={"name": "w", "scenario": "live"})
    for world, operations, success in (("", 2, "200"), ("/~w", 1, "201")):
        (told,) = tiny.send_to(f"GET {world}/_greenroom/providers").json()
        covered = tiny.send_to(f"GET {world}/_greenroom/coverage").json()
        assert told["operations"] == len(covered) == operations
        assert covered[0]["operation"] == "addNote"
        assert {"200", "201"} & set(covered[0]["documented"]) == {success}


def test_a_refusal_may_be_demanded_that_only_the_variant_documents(
    notes: Callable[..., Tiny], tiny: Tiny
) -> None:
    teapot = {"418": {"description": "Tea.", **tiny.content({"type": "object"})}}
    notes(yaml.safe_dump({"paths": {"/notes": {"post": {"responses": teapot}}}}))
    tiny.send_to("POST /_greenroom/worlds", json={"name": "w", "scenario": "live"})
    prefer = {"prefer": "code=418"}
    assert post(tiny, headers=prefer).status_code == 400
    assert post(tiny, headers=prefer, world="/~w").status_code == 418


def test_stimuli_are_held_to_the_schemas_that_are_served(notes: Callable[..., Tiny]) -> None:
    tiny = notes()
    tiny.send_to("POST /_greenroom/worlds", json={"name": "w", "scenario": "live"})
    answers = [
        tiny.send_to(f"POST {world}/_greenroom/stimuli/tiny/note_arrives", json={"text": "Hello"})
        for world in ("", "/~w")
    ]
    assert [each.status_code for each in answers] == [201, 400]


def test_an_answer_that_does_not_fit_the_variant_is_a_loud_failure(
    notes: Callable[..., Tiny],
) -> None:
    number = {"schema": {"type": "integer"}}
    done = {"200": {"content": {"application/json": number}}}
    patch = yaml.safe_dump({"paths": {"/archive": {"get": {"responses": done}}}})
    assert notes(patch, **live()).send("GET /archive").status_code == 500


BAD = {
    "an operation nobody answers": (
        "paths: {/more: {get: {operationId: readMore, responses: {200: {description: Yes.}}}}}",
        "specs/tiny.yaml with tiny.live.yaml: readMore (GET /more) has no handler",
    ),
    "no OpenAPI": (
        "openapi: null",
        "specs/tiny.yaml with tiny.live.yaml is not OpenAPI 3.0 at",
    ),
    "no paths": (
        "paths: null",
        "specs/tiny.yaml with tiny.live.yaml is not an OpenAPI document with paths",
    ),
    "no mapping": ("- 1", "specs/tiny.live.yaml is not a merge patch"),
    "no YAML": ("a: [", "tiny.live.yaml is not YAML"),
}


@pytest.mark.parametrize("slip", BAD)
def test_a_variant_is_held_to_the_same_at_the_start(notes: Callable[..., Tiny], slip: str) -> None:
    patch, complaint = BAD[slip]
    with pytest.raises(SpecMismatchError) as refused:
        notes(patch, **live())
    assert complaint in str(refused.value)


@pytest.mark.parametrize("slip", BAD)
def test_greenroom_check_looks_at_every_profile(
    notes: Callable[..., Tiny], tmp_path: Path, slip: str
) -> None:
    patch, complaint = BAD[slip]
    tiny = notes(patch)
    (wrong,) = {line for line in problems(tiny.found(tmp_path)) if "live" in line}
    assert complaint in wrong


def test_a_variant_that_does_not_fit_fails_when_it_is_first_asked_for(
    notes: Callable[..., Tiny],
) -> None:
    tiny = notes(BAD["an operation nobody answers"][0])
    tiny.send_to("POST /_greenroom/worlds", json={"name": "w", "scenario": "live"})
    assert [post(tiny).status_code, post(tiny, world="/~w").status_code] == [200, 500]
    assert post(tiny).status_code == 200


def test_a_patch_that_removes_nothing_is_told(notes: Callable[..., Tiny], tmp_path: Path) -> None:
    tiny = notes("paths: {/archives: null}")
    assert problems(tiny.found(tmp_path)) == [
        "specs/tiny.live.yaml at /paths/~1archives removes what is not there"
    ]


def test_a_variant_may_have_an_operation_of_its_own(notes: Callable[..., Tiny], tiny: Tiny) -> None:
    tiny.handlers["readMore"] = lambda call: "more"
    more = {"description": "Yes.", **tiny.content({"type": "string"})}
    operation = {"operationId": "readMore", "responses": {"200": more}}
    notes(yaml.safe_dump({"paths": {"/more": {"get": operation}, "/archive": None}}))
    tiny.send_to("POST /_greenroom/worlds", json={"name": "w", "scenario": "live"})
    assert tiny.send("GET /more").status_code == 404
    assert tiny.send_to("GET /~w/tiny/more").json() == "more"


@pytest.mark.parametrize(
    ("profile", "option"),
    [
        ("none", Option("docs", "", choices=("docs", "live"))),
        ("profile", Option("docs", "No choices.")),
        ("profile", Option("docs", "Not one of them.", choices=("live",))),
    ],
)
def test_a_profile_must_be_an_option_with_choices(
    notes: Callable[..., Tiny], tiny: Tiny, tmp_path: Path, profile: str, option: Option
) -> None:
    tiny.provider = replace(tiny.provider, profile=profile, options={"profile": option})
    with pytest.raises(SpecMismatchError, match="is no option with choices"):
        notes()
    (wrong,) = problems(tiny.found(tmp_path))
    assert "is no option with choices" in wrong


def test_patched_specs_are_written_for_other_linters(
    notes: Callable[..., Tiny], tmp_path: Path
) -> None:
    found = notes().found(tmp_path)
    write_variants([found], tmp_path / "out" / "deep")
    (written,) = (tmp_path / "out" / "deep").iterdir()
    assert written.name == "tiny.live.yaml"
    assert yaml.safe_load(written.read_text("utf-8")) == found.variants["live"].spec
