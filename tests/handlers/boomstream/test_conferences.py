from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from greenroom.emulator import Emulator
from greenroom.state import Store

GLOBEX = "60fd9c3a5be4b8a1d2e7f0c9463ab815"
CONFERENCE = "0c5db8c0-c2ab-4833-bda8-bf5e8d03da35"
Ask = Callable[..., dict[str, Any]]


def number_of(ask: Ask, code: str, **more: str) -> int:
    number = ask("invite", code=code, email="bob@acme.example", **more)["codeConference"]
    assert isinstance(number, int)
    return number


def test_conferences_are_listed_oldest_first(ask: Ask) -> None:
    before = [each["code"] for each in ask("list")["conferences"]]
    new = [ask("create", title="Same")["Code"] for _ in range(3)]
    assert [each["code"] for each in ask("list")["conferences"]] == [*before, *new]


def test_a_title_is_stored_without_the_blanks_around_it(ask: Ask) -> None:
    code = ask("create", title="\t Board \n")["Code"]
    assert ask("info", code=code)["title"] == "Board"


def test_a_code_is_compared_exactly(ask: Ask) -> None:
    assert ask("info", code=CONFERENCE.upper())["Message"] == "Conference not found"
    assert ask("info", code=f" {CONFERENCE}")["Message"] == "Conference not found"


def test_update_keeps_what_is_not_sent(ask: Ask) -> None:
    code = ask("create", title="Board", description="Monthly", folderCode="a8GESjhK")["Code"]
    assert ask("update", code=code, description="Weekly") == {
        "title": "Board",
        "code": code,
        "folderCode": "a8GESjhK",
        "description": "Weekly",
        "Status": "Success",
    }
    assert ask("info", code=code)["description"] == "Weekly"


def test_numbers_rise_over_all_projects_and_are_never_given_twice(ask: Ask) -> None:
    first, second = (
        ask("create", title="A")["Code"],
        ask("create", title="B", apikey=GLOBEX)["Code"],
    )
    assert number_of(ask, first) == 201
    assert number_of(ask, second, apikey=GLOBEX) == 202
    ask("delete", code=second, apikey=GLOBEX)
    assert number_of(ask, ask("create", title="C")["Code"]) == 203


def test_the_first_number_is_one() -> None:
    with Emulator(providers=["boomstream"], scenario="empty") as emulator:
        alice = emulator.client("boomstream", as_="alice")
        code = alice.post("/api/conference/create", json={"title": "Board"}).json()["Code"]
        sent = {"code": code, "email": "bob@acme.example"}
        assert alice.post("/api/conference/invite", json=sent).json()["codeConference"] == 1


def test_a_counter_that_was_taken_away_begins_anew(ask: Ask, store: Store) -> None:
    store.collection("boomstream", "counters").remove("conferences")
    assert number_of(ask, ask("create", title="Board")["Code"]) == 1


def test_deleting_leaves_nothing_behind(ask: Ask, store: Store) -> None:
    clients = store.collection("boomstream", "clients", "acme")
    assert clients.count(conference=CONFERENCE) == 2
    assert ask("delete", code=CONFERENCE)["message"] == "Client is deleted successful"
    assert clients.count(conference=CONFERENCE) == 0
    assert ask("client/info", code="b0bR2x7Q")["Message"] == "Client not found"
    assert [each["id"] for each in clients] == ["jJY1av1o"]


def test_any_text_survives(client: httpx.Client) -> None:
    text = "<b>&amp;</b> \u2028 \x01 😀 \" '"
    key = "1453d715690dfc600031ecdd448d4cf4"
    sent = {"apikey": key, "title": text, "description": text}
    code = client.post("/api/conference/create", json=sent).json()["Code"]
    found = client.post("/api/conference/info", json={"apikey": key, "code": code}).json()
    assert (found["title"], found["description"]) == (text, text)
