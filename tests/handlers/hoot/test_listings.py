from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

ALICE = "a5c818fb-bd18-41f6-a030-745ff9fe7f21"
CAROL = "c4401000-3f5b-4d1e-8c62-0e1f2a3b4c5d"
Make = Callable[..., dict[str, Any]]

# dossier 5.3: from, to, number of conferences; the items answered, or no content, or refused
WINDOWS: list[tuple[int | None, int | None, int, list[int] | int]] = [
    (None, None, 3, [1, 2, 3]),
    (0, -1, 3, [1, 2, 3]),
    (1, 2, 3, [2]),
    (1, 99, 3, [2, 3]),
    (3, -1, 3, []),
    (4, -1, 3, 204),
    (None, None, 0, []),
    (1, -1, 0, 204),
    (2, 1, 3, []),
    (-1, -1, 3, -1),
    (0, -2, 3, 400),
]


@pytest.mark.parametrize("which", ["last_joined_conferences", "invited_to_conferences"])
@pytest.mark.parametrize(("first", "end", "number", "expected"), WINDOWS)
def test_a_window_into_a_list(
    alice: httpx.Client,
    nobody: httpx.Client,
    make: Make,
    which: str,
    first: int | None,
    end: int | None,
    number: int,
    expected: list[int] | int,
) -> None:
    names = [f"Number {number - index}" for index in range(number)]
    for name in names:
        party = make(name, participants=["carol@acme.example"])["conference"]["participants"][0]
        assert nobody.get(party["join_url"]).status_code == 302
    asked = {key: value for key, value in (("from", first), ("to", end)) if value is not None}
    answer = alice.get(f"/v1/user/{CAROL}/{which}", params=asked)
    if expected == -1:  # the one row in which the two lists part
        expected = [1, 2, 3] if which.startswith("last") else 400
    if isinstance(expected, int):
        assert answer.status_code == expected
        assert expected != 204 or (answer.content, "content-type" in answer.headers) == (b"", False)
    else:
        shown = [each["conference"]["name"] for each in answer.json()]
        assert (answer.status_code, shown) == (200, [f"Number {each}" for each in expected])


def test_each_conference_is_joined_last_once(
    alice: httpx.Client, nobody: httpx.Client, make: Make
) -> None:
    links = {name: make(name)["party"]["join_url"] for name in ("One", "Two")}
    for name in ("One", "Two", "One"):
        nobody.get(links[name])
    joined = alice.get(f"/v1/user/{ALICE}/last_joined_conferences").json()
    assert [each["conference"]["name"] for each in joined] == ["One", "Two", "Weekly planning"]


def test_huge_windows_are_windows(alice: httpx.Client) -> None:
    path = f"/v1/user/{ALICE}/invited_to_conferences"
    assert alice.get(path, params={"from": 10**30}).status_code == 204
    assert len(alice.get(path, params={"to": 10**30}).json()) == 3


def test_favourites_come_in_the_order_of_marking(alice: httpx.Client, make: Make) -> None:
    path = f"/v1/user/{ALICE}"
    for conference in [make(name)["conference"]["id"] for name in ("B", "A")]:
        alice.post(f"{path}/set_favourite_conference/{conference}")
    marked = alice.get(f"{path}/favourite_conferences").json()
    assert [each["conference"]["name"] for each in marked] == ["Weekly planning", "B", "A"]


@pytest.mark.parametrize(
    ("term", "count", "names"),
    [
        ("plan", None, ["Weekly planning"]),
        ("PLANNING", -1, ["Weekly planning"]),
        ("___", None, []),
        ("Product_demo", None, ["Product_demo"]),
        ("rty", None, ["Last year's party"]),
        ("cond", None, ["Second test", "Secondtry"]),
        ("cond", 1, ["Second test"]),
        ("cond", 0, []),
        ("cond", 9, ["Second test", "Secondtry"]),
        ("board", None, []),
    ],
)
def test_search_finds_parts_of_names_the_latest_first(
    alice: httpx.Client, make: Make, term: str, count: int | None, names: list[str]
) -> None:
    make("Secondtry")
    make("Second test")
    asked = {} if count is None else {"count": count}
    answer = alice.get(f"/v1/search/conferences/{term}", params=asked)
    assert [each["conference"]["name"] for each in answer.json()] == names


def test_who_is_no_party_finds_nothing(client: Callable[..., httpx.Client]) -> None:
    assert client("carol").get("/v1/search/conferences/planning").json() == []
    assert client("operator").get("/v1/search/conferences/planning").json() == []


@pytest.mark.parametrize(("term", "count"), [("pl", -1), ("a b", -1), ("plan", -2), ("plan", "x")])
def test_a_search_is_held_to_its_limits(alice: httpx.Client, term: str, count: int | str) -> None:
    answer = alice.get(f"/v1/search/conferences/{term}", params={"count": count})
    assert answer.status_code == 400


def test_searching_is_not_remembered(alice: httpx.Client) -> None:
    alice.get("/v1/search/conferences/Product")
    assert alice.get(f"/v1/user/{ALICE}/search_strings").json() == ["planning"]


@pytest.mark.parametrize(("length", "status"), [(36, 200), (37, 400)])
def test_a_user_is_named_by_an_address_no_longer_than_a_uuid(
    alice: httpx.Client, make: Make, length: int, status: int
) -> None:
    email = f"{'x' * (length - 6)}@x.org"
    make(participants=[email])
    assert alice.get(f"/v1/user/{email}/search_strings").status_code == status
