"""Starting: what waits until it is wanted."""

from __future__ import annotations

import subprocess
import sys

import pytest

from greenroom.emulator.start import put_off


def run(program: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_server_is_imported_without_what_it_hardly_needs() -> None:
    program = (
        "import sys; from greenroom.emulator.start import hurry; hurry()\n"
        "import greenroom.emulator.serving\n"
        "unwanted = ('httpx._client', 'httpcore', 'requests.api', 'starlette.testclient')\n"
        "print([name for name in unwanted if name in sys.modules])"
    )
    assert run(program) == "[]"


@pytest.mark.parametrize(
    "use",
    [
        "import httpx; made = httpx.Client",
        "from httpx import Client as made",
        "import connexion; from connexion import AsyncApp; from httpx import Client as made",
    ],
)
def test_what_was_put_off_is_there_when_it_is_asked_for(use: str) -> None:
    program = f"from greenroom.emulator.start import hurry; hurry(); {use}; print(made)"
    assert run(program) == "<class 'httpx.Client'>"


def test_what_was_put_off_is_imported_once() -> None:
    program = (
        "from greenroom.emulator.start import hurry; hurry()\n"
        "import httpx, sys; httpx.Client; import httpx as again\n"
        "print(again is httpx is sys.modules['httpx'], type(httpx).__name__)"
    )
    assert run(program) == "True module"


def test_what_is_there_already_or_nowhere_is_left_alone() -> None:
    before = sys.modules["pytest"]
    put_off("pytest")
    put_off("no_such_module_anywhere")
    assert sys.modules["pytest"] is before
    assert "no_such_module_anywhere" not in sys.modules
