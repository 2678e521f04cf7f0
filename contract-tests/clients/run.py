"""Lets real clients, as they are published, speak to a served emulator: `make clients`.

Every script in a provider's folder says in its head which package it wants, and gets it in a
virtual environment of its own. A client that cannot be had or does not start is skipped.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent.parent / ".cache" / "clients"
BIN = "Scripts" if os.name == "nt" else "bin"
START = "2026-01-05T09:00:00Z"
# A proxy on the way outside does not stand before the emulator.
DIRECTLY = os.environ | {"NO_PROXY": "*", "no_proxy": "*"}


def package_of(script: Path) -> str:
    """The package that a script wants, from its head."""
    head = re.search(r"^# /// script\n((?:# .*\n)*)# ///$", script.read_text("utf-8"), re.MULTILINE)
    assert head, f"{script} does not say which package it wants"
    (package,) = tomllib.loads(re.sub("^# ", "", head[1], flags=re.MULTILINE))["dependencies"]
    return str(package)


def succeeds(*command: str | Path) -> bool:
    """Whether a command ends well, whatever it says."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def interpreter_with(package: str) -> Path | None:
    """The interpreter of an environment that holds this package; none if it cannot be had."""
    folder = ENVIRONMENTS / package.partition("==")[0]
    python = folder / BIN / "python"
    if not python.exists() and not succeeds(sys.executable, "-m", "venv", "--clear", folder):
        return None
    return python if succeeds(python, "-m", "pip", "install", package) else None


@contextmanager
def served(provider: str) -> Iterator[str]:
    """The address of an emulator that serves this provider without its prefix."""
    words = ["serve", provider, "--root", "--port", "0", "--frozen", "--at", START]
    command = [sys.executable, "-m", "greenroom.emulator", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = (re.search(r"without its prefix: (\S+)", line) for line in server.stdout)
            yield next(each[1] for each in found if each)
        finally:
            server.terminate()


def holds(script: Path) -> bool:
    """Whether everything that a script checks is so; it says so itself."""
    package = package_of(script)
    python = interpreter_with(package)
    if python is None:
        print(f"{package} was skipped: pip could not install it.", flush=True)
        return True
    with served(script.parent.name) as address:
        # -P: a client is not to be found in the folder of the script that is called like it
        command: list[str | Path] = [python, "-P", HERE / "play.py", script, package, address]
        return subprocess.run(command, env=DIRECTLY, check=False).returncode == 0


if __name__ == "__main__":
    failed = [script for script in sorted(HERE.glob("*/*.py")) if not holds(script)]
    sys.exit(bool(failed))
