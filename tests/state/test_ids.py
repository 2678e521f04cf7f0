"""Identifiers are seeded, counted and never given twice in a world."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from greenroom.state import Store

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    """A store with a seed and a clock that stands still."""
    return Store(seed=42, at=START, frozen=True)


def draw(store: Store) -> list[object]:
    """One of everything."""
    ids = store.ids
    return [ids.uuid(), ids.hex(24), ids.text(9, "abc"), ids.count("x"), ids.snowflake()]


def test_the_same_seed_gives_the_same_ids(store: Store) -> None:
    twin = Store(seed=42, at=START, frozen=True)
    other = Store(seed=43, at=START, frozen=True)
    drawn = draw(store)
    assert draw(twin) == drawn
    assert draw(other)[:3] != drawn[:3]


def test_ids_do_not_change_from_version_to_version(store: Store) -> None:
    assert store.ids.uuid() == "857da14a-7de7-40dd-a7a3-0b6c87ecb769"


def test_a_uuid_is_of_version_4(store: Store) -> None:
    for _ in range(50):
        text = store.ids.uuid()
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)


@pytest.mark.parametrize("length", [0, 1, 7, 32, 127, 128, 129, 500])
def test_hexadecimal_digits_come_in_any_number(store: Store, length: int) -> None:
    text = store.ids.hex(length)
    assert len(text) == length
    assert set(text) <= set("0123456789abcdef")


@pytest.mark.parametrize("alphabet", ["0123456789", "ab", "x", "äöü😀", "abcdefghjkmnpqrstuvwxyz"])
def test_text_is_of_the_alphabet(store: Store, alphabet: str) -> None:
    text = store.ids.text(400, alphabet)
    assert len(text) == 400
    assert set(text) == set(alphabet)


def test_no_characters_are_an_empty_text(store: Store) -> None:
    before = store.digest()
    assert [store.ids.text(length, "abc") for length in (0, -99)] == ["", ""]
    assert store.ids.hex(-99) == ""
    with pytest.raises(ValueError, match="needs an alphabet"):
        store.ids.text(3, "")
    assert store.digest() == before


def test_ids_do_not_repeat(store: Store) -> None:
    drawn = [store.ids.uuid() for _ in range(1000)] + [store.ids.hex(16) for _ in range(1000)]
    assert len(set(drawn)) == 2000


def test_counters_count_by_name(store: Store) -> None:
    assert [store.ids.count("room") for _ in range(3)] == [1, 2, 3]
    assert store.ids.count("call") == 1


def test_snowflakes_rise_and_tell_the_time(store: Store) -> None:
    first, second = store.ids.snowflake(), store.ids.snowflake()
    milliseconds = (START - datetime(2024, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert (first, second) == (milliseconds << 22, (milliseconds << 22) + 1)
    store.clock.advance(timedelta(milliseconds=3))
    assert store.ids.snowflake() == milliseconds + 3 << 22


@pytest.mark.parametrize("year", [1970, 2023, 2024, 2090, 2100, 9999])
def test_snowflakes_are_positive_numbers_of_63_bits_in_any_year(year: int) -> None:
    store = Store(at=datetime(year, 6, 1, tzinfo=UTC), frozen=True)
    drawn = [store.ids.snowflake() for _ in range(3)]
    assert drawn == sorted(set(drawn))
    assert all(0 < number < 2**63 for number in drawn)


def test_snowflakes_rise_though_the_world_goes_back_in_time(store: Store) -> None:
    early = store.snapshot()
    store.clock.advance(timedelta(days=1))
    late = store.ids.snowflake()
    assert store.ids.snowflake() > late
    store.restore(early)
    assert store.ids.snowflake() < late


def test_chance_does_not_move_the_ids(store: Store) -> None:
    twin = store.fork()
    twin.random.random()
    assert twin.ids.uuid() == store.ids.uuid()
