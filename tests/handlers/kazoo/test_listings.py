from __future__ import annotations

from typing import Any

import httpx
import pytest

from greenroom.handlers.kazoo.filters import chosen_by

CONFERENCES = "/v2/accounts/9d351ad7ffd6f846313af9eed3bb7b85/conferences"
DOCUMENT: Any = {
    "id": "a",
    "name": "One",
    "size": 5,
    "rate": 1.5,
    "on": True,
    "nothing": None,
    "empty": "",
    "none": [],
    "deep": {"flag": False, "list": ["x"]},
    "pvt_created": "2026-01-05T09:00:00Z",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filter_name", "One"),
        ("filter_size", "5"),
        ("filter_rate", "1.5"),
        ("filter_on", "true"),
        ("filter_deep.flag", "false"),
        ("filter_size", "[4, 5]"),
        ("filter_name", '["One"]'),
        ("filter_not_name", "Two"),
        ("filter_not_absent", "x"),
        ("filter_not_name", "[One"),
        ("filter_pvt_created", "2026-01-05T09:00:00Z"),
        ("has_key", "deep.flag"),
        ("has_key", "nothing"),
        ("key_missing", "deep.other"),
        ("has_value", "deep.flag"),
        ("has_value", "size"),
        ("missing_value", "empty"),
        ("missing_value", "none"),
        ("missing_value", "nothing"),
        ("value_missing", "absent"),
        ("created_from", "63934822800"),
        ("created_to", "63934822800"),
        ("page_size", "1"),
        ("filter", "x"),
    ],
)
def test_a_filter_lets_through(name: str, value: str) -> None:
    assert chosen_by([(name, value)])(DOCUMENT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filter_name", "one"),
        ("filter_absent", ""),
        ("filter_nothing", "null"),
        ("filter_deep", "{}"),
        ("filter_deep.list", "x"),
        ("filter_name.length", "3"),
        ("filter_", ""),
        ("filter_name", "[[]]"),
        ("filter_not_name", "One"),
        ("has_key", "absent"),
        ("key_missing", "nothing"),
        ("has_value", "empty"),
        ("missing_value", "on"),
        ("created_from", "63934822801"),
        ("created_to", "63934822799"),
        ("created_from", "now"),
        ("created_to", ""),
        ("modified_from", "0"),
    ],
)
def test_a_filter_leaves_out(name: str, value: str) -> None:
    assert not chosen_by([(name, value)])(DOCUMENT)


def walked(alice: httpx.Client, **query: str | int) -> list[str]:
    """The ids of a list, page after page."""
    ids, key = [], None
    while True:
        start: dict[str, str] = {} if key is None else {"start_key": key}
        page = alice.get(CONFERENCES, params={**query, **start}).json()
        ids += [each["id"] for each in page["data"]]
        assert page["page_size"] == len(page["data"])
        key = page.get("next_start_key")
        if key is None:
            return ids


def test_a_list_is_the_same_in_pages_of_any_size(alice: httpx.Client) -> None:
    for number in range(9):
        alice.put(CONFERENCES, json={"data": {"name": f"Conf {number % 3}"}})
    whole = [each["id"] for each in alice.get(CONFERENCES).json()["data"]]
    assert whole == sorted(whole)
    assert len(whole) == 11
    for size in (1, 2, 7, 100):
        assert walked(alice, page_size=size) == whole
        assert walked(alice, page_size=size, descending="true") == whole[::-1]


def test_two_filters_choose_what_both_choose(alice: httpx.Client) -> None:
    for number in range(6):
        data = {"name": f"Conf {number % 2}", "profile": f"p{number % 3}"}
        alice.put(CONFERENCES, json={"data": data})
    named = walked(alice, filter_name="Conf 1", page_size=2)
    profiled = walked(alice, filter_profile="p1", page_size=2)
    both = walked(alice, filter_name="Conf 1", filter_profile="p1", page_size=1)
    assert both == [each for each in named if each in profiled]
    assert both


def test_fifty_make_a_page(alice: httpx.Client) -> None:
    for number in range(50):
        alice.put(CONFERENCES, json={"data": {"name": f"Conf {number}"}})
    page = alice.get(CONFERENCES).json()
    assert (page["page_size"], len(page["data"])) == (50, 50)
    assert alice.get(CONFERENCES, params={"paginate": "false"}).json()["data"][:50] == page["data"]
