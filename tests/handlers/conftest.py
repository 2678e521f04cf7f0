"""A world for each test, and what is said over sockets, held to the provider's AsyncAPI document.

Each provider's own pytest fixtures say which `emulator` that is a world of.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from greenroom.emulator import Emulator
from greenroom.state import Store

SPECS = Path(__file__).parents[2] / "specs"
ADDRESS = "urn:asyncapi"
WAIT = 5.0
NUMBERS = count(1)


class Spoken:
    """The messages that an AsyncAPI document knows, by who says them."""

    def __init__(self, document: Any) -> None:
        self._document = document
        registry: Registry[Any] = Registry().with_resource(
            ADDRESS, DRAFT202012.create_resource(document)
        )
        self._validators = {
            action: {
                place: Draft202012Validator(
                    {"$ref": f"{ADDRESS}{place}/payload"}, registry=registry
                )
                for place in self._messages(action)
            }
            for action in ("receive", "send")
        }

    def _messages(self, action: str) -> Iterator[str]:
        for operation in self._document["operations"].values():
            if operation["action"] == action:
                for message in operation["messages"]:
                    yield self._resolved(message["$ref"])

    def _resolved(self, reference: str) -> str:
        """Where a reference leads that may lead to another."""
        node = self._document
        for part in reference.split("/")[1:]:
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return self._resolved(node["$ref"]) if "$ref" in node else reference

    def kinds(self, action: str, message: Any) -> list[str]:
        """The messages that this one can be."""
        return [
            place.rpartition("/")[2]
            for place, validator in self._validators[action].items()
            if validator.is_valid(message)
        ]

    def why_not(self, action: str, message: Any) -> list[str]:
        """What keeps it from being each of them."""
        return [
            f"{place.rpartition('/')[2]}: {error.json_path} {error.message}"
            for place, validator in self._validators[action].items()
            for error in validator.iter_errors(message)
        ]


@cache
def spoken_by(provider: str) -> Spoken:
    """The messages of a provider."""
    path = SPECS / f"{provider}.asyncapi.yaml"
    document = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    return Spoken(json.loads(json.dumps(document)))


@dataclass
class Talker:
    """A client whose every message, and every one it is sent, is held to the document."""

    client: ClientConnection
    spoken: Spoken

    def say(self, message: Any, *, documented: bool = True) -> None:
        """Send a message; one that is wrong on purpose is not `documented`."""
        if documented:
            assert self.spoken.kinds("receive", message), self.spoken.why_not("receive", message)
        self.client.send(json.dumps(message))

    def hear(self) -> Any:
        """The next message."""
        message = json.loads(self.client.recv(timeout=WAIT))
        kinds = self.spoken.kinds("send", message)
        assert len(kinds) == 1, kinds or (message, self.spoken.why_not("send", message))
        return message

    def ask(self, message: Any, *, documented: bool = True) -> Any:
        """Send a message and hear the next."""
        self.say(message, documented=documented)
        return self.hear()

    def ending(self) -> tuple[int, str]:
        """How the connection ends, which is what comes next."""
        with pytest.raises(ConnectionClosed) as closed:
            self.client.recv(timeout=WAIT)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason


@pytest.fixture
def world() -> str:
    """The name of a world of the test's own."""
    return f"test-{next(NUMBERS)}"


@pytest.fixture
def store(emulator: Emulator, world: str) -> Store:
    """What is true in that world."""
    return emulator.world(world).store


@pytest.fixture
def talk() -> Iterator[Callable[..., Talker]]:
    """Connects clients to the socket of a provider, until the end of the test."""
    with ExitStack() as stack:

        def make(provider: str, address: str, **options: Any) -> Talker:
            options = {"open_timeout": WAIT, "close_timeout": WAIT, **options}
            client: ClientConnection = connect(address.replace("http", "ws", 1), **options)
            return Talker(stack.enter_context(client), spoken_by(provider))

        yield make


@pytest.fixture
def spoken() -> Callable[[str], Spoken]:
    """The messages that the AsyncAPI document of a provider knows."""
    return spoken_by
