"""What comes over the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from greenroom.emulator.toolkit import Key, Reply, Request


def request(**parts: Any) -> Request:
    """A request with these parts and nothing special else."""
    plain = {
        "method": "GET",
        "path": "/notes",
        "query": "",
        "raw_headers": [],
        "body": b"",
        "base": "http://127.0.0.1:8800/tiny",
        "target": "/tiny/notes",
        "key": Key("e1"),
        "clock": lambda: datetime(2026, 1, 5, 9, tzinfo=UTC),
    }
    return Request(**{**plain, **parts})


def test_headers_are_found_by_lower_case_name_and_repeated_ones_are_joined() -> None:
    raw = [(b"X-One", b"a"), (b"x-two", b"\xe9"), (b"x-one", b"b")]
    assert request(raw_headers=raw).headers == {"x-one": "a, b", "x-two": "é"}


@pytest.mark.parametrize(
    ("content_type", "media_type"),
    [
        (b"application/json", "application/json"),
        (b" Application/JSON ; charset=utf-8", "application/json"),
        (b"", ""),
    ],
)
def test_the_media_type_is_bare_and_in_lower_case(content_type: bytes, media_type: str) -> None:
    assert request(raw_headers=[(b"content-type", content_type)]).media_type == media_type
    assert request().media_type == ""


def test_query_pairs_are_decoded_in_order_however_many() -> None:
    pairs = request(query="a=1&b=%41+b&a=&c&%C3%A9=%ff").query_pairs()
    assert pairs == [("a", "1"), ("b", "A b"), ("a", ""), ("c", ""), ("é", "\ufffd")]
    assert len(request(query="&".join(["a=1"] * 5000)).query_pairs()) == 5000


def test_a_copy_has_its_own_headers() -> None:
    first = request(raw_headers=[(b"a", b"1")])
    assert first.headers == {"a": "1"}
    second = first.replaced(raw_headers=[(b"b", b"2")], path="/other")
    assert (second.headers, second.path) == ({"b": "2"}, "/other")
    assert (first.headers, first.path) == ({"a": "1"}, "/notes")
    assert second.replaced(path="/third").headers == {"b": "2"}


def test_a_reply_means_the_only_success_unless_it_says_otherwise() -> None:
    assert (Reply().status, Reply().media_type, Reply().headers) == (None, None, {})
