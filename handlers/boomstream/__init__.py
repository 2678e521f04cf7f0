"""Boomstream: conferences and their users, in ten methods.

An API of the old school: everything is a GET with the key in the query, answers are XML unless
JSON is asked for, and a refusal comes with HTTP 200 and `Status: Failed`. Each method can be
had by POST as well, with JSON or a form, and does the same; so each has two operations and one
function.
"""

from greenroom.emulator.toolkit import Option, Provider
from greenroom.handlers.boomstream.auth import admit, identify
from greenroom.handlers.boomstream.clients import (
    delete_client,
    get_client,
    invite_client,
    list_clients,
    update_client,
)
from greenroom.handlers.boomstream.conferences import (
    create_conference,
    delete_conference,
    get_conference,
    list_conferences,
    update_conference,
)
from greenroom.handlers.boomstream.invitations import open_invitation
from greenroom.handlers.boomstream.wire import WIRE
from greenroom.state import Indexes

PROVIDER = Provider(
    wire=WIRE,
    admit=admit,
    identify=identify,
    validation="handler",
    collections={
        "projects": Indexes(unique=("key",)),
        "counters": Indexes(),
        "conferences": Indexes(),
        "clients": Indexes(plain=("conference", "email_key")),
    },
    options={
        "trailer": Option(
            "info",
            "Which answers end with Version, Versions and RequestURI: those of info, or always.",
            choices=("info", "always"),
        ),
        "strict_http": Option(False, "Whether a missing or unknown key is a 401 instead of a 200."),
    },
)

get_conference_by_post = get_conference
list_conferences_by_post = list_conferences
create_conference_by_post = create_conference
update_conference_by_post = update_conference
delete_conference_by_post = delete_conference
invite_client_by_post = invite_client
list_clients_by_post = list_clients
get_client_by_post = get_client
update_client_by_post = update_client
delete_client_by_post = delete_client

__all__ = [
    "PROVIDER",
    "create_conference",
    "create_conference_by_post",
    "delete_client",
    "delete_client_by_post",
    "delete_conference",
    "delete_conference_by_post",
    "get_client",
    "get_client_by_post",
    "get_conference",
    "get_conference_by_post",
    "invite_client",
    "invite_client_by_post",
    "list_clients",
    "list_clients_by_post",
    "list_conferences",
    "list_conferences_by_post",
    "open_invitation",
    "update_client",
    "update_client_by_post",
    "update_conference",
    "update_conference_by_post",
]
