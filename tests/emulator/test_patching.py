"""JSON Merge Patch, held to the examples of RFC 7396."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from greenroom.emulator.patching import idle, patched

# Appendix A: document, patch, result.
EXAMPLES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "result"), EXAMPLES)
def test_a_patch_does_what_the_rfc_says(document: Any, patch: Any, result: Any) -> None:
    before = deepcopy((document, patch))
    assert patched(document, patch) == result
    assert (document, patch) == before


def test_a_removal_of_nothing_is_told_by_its_place() -> None:
    document = {"paths": {"/a~b": {"get": {}}}, "tags": []}
    patch = {"paths": {"/a~b": {"get": None, "put": None}, "/c": None}, "tags": {"x": None}, "n": 1}
    assert list(idle(document, patch)) == ["/paths/~1a~0b/put", "/paths/~1c", "/tags/x"]
