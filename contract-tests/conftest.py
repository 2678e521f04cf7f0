"""What the contract tests share: what is written about each provider, and what runs for whom.

How conversations are played stands in `playing.py`, who judges exchanges in `judging.py`, how
Schemathesis is run in `fuzzing.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["playing", "judging", "fuzzing"]

CONTRACT = Path(__file__).parent
SPECS = CONTRACT.parent / "specs"
PROVIDERS = sorted(path.stem for path in SPECS.glob("*.yaml") if "." not in path.stem)
Json = dict[str, Any]


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
