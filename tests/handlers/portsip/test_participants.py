from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.portsip.layouts import GRIDS, HIDDEN, free_place

POSITIONS = st.lists(st.integers(-1, 8), max_size=12)


@given(st.sampled_from(sorted(GRIDS)), POSITIONS)
def test_a_newcomer_gets_the_lowest_free_place_of_the_grid(layout: str, taken: list[int]) -> None:
    room = {"mode": "VIDEO", "layout": layout}
    free = sorted(set(range(GRIDS[layout])) - set(taken))
    people = [{"position": place} for place in taken]
    assert free_place(room, people) == (free[0] if free else HIDDEN)


@pytest.mark.parametrize("number", ["100", "+442071838750", "*97#", "bob.smith_2-x"])
def test_a_number_becomes_a_sip_address(
    alice: httpx.Client, make_room: Callable[..., str], number: str
) -> None:
    room = make_room()
    assert alice.post(f"{room}/participants/invite", json={"number": number}).status_code == 200
    (person,) = alice.get(f"{room}/participants").json()["items"]
    address = number.replace("#", "%23")
    assert person["display_name"] == f'"{number}"<sip:{address}@tenant.example.com>'


def test_a_participant_is_nobody_in_another_room(
    alice: httpx.Client, make_room: Callable[..., str]
) -> None:
    here, there = make_room("8000"), make_room("8001")
    alice.post(f"{here}/participants/invite", json={"number": "100"})
    person = alice.get(f"{here}/participants").json()["items"][0]["id"]
    assert alice.get(f"{here}/participants/{person}").status_code == 200
    assert alice.get(f"{there}/participants/{person}").status_code == 404
    assert alice.post(f"{there}/participants/{person}/mute").status_code == 404


def test_a_muted_room_under_master_control_mutes_its_chairman_too(
    alice: httpx.Client, make_room: Callable[..., str]
) -> None:
    room = make_room(control="MASTER")
    alice.post(f"{room}/mute")
    alice.post(f"{room}/participants/invite", json={"number": "100"})
    (person,) = alice.get(f"{room}/participants").json()["items"]
    assert (person["chairman"], person["muted"]) == (True, True)
