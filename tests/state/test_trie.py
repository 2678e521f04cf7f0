"""The trie is an ordered map whose every earlier version stays as it was."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from greenroom.state.trie import Trie

KEYS = st.integers(0, 3000) | st.integers(0, 2**90)
STEPS = st.lists(st.tuples(KEYS, st.booleans()), max_size=60)


@given(steps=STEPS, skip=st.integers(0, 20))
def test_a_trie_is_an_ordered_map(steps: list[tuple[int, bool]], skip: int) -> None:
    trie, model = Trie[int](), dict[int, int]()
    for number, (key, removing) in enumerate(steps):
        if removing and model:
            key = min(model, key=lambda other: abs(other - key))
            trie = trie.remove(key)
            del model[key]
        else:
            trie = trie.set(key, number)
            model[key] = number
        assert trie.get(key) == model.get(key)
    expected = [model[key] for key in sorted(model)]
    assert (list(trie), len(trie)) == (expected, len(expected))
    assert list(trie.walk(skip)) == expected[skip:]
    assert list(Trie.of(model.items())) == expected
    assert all(Trie.of(model.items()).get(key) == value for key, value in model.items())


@given(first=STEPS, second=STEPS)
def test_differences_are_where_two_tries_differ(
    first: list[tuple[int, bool]], second: list[tuple[int, bool]]
) -> None:
    trie, model = Trie[object](), dict[int, object]()
    for key, _ in first:
        model[key] = object()
        trie = trie.set(key, model[key])
    other, changed = trie, dict(model)
    for key, removing in second:
        if removing and key in changed:
            del changed[key]
            other = other.remove(key)
        else:
            changed[key] = object()
            other = other.set(key, changed[key])
    expected = sorted(k for k in {**model, **changed} if model.get(k) is not changed.get(k))
    assert list(trie.differences(other)) == list(other.differences(trie)) == expected


def test_every_version_stays_as_it_was() -> None:
    versions = [Trie[int]()]
    for number in range(1100):
        versions.append(versions[-1].set(number, number))
    for number in range(1100):
        versions.append(versions[-1].remove(number))
    for number in range(1101):
        assert len(versions[number]) == number
        assert len(versions[1100 + number]) == 1100 - number
    for number in range(0, 1101, 50):
        assert list(versions[number]) == list(range(number))
        assert list(versions[1100 + number]) == list(range(number, 1100))


@pytest.mark.parametrize("key", [-1, 2, 31, 32, 2**80])
def test_nothing_is_where_nothing_was_put(key: int) -> None:
    assert Trie[int]().get(key) is None
    assert Trie[int]().set(1, 1).set(40, 40).get(key) is None


def test_a_part_that_is_shared_is_not_looked_at() -> None:
    big = Trie.of((number, number) for number in range(100_000))
    assert list(big.differences(big.set(70_000, -1))) == [70_000]
    assert list(big.differences(big)) == []
