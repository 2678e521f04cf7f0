"""Cursors: what goes into one comes out of it, and what was never one is refused."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.opentalk.errors import BadRequestError
from greenroom.handlers.opentalk.paging import cursor, place_of


@given(st.text(), st.integers(-(2**53), 2**53))
def test_a_place_survives_its_cursor(text: str, number: int) -> None:
    carried = cursor(text.encode("utf-8", "replace").decode(), number)
    assert set(carried) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert place_of(carried, str, int)[1] == number


@given(st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadRequestError):
        place_of(text, str, str, str)


@pytest.mark.parametrize(
    "kinds", [(), (str,), (int, str), (str, str), (str, bool), (str, int, int)]
)
def test_a_cursor_of_another_list_is_refused(kinds: tuple[type, ...]) -> None:
    with pytest.raises(BadRequestError):
        place_of(cursor("a", 1), *kinds)


@pytest.mark.parametrize("change", ["=", " ", "A", "\n", "é", "%"])
def test_a_cursor_that_was_touched_is_refused(change: str) -> None:
    with pytest.raises(BadRequestError):
        place_of(cursor("a", "b") + change, str, str)


def test_true_is_no_number() -> None:
    with pytest.raises(BadRequestError):
        place_of(urlsafe_b64encode(b"[true]").rstrip(b"=").decode(), int)
