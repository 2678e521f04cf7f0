from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from greenroom.emulator.toolkit import Key, Request
from greenroom.handlers.boomstream.errors import UnreadableError
from greenroom.handlers.boomstream.parameters import METHODS, PARAMETERS, in_body, in_query

SPEC: Any = yaml.safe_load(
    (Path(__file__).parents[3] / "specs" / "boomstream.yaml").read_text("utf-8")
)


def resolved(node: Any) -> Any:
    while "$ref" in node:
        found = SPEC
        for part in node["$ref"].split("/")[1:]:
            found = found[part]
        node = found
    return node


def request(body: bytes, *, kind: str = "application/json", query: str = "") -> Request:
    headers = [(b"content-type", kind.encode())]
    return Request(
        method="POST",
        path="/api/conference/list",
        query=query,
        raw_headers=headers,
        body=body,
        base="http://here",
        target="/there",
        key=Key(""),
        clock=lambda: datetime(2026, 1, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize("path", METHODS)
def test_the_table_takes_what_the_spec_describes_for_get(path: str) -> None:
    described = [resolved(each) for each in SPEC["paths"][path]["get"]["parameters"]]
    own = [each for each in described if each["name"] not in ("format", "ver")]
    assert sorted(each["name"] for each in own) == sorted(
        [*METHODS[path].required, *METHODS[path].optional]
    )
    assert tuple(each["name"] for each in own if each.get("required")) == METHODS[path].required


@pytest.mark.parametrize("path", METHODS)
def test_the_table_takes_what_the_spec_describes_for_post(path: str) -> None:
    content = resolved(SPEC["paths"][path]["post"]["requestBody"])["content"]
    for media in content.values():
        schema = resolved(media["schema"])
        own = schema["properties"].keys() - {"format", "ver"}
        assert own == {*METHODS[path].required, *METHODS[path].optional}
        assert tuple(schema.get("required", ())) == METHODS[path].required


@pytest.mark.parametrize(
    ("name", "sent", "read"),
    [
        ("code", "jJY1av1o", "jJY1av1o"),
        ("code", True, "true"),
        ("title", "  Morning\t", "Morning"),
        ("title", "x" * 255, "x" * 255),
        ("title", f" {'x' * 255} ", "x" * 255),
        ("description", " as it is ", " as it is "),
        ("description", "д" * 4000, "д" * 4000),
        ("folderCode", "anything", "anything"),
        ("name", "n" * 255, "n" * 255),
        ("email", "n.kuznetsov@hwdmedia.com", "n.kuznetsov@hwdmedia.com"),
        ("email", "ñandú@пример.рф", "ñandú@пример.рф"),
        ("timeout", "1", 1),
        ("timeout", "0060", 60),
        ("timeout", "31536000", 31_536_000),
        ("notifyEmail", "yes", True),
        ("notifyEmail", "NO", False),
        ("moderator", "Yes", True),
        ("moderator", False, False),
        ("avatarUrl", "https://acme.example/bob.png?size=2", "https://acme.example/bob.png?size=2"),
        ("avatarUrl", "HTTP://acme.example", "HTTP://acme.example"),
    ],
)
def test_a_usable_value_is_read(name: str, sent: Any, read: Any) -> None:
    assert PARAMETERS[name].read(sent) == read


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("code", ["a"]),
        ("code", {"a": "b"}),
        ("title", "   "),
        ("title", "x" * 256),
        ("description", "x" * 4001),
        ("name", "n" * 256),
        ("email", "bob"),
        ("email", "bob@acme"),
        ("email", "bob@@acme.example"),
        ("email", "@acme.example"),
        ("email", "bob@.example"),
        ("email", "bob@acme."),
        ("email", "bob @acme.example"),
        ("email", "bob@acme.example\n"),
        ("email", "bob\x00@acme.example"),
        ("email", f"{'b' * 250}@acme.example"),
        ("timeout", "0"),
        ("timeout", "-1"),
        ("timeout", "+60"),
        ("timeout", " 60"),
        ("timeout", "60.0"),
        ("timeout", "1e3"),
        ("timeout", "٦٠"),
        ("timeout", "31536001"),
        ("timeout", "9" * 5000),
        ("timeout", True),
        ("notifyEmail", "true"),
        ("notifyEmail", "1"),
        ("moderator", "y"),
        ("moderator", " yes"),
        ("avatarUrl", "acme.example/bob.png"),
        ("avatarUrl", "/bob.png"),
        ("avatarUrl", "ftp://acme.example/bob.png"),
        ("avatarUrl", "javascript:alert(1)"),
        ("avatarUrl", "https://"),
        ("avatarUrl", "https://[acme/"),
        ("avatarUrl", "https://acme.example/b b.png"),
    ],
)
def test_an_unusable_value_is_refused(name: str, sent: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        PARAMETERS[name].read(sent)


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (b"", {}),
        (b"{}", {}),
        (b'\xef\xbb\xbf{"code": "x"}', {"code": "x"}),
        (b'{"code": "", "name": null, "title": "x"}', {"title": "x"}),
        (b'{"name": 7, "title": 1.50, "code": 1e3}', {"name": "7", "title": "1.50", "code": "1e3"}),
        (b'{"name": 123456789012345678901234567890}', {"name": "123456789012345678901234567890"}),
        (b'{"moderator": true, "code": [1]}', {"moderator": True, "code": ["1"]}),
    ],
)
def test_a_json_object_gives_texts(body: bytes, sent: Any) -> None:
    assert in_body(request(body)) == sent


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b'{"code": NaN}',
        b'{"code": "\xff"}',
        b'{"code": "\\ud800"}',
        b'{"code": ' + b"[" * 100_000,
        b'{"code": "x"} {}',
    ],
)
def test_anything_else_is_no_json_object(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="Invalid JSON"):
        in_body(request(body))


def test_a_form_gives_texts_and_drops_what_is_empty() -> None:
    body = b"name=Bob+%26+Co&title=&code=a&code=b&bad=%FF&description=%D0%B4"
    assert in_body(request(body, kind="Application/X-WWW-Form-Urlencoded; charset=utf-8")) == {
        "name": "Bob & Co",
        "code": "b",
        "bad": "�",
        "description": "д",
    }


@pytest.mark.parametrize("read", [in_query, in_body])
def test_nobody_needs_a_thousand_parameters(read: Callable[[Request], Any]) -> None:
    many = "&".join(f"p{number}=1" for number in range(1001))
    sent = request(many.encode(), kind="application/x-www-form-urlencoded", query=many)
    with pytest.raises(UnreadableError, match="Too many parameters"):
        read(sent)


@given(st.binary(), st.sampled_from(["", "application/json", "text/plain", "multipart/form-data"]))
def test_no_body_is_worse_than_invalid_json(body: bytes, kind: str) -> None:
    with suppress(UnreadableError):
        assert isinstance(in_body(request(body, kind=kind)), dict)
