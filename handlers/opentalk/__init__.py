"""The Controller Frontend API of OpenTalk: rooms, who may enter them, and a calendar around them.

Its temper: tokens come from elsewhere and are believed; what one may not see does not exist;
null is often the same as nothing; a refusal has a code that clients live by; and what its document
promises is not always what its server does, so it can be had both ways.
"""

from __future__ import annotations

from greenroom.emulator.toolkit import Option, Provider
from greenroom.handlers.opentalk.assets import delete_asset, get_all_assets, get_asset
from greenroom.handlers.opentalk.auth import identify
from greenroom.handlers.opentalk.breakout_rooms import breakout_expires
from greenroom.handlers.opentalk.diary import (
    delete_event,
    get_event,
    get_events,
    new_event,
    patch_event,
)
from greenroom.handlers.opentalk.discovery import well_known_api, well_known_client
from greenroom.handlers.opentalk.event_invites import (
    accept_event_invite,
    create_event_invites,
    decline_event_invite,
    delete_email_invite,
    delete_event_invite,
    event_invites_pending,
    get_event_invites,
    update_event_invite,
)
from greenroom.handlers.opentalk.favorites import add_event_favorite, delete_event_favorite
from greenroom.handlers.opentalk.formats import FORMATS
from greenroom.handlers.opentalk.instances import (
    get_event_instance,
    get_event_instances,
    patch_event_instance,
)
from greenroom.handlers.opentalk.invite_codes import (
    create_invite,
    delete_invite,
    get_all_invites,
    get_invite,
    put_invite,
    verify_invite,
)
from greenroom.handlers.opentalk.login import auth_login, get_auth_providers
from greenroom.handlers.opentalk.meetings import time_limit_elapses
from greenroom.handlers.opentalk.oidc import (
    oidc_authorize,
    oidc_configuration,
    oidc_device,
    oidc_device_page,
    oidc_introspect,
    oidc_jwks,
    oidc_logout,
    oidc_token,
    oidc_userinfo,
    oidc_userinfo_post,
)
from greenroom.handlers.opentalk.profiles import PROFILES
from greenroom.handlers.opentalk.rooms import (
    delete_room,
    get_room,
    get_room_event,
    get_rooms,
    patch_room,
    post_rooms,
)
from greenroom.handlers.opentalk.shared_folder import (
    delete_shared_folder,
    get_shared_folder,
    put_shared_folder,
)
from greenroom.handlers.opentalk.signaling import (
    signaling_start,
    signaling_start_invited,
    signaling_websocket,
    signaling_websocket_root,
    start_sip,
)
from greenroom.handlers.opentalk.sip import delete_sip, get_sip, put_sip
from greenroom.handlers.opentalk.sockets import SOCKETS
from greenroom.handlers.opentalk.stimuli import (
    meeting_ends,
    participant_goes_silent,
    participant_joins,
    participant_leaves,
    participant_lowers_hand,
    participant_raises_hand,
    participant_talks,
    recording_finishes,
)
from greenroom.handlers.opentalk.streaming_targets import (
    delete_streaming_target,
    get_streaming_target,
    get_streaming_targets,
    patch_streaming_target,
    post_streaming_target,
)
from greenroom.handlers.opentalk.tariffs import get_me_tariff, get_room_tariff
from greenroom.handlers.opentalk.turn import get_turn
from greenroom.handlers.opentalk.users import (
    find_user,
    get_user,
    get_users,
    get_users_me,
    patch_users_me,
)
from greenroom.handlers.opentalk.wire import WIRE
from greenroom.state import Indexes

PROVIDER = Provider(
    wire=WIRE,
    identify=identify,
    formats=FORMATS,
    profile="profile",
    sockets=SOCKETS,
    stimuli=(
        participant_joins,
        participant_leaves,
        participant_talks,
        participant_goes_silent,
        participant_raises_hand,
        participant_lowers_hand,
        recording_finishes,
        meeting_ends,
    ),
    timers=(time_limit_elapses, breakout_expires),
    meetings="rooms",
    collections={
        "tenants": Indexes(plain=("oidc_tenant_id",)),
        "tariffs": Indexes(plain=("external_id",)),
        "tokens": Indexes(),
        "identities": Indexes(plain=("email", "tenant")),
        "oidc_grants": Indexes(plain=("user_code",)),
        "users": Indexes(plain=("email", "serial"), unique=("sub",)),
        "rooms": Indexes(plain=("created_by",)),
        "invite_codes": Indexes(plain=("room_id",)),
        "sip_configs": Indexes(plain=("sip_id",)),
        "streaming_targets": Indexes(plain=("room_id",)),
        "assets": Indexes(plain=("room_id",)),
        "meetings": Indexes(plain=("room_id",)),
        "participants": Indexes(plain=("meeting", "room_id")),
        "messages": Indexes(plain=("meeting", "room_id")),
        "events": Indexes(plain=("created_by", "room_id")),
        "event_exceptions": Indexes(plain=("event_id",)),
        "event_invites": Indexes(plain=("event_id", "room_id", "invitee")),
        "email_invites": Indexes(plain=("event_id", "email")),
        "favorites": Indexes(plain=("event_id", "user_id")),
        "shared_folders": Indexes(),
        "tickets": Indexes(),
        "resumptions": Indexes(),
        "sockets": Indexes(),
    },
    options={
        "profile": Option(
            default="docs",
            description="As the API is documented, or as the server of that release does it.",
            choices=tuple(PROFILES),
        ),
        "call_in": Option(default=True, description="Whether rooms can be reached by phone."),
        "call_in_number": Option(
            default="+49 30 555 0100", description="The number to dial; empty for none."
        ),
        "turn_servers": Option(
            default=["turn:127.0.0.1:3478?transport=udp turns:127.0.0.1:5349?transport=tcp"],
            description="TURN servers, the addresses of each with spaces between them.",
        ),
        "turn_secret": Option(
            default="greenroom", description="The key that is shared with the TURN servers."
        ),
        "turn_seconds": Option(default=86_400, description="How long TURN credentials are good."),
        "stun_servers": Option(
            default=["stun:127.0.0.1:3478"], description="Addresses of STUN servers."
        ),
        "shared_folder": Option(
            default="on",
            description="Whether there is a storage for shared folders, and whether it works.",
            choices=("on", "off", "failing"),
        ),
        "external_email_invites": Option(
            default=True, description="Whether strangers can be invited by e-mail."
        ),
        "users_find": Option(default=True, description="Whether users can be searched."),
        "custom_display_names": Option(
            default=True, description="Whether users may choose the name they are shown with."
        ),
        "all_rooms_access": Option(
            default=False, description="Whether every user may look at and enter every room."
        ),
        "avatar_prefix": Option(
            default="https://seccdn.libravatar.org/avatar/",
            description="The address of avatars up to the digest of the e-mail address.",
        ),
        "frontend_url": Option(
            default="https://opentalk.example",
            description="Where the web front end is, for the links in mails.",
        ),
        "oidc_issuer": Option(
            default="", description="The OpenID provider to sign in at; empty for the built-in one."
        ),
        "oidc_token_seconds": Option(
            default=86_400, description="How long tokens of the built-in provider are good."
        ),
    },
)

__all__ = [
    "PROVIDER",
    "accept_event_invite",
    "add_event_favorite",
    "auth_login",
    "create_event_invites",
    "create_invite",
    "decline_event_invite",
    "delete_asset",
    "delete_email_invite",
    "delete_event",
    "delete_event_favorite",
    "delete_event_invite",
    "delete_invite",
    "delete_room",
    "delete_shared_folder",
    "delete_sip",
    "delete_streaming_target",
    "event_invites_pending",
    "find_user",
    "get_all_assets",
    "get_all_invites",
    "get_asset",
    "get_auth_providers",
    "get_event",
    "get_event_instance",
    "get_event_instances",
    "get_event_invites",
    "get_events",
    "get_invite",
    "get_me_tariff",
    "get_room",
    "get_room_event",
    "get_room_tariff",
    "get_rooms",
    "get_shared_folder",
    "get_sip",
    "get_streaming_target",
    "get_streaming_targets",
    "get_turn",
    "get_user",
    "get_users",
    "get_users_me",
    "new_event",
    "oidc_authorize",
    "oidc_configuration",
    "oidc_device",
    "oidc_device_page",
    "oidc_introspect",
    "oidc_jwks",
    "oidc_logout",
    "oidc_token",
    "oidc_userinfo",
    "oidc_userinfo_post",
    "patch_event",
    "patch_event_instance",
    "patch_room",
    "patch_streaming_target",
    "patch_users_me",
    "post_rooms",
    "post_streaming_target",
    "put_invite",
    "put_shared_folder",
    "put_sip",
    "signaling_start",
    "signaling_start_invited",
    "signaling_websocket",
    "signaling_websocket_root",
    "start_sip",
    "update_event_invite",
    "verify_invite",
    "well_known_api",
    "well_known_client",
]
