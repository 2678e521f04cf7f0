"""Request bodies: what is read, how far, and as what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.schemas import MOST_VIOLATIONS
from greenroom.emulator.toolkit import Call, Json

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"


def echo(call: Call, body: Any = None) -> Json:
    return {"body": body}


def take(tiny: Tiny, schema: Json, media_type: str = JSON, *, required: bool = False) -> None:
    """An operation that answers with the body it got."""
    body = tiny.content(schema, media_type)
    tiny.answer("POST /notes", echo, body=body | ({"required": True} if required else {}))


def test_a_body_that_may_be_left_out_is_none(tiny: Tiny) -> None:
    take(tiny, {"type": "object"})
    assert tiny.send("POST /notes").json() == {"body": None}
    assert tiny.send("POST /notes", type_=JSON).json() == {"body": None}
    assert tiny.send("POST /notes", content=[b"", b""], type_=JSON).json() == {"body": None}


def test_a_body_that_must_be_there_is_missed(tiny: Tiny) -> None:
    take(tiny, {"type": "object"}, required=True)
    answer = tiny.send("POST /notes")
    assert answer.json() == tiny.refusal(400, "invalid", "body required")


def test_a_body_nobody_documented_is_ignored(tiny: Tiny) -> None:
    tiny.answer("POST /notes", lambda call: "done")
    answer = tiny.send("POST /notes", content=b"\xff{", type_="what/ever")
    assert answer.json() == "done"


def test_null_is_a_body(tiny: Tiny) -> None:
    take(tiny, {"type": "object", "nullable": True}, required=True)
    assert tiny.send("POST /notes", content=b"null", type_=JSON).json() == {"body": None}


def test_an_unsupported_type_is_told_even_without_a_body(tiny: Tiny) -> None:
    take(tiny, {"type": "object"})
    answer = tiny.send("POST /notes", type_="text/csv")
    assert answer.json() == tiny.refusal(415, "unsupported_media_type")


@pytest.mark.parametrize("number", [2**53 + 1, 2**64, -(2**63) - 1, 10**300, 3.5, 1e-7])
def test_numbers_of_any_size_are_exact(tiny: Tiny, number: float) -> None:
    take(tiny, {"type": "object", "properties": {"kind": {"default": "plain"}}})
    answer = tiny.send("POST /notes", json={"number": number})
    assert answer.json() == {"body": {"number": number, "kind": "plain"}}


def test_an_integer_beyond_64_bits_is_an_integer_that_may_be_too_large(tiny: Tiny) -> None:
    numbers: Json = {"a": {"type": "integer"}, "b": {"type": "integer", "format": "int64"}}
    take(tiny, {"type": "object", "properties": numbers})
    assert tiny.send("POST /notes", json={"a": 2**70}).json() == {"body": {"a": 2**70}}
    answer = tiny.send("POST /notes", json={"a": 1.5, "b": 2**63})
    assert answer.json() == tiny.refusal(400, "invalid", "body/a type", "body/b maximum")


def test_integer_formats_narrow_what_the_schema_allows(tiny: Tiny) -> None:
    wide = {"type": "integer", "format": "int32", "minimum": -(2**40), "exclusiveMinimum": True}
    slim = {"type": "integer", "format": "int32", "maximum": 5, "exclusiveMaximum": True}
    take(tiny, {"type": "object", "properties": {"wide": wide, "slim": slim}})
    assert tiny.send("POST /notes", json={"wide": -(2**31), "slim": 4}).status_code == 200
    answer = tiny.send("POST /notes", json={"wide": -(2**31) - 1, "slim": 5})
    assert answer.json() == tiny.refusal(
        400, "invalid", "body/slim exclusiveMaximum", "body/wide minimum"
    )


@pytest.mark.parametrize("text", ["\0", "\u2028", "\U0001f680", "é", "\ufeff", "\uffff"])
def test_any_text_comes_back_as_it_came(tiny: Tiny, text: str) -> None:
    take(tiny, {"type": "object"})
    for ascii_only in (True, False):
        sent = json.dumps({text: text}, ensure_ascii=ascii_only).encode()
        answer = tiny.send("POST /notes", content=sent, type_=JSON)
        assert answer.json() == {"body": {text: text}}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"",
        b" ",
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\xed\xa0\x80"',
        b'{"\\ud83d": 1}',
        b"\x00",
        b'"\x00"',
        b'"\n"',
        b"1" * 5000,
        b"{}{}",
        b"nul",
        b"// no\n{}",
    ],
)
def test_what_is_not_json_is_malformed(tiny: Tiny, content: bytes) -> None:
    take(tiny, {}, required=True)
    answer = tiny.send("POST /notes", content=content, type_=JSON)
    missing = tiny.refusal(400, "invalid", "body required")
    malformed = tiny.refusal(400, "malformed_body", "body malformed")
    assert answer.json() == (malformed if content else missing)


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def test_json_is_nested_as_deep_as_the_limit_and_no_deeper(tiny: Tiny) -> None:
    tiny.limits = Limits(nesting=10)
    take(tiny, {})
    assert tiny.send("POST /notes", content=nested(10), type_=JSON).status_code == 200
    answer = tiny.send("POST /notes", content=nested(11), type_=JSON)
    assert answer.json() == tiny.refusal(400, "malformed_body", "body malformed")


def test_lists_and_objects_in_turn_are_as_deep_as_all_of_them(tiny: Tiny) -> None:
    tiny.limits = Limits(nesting=10)
    take(tiny, {})
    for rounds, status in ((5, 200), (6, 400)):
        content = b'{"a":[' * rounds + b"1" + b"]}" * rounds
        assert tiny.send("POST /notes", content=content, type_=JSON).status_code == status


def test_of_countless_violations_enough_are_told(tiny: Tiny) -> None:
    take(tiny, {"type": "array", "items": {"type": "string"}})
    told = tiny.send("POST /notes", json=[1] * 1_000).json()
    assert len(told["wrong"]) == MOST_VIOLATIONS


def test_wide_json_and_brackets_in_texts_are_not_deep(tiny: Tiny) -> None:
    tiny.limits = Limits(nesting=10)
    take(tiny, {})
    values: list[Any] = [[[]] * 50, "[" * 50, ['"', "\\", '\\"[{' * 50], {"]": {"[": "[" * 50}}]
    for value in values:
        assert tiny.send("POST /notes", json=value).json() == {"body": value}


def test_a_body_that_says_it_is_too_large_is_not_read(tiny: Tiny) -> None:
    tiny.limits = Limits(body=10)
    take(tiny, {})
    waiting = iter([b"x" * 11])
    answer = tiny.send("POST /notes", content=waiting, type_=JSON, headers={"content-length": "11"})
    assert answer.json() == tiny.refusal(413, "payload_too_large")
    assert answer.headers["connection"] == "close"
    assert next(waiting) == b"x" * 11


def test_a_body_in_chunks_is_read_as_far_as_the_limit_and_no_further(tiny: Tiny) -> None:
    tiny.limits = Limits(body=10)
    take(tiny, {})
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(4)
            yield b"    "

    answer = tiny.send("POST /notes", content=endless(), type_=JSON)
    assert answer.json() == tiny.refusal(413, "payload_too_large")
    assert len(taken) <= 4


def test_a_body_as_large_as_the_limit_is_read(tiny: Tiny) -> None:
    tiny.limits = Limits(body=10)
    take(tiny, {})
    assert tiny.send("POST /notes", json="x" * 8).json() == {"body": "x" * 8}
    assert tiny.send("POST /notes", json="x" * 9).status_code == 413


def test_a_client_that_hangs_up_half_way_changes_nothing(tiny: Tiny) -> None:
    def keep(call: Call, body: str) -> str:
        call.shared("notes").add({"id": "1", "text": body})
        return body

    tiny.answer("POST /notes", keep, body=tiny.content({"type": "string"}, "text/plain"))
    answer = tiny.send("POST /notes", content=[b"half", None], type_="text/plain")
    assert answer.status_code == 400
    assert len(tiny.main.collection("tiny", "notes")) == 0


def test_text_and_bytes_are_handed_over_as_such(tiny: Tiny) -> None:
    def kind(call: Call, body: Any) -> Json:
        return {"kind": type(body).__name__, "length": len(body)}

    content: Json = {}
    for media_type in ("text/plain", "application/octet-stream"):
        schema = {"type": "string", "format": "binary", "maxLength": 3}
        content |= tiny.content(schema, media_type)["content"]
    tiny.answer("POST /files", kind, body={"content": content})
    answer = tiny.send("POST /files", content="€".encode(), type_="text/plain")
    assert answer.json() == {"kind": "str", "length": 1}
    answer = tiny.send("POST /files", content=b"\xff\xfe\x00", type_="application/octet-stream")
    assert answer.json() == {"kind": "bytes", "length": 3}
    answer = tiny.send("POST /files", content=b"\xff\xfe\x00\x01", type_="application/octet-stream")
    assert answer.json() == tiny.refusal(400, "invalid", "body maxLength")
    answer = tiny.send("POST /files", content=b"\xff", type_="text/plain")
    assert answer.json() == tiny.refusal(400, "malformed_body", "body malformed")


@pytest.mark.parametrize(
    ("documented", "sent"), [("*/*", "what/ever"), ("text/*", "text/csv"), ("Text/CSV", "text/csv")]
)
def test_ranges_of_media_types_take_what_is_in_them(tiny: Tiny, documented: str, sent: str) -> None:
    take(tiny, {}, documented)
    assert tiny.send("POST /notes", content=b"1", type_=sent).status_code == 200


def test_texts_pass_for_other_types_where_the_provider_is_lenient(tiny: Tiny) -> None:
    tiny.provider = replace(tiny.provider, lenient=("integer", "boolean"))
    item = {"properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}}}
    items = {"type": "array", "items": {"allOf": [item]}}
    take(tiny, {"properties": {"n": {"type": "number"}, "list": items}})
    sent = {"list": [{"a": "12", "b": "true"}, {"a": 3}]}
    answer = tiny.send("POST /notes", json=sent)
    assert answer.json() == {"body": {"list": [{"a": 12, "b": True}, {"a": 3}]}}
    answer = tiny.send("POST /notes", json={"n": "1.5", "list": [{"a": "x", "b": "1"}]})
    assert answer.json() == tiny.refusal(
        400, "invalid", "body/list/0/a type", "body/list/0/b type", "body/n type"
    )


def test_a_form_is_read_by_its_schema(tiny: Tiny) -> None:
    properties: Json = {
        "size": {"type": "integer"},
        "on": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "place": {"type": "object", "properties": {"x": {"type": "number"}}},
        "name": {"type": "string"},
    }
    take(tiny, {"type": "object", "properties": properties}, FORM)
    content = b"size=3&on=true&tags=1&tags=2&place=x,1.5&name=a+b%2Bc&more=%41+%E2%82%AC"
    answer = tiny.send("POST /notes", content=content, type_=FORM)
    assert answer.json() == {
        "body": {
            "size": 3,
            "on": True,
            "tags": [1, 2],
            "place": {"x": 1.5},
            "name": "a b+c",
            "more": "A €",
        }
    }


def test_the_encoding_of_a_form_says_how_its_members_are_spelled(tiny: Tiny) -> None:
    ints: Json = {"type": "array", "items": {"type": "integer"}}
    place: Json = {"type": "object", "properties": {"x": {"type": "integer"}}}
    properties: Json = {"piped": ints, "comma": ints, "deep": place}
    encoding: Json = {
        "piped": {"style": "pipeDelimited", "explode": False},
        "comma": {"explode": False},
        "deep": {"style": "deepObject"},
    }
    schema: Json = {"type": "object", "additionalProperties": False}
    schema["allOf"] = [{"properties": properties}]
    body = tiny.content({"allOf": [{"properties": properties}]}, FORM, encoding=encoding)
    tiny.answer("POST /notes", echo, body=body)
    content = b"piped=1|2&comma=3,4&deep[x]=5"
    answer = tiny.send("POST /notes", content=content, type_=FORM)
    assert answer.json() == {"body": {"piped": [1, 2], "comma": [3, 4], "deep": {"x": 5}}}


def test_a_form_without_a_schema_is_texts(tiny: Tiny) -> None:
    tiny.answer("POST /notes", echo, body={"content": {FORM: {}}})
    answer = tiny.send("POST /notes", content=b"a=1&b=x+%2B&c", type_=FORM)
    assert answer.json() == {"body": {"a": "1", "b": "x +", "c": ""}}


def test_an_empty_form_is_a_form(tiny: Tiny) -> None:
    take(tiny, {"type": "object", "properties": {"size": {"default": 3}}}, FORM, required=True)
    assert tiny.send("POST /notes", type_=FORM).json() == {"body": {"size": 3}}
    assert tiny.send("POST /notes").json() == tiny.refusal(400, "invalid", "body required")


@pytest.mark.parametrize(
    ("content", "code", "wrong"),
    [
        (b"", "invalid", ["body/on required"]),
        (b"size=x&on=1", "invalid", ["body/size malformed", "body/on malformed"]),
        (b"size=1", "invalid", ["body/on required"]),
        (b"\xff=1", "malformed_body", ["body malformed"]),
        (b"size=%ff", "invalid", ["body/size malformed"]),
        (b"other=%ff", "invalid", ["body/other malformed"]),
    ],
)
def test_a_form_that_does_not_fit_is_refused(
    tiny: Tiny, content: bytes, code: str, wrong: list[str]
) -> None:
    properties = {"size": {"type": "integer"}, "on": {"type": "boolean"}}
    take(tiny, {"type": "object", "required": ["on"], "properties": properties}, FORM)
    answer = tiny.send("POST /notes", content=content, type_=FORM)
    assert answer.json() == tiny.refusal(400, code, *wrong)


def parts(*fields: tuple[str, bytes], ending: bytes = b"--B--\r\n") -> bytes:
    """A multipart body of these parts, each with the rest of its disposition."""
    heads = b'--B\r\nContent-Disposition: form-data; name="%s\r\n\r\n%s\r\n'
    return b"".join(heads % (name.encode(), value) for name, value in fields) + ending


FILES: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "place": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "data": {"type": "string", "format": "binary", "maxLength": 4},
        "more": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
}


def shown(value: Any) -> Any:
    """The value with bytes as lists of numbers."""
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return list(value) if isinstance(value, bytes) else value


def take_files(tiny: Tiny) -> None:
    body = tiny.content(FILES, "multipart/form-data")
    tiny.answer("POST /files", lambda call, body: shown(body), body=body)


def test_a_multipart_form_is_read_by_its_schema(tiny: Tiny) -> None:
    take_files(tiny)
    content = parts(
        ('name"', "€".encode()),
        ('size"', b"12"),
        ('tags"', b"1"),
        ('tags"', b"2"),
        ('place"', b'{"x": 3}'),
        ('data"; filename="a.bin"', b"\x00\xff"),
        ('more"; filename="b.bin"', b"\x01"),
        ('unknown"', b"left alone"),
    )
    assert tiny.send("POST /files", content=content, type_=MULTIPART).json() == {
        "name": "€",
        "size": 12,
        "tags": [1, 2],
        "place": {"x": 3},
        "data": [0, 255],
        "more": [[1]],
        "unknown": "left alone",
    }


def test_a_large_file_is_whole(tiny: Tiny) -> None:
    body = tiny.content({"type": "object"}, "multipart/form-data")
    tiny.answer("POST /files", lambda call, body: len(body["data"]), body=body)
    content = parts(('data"; filename="a.bin"', b"x" * 3_000_000))
    assert tiny.send("POST /files", content=content, type_=MULTIPART).json() == 3_000_000


@pytest.mark.parametrize(
    ("content", "code", "wrong"),
    [
        (parts(('size"', b"1")), "invalid", ["body/name required"]),
        (parts(('name"', b"a"), ('size"', b"x")), "invalid", ["body/size malformed"]),
        (parts(('name"', b"a"), ('place"', b"{")), "invalid", ["body/place malformed"]),
        (parts(('name"', b"a"), ('name"', b"b")), "invalid", ["body/name type"]),
        (
            parts(('name"', b"a"), ('data"; filename="a"', b"12345")),
            "invalid",
            ["body/data maxLength"],
        ),
        (parts(('name"', b"\xff")), "malformed_body", ["body malformed"]),
        (parts(('name"', b"a"), ending=b""), "malformed_body", ["body malformed"]),
        (parts(('name"', b"a"))[:-12], "malformed_body", ["body malformed"]),
        (b"no parts at all", "malformed_body", ["body malformed"]),
        (b"--B\r\nX: y\r\n\r\na\r\n--B--\r\n", "malformed_body", ["body malformed"]),
        (
            b"--B\r\nContent-Disposition: form-data\r\n\r\na\r\n--B--\r\n",
            "malformed_body",
            ["body malformed"],
        ),
    ],
)
def test_a_multipart_form_that_does_not_fit_is_refused(
    tiny: Tiny, content: bytes, code: str, wrong: list[str]
) -> None:
    take_files(tiny)
    answer = tiny.send("POST /files", content=content, type_=MULTIPART)
    assert answer.json() == tiny.refusal(400, code, *wrong)


MEDIA_TYPES = (JSON, FORM, MULTIPART, "text/plain", "application/octet-stream", "", "x", "a/b;")


def test_no_body_whatever_is_a_bug_of_ours(another_tiny: Callable[[], Tiny]) -> None:
    tiny = another_tiny()
    content: Json = {}
    for media_type in MEDIA_TYPES[:5]:
        schema = {**FILES, "required": ["name"]} if "form" in media_type else {}
        content |= tiny.content(schema, media_type.partition(";")[0])["content"]
    tiny.answer("POST /notes", lambda call, body=None: shown(body) or 0, body={"content": content})

    @settings(max_examples=300)
    @given(st.binary(max_size=60), st.sampled_from(MEDIA_TYPES), st.booleans())
    @example(parts(('name"', b"a")), MULTIPART, False)
    def is_answered(body: bytes, media_type: str, chunked: bool) -> None:
        halves = [body[:20], body[20:]] if chunked else body
        answer = tiny.send("POST /notes", content=halves, type_=media_type)
        assert answer.status_code in (200, 400, 415)

    is_answered()
