"""What the contract tests share: what is written about each provider, and a way to play it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

from greenroom.emulator import Emulator

CONTRACT = Path(__file__).parent
START = "2026-01-05T09:00:00Z"
Json = dict[str, Any]
Told = tuple[Json, httpx.Response, Json]


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)


@cache
def rules(kind: str) -> Draft202012Validator:
    return Draft202012Validator(read_yaml(CONTRACT / f"{kind}.schema.yaml"))


def read_checked(path: Path, kind: str) -> Json:
    """A document that keeps to its schema; a slip is told by its place."""
    document = read_yaml(path)
    problems = [
        f"at {problem.json_path}: {problem.message}"
        for outer in rules(kind).iter_errors(document)
        for problem in (deepest(outer),)
    ]
    if problems:
        pytest.fail(f"{path.relative_to(CONTRACT)} {'; '.join(problems)}", pytrace=False)
    assert isinstance(document, dict)
    return document


def deepest(error: Any) -> Any:
    """Of the alternatives that failed, the complaint that got furthest."""
    while error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))
    return error


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    providers = sorted(path.stem for path in (CONTRACT.parent / "specs").glob("*.yaml"))
    if "provider" in metafunc.fixturenames:
        alike = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in providers]
        metafunc.parametrize("provider", alike, scope="session")
    if "story" in metafunc.fixturenames:
        paths = sorted((CONTRACT / "conversations").glob("*/*.yaml"))
        told = [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in paths]
        metafunc.parametrize("story", told)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the tests recorded for people: coverage, links, excuses."""
    reports = [
        each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, [])
    ]
    lines = [text for each in reports for key, text in each.user_properties if key == "contract"]
    if lines:
        terminalreporter.section("contract")
        for line in sorted(lines):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def contract(provider: str) -> Json:
    """The provider's fixture."""
    return read_checked(CONTRACT / "fixtures" / f"{provider}.yaml", "fixture")


@pytest.fixture(scope="session")
def spec(provider: str) -> Json:
    """The provider's spec, every key a text."""
    document = read_yaml(CONTRACT.parent / "specs" / f"{provider}.yaml")
    return json.loads(json.dumps(document))  # type: ignore[no-any-return]  # JSON's keys are texts


@pytest.fixture(scope="session")
def conversations(provider: str) -> dict[str, Json]:
    """The provider's conversations by file name."""
    paths = sorted((CONTRACT / "conversations" / provider).glob("*.yaml"))
    return {path.name: read_checked(path, "conversation") for path in paths}


@pytest.fixture(scope="session")
def read_conversation() -> Callable[[Path], Json]:
    """Reads one conversation and checks its form."""
    return lambda path: read_checked(path, "conversation")


@pytest.fixture(scope="session")
def open_emulator() -> Callable[..., Emulator]:
    """Makes an emulator of one provider as a conversation wants it, its clock frozen."""

    def made(provider: str, told: Json, **more: Any) -> Emulator:
        return Emulator(
            providers=[provider],
            scenario=told.get("scenario", "default"),
            seed=told.get("seed", 0),
            at=told.get("at", START),
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
    prefix = "" if world == "main" else f"/~{world}"
    with emulator.client() as client:
        for step in told["steps"]:
            answer = client.send(asked(client, emulator, provider, prefix, step, kept))
            yield step, answer, kept
            for name, where in step.get("keep", {}).items():
                kept[name] = taken(answer, where)


def asked(
    client: httpx.Client, emulator: Emulator, provider: str, prefix: str, step: Json, kept: Json
) -> httpx.Request:
    """The request that a step stands for."""
    control = f"{client.base_url.join(prefix + '/_greenroom')}"
    if "advance" in step:
        return client.build_request(
            "POST", f"{control}/clock/advance", json={"by": step["advance"]}
        )
    if "stimulus" in step:
        name, body = step["stimulus"]["name"], step["stimulus"].get("body", {})
        address = f"{control}/stimuli/{provider}/{name}"
        return client.build_request("POST", address, json=filled(body, kept))
    send = filled({key: value for key, value in step["send"].items() if key != "path"}, kept)
    who = emulator.credentials(provider, send["as"]) if "as" in send else {}
    path = addressed(step["send"]["path"], {**who.get("path", {}), **kept})
    base = str(client.base_url).rstrip("/")
    return client.build_request(
        send.get("method", "GET"),
        path if "://" in path else f"{base}{prefix}/{provider}{path}",
        params={**who.get("query", {}), **send.get("query", {})} or None,
        headers={**who.get("headers", {}), **send.get("headers", {})},
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
