"""A persistent ordered map from whole numbers to values.

It is a radix trie of 32 branches whose nodes carry counts. Changing it makes a new one that
shares all but one path with the old one, so every earlier trie stays valid for nothing: that is
what makes forks, snapshots and roll-backs cost no more than keeping a reference. Getting,
setting and removing are O(log32 of the greatest number), and so is skipping to any offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeAlias, TypeVar

Value = TypeVar("Value")

# A node is the number of values under it and its 32 branches: nodes, or values at the bottom.
_Node: TypeAlias = tuple[int, list[Any]]

_BITS = 5
_WIDTH = 1 << _BITS
_MASK = _WIDTH - 1
_NOTHING: list[Any] = [None] * _WIDTH


class Trie(Generic[Value]):
    """An immutable map from numbers not below zero to values other than None, in their order."""

    __slots__ = ("_node", "_shift")

    def __init__(self, node: _Node | None = None, shift: int = 0) -> None:
        self._node = node
        self._shift = shift

    @classmethod
    def of(cls, items: Iterable[tuple[int, Value]]) -> Trie[Value]:
        """A trie of these numbers and values, made at once."""
        leaves: dict[int, list[Any]] = {}
        for key, value in items:
            leaves.setdefault(key >> _BITS, _NOTHING.copy())[key & _MASK] = value
        level = {key: (_WIDTH - node.count(None), node) for key, node in leaves.items()}
        shift = 0
        while level.keys() - {0}:
            level = _level_above(level)
            shift += _BITS
        return cls(level.get(0), shift)

    def __len__(self) -> int:
        return 0 if self._node is None else self._node[0]

    def __iter__(self) -> Iterator[Value]:
        return self.walk()

    def get(self, key: int) -> Value | None:
        """The value at that number, or None."""
        shift = self._shift
        if key < 0 or key >> shift >= _WIDTH:
            return None
        node = self._node
        while shift and node is not None:
            node = node[1][(key >> shift) & _MASK]
            shift -= _BITS
        return None if node is None else node[1][key & _MASK]

    def set(self, key: int, value: Value) -> Trie[Value]:
        """A trie with this value at that number."""
        node, shift = self._node, self._shift
        while key >> shift >= _WIDTH:
            shift += _BITS
            if node is not None:
                node = (node[0], [node] + [None] * (_WIDTH - 1))
        return Trie(_set(node, shift, key, value), shift)

    def remove(self, key: int) -> Trie[Value]:
        """A trie without that number, which must be there."""
        assert self._node is not None
        node = _remove(self._node, self._shift, key)
        return Trie() if node is None else Trie(node, self._shift)

    def walk(self, skip: int = 0) -> Iterator[Value]:
        """The values in the order of their numbers, without the first `skip`."""
        if self._node is not None:
            yield from _walk(self._node, self._shift, skip)

    def differences(self, other: Trie[Value]) -> Iterator[int]:
        """The numbers at which the two hold different objects; shared parts cost nothing."""
        shift = max(self._shift, other._shift)
        yield from _differences(_lift(self, shift), _lift(other, shift), shift, 0)


def _level_above(level: dict[int, _Node]) -> dict[int, _Node]:
    above: dict[int, list[Any]] = {}
    counts: dict[int, int] = {}
    for key, node in level.items():
        parent = key >> _BITS
        above.setdefault(parent, _NOTHING.copy())[key & _MASK] = node
        counts[parent] = counts.get(parent, 0) + node[0]
    return {key: (counts[key], branches) for key, branches in above.items()}


def _set(node: _Node | None, shift: int, key: int, value: Any) -> _Node:
    index = (key >> shift) & _MASK
    if node is None:
        count, branches = 0, _NOTHING.copy()
    else:
        count, branches = node[0], node[1].copy()
    old = branches[index]
    if not shift:
        branches[index] = value
        return (count + (old is None), branches)
    new = _set(old, shift - _BITS, key, value)
    branches[index] = new
    return (count + new[0] - (0 if old is None else old[0]), branches)


def _remove(node: _Node, shift: int, key: int) -> _Node | None:
    count, branches = node
    if count == 1:
        return None
    index = (key >> shift) & _MASK
    branches = branches.copy()
    branches[index] = _remove(branches[index], shift - _BITS, key) if shift else None
    return (count - 1, branches)


def _walk(node: _Node, shift: int, skip: int) -> Iterator[Any]:
    if not shift:
        yield from [value for value in node[1] if value is not None][skip:]
        return
    for branch in node[1]:
        if branch is None:
            continue
        if skip >= branch[0]:
            skip -= branch[0]
            continue
        yield from _walk(branch, shift - _BITS, skip)
        skip = 0


def _lift(trie: Trie[Any], shift: int) -> _Node | None:
    node = trie._node
    if node is not None:
        for _ in range(trie._shift, shift, _BITS):
            node = (node[0], [node] + [None] * (_WIDTH - 1))
    return node


def _differences(left: _Node | None, right: _Node | None, shift: int, prefix: int) -> Iterator[int]:
    if left is right:
        return
    ours = _NOTHING if left is None else left[1]
    theirs = _NOTHING if right is None else right[1]
    for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        if mine is other:
            continue
        key = prefix << _BITS | index
        if shift:
            yield from _differences(mine, other, shift - _BITS, key)
        else:
            yield key
