"""TURN and STUN servers, and what opens them."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable

import httpx
import pytest

Options = Callable[..., httpx.Client]


def test_turn_credentials_are_what_the_servers_expect(alice: httpx.Client) -> None:
    turn, stun = alice.get("/v1/turn").json()
    until, _, random = turn["username"].partition(":turn_random_for_privacy_")
    assert (until, turn["ttl"], len(b64decode(random))) == ("1767690000", "1767690000", 16)
    digest = hmac.digest(b"greenroom", turn["username"].encode(), "sha1")
    assert turn["password"] == b64encode(digest).decode()
    assert turn["uris"][0] == "turn:127.0.0.1:3478?transport=udp"
    assert stun == {"uris": ["stun:127.0.0.1:3478"]}


def test_turn_credentials_are_the_callers_and_the_moments(
    alice: httpx.Client, bob: httpx.Client, advance: Callable[[float], None]
) -> None:
    def name(client: httpx.Client) -> str:
        return str(client.get("/v1/turn").json()[0]["username"])

    before = name(alice)
    assert name(alice) == before
    assert name(bob) != before
    advance(1)
    assert name(alice) != before


@pytest.mark.parametrize(("servers", "shown"), [(1, 1), (2, 1), (3, 2), (9, 2)])
def test_of_many_turn_servers_two_are_drawn(
    with_options: Options, servers: int, shown: int
) -> None:
    uris = [f"turn:{number}.example" for number in range(servers)]
    alice = with_options("alice", turn_servers=uris, stun_servers=[])
    drawn = [uri for each in alice.get("/v1/turn").json() for uri in each["uris"]]
    assert len(set(drawn)) == shown
    assert set(drawn) <= set(uris)


def test_no_turn_server_is_a_mistake_of_the_installation(with_options: Options) -> None:
    alice = with_options("alice", turn_servers=[], stun_servers=[])
    answer = alice.get("/v1/turn")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")
