from __future__ import annotations

from collections.abc import Callable

import httpx


def test_a_room_that_fits_is_found_behind_many_that_do_not(
    alice: httpx.Client, operator: httpx.Client, make_room: Callable[..., str]
) -> None:
    internal = operator.get("/api/conference_servers").json()["items"][0]["id"]
    server = f"/api/conference_servers/{internal}"
    operator.post(server, json={"enabled": False, "max_participants": 50})
    large = [make_room(str(8000 + number), capacity=51) for number in range(60)]
    small = make_room("9000", capacity=50)
    operator.post(server, json={"enabled": True})
    states = [alice.get(f"{room}/status").json()["status"] for room in (*large, small)]
    assert states == [*["OFFLINE"] * 60, "ONLINE"]


def test_smaller_limits_send_nobody_away(
    alice: httpx.Client, operator: httpx.Client, make_room: Callable[..., str]
) -> None:
    internal = operator.get("/api/conference_servers").json()["items"][0]["id"]
    room = make_room()
    alice.post(f"{room}/participants/invite", json={"number": "100"})
    limits = {"max_rooms": 0, "max_participants": 0}
    assert operator.post(f"/api/conference_servers/{internal}", json=limits).status_code == 200
    assert alice.get(f"{room}/status").json()["status"] == "ON_CALL"


def test_as_many_rooms_as_a_tenant_may_have_come_back_at_once(
    alice: httpx.Client, operator: httpx.Client, make_room: Callable[..., str]
) -> None:
    internal = operator.get("/api/conference_servers").json()["items"][0]["id"]
    server = f"/api/conference_servers/{internal}"
    operator.post(server, json={"enabled": False})
    rooms = [make_room(str(8000 + number)) for number in range(22)]
    operator.post(server, json={"enabled": True})
    states = [alice.get(f"{room}/status").json()["status"] for room in rooms]
    assert states == [*["ONLINE"] * 20, "OFFLINE", "OFFLINE"]


def test_one_room_more_than_a_tenant_may_have_stays_without_a_place(
    alice: httpx.Client, make_room: Callable[..., str]
) -> None:
    rooms = [make_room(str(8000 + number)) for number in range(21)]
    states = [alice.get(f"{room}/status").json()["status"] for room in rooms]
    assert states == [*["ONLINE"] * 20, "OFFLINE"]
