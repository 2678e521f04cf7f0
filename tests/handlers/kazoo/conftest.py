"""A frozen exchange, a world of it for each test, and alice at the telephone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from greenroom.emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with Emulator(providers=["kazoo"], at=start, frozen=True) as made:
        yield made


@pytest.fixture
def alice(emulator: Emulator, world: str) -> httpx.Client:
    return emulator.client("kazoo", as_="alice", world=world)


@pytest.fixture
def nobody(emulator: Emulator, world: str) -> httpx.Client:
    return emulator.client("kazoo", world=world)
