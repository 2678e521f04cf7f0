"""The servers that are measured: `python bench/peers.py PEER RECORDS`, port on standard output.

ours      everything on: sign-in, validation both ways, world, response check, journal
bare      an ASGI application that looks a room up in a dictionary and writes JSON
json      stock Connexion `AsyncApp`, handlers over TinyDB's JSONStorage
memory    stock Connexion `AsyncApp`, handlers over TinyDB's MemoryStorage
"""

from __future__ import annotations

import copy
import json
import logging
import socket
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import uvicorn
import yaml

from greenroom.emulator.serving import server_config
from greenroom.emulator.start import settle_memory

ROOMS = "/api/conference_rooms"
NEW_ROOM = {"extension_number": "0", "mode": "AUDIO", "subject": "Bench", "capacity": 9}


def room_id(number: int) -> str:
    """The id of the nth prepared room, in the form the API's own ids have."""
    import base64

    return base64.b64encode(str(10**17 + number).encode()).decode()


def ours(records: int) -> Any:
    """The emulator itself."""
    from greenroom.emulator import Emulator

    emulator = Emulator(["portsip"], scenario="empty")
    client = emulator.client("portsip", as_="alice")
    made = client.post(ROOMS, json={**NEW_ROOM, "extension_number": "999999999"}).json()["id"]
    rooms = emulator.world().store.collection("portsip", "conference_rooms", "acme")
    model = rooms.get(made)
    with emulator.world().store.transaction():
        for number in range(records):
            rooms.add(model | {"id": room_id(number), "extension_number": f"1{number:08d}"})
    return emulator.app


def bare(records: int) -> Any:
    """The least an ASGI application can do that still answers from data."""
    from greenroom.emulator import Emulator

    with Emulator(["portsip"], scenario="empty") as emulator:
        client = emulator.client("portsip", as_="alice")
        made = client.post(ROOMS, json={**NEW_ROOM, "extension_number": "999999999"}).json()["id"]
        shape = client.get(f"{ROOMS}/{made}").json()
    rooms = {f"/portsip{ROOMS}/{room_id(n)}": {**shape, "id": room_id(n)} for n in range(records)}
    page = {"count": records, "items": list(rooms.values())[:100]}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] == "POST":
            orjson.loads((await receive())["body"])
            status, answer = 201, {"id": made}
        else:
            status, answer = 200, rooms.get(scope["path"], page)
        body = orjson.dumps(answer)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def subset() -> dict[str, Any]:
    """The spec with the three operations that are measured, in the words Connexion wants."""
    text = (files("greenroom.specs") / "portsip.yaml").read_text("utf-8")
    spec: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(text)))
    kept = {ROOMS: ("get", "post"), f"{ROOMS}/{{id}}": ("get",)}
    spec["paths"] = {
        path: {
            name: node
            for name, node in spec["paths"][path].items()
            if name in methods or name == "parameters"
        }
        for path, methods in kept.items()
    }
    for item in spec["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                for response in operation.get("responses", {}).values():
                    response.pop("links", None)
    for scheme in spec["components"]["securitySchemes"].values():
        scheme["x-bearerInfoFunc"] = "peers.sign_in"
    return copy.deepcopy(spec)


def sign_in(token: str) -> dict[str, str] | None:
    """What a user of stock Connexion writes to check a token."""
    return {"sub": token} if token == "alice" else None


def stock(records: int, *, on_disk: bool) -> Any:
    """What a user of stock Connexion and TinyDB writes."""
    import connexion
    from connexion.resolver import Resolver
    from tinydb import TinyDB, where
    from tinydb.storages import JSONStorage, MemoryStorage

    logging.getLogger("connexion").setLevel(logging.CRITICAL)
    if on_disk:
        path = Path(tempfile.mkdtemp()) / "rooms.json"
        rows = {str(n + 1): {**NEW_ROOM, "id": room_id(n)} for n in range(records)}
        path.write_text(json.dumps({"_default": rows}))
        table = TinyDB(path, storage=JSONStorage)
    else:
        table = TinyDB(storage=MemoryStorage)
        table.insert_multiple({**NEW_ROOM, "id": room_id(n)} for n in range(records))
    made = [records]

    async def list_rooms(**_: Any) -> Any:
        rows = table.all()
        return {"count": len(rows), "items": rows[:100]}

    async def create_room(body: Any) -> Any:
        made[0] += 1
        record = {**body, "id": room_id(made[0])}
        table.insert(record)
        return {"id": record["id"]}, 201

    async def get_room(id_: str) -> Any:
        found = table.get(where("id") == id_)
        return found if found is not None else ({"errors": []}, 404)

    handlers = {
        "listConferenceRooms": list_rooms,
        "createConferenceRoom": create_room,
        "getConferenceRoom": get_room,
    }
    app = connexion.AsyncApp("peers", pythonic_params=True)
    app.add_api(subset(), base_path="/portsip", resolver=Resolver(handlers.__getitem__))
    return app


PEERS = {
    "ours": ours,
    "bare": bare,
    "json": lambda records: stock(records, on_disk=True),
    "memory": lambda records: stock(records, on_disk=False),
}


def main() -> None:
    """Serve one peer on a free port and say which."""
    peer, records = sys.argv[1], int(sys.argv[2])
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    config = server_config(PEERS[peer](records), log_level="warning")
    settle_memory()
    print(bound.getsockname()[1], flush=True)
    uvicorn.Server(config).run([bound])


if __name__ == "__main__":
    main()
