"""A frozen account, a world of it for each test, and ways to ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator

ACME = "1453d715690dfc600031ecdd448d4cf4"
GLOBEX = "60fd9c3a5be4b8a1d2e7f0c9463ab815"


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with Emulator(providers=["boomstream"], at=start, frozen=True) as made:
        yield made


@pytest.fixture
def client(emulator: Emulator, world: str) -> httpx.Client:
    """A client without a key."""
    return emulator.client("boomstream", world=world)


@pytest.fixture
def ask(client: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Calls a method with acme's key and answers with the JSON object; `apikey` overrides."""

    def asked(method: str, **parameters: Any) -> dict[str, Any]:
        sent = {"apikey": ACME, "format": "json", **parameters}
        answer = client.get(f"/api/conference/{method}", params=sent)
        assert answer.status_code == 200
        found = answer.json()
        assert isinstance(found, dict)
        return found

    return asked
