"""Getting a socket: protocols, tickets and what is refused before the upgrade (dossier 8.1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import InvalidStatus

if TYPE_CHECKING:
    from tests.handlers.opentalk.signaling.conftest import House

PROTOCOL = "opentalk-signaling-json-v1.0"


@pytest.mark.parametrize("path", ["/v1/signaling", "/signaling"])
def test_a_ticket_opens_a_socket(house: House, path: str) -> None:
    ticket = house.start("alice")["ticket"]
    socket = house.open_socket(f"ticket#{ticket}", PROTOCOL, path=path)
    assert socket.subprotocol == PROTOCOL


@pytest.mark.parametrize(
    ("protocols", "status", "code"),
    [
        ((), 400, "missing_protocol"),
        (("chat",), 400, "invalid_protocol"),
        ((PROTOCOL,), 401, "missing_ticket"),
        ((PROTOCOL, "ticket#short"), 401, "invalid_ticket"),
        ((PROTOCOL, "ticket#" + "a" * 64), 401, "invalid_ticket"),
    ],
)
def test_a_bad_handshake_is_refused_with_a_body(
    house: House, protocols: tuple[str, ...], status: int, code: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        house.open_socket(*protocols)
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["code"] == code


def test_a_ticket_is_good_for_once(house: House) -> None:
    ticket = f"ticket#{house.start('alice')['ticket']}"
    house.open_socket(PROTOCOL, ticket)
    with pytest.raises(InvalidStatus) as refused:
        house.open_socket(PROTOCOL, ticket)
    assert json.loads(refused.value.response.body)["code"] == "invalid_ticket"


def test_a_ticket_is_good_for_thirty_seconds(house: House) -> None:
    ticket = f"ticket#{house.start('alice')['ticket']}"
    house.order("POST /clock/advance", by="PT30S")
    with pytest.raises(InvalidStatus) as refused:
        house.open_socket(PROTOCOL, ticket)
    assert json.loads(refused.value.response.body)["code"] == "invalid_ticket"


def test_a_room_that_is_gone_lets_nobody_in(house: House) -> None:
    ticket = f"ticket#{house.start('alice')['ticket']}"
    house.alice.delete(f"/v1/rooms/{house.room}")
    with pytest.raises(InvalidStatus) as refused:
        house.open_socket(PROTOCOL, ticket)
    assert refused.value.response.status_code == 404
