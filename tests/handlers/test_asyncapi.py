"""The AsyncAPI documents: their own examples fit them, and their paths are those of the routes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.handlers.conftest import Spoken

SPECS = Path(__file__).parents[2] / "specs"
PROVIDERS = sorted(path.name.partition(".")[0] for path in SPECS.glob("*.asyncapi.yaml"))


def document_of(provider: str) -> Any:
    return yaml.load((SPECS / f"{provider}.asyncapi.yaml").read_text("utf-8"), yaml.CSafeLoader)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_example_is_the_message_it_stands_under(
    provider: str, spoken: Callable[[str], Spoken]
) -> None:
    wrong = [
        f"{name}: {example['payload']}"
        for name, message in document_of(provider)["components"]["messages"].items()
        for example in message.get("examples", ())
        if not any(
            name in spoken(provider).kinds(way, example["payload"]) for way in ("receive", "send")
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_channel_is_a_route(provider: str) -> None:
    module = importlib.import_module(f"greenroom.handlers.{provider}")
    paths = {route.path for route in module.PROVIDER.sockets}
    assert {each["address"] for each in document_of(provider)["channels"].values()} <= paths


def test_whoever_has_sockets_has_a_document() -> None:
    folders = sorted(path.parent.name for path in (SPECS.parent / "handlers").glob("*/sockets.py"))
    assert [name for name in folders if name not in PROVIDERS] == []
