"""The random stream of a world is Python's, seeded, and part of the state."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.state import Store


def throw(dice: random.Random) -> list[Any]:
    """One of everything that chance can do."""
    cards = list(range(10))
    dice.shuffle(cards)
    return [
        dice.random(),
        dice.randint(1, 6),
        dice.choice("abc"),
        dice.sample(range(100), 5),
        dice.gauss(0, 1),
        dice.uniform(1, 2),
        dice.getrandbits(1000),
        dice.randbytes(3),
        dice.choices("ab", k=3),
        cards,
    ]


def test_it_is_pythons_random() -> None:
    assert isinstance(Store().random, random.Random)


def test_the_same_seed_gives_the_same_throws() -> None:
    first = throw(Store(seed=1).random)
    assert throw(Store(seed=1).random) == first
    assert throw(Store(seed=2).random) != first
    assert throw(Store(seed=-(2**100)).random) != first


def test_going_back_brings_the_same_throws() -> None:
    store = Store(seed=1)
    store.random.gauss(0, 1)
    snapshot, fork = store.snapshot(), store.fork()
    first = throw(store.random)
    store.restore(snapshot)
    assert throw(store.random) == throw(fork.random) == first


def test_throws_are_spread_evenly() -> None:
    dice = Store().random
    numbers = [dice.random() for _ in range(4000)]
    assert all(0 <= number < 1 for number in numbers)
    assert 0.45 < sum(numbers) / len(numbers) < 0.55
    assert {dice.getrandbits(3) for _ in range(200)} == set(range(8))


def test_no_bits_are_zero_and_fewer_are_refused() -> None:
    dice = Store().random
    assert dice.getrandbits(0) == 0
    with pytest.raises(ValueError, match="must not be negative"):
        dice.getrandbits(-1)


@pytest.mark.parametrize(
    "work",
    [
        lambda dice: dice.seed(1),
        lambda dice: dice.getstate(),
        lambda dice: dice.setstate(()),
    ],
)
def test_the_state_belongs_to_the_world(work: Callable[[random.Random], object]) -> None:
    with pytest.raises(NotImplementedError):
        work(Store().random)
