"""One look and one change in every API, over the wire, in its default scenario."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from load import Sample, burst, request_bytes

Line = tuple[str, str, Any]  # method, path below the provider, body
CONFERENCES = "/v2/accounts/{ACCOUNT_ID}/conferences"
# What alice looks at, and what she can do again and again; {N} is another number each time.
LINES: dict[str, tuple[Line, Line]] = {
    "boomstream": (
        ("GET", "/api/conference/list?format=json", None),
        ("GET", "/api/conference/create?format=json&name=Bench{N}", None),
    ),
    "hoot": (
        ("GET", "/v1/conf/6e19e88d-634f-4872-826b-2d26503caba1/users", None),
        ("POST", "/v1/create_conference/Bench", {"moderators": [], "participants": []}),
    ),
    "kazoo": (
        ("GET", f"{CONFERENCES}/5edbfdd3b825314a71b0a05957392edb", None),
        ("PUT", CONFERENCES, {"data": {"name": "Bench"}}),
    ),
    "opentalk": (
        ("GET", "/v1/events/e0000000-0000-4000-8000-000000000002", None),
        ("POST", "/v1/rooms", {"password": "", "enable_sip": False}),
    ),
    "portsip": (
        ("GET", "/api/conference_rooms/NzAwNTUxOTA5NzczMTQ4MTYx", None),
        ("POST", "/api/conference_rooms/NzAwNTUxOTA5NzczMTQ4MTYx/mute", None),
    ),
}


@contextlib.contextmanager
def served() -> Iterator[tuple[int, int]]:
    """All providers in a process: its port and its process id."""
    order = [sys.executable, "-m", "greenroom.emulator", "serve", "--port", "0"]
    process = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = (re.search(r"Console: http://[^:]+:(\d+)", line) for line in process.stdout)
        yield next(int(each[1]) for each in found if each), process.pid
    finally:
        process.terminate()
        process.wait()


def alices(port: int) -> dict[str, dict[str, Any]]:
    """How alice signs in, by provider."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/_greenroom/credentials")
        people = json.load(connection.getresponse())
    return {each["provider"]: each for each in people if each["who"] == "alice"}


def request(provider: str, line: Line, person: dict[str, Any]) -> bytes:
    """A line as it goes over the wire, with alice's credentials."""
    method, path, body = line
    path = path.format(**person["path"], N="{N}")
    if person["query"]:
        path += ("&" if "?" in path else "?") + urlencode(person["query"])
    content = b"" if body is None else json.dumps(body).encode()
    return request_bytes(method, f"/{provider}{path}", person["headers"], content)


def api_costs(seconds: float = 1.0) -> dict[tuple[str, str], Sample]:
    """What a look and a change take in every API; a refusal among them is a mistake here."""
    found = {}
    with served() as (port, pid):
        people = alices(port)
        for provider, lines in LINES.items():
            for what, line in zip(("look", "change"), lines, strict=True):
                wire, count = request(provider, line, people[provider]), itertools.count()

                def make(wire: bytes = wire, count: Iterator[int] = count) -> bytes:
                    return wire.replace(b"{N}", b"%d" % next(count))

                sample = burst(port, pid, make, seconds=seconds, connections=8)
                assert max(sample.statuses) < 300, (provider, line, sample.statuses)
                found[provider, f"{what}: {line[0]} {line[1].partition('?')[0]}"] = sample
    return found


def api_report(costs: dict[tuple[str, str], Sample]) -> list[str]:
    """The costs as lines of Markdown."""
    lines = ["", "## Every API, over the wire, in its default scenario", ""]
    lines += [
        "| API | | requests/s | CPU s per 1,000 | p99 ms |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {provider} | {what} | {each.rate:,.0f} | {each.cpu:.3f} | {each.percentile(0.99):.2f} |"
        for (provider, what), each in costs.items()
    ]
    return lines


if __name__ == "__main__":
    print("\n".join(api_report(api_costs())))
