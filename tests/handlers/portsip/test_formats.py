"""Words under `format` that only this API has."""

from __future__ import annotations

import pytest

from greenroom.handlers.portsip.formats import (
    addresses,
    is_address_list,
    is_json,
    is_language_tag,
    is_time_zone,
)


@pytest.mark.parametrize("tag", ["en", "en-US", "zh-Hant-TW", "sl-rozaj-biske", "x-klingon"])
def test_a_language_tag(tag: str) -> None:
    assert is_language_tag(tag)


@pytest.mark.parametrize(
    "text", ["", "e", "en_US", "en-", "english-", "en-US\n", "a-DE", "\uff45\uff4e"]
)
def test_no_language_tag(text: str) -> None:
    assert not is_language_tag(text)


@pytest.mark.parametrize("text", ["guest@example.org", "a@b;c@d.e", "a@b , c@d;", "", " "])
def test_a_list_of_addresses(text: str) -> None:
    assert is_address_list(text)


@pytest.mark.parametrize("text", ["guest", "a@b c@d", "@b", "a@", "a@b..c", 'a"b@c', "a@-b", "ä@b"])
def test_no_list_of_addresses(text: str) -> None:
    assert not is_address_list(text)


def test_an_address_counts_once() -> None:
    assert addresses("a@b; c@d, a@b;") == ["a@b", "c@d"]


@pytest.mark.parametrize("text", ["null", '{"a": [1]}', '"\\u0000"'])
def test_json(text: str) -> None:
    assert is_json(text)


@pytest.mark.parametrize("text", ["", "{", "NaN", "[1,]", "[" * 5000])
def test_no_json(text: str) -> None:
    assert not is_json(text)


def test_a_time_zone_is_one_that_is_known() -> None:
    assert is_time_zone("Asia/Shanghai")
    assert not is_time_zone("asia/shanghai")
    assert not is_time_zone("../UTC")
