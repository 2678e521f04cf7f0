from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.boomstream.xml import write_xml

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
VALUES = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.from_regex("[A-Za-z_]+", fullmatch=True), inner)
    ),
    max_leaves=8,
)


def plain(value: Any) -> Any:
    """What an XML reader can tell of a value."""
    if isinstance(value, dict) and value:
        return [(name, plain(each)) for name, each in value.items()]
    if isinstance(value, list) and value:
        return [("Item", plain(each)) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return FORBIDDEN.sub("", str(value)) if isinstance(value, str | int) else ""


def told(element: Element) -> Any:
    if len(element):
        return [(each.tag, told(each)) for each in element]
    return element.text or ""


def test_keys_are_elements_and_lists_are_items() -> None:
    body = {
        "conferences": [{"title": "Testik", "code": "0c5d"}],
        "folderCode": None,
        "isModerator": True,
        "codeConference": 198,
        "Status": "Success",
    }
    assert write_xml(body).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<Response><conferences><Item><title>Testik</title><code>0c5d</code></Item></conferences>"
        "<folderCode /><isModerator>true</isModerator><codeConference>198</codeConference>"
        "<Status>Success</Status></Response>"
    )


def test_markup_in_a_text_stays_text() -> None:
    document = write_xml({"title": "]]> <!ENTITY x 'y'> &x; <b>\r\n\x00\x0b"})
    assert fromstring(document).findtext("title") == "]]> <!ENTITY x 'y'> &x; <b>\r\n"


@given(st.dictionaries(st.from_regex("[A-Za-z_]+", fullmatch=True), VALUES, min_size=1))
def test_any_object_is_well_formed_and_keeps_its_values(body: Any) -> None:
    assert told(fromstring(write_xml(body))) == plain(body)
