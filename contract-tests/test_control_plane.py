"""The control plane keeps its own contract: it is fuzzed like any provider."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# A live stream has no end, so it is left out. Elsewhere well-formed orders may make no sense:
# years have no fixed length, `acme-meet` of the examples is not served, a fuzzed key is no JSON
# pointer, there are two scenarios, a fork takes its beginning from its origin, `now` names no
# snapshot, and a stimulus has a schema of its own.
ENDLESS = "listEvents"
SENSELESS = (
    "advanceClock",
    "createFault",
    "verifyJournal",
    "resetWorld",
    "createWorld",
    "putSnapshot",
    "stimulate",
)
CONFIG = """
workers = 1
continue-on-failure = true
request-timeout = 10
color = false
[cache]
enabled = false
[generation]
max-examples = 15
database = "none"
[checks]
max_response_time = 2.0
"""
EXCUSE = """
[[operations]]
include-operation-id = "{name}"
checks.positive_data_acceptance.expected-statuses = [
    "2xx", "3xx", "400", "401", "403", "404", "409", "429",
]
"""


@pytest.fixture
def address() -> Iterator[str]:
    """A server with one provider."""
    order = [sys.executable, "-m", "greenroom.emulator", "serve", "portsip", "--port", "0"]
    start = ["--at", "2026-01-05T09:00:00Z", "--frozen"]
    process = subprocess.Popen([*order, *start], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = iter(process.stdout)
    found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in said)))
    yield found[0]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


def test_fuzzing_the_control_plane_finds_nothing(
    address: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    config = CONFIG + "".join(EXCUSE.format(name=name) for name in SENSELESS)
    (tmp_path / "schemathesis.toml").write_text(config, "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(tmp_path / "schemathesis.toml")),
            *("run", f"{address}/~fuzz/_greenroom/openapi.json"),
            *("--phases", "examples,coverage,fuzzing", "--exclude-operation-id", ENDLESS),
            *("--seed", str(pytestconfig.getoption("--fuzz-seed") or 1)),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
