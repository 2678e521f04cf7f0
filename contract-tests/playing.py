"""Playing a conversation: what each step sends, and what it keeps of the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from greenroom.emulator import Emulator

START = "2026-01-05T09:00:00Z"
ROOT_URL = "http://127.0.0.1:8800"
Json = dict[str, Any]
Told = tuple[Json, httpx.Response, Json]


@pytest.fixture(scope="session")
def open_emulator() -> Callable[..., Emulator]:
    """Makes an emulator of one provider as a conversation wants it, its clock frozen."""

    def made(provider: str, told: Json, **more: Any) -> Emulator:
        return Emulator(
            providers=[provider],
            scenario=told.get("scenario", "default"),
            seed=told.get("seed", 0),
            at=datetime.fromisoformat(told.get("at", START)),
            frozen=True,
            options={provider: told.get("options", {})},
            **more,
        )

    return made


@pytest.fixture(scope="session")
def play() -> Callable[..., Iterator[Told]]:
    """Plays a conversation; yields each step, its answer and what is kept so far."""
    return played


def played(emulator: Emulator, provider: str, told: Json, world: str = "main") -> Iterator[Told]:
    """Send one step after the other; what a step keeps is taken after the caller had its look."""
    kept: Json = {}
    origin = ROOT_URL if world == "main" else f"{ROOT_URL}/~{world}"
    cast = emulator.cast(provider)
    with emulator.client() as client:
        for step in told["steps"]:
            answer = client.send(asked(step, origin, provider, cast, kept))
            yield step, answer, kept
            for name, where in step.get("keep", {}).items():
                kept[name] = taken(answer, where)


def asked(
    step: Json, origin: str, provider: str, cast: Mapping[str, Json], kept: Json
) -> httpx.Request:
    """The request that a step stands for."""
    control = f"{origin}/_greenroom"
    if "advance" in step:
        return httpx.Request("POST", f"{control}/clock/advance", json={"by": step["advance"]})
    if "stimulus" in step:
        address = f"{control}/stimuli/{provider}/{step['stimulus']['name']}"
        return httpx.Request("POST", address, json=filled(step["stimulus"].get("body", {}), kept))
    if "outbox" in step:
        look = {"kind": step["outbox"], "settled": "true"}
        return httpx.Request("GET", f"{control}/outbox", params=look)
    send = filled({key: value for key, value in step["send"].items() if key != "path"}, kept)
    who = cast[send["as"]] if "as" in send else {}
    path = addressed(step["send"]["path"], {**who.get("path", {}), **kept})
    headers = httpx.Headers({"Accept": "*/*", **who.get("headers", {})})
    headers.update(send.get("headers", {}))
    return httpx.Request(
        send.get("method", "GET"),
        path if "://" in path else f"{origin}/{provider}{path}",
        params={**who.get("query", {}), **send.get("query", {})} or None,
        headers=headers,
        **contents(send),
    )


def contents(send: Json) -> Json:
    """The body of a step as the client's arguments."""
    names = {"json": "json", "form": "data", "text": "content"}
    return {argument: send[key] for key, argument in names.items() if key in send}


def addressed(path: str, kept: Json) -> str:
    """The path with the kept values in it, each percent-encoded; an unknown name is a mistake."""
    if re.fullmatch(r"\{[\w-]+\}", path):
        return str(kept[path[1:-1]])
    missing = set(re.findall(r"\{([\w-]+)\}", path)) - kept.keys()
    if missing:
        pytest.fail(f"{path}: nothing is kept as {', '.join(sorted(missing))}", pytrace=False)
    return re.sub(r"\{([\w-]+)\}", lambda found: quote(str(kept[found[1]]), safe=""), path)


def filled(value: Any, kept: Json) -> Any:
    """The value with `{name}` replaced by what is kept; alone in its text it keeps its type."""
    if isinstance(value, dict):
        return {key: filled(item, kept) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, kept) for item in value]
    if not isinstance(value, str):
        return value
    alone = re.fullmatch(r"\{([\w-]+)\}", value)
    if alone and alone[1] in kept:
        return kept[alone[1]]
    return re.sub(r"\{([\w-]+)\}", lambda found: str(kept.get(found[1], found[0])), value)


@pytest.fixture(scope="session")
def fill() -> Callable[[Any, Json], Any]:
    """Puts kept values into an expectation."""
    return filled


def taken(answer: httpx.Response, where: str) -> Any:
    """What a JSON pointer, or `header:NAME`, finds in an answer."""
    if where.startswith("header:"):
        return answer.headers[where.removeprefix("header:")]
    value = answer.json()
    for part in where.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
