"""The benchmark: every peer in one run, interleaved, medians; writes `bench/RESULTS.md`."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from apis import api_costs, api_report
from lists import list_costs, list_report
from load import Sample, burst, cpu_seconds, request_bytes, resident_mib
from peers import NEW_ROOM, ROOMS, room_id

HERE = Path(__file__).parent
HEADERS = {"Authorization": "Bearer alice"}
SIZES = {
    "ours": (100, 10_000, 100_000),
    "memory": (100, 10_000),
    "json": (100, 1_000),
    "bare": (100,),
}
OPERATIONS = (
    "create",
    "read by id",
    "read by id, anew",
    "list",
    "list, anew",
    "validated refusal",
)
Maker = Callable[[], bytes]


def makers(records: int, first: int) -> dict[str, Maker]:
    """The request of each operation; creates never repeat an extension, new reads no header."""
    extensions, fresh = itertools.count(first), itertools.count()

    def new() -> dict[str, str]:
        return HEADERS | {"X-New": str(next(fresh))}

    reads = itertools.cycle(range(0, records, max(1, records // 97)))
    refused = json.dumps({**NEW_ROOM, "capacity": 1000, "subject": ""}).encode()

    def create() -> bytes:
        body = json.dumps({**NEW_ROOM, "extension_number": f"2{next(extensions):09d}"}).encode()
        return request_bytes("POST", f"/portsip{ROOMS}", HEADERS, body)

    return {
        "create": create,
        "read by id": lambda: request_bytes(
            "GET", f"/portsip{ROOMS}/{room_id(next(reads))}", HEADERS
        ),
        "read by id, anew": lambda: request_bytes(
            "GET", f"/portsip{ROOMS}/{room_id(next(reads))}", new()
        ),
        "list": lambda: request_bytes("GET", f"/portsip{ROOMS}?top=100", HEADERS),
        "list, anew": lambda: request_bytes("GET", f"/portsip{ROOMS}?top=100", new()),
        "validated refusal": lambda: request_bytes("POST", f"/portsip{ROOMS}", HEADERS, refused),
    }


@contextlib.contextmanager
def serving(peer: str, records: int) -> Iterator[tuple[int, int]]:
    """A peer in a process of its own: its port and its process id."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "peers.py"), peer, str(records)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        wait_for(port, f"/portsip{ROOMS}")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, path: str) -> None:
    """Return once the server answers."""
    for _ in range(20_000):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.002)
        finally:
            connection.close()
    raise TimeoutError("the server never answered")


def measure(
    rounds: int, seconds: float, connections: int
) -> dict[tuple[str, int, str], list[Sample]]:
    """All peers at all sizes, in turn, round after round."""
    samples: dict[tuple[str, int, str], list[Sample]] = {}
    cases = [(peer, size) for peer, sizes in SIZES.items() for size in sizes]
    with contextlib.ExitStack() as stack:
        servers = {case: stack.enter_context(serving(*case)) for case in cases}
        made = {case: makers(case[1], index * 10**7) for index, case in enumerate(cases)}
        for _ in range(rounds):
            for operation in OPERATIONS:
                for case in cases:
                    port, pid = servers[case]
                    sample = burst(
                        port, pid, made[case][operation], seconds=seconds, connections=connections
                    )
                    samples.setdefault((*case, operation), []).append(sample)
    return samples


@dataclass(frozen=True)
class Start:
    """One start: seconds to the first 200 on the health address, CPU and memory used by then."""

    seconds: float
    cpu_seconds: float
    mib: float


def cold_start(times: int) -> list[Start]:
    """So many starts.

    All providers are served. The first start is not counted: it leaves the bytecode behind that
    an installation has from the beginning.
    """
    order = [str(Path(sys.executable).with_name("greenroom")), "serve", "--port", "0"]
    kept = {name: value for name, value in os.environ.items() if "BYTECODE" not in name}
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {**kept, "PYTHONPYCACHEPREFIX": folder}
        return [first_answer(order, surroundings) for _ in range(times + 1)][1:]


def first_answer(order: list[str], surroundings: dict[str, str]) -> Start:
    """Start a server, wait for its first answer, stop it."""
    began = time.perf_counter()
    process = subprocess.Popen(order, stdout=subprocess.PIPE, text=True, env=surroundings)
    assert process.stdout is not None
    port = 0
    for line in process.stdout:
        if "http://" in line:
            port = int(line.rsplit(":", 1)[1].partition("/")[0])
            break
    wait_for(port, "/_greenroom/health")
    seconds = time.perf_counter() - began
    start = Start(seconds, cpu_seconds(process.pid), resident_mib(process.pid))
    process.terminate()
    process.wait()
    return start


def providers() -> str:
    """Which they are, by name."""
    from greenroom.emulator.discovery import names

    return ", ".join(names())


def in_process(records: int) -> dict[str, float]:
    """Microseconds of fork and reset, and of single operations of the store, at that size."""
    from greenroom.emulator import Emulator

    found: dict[str, float] = {}
    with Emulator(["portsip"], scenario="empty") as emulator:
        world = emulator.world()
        client = emulator.client("portsip", as_="alice")
        client.post(ROOMS, json={**NEW_ROOM, "extension_number": "999999999"})
        rooms = world.store.collection("portsip", "conference_rooms", "acme")
        model = next(iter(rooms))
        with world.store.transaction():
            for number in range(records):
                rooms.add(model | {"id": room_id(number), "extension_number": f"1{number:08d}"})
        fresh = itertools.count(10**8)

        def add() -> None:
            number = next(fresh)
            rooms.add(model | {"id": room_id(number), "extension_number": f"3{number:09d}"})

        probe = room_id(records // 2)
        actions: dict[str, Callable[[], object]] = {
            "create": add,
            "read by id": lambda: rooms.get(probe),
            "indexed look-up": lambda: rooms.first(extension_number=f"1{records // 2:08d}"),
            "update": lambda: rooms.save(rooms.get(probe) | {"subject": str(next(fresh))}),
            "fork": world.store.fork,
        }
        for name, action in actions.items():
            found[name] = timed(action, 400)
        saved = world.store.snapshot()

        def change_and_reset() -> None:
            began = time.perf_counter()
            world.store.restore(saved)
            resets.append(time.perf_counter() - began)
            add()

        resets: list[float] = []
        for _ in range(200):
            change_and_reset()
        found["reset"] = statistics.median(resets) * 1e6
    return found


def timed(action: Callable[[], object], times: int) -> float:
    """The median of single runs in microseconds."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) * 1e6


def report(
    samples: dict[tuple[str, int, str], list[Sample]],
    starts: list[Start],
    inside: dict[int, dict[str, float]],
) -> str:
    """The results as Markdown."""
    lines = [
        "# Benchmark",
        "",
        "Made by `make bench`; one run, all peers interleaved, medians. Ratios say more than",
        "figures: the machine was shared. Sockets have [a page of their own](SOCKETS.md).",
        "",
        f"- machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}; "
        f"Python {platform.python_version()}",
        "- versions: "
        + ", ".join(
            f"{name} {version(name)}"
            for name in ("connexion", "tinydb", "uvicorn", "jsonschema-rs", "orjson")
        ),
        "- ours: sign-in, world, validation both ways, response check and journal on",
        "- read by id: 97 rooms in turn, so that nearly every answer is one given before, which is",
        "  given again while nothing has changed, and so are lists; anew: a header makes every",
        "  request a new one",
        "- bare: an ASGI application on the same server that looks a room up and writes JSON",
        "- json, memory: stock Connexion `AsyncApp` over TinyDB's JSONStorage and MemoryStorage",
        "",
        "## Over the wire",
        "",
        "| operation | peer | records | requests/s | to bare | CPU s per 1,000 | p50 ms | p99 ms |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for operation in OPERATIONS:
        reference = statistics.median(each.rate for each in samples["bare", 100, operation])
        for (peer, records, name), found in samples.items():
            if name != operation:
                continue
            rate = statistics.median(each.rate for each in found)
            lines.append(
                f"| {operation} | {peer} | {records:,} | {rate:,.0f} | {rate / reference:.2f} "
                f"| {statistics.median(each.cpu for each in found):.3f} "
                f"| {statistics.median(each.percentile(0.5) for each in found):.2f} "
                f"| {statistics.median(each.percentile(0.99) for each in found):.2f} |"
            )
    seconds = [each.seconds for each in starts]
    lines += [
        "",
        "## Start",
        "",
        f"- providers served: {providers()}",
        "- process start to the first 200 on `/_greenroom/health`: "
        f"{statistics.median(seconds):.2f} s (best {min(seconds):.2f} s), "
        f"{min(each.cpu_seconds for each in starts):.2f} s of it on a processor",
        f"- resident memory then: {statistics.median(each.mib for each in starts):.0f} MiB",
        "",
        "## The store, in process, microseconds",
        "",
        "| | " + " | ".join(f"{size:,}" for size in inside) + " | ratio |",
        "| --- |" + " ---: |" * (len(inside) + 1),
    ]
    sizes = list(inside)
    for name in inside[sizes[0]]:
        row = [inside[size][name] for size in sizes]
        cells = " | ".join(f"{value:.1f}" for value in row)
        lines.append(f"| {name} | {cells} | {row[-1] / row[0]:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run everything and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args()
    inside = {size: in_process(size) for size in (100, 10_000, 100_000)}
    starts = cold_start(5)
    samples = measure(given.rounds, given.seconds, given.connections)
    more = [*api_report(api_costs(given.seconds)), *list_report(list_costs())]
    text = report(samples, starts, inside) + "\n".join(more) + "\n"
    (HERE / "RESULTS.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
