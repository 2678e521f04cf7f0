"""A frozen HooT, a world of it for each test, and people who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest

from greenroom.emulator import Emulator
from greenroom.state import Store

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SECRET = "hoot-signs-the-tokens-of-its-cast-with-this"
Json = dict[str, Any]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator(providers=["hoot"], at=START, frozen=True) as made:
        yield made


@pytest.fixture
def client(emulator: Emulator, world: str) -> Callable[..., httpx.Client]:
    """Makes a client of one of the cast, or of nobody."""
    return lambda who=None: emulator.client("hoot", as_=who, world=world)


@pytest.fixture
def alice(client: Callable[..., httpx.Client]) -> httpx.Client:
    return client("alice")


@pytest.fixture
def bob(client: Callable[..., httpx.Client]) -> httpx.Client:
    return client("bob")


@pytest.fixture
def mallory(client: Callable[..., httpx.Client]) -> httpx.Client:
    return client("mallory")


@pytest.fixture
def nobody(client: Callable[..., httpx.Client]) -> httpx.Client:
    return client()


@pytest.fixture
def token() -> Callable[..., str]:
    """Makes a token with these claims, signed as the cast's are."""
    return lambda **claims: jwt.encode(claims, SECRET)


@pytest.fixture
def headers(token: Callable[..., str]) -> Callable[..., dict[str, str]]:
    """Makes the headers of somebody with these claims in the Generic instance."""
    return lambda **claims: {"Authorization": token(**claims), "x-hoot-instance": "Generic"}


@pytest.fixture
def make(alice: httpx.Client) -> Callable[..., Json]:
    """Makes a conference of alice's and answers with her partyconf."""

    def made(name: str = "Test", **body: Any) -> Json:
        answer = alice.post(
            f"/v1/create_conference/{name}", json={"moderators": [], "participants": [], **body}
        )
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    return made


@pytest.fixture
def edit(alice: httpx.Client) -> Callable[..., httpx.Response]:
    """Changes one of alice's conferences."""

    def edited(conference: str, **body: Any) -> httpx.Response:
        nothing: Json = {"new_moderators": [], "new_participants": [], "remove_users": []}
        return alice.post(f"/v1/edit_conference/{conference}", json=nothing | body)

    return edited


@pytest.fixture
def letters(store: Store) -> Callable[[], list[Json]]:
    """Reads the e-mails that were sent in this world, the oldest first."""
    return lambda: [
        each for each in store.collection("_greenroom", "outbox") if each["kind"] == "email"
    ]


@pytest.fixture
def told(store: Store) -> Callable[[], list[Json]]:
    """Reads the deliveries that were put out in this world, the oldest first."""
    return lambda: [
        each for each in store.collection("_greenroom", "outbox") if each["kind"] == "webhook"
    ]
