"""Running Schemathesis against a served provider: what it is told, and what it reports."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

Json = dict[str, Any]
Exchanges = list[httpx.Response]
CONTRACT = Path(__file__).parent
OWN_CHECKS = ("judge:", "relation:", "stock:")
WALKS = 5  # what sees enough of most; a fixture may want more
# What a check of Schemathesis takes for an answer anyway; an excuse adds to it.
USUAL = {
    "negative_data_rejection": "400 401 403 404 405 406 409 412 413 415 422 428 5xx",
    "positive_data_acceptance": "2xx 3xx 401 403 404 409 429 5xx",
    "missing_required_header": "400 401 403 406 415 422",
    "not_a_server_error": "2xx 3xx 4xx",
}


@dataclass(frozen=True)
class Run:
    """What Schemathesis found, what went over the wire, and which links it followed."""

    complaint: str = ""
    exchanges: Exchanges = field(default_factory=list)
    links: int = 0
    followed: frozenset[str] = frozenset()

    def and_then(self, other: Run) -> Run:
        """Both runs as one."""
        return Run(
            self.complaint + other.complaint,
            self.exchanges + other.exchanges,
            max(self.links, other.links),
            self.followed | other.followed,
        )


@pytest.fixture(scope="session")
def server(provider: str, contract: Json, options: Json) -> Iterator[str]:
    """The address of a server of this provider; each world in it begins afresh."""
    chosen = [f"--option={provider}.{name}={value}" for name, value in options.items()]
    order = [sys.executable, "-m", "greenroom.emulator", "serve", provider, "--port", "0"]
    start = ["--scenario", contract["scenario"], "--at", "2026-01-05T09:00:00Z", "--frozen"]
    process = subprocess.Popen([*order, *start, *chosen], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            break
    else:
        pytest.fail(f"The server did not start: {''.join(said)}", pytrace=False)
    yield found[0]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


@pytest.fixture(scope="session")
def schemathesis(
    provider: str,
    spec: Json,
    contract: Json,
    server: str,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Callable[[str, int], Run]:
    """Runs some phases of Schemathesis in a fresh world; each repetition has its own seed."""
    folder = tmp_path_factory.mktemp(provider)
    who = next(
        each
        for each in httpx.get(f"{server}/_greenroom/credentials", timeout=10).json()
        if each["provider"] == provider and each["who"] == contract["as"]
    )
    config = configured(spec, contract["conformance"], who)
    first = pytestconfig.getoption("--fuzz-seed") or config["seed"]
    (folder / "schemathesis.toml").write_text(as_toml(config), "utf-8")

    def run(phases: str, repetition: int) -> Run:
        world = f"{phases.partition(',')[0]}-{repetition}"
        traffic = folder / f"{world}.ndjson"
        with connected(f"{server}/~{world}/{provider}", contract["conformance"]):
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "schemathesis.cli"),
                    *("--config-file", str(folder / "schemathesis.toml")),
                    *("run", f"{server}/~{world}/{provider}/openapi.json"),
                    *("--phases", phases, "--seed", str(first + repetition)),
                    *("--report", "ndjson", "--report-ndjson-path", str(traffic)),
                ],
                capture_output=True,
                text=True,
                timeout=900,
                check=False,
                env={**os.environ, "COLUMNS": "120"},
            )
        return reported(traffic, done.stdout + done.stderr if done.returncode else "")

    return run


@contextmanager
def connected(address: str, conformance: Json) -> Iterator[None]:
    """Keeps the sockets open that the fixture wants, each having said what it is to say."""
    with ExitStack() as stack:
        for wanted in conformance.get("sockets", ()):
            place = address.replace("http", "ws", 1) + wanted["path"]
            socket = stack.enter_context(connect(place, max_queue=None))
            for message in wanted["say"]:
                socket.send(json.dumps(message))
                socket.recv(timeout=10)
        yield


@pytest.fixture(scope="session")
def fuzzed(schemathesis: Callable[[str, int], Run]) -> Run:
    return schemathesis("examples,coverage,fuzzing", 0)


@pytest.fixture(scope="session")
def followed(contract: Json, schemathesis: Callable[[str, int], Run]) -> Run:
    """Several short walks along the links; one ends when a step is answered unlike before."""
    wanted = contract["conformance"].get("walks", WALKS)
    walks = [schemathesis("stateful", repetition) for repetition in range(wanted)]
    return reduce(Run.and_then, walks)


def configured(spec: Json, conformance: Json, who: Json) -> Json:
    """The common settings with what this provider's fixture and cast add to them."""
    config = tomllib.loads((CONTRACT / "schemathesis.toml").read_text("utf-8"))
    headers, auth = dict(who["headers"]), dict(conformance.get("auth", {}))
    for name, scheme in spec["components"].get("securitySchemes", {}).items():
        found = None if auth.get(name) else credential(scheme, headers, who["query"])
        if found:
            auth[name] = found
    pinned = {f"path.{name}": value for name, value in who["path"].items()}
    config["headers"] = headers
    config["parameters"] = {**pinned, **conformance.get("parameters", {})}
    config["auth"] = {"openapi": auth} if auth else {}
    operations = {
        name: pins(values, spec) for name, values in conformance.get("operations", {}).items()
    }
    for excuse in conformance.get("excused", []):
        if excuse["check"].startswith(OWN_CHECKS):
            continue
        for name in excuse.get("operations", [None]):
            home = config if name is None else operations.setdefault(name, {})
            if excuse["check"] in config["warnings"]["fail-on"]:
                home["warnings"] = False
            else:
                home.setdefault("checks", {})[excuse["check"]] = leniency(excuse)
    config["operations"] = [
        {"include-operation-id": name, **settings} for name, settings in operations.items()
    ]
    return {key: value for key, value in config.items() if value not in ({}, [])}


def pins(values: Json, spec: Json) -> Json:
    """Values pinned in one operation; a credential is a header there and no parameter."""
    schemes = spec["components"].get("securitySchemes", {}).values()
    shown = {f"header.{each['name']}" for each in schemes if each.get("in") == "header"}
    shown.add("header.Authorization")
    headers = {name.partition(".")[2]: values[name] for name in values if name in shown}
    parameters = {name: values[name] for name in values if name not in shown}
    return {"parameters": parameters, **({"headers": headers} if headers else {})}


def credential(scheme: Json, headers: Json, query: Json) -> Json | None:
    """What the cast shows for a security scheme, taken out of the headers it stood in."""
    if scheme["type"] == "apiKey":
        place = {"header": headers, "query": query}.get(scheme["in"], {})
        key = next((key for key in place if key.lower() == scheme["name"].lower()), None)
        return {"api_key": place.pop(key)} if key else None
    kind, _, value = headers.get("Authorization", "").partition(" ")
    if scheme["type"] == "http" and scheme["scheme"].lower() == kind.lower() == "bearer":
        del headers["Authorization"]
        return {"bearer": value}
    return None


def leniency(excuse: Json) -> Json:
    """An excuse in the words of Schemathesis."""
    if "statuses" not in excuse:
        return {"enabled": False}
    usual = USUAL.get(excuse["check"], "").split()
    return {"expected-statuses": [*usual, *(str(status) for status in excuse["statuses"])]}


def as_toml(config: Json) -> str:
    return "".join(f"{json.dumps(key)} = {inline(value)}\n" for key, value in config.items())


def inline(value: Any) -> str:
    """A value in TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return json.dumps(value)


def reported(traffic: Path, complaint: str) -> Run:
    """What the report of a run tells."""
    exchanges, followed, links = [], set(), 0
    with traffic.open(encoding="utf-8") as lines:
        for event in map(json.loads, lines):
            payload = event.get("PhaseStarted", {}).get("payload", {})
            links = payload.get("transitions_selected", links)
            recorder = event.get("ScenarioFinished", {}).get("recorder", {})
            interactions = recorder.get("interactions", {}).values()
            exchanges += [recorded(each) for each in interactions if each.get("response")]
            cases = recorder.get("cases", {}).values()
            followed |= {
                each["transition"]["id"] for each in cases if each["is_transition_applied"]
            }
    return Run(complaint, exchanges, links, frozenset(followed))


def recorded(interaction: Json) -> httpx.Response:
    """One exchange, byte for byte."""
    asked, answered = interaction["request"], interaction["response"]
    return httpx.Response(
        answered["status_code"],
        headers=pairs(answered["headers"]),
        content=decoded(answered.get("content")),
        request=httpx.Request(
            asked["method"],
            asked["uri"],
            headers=pairs(asked["headers"]),
            content=decoded(asked.get("body")),
        ),
    )


def pairs(headers: dict[str, list[str]]) -> list[tuple[bytes, bytes]]:
    """Header fields as they are sent."""
    return [
        (name.encode(), value.encode("latin-1", "replace"))
        for name, values in headers.items()
        for value in values
    ]


def decoded(body: Any) -> bytes:
    return base64.b64decode(body["$base64"]) if isinstance(body, dict) else (body or "").encode()
