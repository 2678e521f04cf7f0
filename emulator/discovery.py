"""Which providers are there: a folder of handlers and a spec of the same name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from greenroom.emulator.engine.names import python_name
from greenroom.emulator.toolkit import GreenroomError, Json, Provider, SpecMismatchError

_HANDLERS, _SPECS = "greenroom.handlers", "greenroom.specs"
_METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(source: Traversable) -> Any:
    """The document in a YAML file; `SpecMismatchError` naming the place when it is not YAML."""
    try:
        return yaml.load(source.read_text("utf-8"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SpecMismatchError(f"{source.name} is not YAML: {error}") from None


def with_text_keys(node: Any) -> Any:
    """The document with every key a text, as JSON has them: YAML reads 200 as a number."""
    if isinstance(node, dict):
        return {str(key): with_text_keys(value) for key, value in node.items()}
    if isinstance(node, list):
        return [with_text_keys(item) for item in node]
    return node


@dataclass(frozen=True)
class Found:
    """One provider as its files declare it; read when first asked for."""

    name: str

    @property
    def source(self) -> str:
        """The spec's file, for messages."""
        return f"specs/{self.name}.yaml"

    @cached_property
    def spec(self) -> Json:
        """The OpenAPI document."""
        document = with_text_keys(load_yaml(files(_SPECS) / f"{self.name}.yaml"))
        if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
            raise SpecMismatchError(f"{self.source} is not an OpenAPI document with paths")
        return document

    @property
    def provider(self) -> Provider:
        """What the folder declares."""
        found = getattr(self._package, "PROVIDER", None)
        if not isinstance(found, Provider):
            raise SpecMismatchError(f"handlers/{self.name}/__init__.py declares no PROVIDER")
        return found

    @property
    def handlers(self) -> Mapping[str, Callable[..., Any]]:
        """The handlers by operation id; functions without an operation keep their own name."""
        names = {python_name(each["operationId"]): each["operationId"] for each in self.operations}
        exported = [name for name in self._package.__all__ if name != "PROVIDER"]
        return {names.get(name, name): getattr(self._package, name) for name in exported}

    @property
    def operations(self) -> list[Json]:
        """The operations of the spec that have an id, each with its path and method."""
        return [
            {**operation, "path": path, "method": method.upper()}
            for path, item in self.spec["paths"].items()
            for method, operation in item.items()
            if method in _METHODS and isinstance(operation, dict) and "operationId" in operation
        ]

    @property
    def title(self) -> str:
        """The documented API's name."""
        return str(self.spec.get("info", {}).get("title", self.name))

    @property
    def version(self) -> str:
        """The documented API's version."""
        return str(self.spec.get("info", {}).get("version", ""))

    @property
    def scenarios(self) -> dict[str, Traversable]:
        """The scenario files by name, `default` first."""
        folder = files(_HANDLERS) / self.name / "scenarios"
        found = {
            each.name.removesuffix(".yaml"): each
            for each in folder.iterdir()
            if each.name.endswith(".yaml")
        }
        return dict(sorted(found.items(), key=lambda item: (item[0] != "default", item[0])))

    @cached_property
    def _package(self) -> Any:
        return importlib.import_module(f"{_HANDLERS}.{self.name}")


def names() -> list[str]:
    """The names of all providers, in alphabetical order."""
    specs = {each.name.removesuffix(".yaml") for each in files(_SPECS).iterdir()}
    return sorted(
        each.name
        for each in files(_HANDLERS).iterdir()
        if each.is_dir() and each.name in specs and (each / "__init__.py").is_file()
    )


def discover(wanted: Sequence[str | Found] | None = None) -> list[Found]:
    """The wanted providers, all of them by default; an unknown name is a `GreenroomError`.

    One that is given as a value is taken as it is.
    """
    known = names()
    given = {each.name: each for each in wanted or [] if isinstance(each, Found)}
    for each in wanted or []:
        if isinstance(each, str) and each not in known:
            raise GreenroomError(f"There is no provider {each!r}; there are {', '.join(known)}.")
    named = [name for name in known if not wanted or name in wanted]
    return [given.get(name) or Found(name) for name in sorted({*named, *given})]
