"""The Conferences API of 2600Hz Kazoo, as a hosted telephone exchange offers it.

It keeps conference documents and shows what is live beside them. Its temper: everything in an
envelope, forgiving about labels and types, 201 for every PUT that succeeds, and errors that name
the validator.
"""

from __future__ import annotations

from greenroom.emulator.toolkit import Option, Provider, Wire
from greenroom.handlers.kazoo.auth import admit, identify, receive
from greenroom.handlers.kazoo.conferences import (
    create_conference,
    delete_conference,
    get_conference,
    list_conferences,
    patch_conference,
    perform_conference_action,
    replace_conference,
)
from greenroom.handlers.kazoo.participants import (
    get_participant,
    list_participants,
    perform_participant_action,
    perform_participants_action,
)
from greenroom.handlers.kazoo.sockets import SOCKETS
from greenroom.handlers.kazoo.stimuli import (
    meeting_ends,
    participant_goes_silent,
    participant_joins,
    participant_leaves,
    participant_talks,
    video_off,
    video_on,
)
from greenroom.handlers.kazoo.tokens import (
    create_api_auth,
    create_user_auth,
    delete_token_auth,
    get_token_auth,
    get_user_auth,
    token_expires,
)
from greenroom.handlers.kazoo.websockets import (
    get_websocket,
    list_websocket_bindings,
    list_websockets,
)
from greenroom.handlers.kazoo.wire import read_request, write_error, write_options, write_reply
from greenroom.state import Indexes

PROVIDER = Provider(
    wire=Wire(
        read_request=read_request,
        write_reply=write_reply,
        write_error=write_error,
        write_options=write_options,
    ),
    receive=receive,
    admit=admit,
    identify=identify,
    # dossier 3.3: a conference must exist before its new document is judged
    validation="handler",
    lenient=("boolean", "integer"),
    meetings="conferences",
    collections={
        "accounts": Indexes(plain=("realm", "phone_numbers", "api_key")),
        "users": Indexes(plain=("username",)),
        "tokens": Indexes(),
        "conferences": Indexes(plain=("conference_numbers", "member.numbers", "moderator.numbers")),
        "deleted_conferences": Indexes(),
        "runs": Indexes(),
        "participants": Indexes(plain=("conference_id",)),
        "sockets": Indexes(plain=("conferences", "account_id", "session_id")),
    },
    options={
        "token_lifetime": Option(3600, "Seconds until a new token expires, used or not."),
        "lock_when_empty": Option(
            True, "Whether a conference in which nobody is can be locked; the switch cannot."
        ),
        "conference_channel_vars": Option(
            False, "Whether participants show copies of their flags where newer versions have them."
        ),
        "publish_participant_event": Option(
            [], "The events that sockets are told; none listed means all of participants."
        ),
        "event_first_bindings": Option(
            False, "Whether conference.event.EVENT.CONFERENCE_ID.CALL_ID is a binding, as later."
        ),
        "socket_limit": Option(0, "How many sockets may be open at once; 0 is any number."),
        "message_limit": Option(
            0, "How many messages a socket may send within a second; 0 is any number."
        ),
    },
    stimuli=(
        participant_joins,
        participant_leaves,
        participant_talks,
        participant_goes_silent,
        video_on,
        video_off,
        meeting_ends,
    ),
    timers=(token_expires,),
    sockets=SOCKETS,
)

__all__ = [
    "PROVIDER",
    "create_api_auth",
    "create_conference",
    "create_user_auth",
    "delete_conference",
    "delete_token_auth",
    "get_conference",
    "get_participant",
    "get_token_auth",
    "get_user_auth",
    "get_websocket",
    "list_conferences",
    "list_participants",
    "list_websocket_bindings",
    "list_websockets",
    "patch_conference",
    "perform_conference_action",
    "perform_participant_action",
    "perform_participants_action",
    "replace_conference",
]
