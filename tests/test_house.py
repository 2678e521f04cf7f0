"""The rules of the house that a machine can hold us to."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from connexion.decorators.parameter import pythonic

ROOT = Path(__file__).parent.parent
ROOMS = ("emulator", "handlers", "specs", "state")
PROVIDERS = sorted(
    {path.stem for path in (ROOT / "specs").glob("*.yaml") if "." not in path.stem}
    | {path.parent.name for path in (ROOT / "handlers").glob("*/__init__.py")}
)
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
PUBLIC = ("greenroom.emulator", "greenroom.emulator.toolkit", "greenroom.state")

EMULATOR, HANDLERS, SPECS, STATE, TOOLKIT = (
    "greenroom.emulator",
    "greenroom.handlers",
    "greenroom.specs",
    "greenroom.state",
    "greenroom.emulator.toolkit",
)
WEB = ("connexion", "starlette", "uvicorn", "httpx")
ONE_SUBJECT = tuple(
    f"{EMULATOR}.{name}" for name in ("faults", "journal", "events", "world", "worlds")
)
TOP = (f"{EMULATOR}.app", f"{EMULATOR}.cli", f"{EMULATOR}.pytest_plugin", f"{EMULATOR}.__main__")
BELOW_CONTROL = (*TOP, f"{EMULATOR}.control", HANDLERS, SPECS, "tinydb")

# Who must not import whom; the room itself is always allowed, and so is what stands in EXCEPT.
FORBIDDEN: dict[str, tuple[str, ...]] = {
    SPECS: ("greenroom", "tinydb", *WEB),
    STATE: ("greenroom", *WEB),
    TOOLKIT: ("greenroom", "tinydb", *WEB),
    **dict.fromkeys(ONE_SUBJECT, (*ONE_SUBJECT, *BELOW_CONTROL, "connexion")),
    f"{EMULATOR}.engine": BELOW_CONTROL,
    f"{EMULATOR}.control": (*TOP, HANDLERS, SPECS, "connexion", "tinydb"),
    f"{EMULATOR}.app": ("tinydb", HANDLERS, SPECS),
    f"{EMULATOR}.cli": ("tinydb", "connexion", HANDLERS, SPECS),
    f"{EMULATOR}.pytest_plugin": ("tinydb", "connexion", HANDLERS, SPECS),
    EMULATOR: ("tinydb", HANDLERS, SPECS),
    **{f"{HANDLERS}.{provider}": ("greenroom", "tinydb", *WEB) for provider in PROVIDERS},
}
EXCEPT: dict[str, tuple[str, ...]] = {
    TOOLKIT: (STATE,),
    f"{EMULATOR}.worlds": (f"{EMULATOR}.world",),
    **{f"{HANDLERS}.{provider}": (TOOLKIT, STATE) for provider in PROVIDERS},
    **{f"{HANDLERS}.{provider}.sockets": ("starlette",) for provider in PROVIDERS},
}
CHANCE = ("random", "secrets", "uuid.uuid1", "uuid.uuid4")
CALLS_OF_THE_STATE = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
}


def python_files(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def dotted(path: Path) -> str:
    """The import name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("greenroom", *(part for part in parts if part != "__init__")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module a file imports, and every name it takes from one, with its line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def inside(name: str, *modules: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def longest(module: str, rules: dict[str, tuple[str, ...]]) -> str:
    """The most particular room of `rules` that the module is in."""
    return max((room for room in rules if inside(module, room)), key=len, default="")


def listed(complaints: list[str]) -> str:
    return "\n".join(["", *complaints])


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def loads(provider: str) -> ModuleType:
    return importlib.import_module(f"{HANDLERS}.{provider}")


@cache
def spec(name: str) -> dict[str, Any]:
    document = yaml.load((ROOT / "specs" / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)
    assert isinstance(document, dict)
    return document


def beside(provider: str) -> list[str]:
    """The documents that change or accompany a spec: profiles, and what is no OpenAPI."""
    return [path.stem for path in sorted((ROOT / "specs").glob(f"{provider}.*.yaml"))]


def operations(provider: str) -> Iterator[str]:
    """The ids of the operations of a spec in any of its profiles."""
    for name in [provider, *beside(provider)]:
        for item in (spec(name).get("paths") or {}).values():
            found = [item[method] or {} for method in METHODS & (item or {}).keys()]
            yield from (each["operationId"] for each in found if "operationId" in each)


def public_names(module: ModuleType) -> set[str]:
    """What a package holds by name, apart from its submodules and what only types need."""
    typing_only = {"annotations", *vars(typing)}
    return {
        name
        for name, value in vars(module).items()
        if not (name.startswith("_") or inspect.ismodule(value) or name in typing_only)
    }


def words_of_providers(text: str) -> list[str]:
    pattern = r"(?i)(?<![a-z])(" + "|".join(PROVIDERS) + r")(?![a-z])"
    return re.findall(pattern, text) if PROVIDERS else []


def test_the_arrows_point_down() -> None:
    broken = []
    for path in python_files(*ROOMS):
        module = dotted(path)
        room = longest(module, FORBIDDEN)
        allowed = (room, *EXCEPT.get(room, ()), *EXCEPT.get(longest(module, EXCEPT), ()))
        for line, name in imports(path):
            if inside(name, *FORBIDDEN.get(room, ())) and not inside(name, *allowed):
                broken.append(f"{place(path, line)}: {module} must not import {name}")
    assert not broken, listed(broken)


@pytest.mark.parametrize("library", ["connexion", "tinydb"])
def test_a_framework_is_known_in_one_room_only(library: str) -> None:
    home = {"connexion": f"{EMULATOR}.engine", "tinydb": STATE}[library]
    strangers = [
        place(path, line)
        for path in python_files(*ROOMS)
        for line, name in imports(path)
        if inside(name, library) and not inside(dotted(path), home)
    ]
    assert not strangers, listed(strangers)


def test_nobody_imports_a_room_by_its_bare_name_or_relatively() -> None:
    bare = [
        f"{place(path, line)}: {name}"
        for path in python_files(*ROOMS, "tests", "contract-tests", "bench")
        for line, name in imports(path)
        if inside(name, *ROOMS) or name.startswith(".")
    ]
    assert not bare, listed(bare)


def test_handlers_take_only_public_names_from_the_state() -> None:
    public = {f"{STATE}.{name}" for name in importlib.import_module(STATE).__all__}
    private = [
        f"{place(path, line)}: {name}"
        for path in python_files("handlers")
        for line, name in imports(path)
        if inside(name, STATE) and name not in public
    ]
    assert not private, listed(private)


def test_nobody_imports_what_is_private_to_another_module() -> None:
    private = [
        f"{place(path, line)}: {name}"
        for path in python_files(*ROOMS, "tests", "contract-tests")
        for line, name in imports(path)
        if inside(name, "greenroom")
        and any(part.startswith("_") and not part.startswith("__") for part in name.split("."))
        and name.split("._")[0] not in (dotted(path), dotted(path).rpartition(".")[0])
    ]
    assert not private, listed(private)


def test_time_and_chance_come_from_the_state() -> None:
    taken = [
        f"{place(path, line)}: {name}"
        for path in python_files("emulator", "handlers")
        for line, name in imports(path)
        if inside(name, *CHANCE) and not names_a_type_only(path, line)
    ]
    taken += [
        f"{place(path, node.lineno)}: {called}"
        for path in python_files("emulator", "handlers")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and (called := ".".join(ast.unparse(node.func).split(".")[-2:])) in CALLS_OF_THE_STATE
    ]
    assert not taken, listed(taken)


def names_a_type_only(path: Path, line: int) -> bool:
    """Whether the import on that line is for type checkers alone."""
    return any(
        isinstance(node, ast.If)
        and ast.unparse(node.test) == "TYPE_CHECKING"
        and node.lineno < line <= (node.end_lineno or 0)
        for node in ast.walk(tree(path))
    )


def test_handlers_measure_no_time_and_do_no_input_or_output() -> None:
    outside = {"time", "os", "io", "socket", "subprocess", "threading", "asyncio", "logging"}
    taken = [
        f"{place(path, line)}: {name}"
        for path in python_files("handlers")
        if path.name != "sockets.py"
        for line, name in imports(path)
        if inside(name, *outside)
    ]
    assert not taken, listed(taken)


def test_every_spec_has_a_folder_scenarios_and_a_fixture_and_the_reverse() -> None:
    homes: dict[str, Callable[[str], Path]] = {
        "spec": lambda name: ROOT / "specs" / f"{name}.yaml",
        "folder": lambda name: ROOT / "handlers" / name / "__init__.py",
        "default scenario": lambda name: ROOT / "handlers" / name / "scenarios" / "default.yaml",
        "empty scenario": lambda name: ROOT / "handlers" / name / "scenarios" / "empty.yaml",
        "fixture": lambda name: ROOT / "contract-tests" / "fixtures" / f"{name}.yaml",
    }
    fixtures = {path.stem for path in (ROOT / "contract-tests" / "fixtures").glob("*.yaml")}
    missing = [
        f"{name} has no {kind}"
        for name in sorted({*PROVIDERS, *fixtures})
        for kind, home in homes.items()
        if not home(name).is_file()
    ]
    assert not missing, listed(missing)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_stands_beside_a_spec_is_one_of_its_profiles_or_an_asyncapi(provider: str) -> None:
    declared = loads(provider).PROVIDER
    option = declared.options.get(declared.profile)
    choices = {*option.choices} - {option.default} if option else set()
    words = {name.partition(".")[2] for name in beside(provider)}
    assert words <= {*choices, "asyncapi"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_folder_exports_the_provider_and_the_operations_of_its_spec(provider: str) -> None:
    expected = {
        "PROVIDER",
        *(pythonic(operation) for operation in operations(provider)),
    }
    assert set(loads(provider).__all__) == expected


@pytest.mark.parametrize("provider", PROVIDERS)
def test_handlers_are_plain_functions_that_take_the_call_first(provider: str) -> None:
    module = loads(provider)
    odd = [
        name
        for name in sorted(set(module.__all__) - {"PROVIDER"})
        if not inspect.isfunction(getattr(module, name))
        or inspect.iscoroutinefunction(getattr(module, name))
        or next(iter(inspect.signature(getattr(module, name)).parameters), "") != "call"
    ]
    assert not odd, listed(odd)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_spec_is_openapi_3_0_3_and_knows_no_python(provider: str) -> None:
    text = (ROOT / "specs" / f"{provider}.yaml").read_text("utf-8")
    assert spec(provider)["openapi"] == "3.0.3"
    assert (
        re.findall(r"x-[a-z-]+-(?:func|controller)\b|greenroom\.(?:emulator|handlers)", text) == []
    )


def test_the_core_knows_no_provider_by_name() -> None:
    suffixes = {".py", ".yaml", ".html", ".js", ".css", ".svg", ".lark"}
    named = [
        f"{place(path, number)}: {line.strip()}"
        for room in ("emulator", "state")
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in suffixes
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if words_of_providers(line)
    ]
    assert not named, listed(named)


def test_nobody_keeps_a_list_of_providers() -> None:
    """Examples come from an API or two; `greenroom providers` prints them all."""
    pages = ["README.md", "Makefile", "pyproject.toml", "setup.py"]
    named = {
        path: {word.lower() for word in words_of_providers(path.read_text("utf-8"))}
        for path in [*(ROOT / page for page in pages), *(ROOT / "docs").glob("*.md")]
    }
    lists = [f"{path.name}: {', '.join(sorted(of))}" for path, of in named.items() if len(of) > 2]
    assert not lists, listed(lists)


@pytest.mark.parametrize("name", PUBLIC)
def test_all_is_what_is_public(name: str) -> None:
    module = importlib.import_module(name)
    assert public_names(module) <= set(module.__all__)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert list(module.__all__) == sorted(module.__all__)


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "common", "misc", "base"}
    found = [
        str(path.relative_to(ROOT))
        for path in python_files(*ROOMS, "tests", "contract-tests")
        if drawers & {path.stem, *path.relative_to(ROOT).parent.parts}
    ]
    assert not found, listed(found)


def test_every_module_postpones_its_annotations() -> None:
    eager = [
        str(path.relative_to(ROOT))
        for path in python_files(*ROOMS, "tests", "contract-tests")
        if any(isinstance(node, ast.AnnAssign | ast.FunctionDef) for node in ast.walk(tree(path)))
        and "__future__.annotations" not in {name for _, name in imports(path)}
    ]
    assert not eager, listed(eager)


def test_nothing_is_patched_or_mocked() -> None:
    found = [
        place(path, line)
        for path in python_files(*ROOMS, "tests", "contract-tests")
        for line, name in imports(path)
        if inside(name, "unittest.mock", "mock")
    ]
    assert not found, listed(found)
