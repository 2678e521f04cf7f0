"""The bounds of a journal."""

from __future__ import annotations

from greenroom.emulator.journal import Entry, Journal, Side
from greenroom.emulator.matching import Matcher


def entry(number: int, *, headers: int = 0, body: int = 0) -> Entry:
    request = Side([(b"x-long", b"x" * headers)], b"x" * body)
    return Entry(f"e{number}", "tiny", "GET", "/tiny/a", "/a", 0, request)


def keys(journal: Journal) -> list[str]:
    return [each.id for each in journal]


def test_the_oldest_make_room_for_the_newest_and_are_counted() -> None:
    journal = Journal(entries=3)
    for number in range(5):
        journal.add(entry(number))
    assert (keys(journal), len(journal), journal.dropped) == (["e2", "e3", "e4"], 3, 2)
    assert journal.get("e1") is None


def test_bodies_and_headers_count_against_the_bytes() -> None:
    journal = Journal(size=100_000)
    for number in range(10):
        journal.add(entry(number, headers=20_000, body=20_000))
    assert keys(journal) == ["e8", "e9"]


def test_the_newest_stays_however_large() -> None:
    journal = Journal(size=10)
    journal.add(entry(1, body=100))
    assert keys(journal) == ["e1"]
    journal.add(entry(2, body=100))
    assert keys(journal) == ["e2"]


def test_what_is_dropped_or_cleared_leaves_its_room() -> None:
    journal = Journal(size=100_000)
    first = entry(0)
    journal.add(first)
    for number in range(1, 3):
        journal.add(entry(number, body=40_000))
    journal.drop_after(first)
    assert keys(journal) == ["e0"]
    for number in range(3, 5):
        journal.add(entry(number, body=40_000))
    assert keys(journal) == ["e0", "e3", "e4"]
    journal.clear()
    assert (keys(journal), journal.dropped) == ([], 0)


def test_of_several_with_a_key_the_newest_is_meant() -> None:
    journal = Journal()
    entries = [entry(1), entry(2), entry(1), entry(3)]
    for each in entries:
        journal.add(each)
    assert journal.get("e1") is entries[2]
    assert journal.find(Matcher({}), since="e1") == [entries[3]]
