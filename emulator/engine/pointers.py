"""Walking a spec by JSON pointers, references included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(name)] if isinstance(node, list) else node[name]
        except (IndexError, ValueError, TypeError) as error:
            raise KeyError(pointer) from error
    return node


def dangling(document: Any) -> Iterator[str]:
    """Where the references stand that lead nowhere, as pointers."""
    waiting = [("", document)]
    while waiting:
        pointer, node = waiting.pop()
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str) and not _leads_somewhere(document, target):
                yield pointer
            waiting += [(f"{pointer}/{token(name)}", child) for name, child in node.items()]
        elif isinstance(node, list):
            waiting += [(f"{pointer}/{index}", child) for index, child in enumerate(node)]


def _leads_somewhere(document: Json, target: str) -> bool:
    try:
        Place(document, target.removeprefix("#")).followed()
    except KeyError:
        return False
    return target.startswith("#")


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a spec and where it stands; references are followed on the way."""

    document: Json
    pointer: str

    @property
    def node(self) -> Any:
        """What stands here."""
        return look_up(self.document, self.pointer)

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
            place = Place(self.document, f"{place.pointer}/{token(name)}").followed()
        return place

    def get(self, name: str, default: Any = None) -> Any:
        """The value of one member here."""
        return self.node.get(name, default)

    def items(self, name: str) -> Iterator[tuple[str, Place]]:
        """The members of a mapping below, in order."""
        for key in self.node.get(name) or {}:
            yield key, self.child(name, key)
