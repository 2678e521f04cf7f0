"""Clients: the users of a conference, whom only an invitation adds."""

from __future__ import annotations

import string

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.boomstream.conferences import find_conference
from greenroom.handlers.boomstream.errors import ClientNotFoundError, ParameterInvalidError
from greenroom.handlers.boomstream.invitations import invitation_link, issue_token, send_invitation
from greenroom.handlers.boomstream.parameters import parameters
from greenroom.handlers.boomstream.projects import find_project
from greenroom.handlers.boomstream.shapes import client_shape, invitation_shape

ALPHABET = string.ascii_letters + string.digits
DAY = 86_400


def invite_client(call: Call) -> Json:
    """Add, change or bring back the user with this e-mail; the link is new each time."""
    sent = parameters(call)
    conference = find_conference(call, sent.pop("code"))
    timeout, notify = sent.pop("timeout", DAY), sent.pop("notify_email", False)
    client = welcome(call, conference["id"], sent)
    token = issue_token(call, conference, client, timeout=timeout)
    link = invitation_link(call, token)
    if notify:
        send_invitation(call, conference, client, link=link, timeout=timeout)
    return invitation_shape(conference, client, token, link)


def list_clients(call: Call) -> Json:
    """In the order of adding, the removed ones among them."""
    conference = find_conference(call, parameters(call)["code"])
    zone = find_project(call)["zone"]
    clients = call.collection("clients").find(conference=conference["id"])
    return {"Clients": [client_shape(each, zone) for each in clients]}


def get_client(call: Call) -> Json:
    """Also one who was removed."""
    client = find_client(call, parameters(call)["code"])
    return client_shape(client, find_project(call)["zone"])


def update_client(call: Call) -> Json:
    """Change only what is sent; a removed user is not found here."""
    changes = parameters(call)
    client = find_live_client(call, changes.pop("code"))
    if "email" in changes:
        changes["email_key"] = free_email_key(call, client, changes["email"])
    call.collection("clients").save(client | changes)
    return {"message": "Client changed successfully", "clientCode": client["id"]}


def delete_client(call: Call) -> Json:
    """The user stays on the list, marked; removing him again finds nobody."""
    client = find_live_client(call, parameters(call)["code"])
    call.collection("clients").save(client | {"deleted": True})
    return {"message": "Client is deleted successfully", "clientCode": client["id"]}


def find_client(call: Call, code: str) -> Json:
    """The project's user with this code."""
    clients = call.collection("clients")
    if code not in clients:
        raise ClientNotFoundError
    return clients.get(code)


def find_live_client(call: Call, code: str) -> Json:
    """The project's user with this code, if he was not removed."""
    client = find_client(call, code)
    if client["deleted"]:
        raise ClientNotFoundError
    return client


def welcome(call: Call, conference: str, sent: Json) -> Json:
    """The user with the e-mail sent, after the invitation: live, and with what it says."""
    clients, added_at = call.collection("clients"), call.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    email_key = sent["email"].lower()
    namesakes = clients.find(conference=conference, email_key=email_key)
    if not namesakes:
        new = {
            "id": call.ids.text(8, ALPHABET),
            "conference": conference,
            "email_key": email_key,
            "name": sent["email"],
            "moderator": False,
            "avatar_url": None,
            "added_at": added_at,
            "deleted": False,
        }
        return clients.add(new | sent)
    known = next((each for each in namesakes if not each["deleted"]), namesakes[-1])
    revival = {"deleted": False, "added_at": added_at} if known["deleted"] else {}
    return clients.save(known | sent | revival | {"email": known["email"]})


def free_email_key(call: Call, client: Json, email: str) -> str:
    """The e-mail as it is compared, if no other live user of the conference has it."""
    key = email.lower()
    holders = call.collection("clients").find(conference=client["conference"], email_key=key)
    if any(each["id"] != client["id"] and not each["deleted"] for each in holders):
        raise ParameterInvalidError("email")
    return key
