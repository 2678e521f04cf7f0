"""Walking a spec by JSON pointers, references included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from greenroom.emulator.toolkit import Json


def token(name: str | int) -> str:
    """One part of a pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def escape(pointer: str) -> str:
    """A pointer as the fragment of a URI."""
    return quote(pointer, safe="/~")


def look_up(document: Any, pointer: str) -> Any:
    """What stands at the pointer; `KeyError` when nothing does."""
    node = document
    for part in pointer.split("/")[1:]:
        node = _member(node, part.replace("~1", "/").replace("~0", "~"), pointer)
    return node


def _member(node: Any, name: str | int, pointer: str) -> Any:
    try:
        return node[int(name)] if isinstance(node, list) else node[str(name)]
    except (IndexError, ValueError, TypeError) as error:
        raise KeyError(pointer) from error


def dangling(document: Any) -> Iterator[str]:
    """Where the references stand that lead nowhere, as pointers."""
    known: dict[str, bool] = {}
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str):
                if target not in known:
                    known[target] = _leads_somewhere(document, target)
                if not known[target]:
                    yield "".join(f"/{token(name)}" for name in path)
            waiting += [((*path, name), child) for name, child in node.items()]
        elif isinstance(node, list):
            waiting += [((*path, index), child) for index, child in enumerate(node)]


def _leads_somewhere(document: Json, target: str) -> bool:
    try:
        Place(document, target.removeprefix("#")).followed()
    except KeyError:
        return False
    return target.startswith("#")


class Place:
    """A node of a spec and where it stands; references are followed on the way."""

    __slots__ = ("document", "node", "pointer")

    def __init__(self, document: Json, pointer: str) -> None:
        """Go there; `KeyError` when there is no such place."""
        self.document = document
        self.pointer = pointer
        self.node: Any = look_up(document, pointer)

    def followed(self) -> Place:
        """The place a reference here leads to; itself when there is none."""
        place, seen = self, {self.pointer}
        while isinstance(place.node, dict) and isinstance(place.node.get("$ref"), str):
            place = Place(self.document, place.node["$ref"].removeprefix("#"))
            if place.pointer in seen:
                raise KeyError(f"{self.pointer} refers to itself")
            seen.add(place.pointer)
        return place

    def child(self, *names: str | int) -> Place:
        """The place below by these names."""
        place = self
        for name in names:
            place = place._below(name).followed()
        return place

    def _below(self, name: str | int) -> Place:
        below = object.__new__(Place)
        below.document = self.document
        below.pointer = f"{self.pointer}/{token(name)}"
        below.node = _member(self.node, name, below.pointer)
        return below

    def get(self, name: str, default: Any = None) -> Any:
        """The value of one member here."""
        return self.node.get(name, default)

    def items(self, name: str) -> Iterator[tuple[str, Place]]:
        """The members of a mapping below, in order."""
        for key in self.node.get(name) or {}:
            yield key, self.child(name, key)
