"""Starting worlds: scenario files, read, checked and put into a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import yaml
from isodate import Duration, ISO8601Error, parse_duration
from jsonschema import Draft202012Validator

from greenroom.emulator import scripts
from greenroom.emulator.discovery import Found
from greenroom.emulator.options import check_option
from greenroom.emulator.scripts import Step
from greenroom.emulator.stimuli import by_name, schema_of
from greenroom.emulator.toolkit import GreenroomError, Json, ScenarioError
from greenroom.emulator.yaml_documents import SafeLoader
from greenroom.state import Store

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_RECORDS = {"type": "array", "items": {"type": "object", "required": ["id"]}}
SCHEMA: Json = {
    "type": "object",
    "required": ["title", "cast", "records"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string"},
        "description": {"type": "string"},
        "options": {"type": "object"},
        "script": scripts.SCHEMA,
        "cast": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["tenant", "role"],
                "additionalProperties": False,
                "properties": {
                    "tenant": {"type": "string"},
                    "role": {"type": "string"},
                    "headers": _TEXTS,
                    "query": _TEXTS,
                    "path": _TEXTS,
                },
            },
        },
        "records": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [_RECORDS, {"type": "object", "additionalProperties": _RECORDS}]
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Offset:
    """An instant given by its distance from the start of the world's clock."""

    distance: timedelta
    form: str

    def resolve(self, start: datetime) -> str | int:
        """The instant as the scenario wants it written."""
        at = start + self.distance
        if self.form == "!at":
            return at.strftime("%Y-%m-%dT%H:%M:%SZ")
        seconds = at.timestamp()
        return int(seconds * 1000) if self.form == "!unix_ms" else int(seconds)


class _Loader(SafeLoader):
    """YAML with instants relative to the start; data and nothing else."""


def _offset(loader: yaml.SafeLoader, node: yaml.Node) -> Offset:
    text = str(node.value)
    try:
        distance = parse_duration(text)
    except ISO8601Error:
        distance = None
    if distance is None or isinstance(distance, Duration):
        raise yaml.MarkedYAMLError(
            problem=f"{text!r} is no duration of weeks, days and times such as -P2DT3H",
            problem_mark=node.start_mark,
        )
    return Offset(distance, node.tag)


for _form in ("!at", "!unix", "!unix_ms"):
    _Loader.add_constructor(_form, _offset)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One starting world of one provider."""

    provider: str
    name: str
    title: str
    description: str
    cast: Mapping[str, Json]
    options: Mapping[str, Any]
    records: Mapping[str, Mapping[str, list[Json]]] = field(repr=False)
    script: Sequence[Step] = ()

    def furnish(self, store: Store) -> None:
        """Put the records into a store whose clock stands at the start, and let its script run."""
        start = store.clock.now()
        for collection, tenants in self.records.items():
            for tenant, records in tenants.items():
                table = store.collection(self.provider, collection, tenant)
                for record in records:
                    try:
                        table.add(_resolved(record, start))
                    except (TypeError, ValueError, OverflowError) as error:
                        place = "/".join(filter(None, (collection, tenant, str(record["id"]))))
                        file = _file(self.provider, self.name)
                        raise ScenarioError(f"{file} at records/{place}: {error}") from None
        try:
            scripts.schedule(store, self.provider, self.script)
        except OverflowError as error:
            file = _file(self.provider, self.name)
            raise ScenarioError(f"{file} at script: {error}") from None


def _resolved(node: Any, start: datetime) -> Any:
    if isinstance(node, Offset):
        return node.resolve(start)
    if isinstance(node, dict):
        return {key: _resolved(value, start) for key, value in node.items()}
    if isinstance(node, list):
        return [_resolved(item, start) for item in node]
    return node


def _file(provider: str, name: str) -> str:
    return f"handlers/{provider}/scenarios/{name}.yaml"


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(SCHEMA)


def load_scenario(found: Found, name: str) -> Scenario:
    """One scenario of a provider; `ScenarioError` names file, place and what to do."""
    sources = found.scenarios
    if name not in sources:
        known = ", ".join(sources)
        raise ScenarioError(f"{found.name} has no scenario {name!r}; it has {known}.")
    file = _file(found.name, name)
    try:
        document = yaml.load(sources[name].read_text("utf-8"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{file}: {error}") from None
    for problem in _validator().iter_errors(document):
        place = "/".join(map(str, problem.absolute_path)) or "the top"
        raise ScenarioError(f"{file} at {place}: {problem.message}")
    for collection in document["records"]:
        if collection not in found.provider.collections:
            known = ", ".join(found.provider.collections)
            raise ScenarioError(f"{file}: no collection {collection!r}; there are {known}.")
    try:
        options = {
            key: check_option(found.name, found.provider, key, value)
            for key, value in (document.get("options") or {}).items()
        }
    except GreenroomError as error:
        raise ScenarioError(f"{file} at options: {error}") from None
    script = _script(found, document.get("script") or [], file)
    return Scenario(
        provider=found.name,
        name=name,
        title=document["title"],
        description=document.get("description", ""),
        cast=document["cast"],
        options=options,
        records={
            collection: {"": records} if isinstance(records, list) else records
            for collection, records in document["records"].items()
        },
        script=script,
    )


def _script(found: Found, documents: Sequence[Json], file: str) -> list[Step]:
    """The steps of a script; `ScenarioError` names every one that could not be taken."""
    if not documents:
        return []
    steps, wrong = [], []
    for index, document in enumerate(documents):
        try:
            steps.append(scripts.read_step(document))
        except ValueError as error:
            wrong.append((index, f"at: {error}"))
    if not wrong:
        schemas = {name: schema_of(each) for name, each in by_name(found.provider).items()}
        wrong = sorted(scripts.problems(steps, schemas))
    if wrong:
        lines = (f"{file} at script/{index}: {problem}" for index, problem in wrong)
        raise ScenarioError("\n".join(lines))
    return steps
