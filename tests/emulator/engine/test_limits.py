"""How large a request may be, and what is refused before it is understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.toolkit import Json

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny


def test_an_address_may_be_as_long_as_the_limit(tiny: Tiny) -> None:
    tiny.limits = Limits(target=100)
    tiny.answer("GET /notes", lambda call: "here")
    room = 100 - len("/tiny/notes?")
    assert tiny.send(f"GET /notes?{'x' * room}").json() == "here"
    answer = tiny.send(f"GET /notes?{'x' * (room + 1)}")
    assert (answer.status_code, answer.json()) == (414, tiny.refusal(414, "uri_too_long"))


def test_header_fields_may_be_as_large_as_the_limit(tiny: Tiny) -> None:
    tiny.limits = Limits(headers=100)
    tiny.answer("GET /notes", lambda call: "here")
    room = 100 - len("host" + "127.0.0.1:8800") - len("xy")
    assert tiny.send("GET /notes", headers={"x": "a" * room, "y": ""}).json() == "here"
    answer = tiny.send("GET /notes", headers={"x": "a" * room, "y": "b"})
    assert (answer.status_code, answer.json()) == (431, tiny.refusal(431, "headers_too_large"))


def test_what_is_too_large_is_refused_before_anybody_signs_in(tiny: Tiny) -> None:
    tiny.limits = Limits(target=20, body=5)
    tiny.components = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    tiny.security = [{"token": []}]
    tiny.answer("POST /notes", lambda call, body: "", body=tiny.content({}))
    assert tiny.send("POST /notes", json={"a": 1}).status_code == 413
    assert tiny.send("POST /notes?a=bcdefghijkl").status_code == 414


@pytest.mark.parametrize(
    "path", ["/%ff", "/a%ff/b", "/notes/%C0%80", "/notes/%ED%A0%80", "/%", "/%zz", "/notes/%4"]
)
def test_a_path_that_is_no_text_is_refused(tiny: Tiny, path: str) -> None:
    tiny.answer("GET /notes/{id}", lambda call, id_: id_)
    tiny.answer("GET /notes", lambda call: "here")
    answer = tiny.send(f"GET {path}")
    assert answer.status_code in ((200,) if path == "/notes/%4" else (400, 404))


PIECES = st.one_of(
    st.sampled_from(["/", "//", "notes", ".", "..", "~", "%", "%00", "%2F", "%ff", "%zz", "é"]),
    st.sampled_from(["?", "&", "=", "[", "]", "a", "a=", "size=1", "size=", "+", "{id}", "#"]),
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=3),
)
NAMES = st.sampled_from(
    [
        *("authorization", "cookie", "content-type", "content-length", "transfer-encoding"),
        *("prefer", "accept", "expect", "range", "origin", "x-depth", "x-greenroom-world"),
    ]
)
VALUES = st.one_of(
    st.sampled_from(["", "Bearer", "Bearer ", "Bearer a", "Basic =", "Basic YTpi", "a=b;c", ";"]),
    st.sampled_from(["application/json", "multipart/form-data; boundary=", "code=1", "wait=x"]),
    st.sampled_from(["-1", "main", "Main", "%ff", "\xff", ",", "a=%ff"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
)


def test_no_request_whatever_is_a_bug_of_ours(another_tiny: Callable[[], Tiny]) -> None:
    tiny = another_tiny()
    tiny.components = {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "basic": {"type": "http", "scheme": "basic"},
            "ticket": {"type": "apiKey", "in": "cookie", "name": "a"},
            "key": {"type": "apiKey", "in": "query", "name": "a"},
        }
    }
    parameters = [
        tiny.parameter("query", "size", type="integer"),
        tiny.parameter("header", "X-Depth", type="array", items={"type": "integer"}),
        tiny.parameter("cookie", "c", type="boolean"),
    ]
    optional: list[Json] = [{"token": []}, {"basic": []}, {"ticket": []}, {"key": []}, {}]
    tiny.answer(
        "GET /notes/{id}",
        lambda call, id_, size=0, x_depth=None, c=None: {"id": id_},
        parameters=parameters,
        security=optional,
    )
    tiny.answer(
        "PUT /notes/{id}",
        lambda call, id_, body=None, size=0, x_depth=None, c=None: {"id": id_},
        parameters=parameters,
        body=tiny.content({"type": "object"}),
        security=optional,
    )

    @settings(max_examples=400)
    @given(
        st.sampled_from(["GET", "PUT", "HEAD", "OPTIONS", "PATCH", "TRACE", "FOO"]),
        st.lists(PIECES, max_size=6).map("".join),
        st.dictionaries(NAMES, VALUES, max_size=3),
        st.binary(max_size=8),
    )
    @example("GET", "/notes/1", {"cookie": "a=%ff; c=%ff"}, b"")
    @example("GET", "/notes/1", {"authorization": "Basic /w=="}, b"")
    def is_answered(method: str, rest: str, headers: dict[str, str], content: bytes) -> None:
        target = f"/{rest}".encode().decode("latin-1")
        answer = tiny.send(f"{method} {target}", headers=headers, content=content)
        assert answer.status_code < 500
        assert "x-greenroom-exchange" in answer.headers or answer.status_code in (400, 429)

    is_answered()
