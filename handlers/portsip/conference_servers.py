"""Conference servers: system-wide machines that rooms are placed on."""

from __future__ import annotations

from ipaddress import ip_address

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip.errors import BuiltInServerError
from greenroom.handlers.portsip.identifiers import check_id, new_id
from greenroom.handlers.portsip.listing import window
from greenroom.handlers.portsip.placement import place_waiting, vacate
from greenroom.handlers.portsip.shapes import SERVERS, page, server_shape, server_status_shape


def list_conference_servers(
    call: Call,
    skip: int,
    top: int,
    count: bool,
    filter_: str = "",
    search: str = "",
    orderby: str = "",
) -> Json:
    """Show a page of servers; unlike all other lists this one counts only when told to."""
    servers = call.shared("conference_servers")
    found = window(
        servers, SERVERS, wanted=filter_, search=search, orderby=orderby, skip=skip, top=top
    )
    return page(found, counted=count)


def create_conference_server(call: Call, body: Json) -> Json:
    """Add an external server and let waiting rooms move in; answers 200, not 201."""
    server = {
        "id": new_id(call),
        "name": body["name"],
        "enabled": body["enabled"],
        "type": "EXTERNAL",
        "ipv4": _tidy(body.get("ipv4")),
        "ipv6": _tidy(body.get("ipv6")),
        "max_rooms": body["max_rooms"],
        "max_participants": body["max_participants"],
    }
    call.shared("conference_servers").add(server)
    place_waiting(call)
    return {"id": server["id"]}


def _tidy(address: str | None) -> str | None:
    """The one way to write an address, so that two ways of writing it cannot both be taken."""
    return str(ip_address(address)) if address else None


def show_conference_server(call: Call, id_: str) -> Json:
    """Show one server."""
    return server_shape(call.shared("conference_servers").get(id_))


def update_conference_server(call: Call, id_: str, body: Json) -> None:
    """Change what is given; switching off ends the calls and moves the rooms."""
    servers = call.shared("conference_servers")
    given = ("enabled", "max_rooms", "max_participants")
    server = servers.get(id_) | {field: body[field] for field in given if field in body}
    servers.save(server)
    if not server["enabled"]:
        vacate(call, server)
    place_waiting(call)


def get_conference_server_status(call: Call, id_: str) -> Json:
    """Show how busy a server is, with the rooms and people of all tenants."""
    server = call.shared("conference_servers").get(id_)
    rooms = call.everywhere("conference_rooms").count(server_id=id_)
    people = call.everywhere("participants").count(server_id=id_)
    return server_status_shape(server, rooms=rooms, people=people)


def delete_conference_server(call: Call, id_: str) -> None:
    """Remove an added server; its calls end and its rooms move."""
    check_id(id_)
    servers = call.shared("conference_servers")
    server = servers.get(id_)
    if server["type"] == "INTERNAL":
        raise BuiltInServerError
    servers.remove(id_)
    vacate(call, server)
    place_waiting(call)
