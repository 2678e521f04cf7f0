"""Another API is one YAML file, one folder and one fixture; nothing else is edited."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.emulator.discovery import names

ROOT = Path(__file__).parent.parent
ROOMS = ("emulator", "handlers", "specs", "state")
MODEL, NAME = "kazoo", "newcomer"  # an API under another name is another API
PYTEST = ("-m", "pytest", "-v", "-n0", "-pno:cacheprovider")
Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs Python in a clone that has another API, and answers with what was printed."""
    clone = tmp_path_factory.mktemp("clone")
    for room in (*ROOMS, "contract-tests", "docs", "tests"):
        shutil.copytree(ROOT / room, clone / room, ignore=shutil.ignore_patterns("__pycache__"))
    for page in ("README.md", "Makefile", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / page, clone)
    (clone / "links" / "greenroom").mkdir(parents=True)
    for room in ROOMS:
        (clone / "links" / "greenroom" / room).symlink_to(clone / room)
    add_api(clone)
    ours = ("COVERAGE_", "PYTEST_")  # what this run counts, and how it is spread, is its own
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}

    def printed(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=clone,
            env={**kept, "PYTHONPATH": str(clone / "links")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return printed


def add_api(clone: Path) -> None:
    """Do what the README says, and nothing else: spec, folder, fixture, conversations."""
    contract = clone / "contract-tests"
    for spec in (clone / "specs").glob(f"{MODEL}.*"):
        copy(spec, spec.with_name(spec.name.replace(MODEL, NAME)))
    copy(clone / "handlers" / MODEL, clone / "handlers" / NAME)
    copy(contract / "fixtures" / f"{MODEL}.yaml", contract / "fixtures" / f"{NAME}.yaml")
    copy(contract / "conversations" / MODEL, contract / "conversations" / NAME)


def copy(here: Path, there: Path) -> None:
    """A file or a folder of text that speaks of the one API as it did of the other."""
    if here.is_dir():
        for path in here.iterdir():
            copy(path, there / path.name)
    else:
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(here.read_text("utf-8").replace(MODEL, NAME), "utf-8")


def test_it_is_found(run: Run) -> None:
    listed = json.loads(run("-m", "greenroom.emulator", "providers", "--json"))
    assert [each["name"] for each in listed] == sorted([*names(), NAME])


def test_its_spec_handlers_and_scenarios_are_checked(run: Run) -> None:
    assert run("-m", "greenroom.emulator", "check") == "Specs, handlers and scenarios agree.\n"


def test_it_is_in_order_in_the_house(run: Run) -> None:
    tested = run(*PYTEST, "tests/test_house.py")
    assert f"test_a_folder_exports_the_provider_and_the_operations_of_its_spec[{NAME}]" in tested


def test_its_conversations_go_as_told(run: Run) -> None:
    told = run(*PYTEST, "contract-tests/test_conversations.py", "-k", NAME)
    assert f"test_a_conversation_goes_as_told[{NAME}-" in told
