"""Which providers are there: a folder of handlers and a spec of the same name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from greenroom.emulator.engine.names import python_name
from greenroom.emulator.patching import patched
from greenroom.emulator.toolkit import GreenroomError, Json, Option, Provider, SpecMismatchError
from greenroom.emulator.yaml_documents import load_yaml

_HANDLERS, _SPECS = "greenroom.handlers", "greenroom.specs"
_METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


@dataclass(frozen=True)
class Found:
    """One provider as its files declare it; read when first asked for."""

    name: str

    @property
    def profile(self) -> str:
        """The choice that asks for it as described here; empty when there is no choice."""
        return self._profiles.default if self.provider.profile else ""

    @property
    def chosen_by(self) -> Mapping[str, str]:
        """The option, if there is one, that has it served as described here."""
        return {self.provider.profile: self.profile} if self.provider.profile else {}

    @cached_property
    def variants(self) -> Mapping[str, Variant]:
        """The same provider in those of its other profiles that have a spec of their own."""
        if not self.provider.profile:
            return {}
        others = (each for each in self._profiles.choices if each != self.profile)
        patches = {choice: self.patch(choice) for choice in others}
        return {
            choice: Variant(self.name, self, choice, patch)
            for choice, patch in patches.items()
            if patch.is_file()
        }

    def serving(self, options: Mapping[str, Any]) -> Found:
        """The provider as it is described while these options are in force."""
        return self.variants.get(options.get(self.provider.profile, ""), self)

    def patch(self, choice: str) -> Traversable:
        """The file that says how the spec differs in another profile, if there is one."""
        return files(_SPECS) / f"{self.name}.{choice}.yaml"

    @property
    def _profiles(self) -> Option:
        option = self.provider.options.get(self.provider.profile)
        if option is None or not option.choices or option.default not in option.choices:
            raise SpecMismatchError(
                f"handlers/{self.name}/__init__.py: the profile is {self.provider.profile!r}, "
                "which is no option with choices that its default is one of"
            )
        return option

    @property
    def source(self) -> str:
        """The spec's file, for messages."""
        return f"specs/{self.name}.yaml"

    @cached_property
    def spec(self) -> Json:
        """The OpenAPI document."""
        document = load_yaml(files(_SPECS) / f"{self.name}.yaml")
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
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions that the folder exports, whichever profile has an operation for them."""
        exported = [name for name in self._package.__all__ if name != "PROVIDER"]
        return {name: getattr(self._package, name) for name in exported}

    @property
    def handlers(self) -> Mapping[str, Callable[..., Any]]:
        """The handlers by operation id; functions without an operation keep their own name.

        Those whose operation only another profile has are left out.
        """
        return {
            self._ids.get(name, name): function
            for name, function in self.functions.items()
            if name in self._ids or not self._is_elsewhere(name)
        }

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {python_name(each["operationId"]): each["operationId"] for each in self.operations}

    def _is_elsewhere(self, name: str) -> bool:
        return any(name in variant._ids for variant in self.variants.values())

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


@dataclass(frozen=True)
class Variant(Found):
    """A provider in another of its profiles: the same functions, and a spec that is patched."""

    plain: Found
    choice: str
    file: Traversable

    @property
    def profile(self) -> str:
        """The choice that asks for it."""
        return self.choice

    @property
    def variants(self) -> Mapping[str, Variant]:
        """None: it is one."""
        return {}

    @property
    def source(self) -> str:
        """The files that make the spec, for messages."""
        return f"{self.plain.source} with {self.file.name}"

    @cached_property
    def changes(self) -> Json:
        """The merge patch."""
        document = load_yaml(self.file)
        if not isinstance(document, dict):
            raise SpecMismatchError(f"specs/{self.file.name} is not a merge patch: no mapping")
        return document

    @cached_property
    def spec(self) -> Json:
        """The OpenAPI document."""
        document: Json = patched(self.plain.spec, self.changes)
        if not isinstance(document.get("paths"), dict):
            raise SpecMismatchError(f"{self.source} is not an OpenAPI document with paths")
        return document

    @property
    def provider(self) -> Provider:
        """What the folder declares."""
        return self.plain.provider

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions that the folder exports."""
        return self.plain.functions

    @property
    def scenarios(self) -> dict[str, Traversable]:
        """The scenario files by name."""
        return self.plain.scenarios

    def _is_elsewhere(self, name: str) -> bool:
        return name in self.plain._ids or self.plain._is_elsewhere(name)


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
