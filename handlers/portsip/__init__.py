"""PortSIP PBX: conference servers, rooms, the people in them and their recordings.

Its temper: only GET and POST, deleting is a path that ends in /destroy; every key is always
there and null when unset; partial changes that ignore what they do not know; ids in base64; a
list of errors for every refusal; switches that may be thrown twice; and rooms that are OFFLINE
when no server has a place for them, which is nobody's fault and no error.
"""

from greenroom.emulator.toolkit import Option, Provider
from greenroom.handlers.portsip.auth import identify
from greenroom.handlers.portsip.blobs import download_blob
from greenroom.handlers.portsip.conference_rooms import (
    create_conference_room,
    delete_conference_room,
    get_conference_room,
    get_conference_room_status,
    list_conference_rooms,
    lock_conference_room,
    mute_conference_room,
    start_recording_in_conference_room,
    stop_recording_in_conference_room,
    unlock_conference_room,
    unmute_conference_room,
    update_conference_room,
)
from greenroom.handlers.portsip.conference_servers import (
    create_conference_server,
    delete_conference_server,
    get_conference_server_status,
    list_conference_servers,
    show_conference_server,
    update_conference_server,
)
from greenroom.handlers.portsip.formats import FORMATS
from greenroom.handlers.portsip.login import issue_token, revoke_token, sign_in
from greenroom.handlers.portsip.participants import (
    get_conference_room_participant,
    invite_conference_room_participant,
    kick_out_conference_room_participant,
    list_conference_room_participants,
    mute_conference_room_participant,
    number_answers,
    set_conference_room_participant_position,
    transfer_conference_room_ownership,
    unmute_conference_room_participant,
    update_conference_room_participants_layout,
)
from greenroom.handlers.portsip.recordings import (
    delete_conference_recording,
    list_conference_recordings,
    set_conference_recording_read,
    set_conference_recording_un_read,
)
from greenroom.handlers.portsip.stimuli import (
    meeting_ends,
    participant_goes_silent,
    participant_joins,
    participant_leaves,
    participant_talks,
    recording_finishes,
)
from greenroom.handlers.portsip.wire import WIRE
from greenroom.state import Indexes

PROVIDER = Provider(
    wire=WIRE,
    identify=identify,
    meetings="conference_rooms",
    collections={
        "tenants": Indexes(),
        "users": Indexes(plain=("username", "extension_number")),
        "tokens": Indexes(plain=("username", "session")),
        "conference_servers": Indexes(plain=("enabled",), unique=("name", "ipv4", "ipv6")),
        "conference_rooms": Indexes(plain=("server_id",), unique=("extension_number",)),
        "participants": Indexes(plain=("room_id", "server_id")),
        "recordings": Indexes(plain=("room_id", "digest")),
    },
    options={
        "enforce_roles": Option(
            default=False,
            description="Servers only for the system administrator, rooms only for tenants.",
        ),
        "ring_seconds": Option(
            default=0, description="How long an invited number rings before it answers."
        ),
        "busy_numbers": Option(
            default=[], description="Numbers that are busy whenever they are invited."
        ),
        "no_answer_numbers": Option(
            default=[], description="Numbers where nobody answers an invitation."
        ),
        "online_room_limit": Option(
            default=20, description="How many rooms of a tenant may be online at the same time."
        ),
        "token_seconds": Option(
            default=1800, description="How long a token is good that was got by signing in."
        ),
        "tenant_domain": Option(
            default="tenant.example.com",
            description="The SIP domain of tenants that have none of their own.",
        ),
        "sbc_host": Option(
            default="", description="The session border controller's name; empty for none."
        ),
        "sbc_port": Option(default=8883, description="The session border controller's web port."),
    },
    stimuli=(
        participant_joins,
        participant_leaves,
        participant_talks,
        participant_goes_silent,
        recording_finishes,
        meeting_ends,
    ),
    timers=(number_answers,),
    formats=FORMATS,
)

__all__ = [
    "PROVIDER",
    "create_conference_room",
    "create_conference_server",
    "delete_conference_recording",
    "delete_conference_room",
    "delete_conference_server",
    "download_blob",
    "get_conference_room",
    "get_conference_room_participant",
    "get_conference_room_status",
    "get_conference_server_status",
    "invite_conference_room_participant",
    "issue_token",
    "kick_out_conference_room_participant",
    "list_conference_recordings",
    "list_conference_room_participants",
    "list_conference_rooms",
    "list_conference_servers",
    "lock_conference_room",
    "mute_conference_room",
    "mute_conference_room_participant",
    "revoke_token",
    "set_conference_recording_read",
    "set_conference_recording_un_read",
    "set_conference_room_participant_position",
    "show_conference_server",
    "sign_in",
    "start_recording_in_conference_room",
    "stop_recording_in_conference_room",
    "transfer_conference_room_ownership",
    "unlock_conference_room",
    "unmute_conference_room",
    "unmute_conference_room_participant",
    "update_conference_room",
    "update_conference_room_participants_layout",
    "update_conference_server",
]
