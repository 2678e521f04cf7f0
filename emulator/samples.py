"""A first call that works, for each of the cast: the simplest reading operation of a provider."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from greenroom.emulator.discovery import Found
from greenroom.emulator.engine.operation import merged_parameters
from greenroom.emulator.engine.pointers import Place


def sample_path(found: Found, person: Mapping[str, Any]) -> str | None:
    """The path and query of a GET this person can make without knowing more; None without one."""
    known = person.get("path", {})
    best: tuple[int, str] | None = None
    for operation in found.operations:
        if operation["method"] != "GET" or operation.get("security") == []:
            continue
        place = Place(found.spec, "").child("paths", operation["path"], "get")
        wanted = [each for each in merged_parameters(place) if each.get("required")]
        in_path = [each.get("name") for each in wanted if each.get("in") == "path"]
        presented = {*person.get("query", {}), *person.get("headers", {})}
        others = [
            each
            for each in wanted
            if each.get("in") != "path" and each.get("name") not in presented
        ]
        if others or any(name not in known for name in in_path):
            continue
        path = operation["path"]
        for name in in_path:
            path = path.replace(f"{{{name}}}", quote(known[name], safe=""))
        rank = 0 if operation["operationId"].startswith("list") else 1
        if best is None or rank < best[0]:
            best = (rank, path)
    if best is None:
        return None
    query = urlencode(person.get("query", {}))
    return f"{best[1]}?{query}" if query else best[1]


def sample_curl(found: Found, person: Mapping[str, Any], base: str) -> str | None:
    """The same as a line for a shell."""
    path = sample_path(found, person)
    if path is None:
        return None
    words = ["curl", "-s"]
    for name, value in person.get("headers", {}).items():
        words += ["-H", f"{name}: {value}"]
    return shlex.join([*words, base + path])
