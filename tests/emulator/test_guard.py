"""Who may give orders to the control plane."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from greenroom.emulator import Emulator

FOREIGN = [
    "http://evil.example",
    "https://127.0.0.1.evil.example",
    "null",
    "http://[::2]:8800",
    "http://[",
]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client of an emulator that was started without a token."""
    with Emulator(["portsip"]) as emulator:
        yield emulator.client()


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_from_elsewhere_gives_no_orders(client: httpx.Client, origin: str) -> None:
    answer = client.post("/_greenroom/reset", headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_from_elsewhere_gets_no_leave_beforehand(client: httpx.Client, origin: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = client.options("/_greenroom/reset", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:5173", "http://a.localhost"],
)
def test_a_page_of_this_machine_gives_orders(client: httpx.Client, origin: str) -> None:
    answer = client.post("/_greenroom/reset", headers={"Origin": origin})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8800", "127.0.0.1.evil.example"])
def test_a_name_made_to_mean_this_machine_gives_no_orders(client: httpx.Client, host: str) -> None:
    answer = client.get("/_greenroom/state", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["detail"] == (
        f"{host} is no name of this machine; use localhost, or start with a token."
    )


def test_providers_answer_pages_and_names_from_anywhere(client: httpx.Client) -> None:
    headers = {
        "Authorization": "Bearer alice",
        "Host": "pbx.example",
        "Origin": "https://app.example",
    }
    answer = client.get("/portsip/api/conference_rooms", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


def test_with_a_token_orders_come_from_anywhere_and_not_without_it() -> None:
    with Emulator(["portsip"], control_token="secret") as emulator:
        client = emulator.client()
        elsewhere = {"Host": "staging.example", "Origin": "https://app.example"}
        refused = client.get("/_greenroom/health", headers=elsewhere)
        taken = client.get(
            "/_greenroom/health", headers={**elsewhere, "Authorization": "Bearer secret"}
        )
        assert (refused.status_code, taken.status_code) == (401, 200)
        assert refused.headers["www-authenticate"] == "Bearer"
        assert taken.headers["access-control-allow-origin"] == "https://app.example"
