"""What the contract tests share: what is written about each provider, and a way to play it."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from xml.etree.ElementTree import Element

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.styles.exceptions import EmptyQueryParameterValue
from openapi_core.templating.paths.exceptions import PathError
from werkzeug.datastructures import Headers, ImmutableMultiDict
from xdist.scheduler import LoadScopeScheduling

from greenroom.emulator import Emulator

CONTRACT = Path(__file__).parent
SPECS = CONTRACT.parent / "specs"
PROVIDERS = sorted(path.stem for path in SPECS.glob("*.yaml") if "." not in path.stem)
START = "2026-01-05T09:00:00Z"
JUDGE_URL = "http://judge.test"
ROOT_URL = "http://127.0.0.1:8800"
Json = dict[str, Any]
Told = tuple[Json, httpx.Response, Json]


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)


@cache
def rules(kind: str) -> Draft202012Validator:
    return Draft202012Validator(read_yaml(CONTRACT / f"{kind}.schema.yaml"))


def read_checked(path: Path, kind: str) -> Json:
    """A document that keeps to its schema; a slip is told by its place."""
    if not path.is_file():
        pytest.fail(f"There is no {path.relative_to(CONTRACT.parent)}.", pytrace=False)
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-seed", type=int, default=0, help="another seed for Schemathesis")


class ByProvider(LoadScopeScheduling):  # type: ignore[misc]  # it comes without types
    """Lets one worker run all tests of a provider: they share one fuzzing."""

    def _split_scope(self, nodeid: str) -> str:
        found = re.search(r"\[([a-z]+)[-\]]", nodeid)
        return found[1] if found and found[1] in PROVIDERS else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByProvider:
    return ByProvider(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for every provider in each of its profiles, or for every conversation."""
    known = [name for name in ("provider", "profile", "story") if name in metafunc.fixturenames]
    if "story" in known:
        metafunc.parametrize(known, [row(known, *told) for told in stories()], scope="session")
    elif known:
        served = [(name, profile) for name in PROVIDERS for profile in ["", *others(name)]]
        rows = [row(known, *each) for each in served if "profile" in known or not each[1]]
        metafunc.parametrize(known, rows, scope="session")


def row(known: Sequence[str], provider: str, profile: str, story: str = "") -> Any:
    """The values that a test wants to know, under a name that tells them."""
    values = {"provider": provider, "profile": profile, "story": story}
    name = "-".join(filter(None, (provider, Path(story).stem or profile)))
    return pytest.param(*map(values.get, known), id=name, marks=pytest.mark.xdist_group(provider))


def stories() -> Iterator[tuple[str, str, str]]:
    """Provider, profile and file name of every conversation."""
    for name in PROVIDERS:
        for path in sorted((CONTRACT / "conversations" / name).glob("*.yaml")):
            yield name, profile_of(name, path), path.name


@cache
def profiles(provider: str) -> Json:
    """What the provider's fixture says of its other profiles."""
    path = CONTRACT / "fixtures" / f"{provider}.yaml"
    return (read_yaml(path).get("profiles") or {}) if path.is_file() else {}


def others(provider: str) -> list[str]:
    """The provider's other profiles."""
    return list(profiles(provider).get("choices", {}))


def profile_of(provider: str, path: Path) -> str:
    """The profile that a conversation is held in; empty for the one that is documented."""
    if not others(provider):
        return ""
    chosen = (read_yaml(path).get("options") or {}).get(profiles(provider)["option"])
    return str(chosen) if chosen in others(provider) else ""


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
def contract(provider: str, profile: str) -> Json:
    """The provider's fixture, with what is particular to the profile."""
    fixture = read_checked(CONTRACT / "fixtures" / f"{provider}.yaml", "fixture")
    if not profile:
        return fixture
    usual, changes = fixture["conformance"], fixture["profiles"]["choices"][profile]
    excused = [*usual.get("excused", []), *changes.get("excused", [])]
    conformance = {**merged(usual, changes), "excused": excused}
    rules("fixture").validate({**fixture, "conformance": conformance})
    return {**fixture, "conformance": conformance}


@pytest.fixture(scope="session")
def options(profile: str, contract: Json) -> Json:
    """The options that have the profile served."""
    return {contract["profiles"]["option"]: profile} if profile else {}


@pytest.fixture(scope="session")
def plain_spec(provider: str) -> Json:
    """The provider's spec, every key a text."""
    return as_json(read_yaml(SPECS / f"{provider}.yaml"))  # type: ignore[no-any-return]  # a mapping


@pytest.fixture(scope="session")
def spec(provider: str, profile: str, plain_spec: Json) -> Json:
    """The provider's spec in this profile."""
    patch = SPECS / f"{provider}.{profile}.yaml"
    if not profile or not patch.is_file():
        return plain_spec
    return merged(plain_spec, as_json(read_yaml(patch)))  # type: ignore[no-any-return]  # a mapping


def as_json(document: Any) -> Any:
    """The document with texts for keys."""
    return json.loads(json.dumps(document))


def merged(document: Any, patch: Any) -> Any:
    """The document with a JSON Merge Patch applied; the emulator has its own."""
    if not isinstance(patch, dict):
        return patch
    there = document if isinstance(document, dict) else {}
    names = [*there, *(name for name in patch if name not in there)]
    return {
        name: merged(there.get(name), patch[name]) if name in patch else there[name]
        for name in names
        if name not in patch or patch[name] is not None
    }


@pytest.fixture(scope="session")
def conversations(provider: str, profile: str) -> dict[str, Json]:
    """The provider's conversations in this profile by file name."""
    paths = sorted((CONTRACT / "conversations" / provider).glob("*.yaml"))
    return {
        path.name: read_checked(path, "conversation")
        for path in paths
        if profile_of(provider, path) == profile
    }


@pytest.fixture(scope="session")
def conversation(provider: str, story: str) -> Json:
    """One conversation."""
    return read_checked(CONTRACT / "conversations" / provider / story, "conversation")


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


@pytest.fixture(scope="session")
def is_accepted(contract: Json) -> Callable[[httpx.Response], bool]:
    """Whether the provider said yes, or where to go; some refuse with a 200, in the body."""
    refusal = re.compile(contract["conformance"].get("refusal", "(?!)"))
    return lambda answer: answer.status_code < 400 and not refusal.search(answer.text)


@pytest.fixture(scope="session")
def operation_of(provider: str, spec: Json) -> Callable[[httpx.Request], str]:
    """Finds the id of the operation that a request addresses; empty when there is none."""
    return Directory(provider, spec).operation


class Directory:
    """The operations of a spec by method and path."""

    def __init__(self, provider: str, spec: Json) -> None:
        self._provider = provider
        paths = sorted(
            spec["paths"], key=lambda path: [part[:1] == "{" for part in path.split("/")]
        )
        self._items = [
            (re.compile(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))), spec["paths"][path])
            for path in paths
        ]

    def operation(self, request: httpx.Request) -> str:
        """The operation's id; empty when there is none."""
        path = below(request, self._provider)
        for pattern, item in self._items:
            if pattern.fullmatch(path):
                return str(item.get(request.method.lower(), {}).get("operationId", ""))
        return ""


def below(request: httpx.Request, provider: str) -> str:
    """The path below the provider's address, as sent."""
    raw = request.url.raw_path.decode("ascii").partition("?")[0]
    return re.sub(rf"^(/~[^/]+)?/{provider}(?=/|$)", "", raw)


def decoded(path: str) -> str:
    """The path as openapi-core wants it: decoded, but for slashes inside a segment."""
    return "/".join(unquote(part).replace("/", "%2F") for part in path.split("/"))


@pytest.fixture(scope="session")
def judge(
    provider: str,
    spec: Json,
    contract: Json,
    operation_of: Callable[[httpx.Request], str],
    is_accepted: Callable[[httpx.Response], bool],
) -> Callable[[httpx.Response], list[str]]:
    """Tells in what an exchange broke the spec; shares no code with the emulator."""
    court = Judge(provider, spec, is_accepted)
    excused = [
        (each["check"].removeprefix("judge:"), each.get("operations"))
        for each in contract["conformance"].get("excused", [])
    ]

    def violations(exchange: httpx.Response) -> list[str]:
        name = operation_of(exchange.request)
        fine = {check for check, names in excused if names is None or name in names}
        return [f"{kind}: {text}" for kind, text in court.violations(exchange) if kind not in fine]

    return violations


class Asked:
    """A request as openapi-core wants it, below the provider's address."""

    def __init__(self, request: httpx.Request, provider: str) -> None:
        self.host_url = JUDGE_URL
        self.path = decoded(below(request, provider))
        self.method = request.method.lower()
        self.body = request.content or None
        self.content_type = request.headers.get("content-type", "").lower()
        query = parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query),
            header=Headers(request.headers.multi_items()),
            cookie=ImmutableMultiDict(),
            path={},
        )


class Answered:
    """An answer as openapi-core wants it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.headers = Headers(response.headers.multi_items())
        self.content_type = response.headers.get("content-type", "").lower()
        self.data = response.content


class Judge:
    """What openapi-core says about exchanges with a provider."""

    def __init__(
        self, provider: str, spec: Json, is_accepted: Callable[[httpx.Response], bool]
    ) -> None:
        self._is_accepted = is_accepted
        readers: dict[str, Callable[[bytes], Any]] = dict.fromkeys(media_types(spec), json.loads)
        self._provider = provider
        self._api = OpenAPI.from_dict(
            {**spec, "servers": [{"url": JUDGE_URL}]},
            config=Config(extra_media_type_deserializers=readers),
        )

    def violations(self, exchange: httpx.Response) -> Iterator[tuple[str, str]]:
        """What is wrong with the answer, and with having accepted the request: kind and text."""
        asked = Asked(exchange.request, self._provider)
        with warnings.catch_warnings():  # openapi-core finds some of OpenAPI's words old-fashioned
            warnings.simplefilter("ignore", DeprecationWarning)
            errors = [*self._api.iter_response_errors(asked, Answered(exchange))]
            if self._is_accepted(exchange):
                errors += self._api.iter_request_errors(asked)
        for error in errors:
            nowhere = exchange.status_code in (401, 404, 405) or asked.method in ("head", "options")
            if not (is_a_quirk(error) or (nowhere and isinstance(error, PathError))):
                yield type(error).__name__, reason(error)


def is_a_quirk(error: Exception) -> bool:
    """Whether openapi-core demands more than OpenAPI does, or reads less.

    It wants allowEmptyValue for `?q=`, which OpenAPI leaves to the schema; and it parses XML but
    holds the element, not what is in it, against the schema.
    """
    cause = error.__cause__
    element = isinstance(getattr(cause, "value", None), Element)
    return isinstance(cause, EmptyQueryParameterValue) or element


def reason(error: Exception) -> str:
    """Why openapi-core complains, in one line; not all of its errors can be made a text."""
    cause = error.__cause__ or error
    schema_errors = getattr(cause, "schema_errors", None)
    if schema_errors:
        return "; ".join(f"{each.json_path} {each.message}"[:200] for each in schema_errors)
    return repr(cause)[:300]


def media_types(node: Any) -> Iterator[str]:
    """The JSON media types in a spec that openapi-core does not know for JSON."""
    if isinstance(node, dict):
        if isinstance(content := node.get("content"), dict):
            yield from (name for name in content if name.endswith("+json"))
        for child in node.values():
            yield from media_types(child)
    elif isinstance(node, list):
        for child in node:
            yield from media_types(child)
