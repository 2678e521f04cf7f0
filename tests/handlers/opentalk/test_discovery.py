"""Where newer clients look for the API."""

from __future__ import annotations

import re

import httpx


def test_newer_clients_find_the_api(nobody: httpx.Client) -> None:
    base = nobody.get("/.well-known/opentalk/client").json()["opentalk_controller"]["base_url"]
    path = nobody.get("/.well-known/opentalk/api").json()["opentalk_api"]["v1"]["base_url"]
    assert re.fullmatch(r"http://127\.0\.0\.1:8800/~test-\d+/opentalk", base)
    assert nobody.get(f"{base}{path}/auth/login").status_code == 200
