"""A frozen PBX, an empty world of it for each test, and people who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator
from greenroom.state import Store


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with Emulator(providers=["portsip"], scenario="empty", at=start, frozen=True) as made:
        yield made


@pytest.fixture
def alice(emulator: Emulator, world: str) -> httpx.Client:
    return emulator.client("portsip", as_="alice", world=world)


@pytest.fixture
def operator(emulator: Emulator, world: str) -> httpx.Client:
    return emulator.client("portsip", as_="operator", world=world)


@pytest.fixture
def nobody(emulator: Emulator, world: str) -> httpx.Client:
    return emulator.client("portsip", world=world)


@pytest.fixture
def make_room(alice: httpx.Client) -> Callable[..., str]:
    """Makes a room of alice's with as little as it needs and what is given; answers its path."""

    def made(number: str = "8000", mode: str = "AUDIO", **more: Any) -> str:
        body = {"extension_number": number, "mode": mode, "subject": "Board", "capacity": 9, **more}
        answer = alice.post("/api/conference_rooms", json=body)
        assert answer.status_code == 201, answer.text
        return f"/api/conference_rooms/{answer.json()['id']}"

    return made


@pytest.fixture
def letters(store: Store) -> Callable[[], list[dict[str, Any]]]:
    """Reads the e-mails that were sent in this world, the oldest first."""
    return lambda: list(store.collection("_greenroom", "outbox"))
