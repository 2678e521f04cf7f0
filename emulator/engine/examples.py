"""Whether the examples and defaults of a spec fit their own schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.pointers import Place

_SHOWN = 3


def example_problems(mount: Mount) -> Iterator[str]:
    """Every example and default that does not validate, with file and pointer."""
    for place, name, value, answer in _samples(Place(mount.spec, ""), answer=False):
        compile_ = mount.schemas.response if answer else mount.schemas.request
        for violation in compile_(place.pointer).violations(value, "body")[:_SHOWN]:
            where = violation.pointer or "/"
            yield f"{mount.source} at {place.pointer}: the {name} at {where} {violation.message}"


def _samples(place: Place, *, answer: bool) -> Iterator[tuple[Place, str, Any, bool]]:
    """Schema, kind, value and whether it is an answer's, of everything that shows a value."""
    node = place.node
    if isinstance(node, list):
        for index in range(len(node)):
            yield from _samples(_raw(place, index), answer=answer)
    if not isinstance(node, dict) or "$ref" in node:
        return
    if isinstance(node.get("schema"), dict):
        schema = place.child("schema")
        if "example" in node:
            yield schema, "example", node["example"], answer
        for name, example in (node.get("examples") or {}).items():
            if "value" in example:
                yield schema, f"example {name}", example["value"], answer
    elif _is_schema(node):
        for word in ("default", "example"):
            if word in node:
                yield place, word, node[word], answer
    for name, child in node.items():
        if name not in ("example", "examples", "default", "enum") and isinstance(
            child, dict | list
        ):
            yield from _samples(_raw(place, name), answer=answer or name == "responses")


def _is_schema(node: dict[str, Any]) -> bool:
    return isinstance(node.get("type"), str) or any(
        word in node for word in ("allOf", "oneOf", "anyOf", "properties")
    )


def _raw(place: Place, name: str | int) -> Place:
    """The place below, without following references."""
    text = str(name).replace("~", "~0").replace("/", "~1")
    return Place(place.document, f"{place.pointer}/{text}")
