"""What a list of a hundred costs: rooms of PortSIP, and OpenTalk's events with who is invited."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from peers import NEW_ROOM, ROOMS

if TYPE_CHECKING:
    import httpx

HUNDRED = range(100)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
INVITED = ("b0b00000-0000-4000-8000-000000000002", "ca901000-0000-4000-8000-000000000003")
EVENT = {
    "title": "Board",
    "description": "All of us",
    "is_time_independent": False,
    "is_all_day": False,
    "starts_at": {"datetime": "2026-01-06T09:00:00Z", "timezone": "Europe/Berlin"},
    "ends_at": {"datetime": "2026-01-06T10:00:00Z", "timezone": "Europe/Berlin"},
}


def list_costs(times: int = 200) -> dict[str, tuple[float, int]]:
    """Milliseconds of CPU and kilobytes of one new answer, in process, with all features on."""
    from greenroom.emulator import Emulator

    found = {}
    with Emulator(["portsip"], scenario="empty", at=START, frozen=True) as emulator:
        client = emulator.client("portsip", as_="alice")
        for number in HUNDRED:
            client.post(ROOMS, json={**NEW_ROOM, "extension_number": str(8000 + number)})
        found["PortSIP: 100 rooms"] = _cost(client, f"{ROOMS}?top=100", times)
    with Emulator(["opentalk"], scenario="empty", at=START, frozen=True) as emulator:
        client = emulator.client("opentalk", as_="alice")
        for _ in HUNDRED:
            event = client.post("/v1/events", json=EVENT).json()["id"]
            for invitee in INVITED:
                client.post(f"/v1/events/{event}/invites", json={"invitee": invitee})
        for shown in (0, 2):
            name = f"OpenTalk: 100 events with 2 invitees each, {shown} of them shown"
            found[name] = _cost(client, f"/v1/events?per_page=100&invitees_max={shown}", times)
    return found


def _cost(client: httpx.Client, path: str, times: int) -> tuple[float, int]:
    from greenroom.emulator.start import settle_memory

    size = len(client.get(path).raise_for_status().content)
    settle_memory()  # as the server does
    spent = []
    for number in range(times):
        new = {"X-New": str(number)}  # else the answer before would be given again
        began = time.process_time()
        client.get(path, headers=new)
        spent.append(time.process_time() - began)
    return statistics.median(spent) * 1e3, size // 1024


def list_report(costs: dict[str, tuple[float, int]]) -> list[str]:
    """The costs as lines of Markdown, each beside the first."""
    reference, _ = next(iter(costs.values()))
    lines = ["", "## Lists of a hundred, in process", ""]
    lines += ["| list | KiB | CPU ms | ratio |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {name} | {size} | {cost:.2f} | {cost / reference:.2f} |"
        for name, (cost, size) in costs.items()
    ]
    return lines


if __name__ == "__main__":
    print("\n".join(list_report(list_costs())))
