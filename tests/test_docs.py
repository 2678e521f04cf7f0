"""What the README and the docs show is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SERVE = re.compile(r"^\$ (?:\.venv/bin/)?greenroom serve (.*)$", re.MULTILINE)
PORT = "127.0.0.1:8800"


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.S | re.M)


def dialogue(page: Path) -> list[tuple[str, str]]:
    """The commands of a page, each with what it prints; those that start a server left out."""
    turns: list[tuple[str, str]] = []
    for block in blocks(page, "console"):
        if re.search(r"^\$ (make|(\.venv/bin/)?greenroom serve)", block, re.M):
            continue
        for turn in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = turn.splitlines(keepends=True)
            length = next(n for n, line in enumerate(lines, 1) if not line.endswith("\\\n"))
            turns.append(("".join(lines[:length]), "".join(lines[length:])))
    return turns


@contextmanager
def serving(words: str) -> Iterator[str]:
    """A server started as the page says, on a free port: its host and port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "greenroom.emulator", "serve", *words.split(), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http://(127\.0\.0\.1:\d+)/_greenroom", line):
                yield found[1]
                break
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_prints_what_the_page_shows(page: Path) -> None:
    turns = dialogue(page)
    served = SERVE.search(page.read_text("utf-8"))
    if not turns:
        return
    assert served is not None, "the page must say how the server was started"
    mark = "-- next --"
    with serving(served[1]) as host:
        script = "".join(f"{command}\necho '{mark}'\n" for command, _ in turns)
        done = subprocess.run(
            ["bash", "-c", script.replace(PORT, host)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    printed = [part.strip() for part in done.stdout.replace(host, PORT).split(f"{mark}\n")[:-1]]
    said = [(command.strip(), part) for (command, _), part in zip(turns, printed, strict=True)]
    assert said == [(command.strip(), expected.strip()) for command, expected in turns]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
    files = [link for link in links if "://" not in link]
    assert [link for link in files if not (page.parent / link).exists()] == []


def test_the_readme_program_runs() -> None:
    for program in blocks(ROOT / "README.md", "python"):
        exec(compile(program, "README.md", "exec"), {})
