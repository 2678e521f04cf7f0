"""What is served, and as whom one may call it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny


def test_health_tells_what_is_served(rooms: Callable[..., Tiny]) -> None:
    answer = rooms().send_to("GET /_greenroom/health")
    health = answer.json()
    uptime = health.pop("uptime_seconds")
    assert (answer.status_code, health) == (
        200,
        {"status": "ok", "version": version("greenroom"), "providers": ["tiny"]},
    )
    assert 0 <= uptime < 60


def test_providers_are_listed_with_address_and_options(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms(options={"tiny": {"mood": "wild"}})
    listed = tiny.send_to("GET /~t1/_greenroom/providers").json()
    assert listed == [
        {
            "name": "tiny",
            "title": "Tiny",
            "version": "1",
            "base_url": "http://127.0.0.1:8800/~t1/tiny",
            "operations": 3,
            "options": {
                "limit": {"value": 3, "default": 10, "description": "How many rooms a page has."},
                "mood": {"value": "wild", "default": "calm", "description": "How the place feels."},
            },
        }
    ]


def test_credentials_are_all_a_client_needs_to_act_as_somebody(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    listed = tiny.send_to("GET /_greenroom/credentials").json()
    assert listed == [
        {
            "provider": "tiny",
            "who": "ada",
            "tenant": "acme",
            "role": "owner",
            "headers": {"Authorization": "Bearer ada"},
            "query": {},
            "path": {"id": "hall"},
        },
        {
            "provider": "tiny",
            "who": "eve",
            "tenant": "globex",
            "role": "member",
            "headers": {"Authorization": "Bearer eve"},
            "query": {"as": "eve"},
            "path": {},
        },
    ]
    for person in listed:
        answer = tiny.send("GET /rooms", headers=person["headers"])
        assert answer.status_code == 200


def test_credentials_may_be_asked_for_one_provider(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    assert len(tiny.send_to("GET /_greenroom/credentials?provider=tiny").json()) == 2
    assert tiny.send_to("GET /_greenroom/credentials?provider=other").json() == []


def test_the_cast_is_that_of_the_scenario_the_world_is_in(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    tiny.send_to("POST /_greenroom/reset", json={"scenario": "empty"})
    listed = tiny.send_to("GET /_greenroom/credentials").json()
    assert [person["who"] for person in listed] == ["ada"]
    assert len(tiny.send_to("GET /~t1/_greenroom/credentials").json()) == 2


def test_the_control_plane_describes_itself(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    document = tiny.send_to("GET /~t1/_greenroom/openapi.json").json()
    assert document["servers"][0]["url"] == "http://127.0.0.1:8800/~t1/_greenroom"
    assert "/health" in document["paths"]
    assert tiny.send_to("GET /_greenroom/ui").status_code == 200


def test_what_the_control_plane_refuses_is_a_problem_document(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms()
    answer = tiny.send_to("PUT /_greenroom/clock", json={"now": "noon", "colour": 3})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "The request does not fit the description.",
        "errors": [
            {"pointer": "/colour", "detail": "is not a member that is known here."},
            {"pointer": "/now", "detail": "is not a valid date-time."},
        ],
    }
    for line in ("GET /_greenroom/nothing", "GET /_greenroom", "DELETE /_greenroom/health"):
        answer = tiny.send_to(line)
        assert answer.status_code in (404, 405)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() == {"type", "title", "status", "detail"}


def test_orders_may_come_under_a_form_label(rooms: Callable[..., Tiny]) -> None:
    answer = rooms().send_to(
        "POST /_greenroom/clock/advance",
        content=b'{"by": 60}',
        type_="application/x-www-form-urlencoded",
    )
    assert answer.json() == {"now": "2026-01-05T09:01:00Z", "fired": []}


def test_with_a_token_only_who_has_it_gives_orders(rooms: Callable[..., Tiny]) -> None:
    tiny = rooms(control_token="sesame")
    for headers in ({}, {"authorization": "Bearer open"}, {"authorization": "sesame"}):
        answer = tiny.send_to("GET /_greenroom/health", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["title"] == "Unauthorized"
    sesame = {"authorization": "Bearer sesame"}
    assert tiny.send_to("GET /_greenroom/health", headers=sesame).status_code == 200
    assert tiny.send_to("GET /~t1/_greenroom/health").status_code == 401
    assert tiny.send_to("GET /_greenroom/openapi.json").status_code == 401
    assert tiny.send("GET /rooms", headers={"authorization": "Bearer ada"}).status_code == 200
