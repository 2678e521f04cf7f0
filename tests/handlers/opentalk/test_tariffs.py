"""What tariffs show."""

from __future__ import annotations

from collections.abc import Callable

import httpx

MakeRoom = Callable[..., str]


def test_a_tariff_lists_what_it_has(alice: httpx.Client) -> None:
    tariff = alice.get("/v1/users/me/tariff").json()
    assert (tariff["name"], tariff["quotas"]) == ("OpenTalkDefaultTariff", {})
    assert tariff["disabled_features"] == []
    assert tariff["enabled_modules"] == [module["name"] for module in tariff["modules"]]
    assert {"name": "core", "features": ["call_in"]} in tariff["modules"]


def test_a_tariff_leaves_out_what_it_has_not(carol: httpx.Client) -> None:
    tariff = carol.get("/v1/users/me/tariff").json()
    assert tariff["quotas"] == {"room_participant_limit": 5, "room_time_limit_secs": 2700}
    assert tariff["disabled_features"] == ["core::call_in", "call_in"]
    assert not {"breakout", "recording"} & set(tariff["enabled_modules"])
    assert {"name": "core", "features": []} in tariff["modules"]


def test_a_rooms_tariff_is_that_of_whoever_made_it(
    alice: httpx.Client, made_room: MakeRoom
) -> None:
    tariff = alice.get(f"{made_room()}/tariff")
    assert tariff.json() == alice.get("/v1/users/me/tariff").json()
