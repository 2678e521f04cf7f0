"""Plays the checks of one script: `play.py SCRIPT PACKAGE ADDRESS`.

This runs on the interpreter of a client's own environment, where nothing of ours is installed.
"""

from __future__ import annotations

import platform
import runpy
import sys
import traceback
from collections.abc import Callable
from typing import Any

CHECK = "check_"


def checks_of(script: str) -> dict[str, Callable[[str], None]]:
    """The checks of a script by what they promise; asking for them starts the client."""
    return {
        name.removeprefix(CHECK).replace("_", " "): each
        for name, each in runpy.run_path(script).items()
        if name.startswith(CHECK)
    }


def complaint(script: str, error: Exception) -> str:
    """Where in the script it went wrong, and what was known there."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    here = [frame for frame in told.stack if frame.filename == script][-1]
    known: dict[str, Any] = here.locals or {}
    lines = [f"line {here.lineno}: {here.line}", *(f"{name} = {known[name]}" for name in known)]
    return "\n".join(f"    {line}" for line in [*lines, *told.format_exception_only()]).rstrip()


def main(script: str, package: str, address: str) -> int:
    """Play every check in a world of its own; whether one failed."""
    try:
        checks = checks_of(script)
    except Exception as error:
        version, reason = platform.python_version(), f"{type(error).__name__}: {error}"
        print(f"{package} was skipped: it does not start on Python {version} ({reason}).")
        return 0
    print(f"{package}:")
    failed = 0
    for number, (sentence, check) in enumerate(checks.items(), start=1):
        try:
            check(f"{address}/~check-{number}")
        except Exception as error:
            failed += 1
            print(f"  FAILED  {sentence}", complaint(script, error), sep="\n")
        else:
            print(f"  ok  {sentence}")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
