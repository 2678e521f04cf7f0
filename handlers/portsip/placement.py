"""Which room is on which server; a room without a server is OFFLINE."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip.attendance import ended, present
from greenroom.handlers.portsip.recorder import stopped
from greenroom.handlers.portsip.tenants import tenant_of

NOWHERE = ""
_PAGE = 50


@dataclass(slots=True)
class Places:
    """The enabled servers, oldest first, and how many rooms each one has."""

    servers: list[Json]
    rooms: dict[str, int]

    def best_for(self, room: Json) -> str:
        """The server with the fewest rooms among those the room fits on."""
        fitting = [
            server["id"]
            for server in self.servers
            if self.rooms[server["id"]] < server["max_rooms"]
            and server["max_participants"] >= room["capacity"]
        ]
        return min(fitting, key=self.rooms.__getitem__, default=NOWHERE)

    @property
    def are_left(self) -> bool:
        """Whether any server takes another room."""
        return any(self.rooms[server["id"]] < server["max_rooms"] for server in self.servers)


def places(call: Call) -> Places:
    """The places there are now."""
    rooms = call.everywhere("conference_rooms")
    servers = call.shared("conference_servers").find(enabled=True)
    return Places(servers, {each["id"]: rooms.count(server_id=each["id"]) for each in servers})


def place_for(call: Call, room: Json) -> str:
    """The server a new room of the tenant goes to."""
    return places(call).best_for(room) if _allowed(call) > 0 else NOWHERE


def place_waiting(call: Call) -> None:
    """Give places to rooms that have none, in all tenants, oldest first."""
    if not call.everywhere("conference_rooms").count(server_id=NOWHERE):
        return
    for tenant, room, server in list(_moves(call)):
        rooms = call.within(tenant).collection("conference_rooms")
        rooms.save(room | {"server_id": server})


def _moves(call: Call) -> Iterator[tuple[str, Json, str]]:
    """Tenant, room and server of every room that gets a place now."""
    free = places(call)
    tenants = call.store.tenants(call.provider, "conference_rooms")
    allowed = {tenant: _allowed(call.within(tenant)) for tenant in tenants}
    queue = heapq.merge(*(_waiting(call.within(tenant), allowed) for tenant in tenants))
    for _, _, tenant, room in queue:
        if not free.are_left:
            return
        server = free.best_for(room)
        if server and allowed[tenant] > 0:
            free.rooms[server] += 1
            allowed[tenant] -= 1
            yield tenant, room, server


def _waiting(call: Call, allowed: dict[str, int]) -> Iterator[tuple[str, str, str, Json]]:
    """The tenant's rooms without a place, page by page, while it may have more."""
    rooms, seen = call.collection("conference_rooms"), 0
    while allowed[call.tenant] > 0:
        found = rooms.find(server_id=NOWHERE, skip=seen, limit=_PAGE)
        yield from ((each["created_at"], each["id"], call.tenant, each) for each in found)
        if len(found) < _PAGE:
            return
        seen += _PAGE


def _allowed(call: Call) -> int:
    """How many rooms of the tenant may still come online."""
    rooms = call.collection("conference_rooms")
    online = len(rooms) - rooms.count(server_id=NOWHERE)
    return tenant_of(call).online_rooms - online


def vacate(call: Call, server: Json) -> None:
    """End what goes on on a server and take its rooms off it."""
    for tenant, room in call.everywhere("conference_rooms").find(server_id=server["id"]):
        inside = call.within(tenant)
        after = ended(inside, room) if present(inside, room) else stopped(inside, room)
        inside.collection("conference_rooms").save(after | {"server_id": NOWHERE})
