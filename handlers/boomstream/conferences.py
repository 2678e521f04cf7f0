"""Conferences: what a project's owner creates, and what users are invited to."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.boomstream.errors import ConferenceNotFoundError
from greenroom.handlers.boomstream.parameters import parameters
from greenroom.handlers.boomstream.projects import check_folder
from greenroom.handlers.boomstream.shapes import conference_shape, conference_with_folder_shape


def create_conference(call: Call) -> Json:
    """Answer with the code alone; titles need not be unique."""
    sent = parameters(call)
    check_folder(call, sent.get("folder"))
    new = {"id": call.ids.uuid(), "number": next_number(call), "description": "", "folder": None}
    return {"Code": call.collection("conferences").add(new | sent)["id"]}


def list_conferences(call: Call) -> Json:
    """All of them, oldest first; the method has no paging."""
    return {"conferences": [conference_shape(each) for each in call.collection("conferences")]}


def get_conference(call: Call) -> Json:
    """The one method whose answer always has the trailer, which the wire adds."""
    return conference_shape(find_conference(call, parameters(call)["code"]))


def update_conference(call: Call) -> Json:
    """Change only what is sent; the folder is shown even if it was not."""
    changes = parameters(call)
    conference = find_conference(call, changes.pop("code"))
    check_folder(call, changes.get("folder"))
    return conference_with_folder_shape(call.collection("conferences").save(conference | changes))


def delete_conference(call: Call) -> Json:
    """Remove it with its users for good; the message is the vendor's slip."""
    conference = find_conference(call, parameters(call)["code"])
    clients = call.collection("clients")
    for client in clients.find(conference=conference["id"]):
        clients.remove(client["id"])
    call.collection("conferences").remove(conference["id"])
    return {"message": "Client is deleted successful"}


def find_conference(call: Call, code: str) -> Json:
    """The project's conference with this code."""
    conferences = call.collection("conferences")
    if code not in conferences:
        raise ConferenceNotFoundError
    return conferences.get(code)


def next_number(call: Call) -> int:
    """The next of the numbers that all projects draw from."""
    counters = call.shared("counters")
    if "conferences" not in counters:
        counters.add({"id": "conferences", "last": 0})
    counter = counters.get("conferences")
    counter["last"] += 1
    number: int = counters.save(counter)["last"]
    return number
