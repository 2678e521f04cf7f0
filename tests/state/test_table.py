"""TinyDB works on our tables as it does on its own; see also `tinydb_suite.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from tinydb import TinyDB
from tinydb.operations import increment
from tinydb.storages import MemoryStorage
from tinydb.table import Document, Table

from greenroom.state import RecordConflictError, where
from greenroom.state.clock import ClockState
from greenroom.state.journal import Journal
from greenroom.state.storage import LiveStorage, Root, plain
from greenroom.state.syncing import Syncing
from greenroom.state.table import LiveDB, LiveTable
from greenroom.state.transaction import Transaction

Undone = Callable[[Transaction], AbstractContextManager[Transaction]]
Json = dict[str, Any]
Step = Callable[[TinyDB | Table], Any]


@pytest.fixture
def db() -> LiveDB:
    """A database with three documents."""
    db = LiveDB()
    db.insert_multiple([{"n": 1, "list": [1]}, {"n": 2}, {"n": 3}])
    return db


def divides(number: Any) -> bool:
    """A condition that fails at one document."""
    return bool(6 // (3 - number))


def break_on(number: int) -> Callable[[Json], None]:
    """A change that fails at one document."""

    def change(document: Json) -> None:
        document["changed"] = True
        if document["n"] == number:
            raise ZeroDivisionError

    return change


@pytest.mark.parametrize(
    "work",
    [
        lambda db: db.insert_multiple([{"n": 4}, Document({"n": 5}, 1)]),
        lambda db: db.insert_multiple([{"n": 4}, {"n": object()}]),
        lambda db: db.update(break_on(3)),
        lambda db: db.update_multiple([(break_on(3), where("n") > 0)]),
        lambda db: db.update({"n": object()}),
        lambda db: db.remove(where("n").test(divides)),
        lambda db: db.insert([1]),
    ],
)
def test_what_fails_changes_nothing(db: LiveDB, work: Step) -> None:
    before = db.live.root
    with pytest.raises((TypeError, ValueError, ZeroDivisionError)):
        work(db)
    assert db.live.root is before


def test_results_are_copies_though_they_are_cached(db: LiveDB) -> None:
    query = where("n") == 1
    for _ in range(2):
        db.search(query)[0]["list"].append(2)
        db.all()[0].pop("n")
    assert db.search(query) == [{"n": 1, "list": [1]}]


def test_the_cache_is_forgotten_when_a_transaction_is_taken_back(
    db: LiveDB, undone: Undone
) -> None:
    query = where("n") > 0
    assert len(db.search(query)) == 3
    with undone(Transaction(db.live)):
        db.remove(where("n") == 1)
        assert len(db.search(query)) == 2
    assert len(db.search(query)) == 3


def test_numbers_are_never_given_twice(db: LiveDB) -> None:
    db.remove(doc_ids=[3])
    assert db.insert({"n": 4}) == 4
    db.truncate()
    assert db.insert({"n": 5}) == 1


def test_a_document_inserted_late_with_a_low_number_comes_last(db: LiveDB) -> None:
    db.remove(doc_ids=[1])
    db.insert(Document({"n": 9}, 1))
    assert [document.doc_id for document in db] == [2, 3, 1]
    assert [document.doc_id for document in db.get(doc_ids=[1, 3, 7])] == [3, 1]


def test_a_storage_can_be_read_and_written_as_a_whole(db: LiveDB) -> None:
    everything = db.storage.read()
    assert everything == {"_default": {"1": {"n": 1, "list": [1]}, "2": {"n": 2}, "3": {"n": 3}}}
    other = LiveDB()
    assert other.storage.read() is None
    other.storage.write({"x": {"7": {"n": 7}}, **everything})
    assert other.tables() == {"x", "_default"}
    assert other.table("x").get(doc_id=7) == {"n": 7}
    assert other.all() == db.all()


def test_tables_can_be_dropped_inside_a_transaction(db: LiveDB, undone: Undone) -> None:
    with undone(Transaction(db.live)):
        db.drop_table("_default")
        db.drop_tables()
        assert len(db) == 0
    assert len(db) == 3


def test_a_table_of_records_needs_their_ids_to_be_told_apart() -> None:
    from greenroom.state.contents import Layout

    table = LiveDB(storage=lambda: LiveStorage(layout=lambda name: Layout(name, True))).table("x")
    assert table.insert({"id": "a"}) == 1
    assert table.insert(Document({"id": "b"}, 7)) == 2
    assert table.get(doc_id=2) == {"id": "b"}
    assert table.get(doc_id="b") is None  # type: ignore[call-overload]  # that is the point
    with pytest.raises(RecordConflictError):
        table.update({"id": "a"}, doc_ids=[2])
    table.update({"id": "c"}, doc_ids=[2])
    table.storage.write(table.storage.read() or {})
    assert table.all() == [{"id": "a"}, {"id": "c"}]


def reopened(path: Path) -> LiveDB:
    """A database in a file, as it is found."""
    journal = Journal(path, Syncing("never"))
    root = Root()
    if path.exists():
        root, _ = journal.recover(plain)
    else:
        journal.begin(root, ClockState(frozen=True, now=0))
    return LiveDB(storage=lambda: LiveStorage(root, log=journal))


def test_a_table_emptied_and_filled_in_one_transaction_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    with reopened(path) as db:
        db.insert_multiple([{"n": 1}, {"n": 2}, {"n": 3}])
        db.table("other").insert({"n": 4})
        with Transaction(db.live):
            db.update({"n": 5}, doc_ids=[2])
            db.truncate()
            db.insert(Document({"n": 6}, 9))
            db.insert(Document({"n": 7}, 1))
        with Transaction(db.live):
            db.drop_table("other")
            db.table("other").insert({"n": 8})
        before = [(d.doc_id, d) for d in db]
        numbers = (db._get_next_id(), db.table("other")._get_next_id())
    with reopened(path) as db:
        assert [(d.doc_id, d) for d in db] == before
        assert [db.get(doc_id=number) for number in (9, 1, 2)] == [{"n": 6}, {"n": 7}, None]
        assert db.table("other").all() == [{"n": 8}]
        assert (db._get_next_id(), db.table("other")._get_next_id()) == (numbers[0] + 1, 3)


DOCUMENTS = st.fixed_dictionaries(
    {"n": st.integers(0, 3)}, optional={"m": st.integers(0, 2) | st.lists(st.integers(0, 2))}
)
CONDITIONS = st.one_of(
    st.builds(lambda n: where("n") == n, st.integers(0, 3)),
    st.builds(lambda n: where("m").any([n]), st.integers(0, 2)),
    st.builds(lambda n: ~(where("n").one_of([n, 2])), st.integers(0, 3)),
)
NUMBERS = st.lists(st.integers(1, 6), max_size=3, unique=True)


def steps() -> st.SearchStrategy[Step]:
    """Anything that can be done to a table whose numbers come by themselves."""

    def step(work: Callable[..., Any], *values: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
        return st.tuples(*values).map(lambda given: lambda table: work(table, *given))

    return st.one_of(
        step(lambda t, d: t.insert(d), DOCUMENTS),
        step(lambda t, d: t.insert_multiple(d), st.lists(DOCUMENTS, max_size=3)),
        step(lambda t, d, c: t.update(d, c), DOCUMENTS, CONDITIONS),
        step(lambda t, d, n: t.update(d, doc_ids=n), DOCUMENTS, NUMBERS),
        step(lambda t, c: t.update(increment("n"), c), CONDITIONS),
        step(lambda t, d, c: t.update_multiple([(d, c)]), DOCUMENTS, CONDITIONS),
        step(lambda t, d, c: t.upsert(d, c), DOCUMENTS, CONDITIONS),
        step(lambda t, c: sorted(t.remove(c)), CONDITIONS),
        step(lambda t, n: sorted(t.remove(doc_ids=n)), NUMBERS),
        step(lambda t, c: t.get(c), CONDITIONS),
        step(lambda t, n: t.get(doc_ids=n), NUMBERS),
        step(lambda t, c: (t.count(c), t.contains(c)), CONDITIONS),
        step(lambda t, c: [d.doc_id for d in t.search(c)], CONDITIONS),
        step(lambda t: len(t)),
    )


@settings(max_examples=150, deadline=None)
@given(program=st.lists(steps(), max_size=12))
def test_any_program_does_what_it_does_on_stock_tinydb(program: list[Step]) -> None:
    ours, stock = LiveDB(), TinyDB(storage=MemoryStorage)
    for step in program:
        assert step(ours) == step(stock)
        assert [(d.doc_id, d) for d in ours] == [(d.doc_id, d) for d in stock]


def test_a_query_of_ones_own_is_not_cached_when_it_says_so(db: LiveDB) -> None:
    wanted = [2]

    class Own:
        def __call__(self, value: Mapping[str, Any]) -> bool:
            return value["n"] in wanted

        def is_cacheable(self) -> bool:
            return False

    query = Own()
    assert db.search(query) == [{"n": 2}]
    wanted.append(3)
    assert db.search(query) == [{"n": 2}, {"n": 3}]


def test_what_is_asked_for_must_be_said(db: LiveDB) -> None:
    with pytest.raises(RuntimeError):
        db.get()
    with pytest.raises(RuntimeError):
        db.remove()
    assert db.get(where("n") == 9) is None


class Numbered(LiveTable):
    """A table that numbers its documents as TinyDB's manual shows, and changes itself."""

    document_id_class = str  # type: ignore[assignment]  # the manual does this

    def _get_next_id(self) -> str:  # type: ignore[override]  # and this
        return f"number {len(self) + 1}"

    def turn(self) -> None:
        """Drop the first document, change the second and add one."""

        def turned(table: dict[Any, Any]) -> None:
            del table["number 1"]
            table["number 2"]["n"] = 22
            table["another"] = {"n": 3}

        self._update_table(turned)


def test_a_table_can_be_extended_the_way_tinydb_is() -> None:
    table = Numbered(LiveStorage(), "x", persist_empty=True)
    numbers: list[Any] = [table.insert({"n": 1}), table.insert({"n": 2})]
    assert numbers == ["number 1", "number 2"]
    table.turn()
    found: list[Any] = [(d.doc_id, d["n"]) for d in table]
    assert found == [("number 2", 22), ("another", 3)]
    another: Any = "another"
    assert table.get(doc_id=another) == {"n": 3}


def test_numbers_can_be_set_aside(db: LiveDB) -> None:
    first = db.table("x", cache_size=1)
    assert isinstance(first, LiveTable)
    assert [first._get_next_id() for _ in range(2)] == [1, 2]
    assert first.insert({"n": 1}) == 3
