"""Which operation a request means: a trie over the undecoded path, literals first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

T = TypeVar("T")

RECENT, LONGEST = 1_000, 200  # how many paths are remembered, and how long they may be
_PARAMETER = re.compile(r"\{([^{}]+)\}")


def decode(text: str) -> str:
    """The percent-decoded text; `UnicodeDecodeError` when it is not UTF-8."""
    return unquote_to_bytes(text).decode() if "%" in text else text


def _segments(path: str) -> list[str]:
    return path.split("/")[1:] if path not in ("", "/") else []


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, _Node[T]] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], tuple[str, ...], _Node[T]]] = field(default_factory=list)
    names: tuple[str, ...] = ()
    parameter: _Node[T] | None = None
    methods: dict[str, T] = field(default_factory=dict)
    template: str = ""


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A path of the spec that fits, with its path parameters and what its methods lead to.

    The parameters are there as they were sent and decoded; nobody may change them.
    """

    template: str
    methods: dict[str, T]
    parameters: dict[str, str]
    decoded: dict[str, str]

    @property
    def allow(self) -> str:
        """The methods this path answers, as the Allow header has them."""
        allowed = {*self.methods, "OPTIONS"}
        if "GET" in allowed:
            allowed.add("HEAD")
        return ", ".join(sorted(allowed))


class Trie(Generic[T]):
    """Path templates of one spec; two templates that fit the same paths are refused."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._literal: dict[str, Match[T]] = {}
        self._recent: dict[str, Match[T]] = {}

    def add(self, template: str, method: str, target: T) -> None:
        """Let this method on this template lead to the target; `ValueError` on a clash."""
        self._recent.clear()
        node, names = self._root, []
        for segment in _segments(template):
            found = _PARAMETER.findall(segment)
            if not found:
                node = node.literals.setdefault(segment, _Node())
            elif _PARAMETER.fullmatch(segment):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = self._pattern(node, segment)
            names += found
        if node.template and node.template != template:
            raise ValueError(f"{node.template} and {template} fit the same requests")
        node.template = template
        node.names = tuple(names)
        node.methods[method] = target
        if not names:
            self._literal[template] = Match(template, node.methods, {}, {})

    @staticmethod
    def _pattern(node: _Node[T], segment: str) -> _Node[T]:
        parts = _PARAMETER.split(segment)
        text = "".join(
            "([^/]+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
        for pattern, _, child in node.patterns:
            if pattern.pattern == text:
                return child
        added: _Node[T] = _Node()
        node.patterns.append((re.compile(text), tuple(parts[1::2]), added))
        return added

    def find(self, path: str) -> Match[T] | None:
        """The template that fits the path (still percent-encoded), the most literal one first."""
        known = self._literal.get(path) or self._recent.get(path)
        if known is not None:
            return known
        segments = _segments(path)
        values: list[str] = []
        node = self._descend(self._root, segments, 0, values)
        if node is None:
            return None
        raw = dict(zip(node.names, values, strict=True))
        decoded = {name: decode(value) for name, value in raw.items()}
        match = Match(node.template, node.methods, raw, decoded)
        if len(path) <= LONGEST:
            if len(self._recent) >= RECENT:
                self._recent.clear()
            self._recent[path] = match
        return match

    def _descend(
        self, node: _Node[T], segments: list[str], depth: int, values: list[str]
    ) -> _Node[T] | None:
        """The node the segments lead to; `values` holds the parameters met on the way there."""
        if depth == len(segments):
            return node if node.methods else None
        raw = segments[depth]
        literal = node.literals.get(decode(raw))
        if literal is not None:
            found = self._descend(literal, segments, depth + 1, values)
            if found is not None:
                return found
        for pattern, _, child in node.patterns:
            if fits := pattern.fullmatch(raw):
                values += fits.groups()
                found = self._descend(child, segments, depth + 1, values)
                if found is not None:
                    return found
                del values[-len(fits.groups()) :]
        if node.parameter is not None and raw:
            values.append(raw)
            found = self._descend(node.parameter, segments, depth + 1, values)
            if found is not None:
                return found
            values.pop()
        return None
