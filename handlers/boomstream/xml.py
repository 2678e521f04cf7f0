"""Answers as XML."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_xml(body: Any) -> bytes:
    """The document with the root `Response` that says the same as this JSON object."""
    root = Element("Response")
    _fill(root, body)
    # a bare carriage return would be read back as a line feed
    text = tostring(root, encoding="unicode").replace("\r", "&#13;")
    return (DECLARATION + text).encode()


def _fill(element: Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            _fill(SubElement(element, name), each)
    elif isinstance(value, list):
        for each in value:
            _fill(SubElement(element, "Item"), each)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _FORBIDDEN.sub("", str(value))
