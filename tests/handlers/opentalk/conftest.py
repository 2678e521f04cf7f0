"""A frozen OpenTalk, an empty world of it for each test, and people who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import httpx
import jwt
import pytest

from greenroom.emulator import Emulator
from greenroom.state import Store

NUMBERS = count(1)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SECRET = "a secret that nobody checks, of the length that is asked for"

Client = Callable[[str], httpx.Client]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator(providers=["opentalk"], scenario="empty", at=START, frozen=True) as made:
        yield made


@pytest.fixture
def as_(emulator: Emulator, world: str) -> Client:
    """Acts as one of the cast."""
    return lambda who: emulator.client("opentalk", as_=who, world=world)


@pytest.fixture
def alice(as_: Client) -> httpx.Client:
    return as_("alice")


@pytest.fixture
def bob(as_: Client) -> httpx.Client:
    return as_("bob")


@pytest.fixture
def carol(as_: Client) -> httpx.Client:
    return as_("carol")


@pytest.fixture
def mallory(as_: Client) -> httpx.Client:
    return as_("mallory")


@pytest.fixture
def nobody(emulator: Emulator, world: str) -> httpx.Client:
    return emulator.client("opentalk", world=world)


@pytest.fixture
def bearer(emulator: Emulator, world: str) -> Client:
    """Acts as whoever has this token."""

    def client(token: str) -> httpx.Client:
        made = emulator.client("opentalk", world=world)
        made.headers["Authorization"] = f"Bearer {token}"
        return made

    return client


@pytest.fixture
def advance(store: Store) -> Callable[[float], None]:
    """Winds the clock by seconds."""
    return lambda seconds: store.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def token() -> Callable[..., str]:
    """Writes a token as a test would: signed with any secret, good for an hour."""
    return token_of


def token_of(**claims: Any) -> str:
    now = int(START.timestamp())
    usual = {
        "iss": "https://accounts.example.org",
        "sub": "erin",
        "iat": now,
        "exp": now + 3600,
        "email": "Erin@Acme.example",
        "given_name": "Erin",
        "family_name": "Evans",
    }
    told = {name: value for name, value in (usual | claims).items() if value is not ...}
    return jwt.encode(told, SECRET, algorithm="HS256")


@pytest.fixture
def made_room(alice: httpx.Client) -> Callable[..., str]:
    """Makes a room of alice's; answers its path."""
    return partial(_made_room, alice)


def _made_room(client: httpx.Client, **body: Any) -> str:
    answer = client.post("/v1/rooms", json={"password": "", "enable_sip": False, **body})
    assert answer.status_code in (200, 201), answer.text
    return f"/v1/rooms/{answer.json()['id']}"


@pytest.fixture
def made_code() -> Callable[..., str]:
    """Makes an invite code for a room; answers the code."""

    def made(client: httpx.Client, room: str, **body: Any) -> str:
        answer = client.post(f"{room}/invites", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["invite_code"])

    return made


@pytest.fixture(scope="session")
def with_options() -> Iterator[Callable[..., httpx.Client]]:
    """Acts as one of the cast where these options are in force, in an empty world."""
    opened: dict[str, Emulator] = {}

    def client(who: str = "", scenario: str = "empty", **options: Any) -> httpx.Client:
        key = f"{scenario} {sorted(options.items())}"
        if key not in opened:
            opened[key] = Emulator(
                providers=["opentalk"],
                scenario=scenario,
                at=START,
                frozen=True,
                options={"opentalk": options},
            )
        return opened[key].client("opentalk", as_=who or None, world=f"test-{next(NUMBERS)}")

    yield client
    for each in opened.values():
        each.close()


@pytest.fixture
def letters(store: Store) -> Callable[[], list[dict[str, Any]]]:
    """Reads the e-mails that were sent in this world, the oldest first."""
    return lambda: list(store.collection("_greenroom", "outbox"))


@pytest.fixture
def made_event(alice: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Makes an event, of alice's by default: on 6 January from ten to eleven in Berlin."""

    def made(client: httpx.Client = alice, **body: Any) -> dict[str, Any]:
        timed: dict[str, Any] = {
            "is_all_day": False,
            "starts_at": {"datetime": "2026-01-06T09:00:00Z", "timezone": "Europe/Berlin"},
            "ends_at": {"datetime": "2026-01-06T10:00:00Z", "timezone": "Europe/Berlin"},
        }
        usual = {"title": "Board", "description": "All of us", "is_time_independent": False}
        usual |= {} if body.get("is_time_independent") else timed
        answer = client.post("/v1/events", json=usual | body)
        assert answer.status_code in (200, 201), answer.text
        event: dict[str, Any] = answer.json()
        return event

    return made


@pytest.fixture
def daily(made_event: Callable[..., dict[str, Any]]) -> str:
    """A daily event of alice's, by its path."""
    return f"/v1/events/{made_event(recurrence_pattern=['RRULE:FREQ=DAILY'])['id']}"
