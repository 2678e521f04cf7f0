"""Who may give orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

HEALTH = "GET /_greenroom/health"
WANTED = {"access-control-request-method": "PUT"}


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "https://app.localhost",
        "http://[::1]:8800",
    ],
)
def test_pages_of_this_machine_give_orders_and_read_the_answers(
    rooms: Callable[..., Tiny], origin: str
) -> None:
    tiny = rooms()
    answer = tiny.send_to(HEALTH, headers={"origin": origin})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
    asked = tiny.send_to("OPTIONS /_greenroom/clock", headers={"origin": origin, **WANTED})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, origin)


@pytest.mark.parametrize(
    "origin",
    ["https://example.com", "null", "http://localhost.example.com", "http://10.0.0.1", "http://[x"],
)
def test_pages_from_elsewhere_neither_give_orders_nor_read(
    rooms: Callable[..., Tiny], origin: str
) -> None:
    tiny = rooms()
    before = tiny.main.digest()
    for line in (HEALTH, "POST /_greenroom/reset"):
        answer = tiny.send_to(line, headers={"origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    asked = tiny.send_to("OPTIONS /_greenroom/clock", headers={"origin": origin, **WANTED})
    assert "access-control-allow-origin" not in asked.headers
    assert tiny.main.digest() == before


def test_pages_from_elsewhere_may_call_the_providers(rooms: Callable[..., Tiny]) -> None:
    headers = {"origin": "https://example.com", "authorization": "Bearer ada"}
    answer = rooms().send("GET /rooms", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://example.com"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8800", 200),
        ("127.0.0.1:8800", 200),
        ("127.0.0.2", 200),
        ("[::1]:8800", 200),
        ("tiny.localhost:8800", 200),
        ("", 200),
        ("example.com", 403),
        ("localhost.example.com:8800", 403),
        ("10.0.0.1:8800", 403),
        ("[2001:db8::1]", 403),
        ("[", 403),
    ],
)
def test_a_name_that_was_made_to_mean_this_machine_gives_no_orders(
    rooms: Callable[..., Tiny], host: str, status: int
) -> None:
    assert rooms().send_to(HEALTH, host=host).status_code == status


def test_with_the_token_orders_come_from_anywhere(rooms: Callable[..., Tiny]) -> None:
    headers = {"origin": "https://example.com", "authorization": "Bearer sesame"}
    answer = rooms(control_token="sesame").send_to(HEALTH, host="example.com", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://example.com"
