"""A long run over a real port: `python bench/soak.py [SECONDS]`, ten minutes unless told.

Each walker has a world of its own, in which it calls, orders faults, waits in them, hangs up,
winds the clock, keeps and restores snapshots, forks, resets and drops. The run fails when a 5xx
was answered or a connection broken that no fault had ordered, when a world showed a record of
another, when the server complained, when its memory or its open files went on growing after
they had had time to settle, or when a walker was stuck at the end. Every half minute a line
tells how it goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from load import resident_mib
from peers import NEW_ROOM, ROOMS

SECONDS = 600
WALKERS = 8
SETTLED = 0.4  # of the time has passed before growth counts
GROWTH, SLACK = 1.10, 6.0  # what memory may grow by: a share, and MiB
GRACE = 60  # seconds in which whoever is under way when time is up has to come to an end
TELLING = 30  # seconds from one line to the next
EFFECTS: list[dict[str, Any]] = [
    {"status": 503},
    {"status": 500, "body": "broken"},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"delay": 0.01, "jitter": 0.05},
    {"rate": 50_000},
    *({"cut": cut} for cut in ("reset", "empty", "half", "garbage")),
]
Deed = Callable[["Walker"], Awaitable[None]]


class Walker:
    """Does one thing after the other in a world of its own, and knows what it did there."""

    def __init__(self, client: httpx.AsyncClient, number: int, chance: random.Random) -> None:
        self.client = client
        self.chance = chance
        self.number = number
        self.lives = 0
        self.rooms = 0
        self.marks: set[str] = set()
        self.wrongs: list[str] = []
        self.deeds: Counter[str] = Counter()
        self.world = f"soak{number}"
        self.doing = ""
        self.asked = ""
        self.since = 0.0

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """One request to the provider; nothing when its connection broke."""
        try:
            answer = await self.ask(method, f"/~{self.world}/portsip{path}", **more)
        except httpx.TransportError as error:
            kept = await self.order("GET", "/journal?limit=1")
            if not kept.json() or kept.json()[-1]["fault"] is None:
                self.wrongs.append(f"{method} {path} broke without a fault: {error!r}")
            return None
        if answer.status_code >= 500:
            key = answer.headers["x-greenroom-exchange"]
            kept = await self.order("GET", f"/journal/{key}")
            if kept.status_code != 200 or kept.json()["fault"] is None:
                self.wrongs.append(f"{method} {path} answered {answer.status_code} unasked")
        return answer

    async def order(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One order to the control plane, which no fault may touch."""
        answer = await self.ask(method, f"/~{self.world}/_greenroom{path}", **more)
        if answer.status_code >= 500:
            self.wrongs.append(f"{method} {path} of the control plane: {answer.status_code}")
        return answer

    async def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        """One request, remembered in case nothing comes of it."""
        self.asked, self.since = f"{method} {url}", time.perf_counter()
        return await self.client.request(method, url, **more)

    def stuck(self) -> str:
        """Where it is when it should have come to an end."""
        seconds = time.perf_counter() - self.since
        return f"stuck in {self.doing}: {self.asked}, asked {seconds:.0f} s ago"

    async def create(self) -> None:
        """Add a room that says whose it is, with an invitation that goes to the outbox."""
        self.rooms += 1
        room = {
            **NEW_ROOM,
            "extension_number": f"7{self.rooms:08d}",
            "subject": f"soak {self.number} {self.rooms}",
            "external_invitees": "guest@example.org",
        }
        await self.call("POST", ROOMS, json=room)

    async def look(self) -> None:
        """Every room must be one of the scenario's or one's own; many are cleared away."""
        answer = await self.call("GET", f"{ROOMS}?top=100")
        if answer is None or answer.status_code != 200 or "items" not in answer.text:
            return
        subjects = [(each["id"], each["subject"]) for each in answer.json()["items"]]
        for _, subject in subjects:
            if subject.startswith("soak ") and subject.split()[1] != str(self.number):
                self.wrongs.append(f"{self.world} shows {subject!r}")
        if len(subjects) > 20:
            for id_, subject in subjects:
                if subject.startswith("soak "):
                    await self.call("DELETE", f"{ROOMS}/{id_}")

    async def be_refused(self) -> None:
        """What is nowhere, and what does not fit."""
        await self.call("GET", "/nowhere")
        await self.call("POST", ROOMS, content=b"{", headers={"Content-Type": "application/json"})
        await self.call("POST", ROOMS, json={"subject": "x" * 50_000})

    async def break_something(self) -> None:
        """Order a fault that wears off."""
        effect = self.chance.choice(EFFECTS)
        times = self.chance.randint(1, 3)
        await self.order("POST", "/faults", json={"effect": effect, "times": times})

    async def mend(self) -> None:
        """Take all faults back."""
        await self.order("DELETE", "/faults")

    async def wind(self) -> None:
        """Let an hour pass."""
        await self.order("POST", "/clock/advance", json={"by": "PT1H"})

    async def keep(self) -> None:
        """Take a snapshot."""
        await self.order("PUT", f"/snapshots/s{self.chance.randint(1, 3)}")

    async def go_back(self) -> None:
        """Restore a snapshot, or rewind to some exchange."""
        if self.chance.random() < 0.5:
            await self.order("POST", f"/snapshots/s{self.chance.randint(1, 3)}/restore")
            return
        kept = (await self.order("GET", "/journal?limit=5")).json()
        if kept:
            await self.order("POST", "/rewind", json={"exchange": kept[0]["id"]})

    async def reset(self) -> None:
        """Begin anew, sometimes elsewhere."""
        scenario = self.chance.choice(["default", "empty"])
        order = {"scenario": scenario, "seed": self.chance.randint(0, 9)}
        await self.order("POST", "/reset", json=self.chance.choice([order, None]))

    async def fork(self) -> None:
        """Look at one's rooms in a fork, and drop it."""
        name = f"fork{self.number}"
        await self.order("POST", "/worlds", json={"name": name, "from": {"world": self.world}})
        home, self.world = self.world, name
        await self.look()
        self.world = home
        await self.order("DELETE", f"/worlds/{name}")

    async def drop(self) -> None:
        """Leave this world for a new one."""
        home, self.lives = self.world, self.lives + 1
        self.world = f"soak{self.number}-{self.lives}"
        await self.order("DELETE", f"/worlds/{home}")

    async def be_overtaken(self) -> None:
        """Reset the world, or hang up, while a request waits in it."""
        await self.order("DELETE", "/faults")
        # once: whoever goes back to this moment must not wait in it for ever after
        await self.order("POST", "/faults", json={"effect": {"delay": 3600}, "times": 1})
        url = f"/~{self.world}/portsip{ROOMS}"
        waiting = asyncio.create_task(self.ask("GET", url, timeout=0.05))
        if self.chance.random() < 0.5:
            await self.order("POST", "/reset")
        with contextlib.suppress(httpx.TransportError):
            await waiting
        await self.order("DELETE", "/faults")

    async def read_the_journal(self) -> None:
        """In every form there is."""
        path = self.chance.choice(["/journal", "/journal.har", "/journal?redact=true", "/coverage"])
        await self.order("GET", path)
        await self.order("GET", self.chance.choice(["/outbox", "/events", "/state", "/worlds"]))

    async def walk(self, until: float) -> None:
        """Until time is up."""
        deeds, weights = zip(*DEEDS, strict=True)
        while time.perf_counter() < until:
            [deed] = self.chance.choices(deeds, weights)
            self.doing = deed.__name__
            self.deeds[self.doing] += 1
            await deed(self)
        self.doing = ""


DEEDS: list[tuple[Deed, int]] = [
    (Walker.create, 30),
    (Walker.look, 30),
    (Walker.be_refused, 8),
    (Walker.break_something, 8),
    (Walker.mend, 4),
    (Walker.wind, 3),
    (Walker.keep, 3),
    (Walker.go_back, 3),
    (Walker.fork, 2),
    (Walker.be_overtaken, 2),
    (Walker.read_the_journal, 2),
    (Walker.reset, 1),
    (Walker.drop, 1),
]


@contextlib.asynccontextmanager
async def serving(said: Path) -> AsyncIterator[tuple[str, int]]:
    """A server: its address and its process id."""
    order = [sys.executable, "-m", "greenroom.emulator", "serve", "portsip", "--port", "0"]
    with said.open("w") as errors:
        process = subprocess.Popen(order, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            break
    else:
        raise SystemExit("The server did not start.")
    try:
        yield found[0], process.pid
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


Seen = tuple[float, float, int]  # share of the time that has passed, MiB, open files


async def watch(pid: int, began: float, until: float, walkers: list[Walker]) -> list[Seen]:
    """Memory and open files of the server; a line tells of them, and of the walkers, at times."""
    found: list[Seen] = []
    told = began
    while (now := time.perf_counter()) < until:
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        found.append(((now - began) / (until - began), resident_mib(pid), files))
        if now - told >= TELLING:
            told = now
            deeds = sum(each.deeds.total() for each in walkers)
            memory = f"{found[-1][1]:.1f} MiB"
            print(f"{now - began:.0f} s: {deeds} deeds, {memory}, {files} files", flush=True)
        await asyncio.sleep(0.5)
    return found


def growth(found: list[Seen]) -> list[str]:
    """What is wrong with how memory and open files went on, and a line that tells of it."""
    middle = (1 + SETTLED) / 2
    early = [each for each in found if SETTLED <= each[0] < middle]
    late = [each for each in found if each[0] >= middle]
    memory = [statistics.median(each[1] for each in part) for part in (early, late)]
    files = [max(each[2] for each in part) for part in (early, late)]
    print(
        f"memory {found[0][1]:.0f} → {memory[0]:.1f} → {memory[1]:.1f} MiB (peak "
        f"{max(each[1] for each in found):.1f}), open files {files[0]} → {files[1]}"
    )
    wrongs = []
    if memory[1] > memory[0] * GROWTH + SLACK:
        wrongs.append(f"memory went on growing: {memory[0]:.1f} to {memory[1]:.1f} MiB")
    if files[1] > files[0] + WALKERS * 4:
        wrongs.append(f"open files went on growing: {files[0]} to {files[1]}")
    return wrongs


async def walking(pid: int, seconds: float, walkers: list[Walker]) -> list[Seen]:
    """Let them all walk for that long; what was seen of the server meanwhile."""
    began = time.perf_counter()
    until = began + seconds
    async with asyncio.timeout(seconds + GRACE), asyncio.TaskGroup() as group:
        watching = group.create_task(watch(pid, began, until, walkers))
        for each in walkers:
            group.create_task(each.walk(until))
    return watching.result()


async def soak(seconds: float) -> list[str]:
    """What was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "errors"
        async with serving(said) as (url, pid):
            limits = httpx.Limits(max_connections=WALKERS * 4)
            headers = {"Authorization": "Bearer alice"}
            async with httpx.AsyncClient(
                base_url=url, headers=headers, limits=limits, timeout=30
            ) as client:
                walkers = [Walker(client, each, random.Random(each)) for each in range(WALKERS)]
                try:
                    found = await walking(pid, seconds, walkers)
                except TimeoutError:
                    return [each.stuck() for each in walkers if each.doing]
        complaints = said.read_text().splitlines()
    deeds: Counter[str] = sum((each.deeds for each in walkers), Counter())
    print(", ".join(f"{count} × {name}" for name, count in deeds.most_common()))
    return [*growth(found), *(wrong for each in walkers for wrong in each.wrongs), *complaints]


def main() -> None:
    """Run, tell, and fail if anything was wrong."""
    wrongs = asyncio.run(soak(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
    for wrong in wrongs[:40]:
        print(wrong)
    if wrongs:
        raise SystemExit(f"{len(wrongs)} things were wrong.")
    print("Nothing was wrong.")


if __name__ == "__main__":
    main()
