"""Ids: base64 of a decimal number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.portsip.errors import InvalidIdError
from greenroom.handlers.portsip.identifiers import check_id, decoded, encoded


def test_the_vendors_example_is_what_it_decodes_to() -> None:
    assert encoded(700551909773148160) == "NzAwNTUxOTA5NzczMTQ4MTYw"


@given(st.integers(0, 2**63 - 1))
def test_an_id_holds_its_number(number: int) -> None:
    assert decoded(encoded(number)) == str(number)


@pytest.mark.parametrize("text", ["", "nonsense", "YWJj", "MTIz\n", "MTIz====", "é", "wrI="])
def test_what_holds_no_digits_is_no_id(text: str) -> None:
    with pytest.raises(InvalidIdError):
        check_id(text)
