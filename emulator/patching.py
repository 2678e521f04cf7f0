"""JSON Merge Patch (RFC 7396): how one profile of an API differs from another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def patched(document: Any, patch: Any) -> Any:
    """The document with the patch applied: a null removes, an object is merged, the rest replaces.

    Neither of the two is changed; what the patch leaves alone is shared with the document.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = patched(result.get(name), value)
    return result


def idle(document: Any, patch: Any, pointer: str = "") -> Iterator[str]:
    """Where a patch removes what is not there, which is a slip of whoever wrote it."""
    if not isinstance(patch, dict):
        return
    there = document if isinstance(document, dict) else {}
    for name, value in patch.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if value is None and name not in there:
            yield place
        else:
            yield from idle(there.get(name), value, place)
