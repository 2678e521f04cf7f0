"""HooT: conferences, the links that lead into them, and what is told when somebody follows one.

An API in verbs: a conference's name is a segment of the path, and nobody ever reads a conference
by its id; one sees it as a *partyconf*, through the eyes of a party. It trusts a token's claims
more than its signature, sends people on with a 302 whose body is a JSON text, means it when it
says 204, and knows three instances that know nothing of each other.
"""

from greenroom.emulator.toolkit import Option, Provider
from greenroom.handlers.hoot.auth import identify
from greenroom.handlers.hoot.conferences import (
    all_conference_users,
    all_users_of_conference,
    check_conference_by_id,
    create_conference,
    delete_conference,
    edit_conference,
)
from greenroom.handlers.hoot.coremxs import say_hello
from greenroom.handlers.hoot.links import (
    deep_link_via_token,
    deep_link_via_token_bypass,
    get_conference_by_deep_link_token,
    get_sip_details_for_user_via_deep_link,
    get_sip_details_for_user_via_deep_link_bypass,
    xform,
    xform_by_query_param,
)
from greenroom.handlers.hoot.listings import (
    search_conferences,
    user_favourite_conference,
    user_invited_to_conferences,
    user_last_joined_conferences,
    user_set_favourite_conference,
    user_unset_favourite_conference,
)
from greenroom.handlers.hoot.logins import web_login
from greenroom.handlers.hoot.parties import participation_ends
from greenroom.handlers.hoot.search_strings import add_user_search_string, user_search_strings
from greenroom.handlers.hoot.service import (
    check_entry_code,
    get_json_web_key_set,
    get_open_id_configuration,
    join_page,
    status,
)
from greenroom.handlers.hoot.stimuli import meeting_ends, participant_joins, participant_leaves
from greenroom.handlers.hoot.subscriptions import (
    WEBHOOKS,
    delete_subscription,
    subscribe_conference,
    subscription_ends,
)
from greenroom.handlers.hoot.wire import WIRE
from greenroom.state import Indexes

PROVIDER = Provider(
    wire=WIRE,
    identify=identify,
    meetings="conferences",
    collections={
        "instances": Indexes(),
        "users": Indexes(plain=("sub", "email_key")),
        "logins": Indexes(),
        "search_strings": Indexes(plain=("user",)),
        "coremxs": Indexes(plain=("name",)),
        "conferences": Indexes(plain=("coremx", "voice_bridge")),
        "parties": Indexes(plain=("conference", "user", "token")),
        "joins": Indexes(plain=("user",)),
        "favourites": Indexes(plain=("user",)),
        "subscriptions": Indexes(plain=("conference", "endpoint")),
    },
    options={
        "lenient_headers": Option(
            default=False, description="An absent x-hoot-instance means Generic everywhere."
        ),
        "strict_identity": Option(
            default=False, description="The user in a path has to be the caller; any other is 403."
        ),
        "token_secret": Option(
            default="",
            description=(
                "The secret that HS256 tokens have to be signed with; empty to trust them all. "
                "The cast's are signed with hoot-signs-the-tokens-of-its-cast-with-this."
            ),
        ),
        "token_keys": Option(
            default="", description="The JWK set, as JSON, whose keys tokens have to be signed by."
        ),
        "public_base": Option(
            default="",
            description="How links begin; empty for the address that the client itself uses.",
        ),
        "dial_number": Option(
            default="+44(0)35150021",
            description="The number to dial into conferences, at most 14 characters.",
        ),
        "sip_domain": Option(
            default="gcp-a1.hoot.mx", description="The SIP domain of mixers that name none."
        ),
        "entry_codes": Option(
            default=["hoot"], description="The codes that open the door of the Generic instance."
        ),
        "pdf_limit": Option(default=300 * 1024, description="How many bytes a PDF may have."),
    },
    stimuli=(participant_joins, participant_leaves, meeting_ends),
    timers=(participation_ends, subscription_ends),
    webhooks=WEBHOOKS,
)

__all__ = [
    "PROVIDER",
    "add_user_search_string",
    "all_conference_users",
    "all_users_of_conference",
    "check_conference_by_id",
    "check_entry_code",
    "create_conference",
    "deep_link_via_token",
    "deep_link_via_token_bypass",
    "delete_conference",
    "delete_subscription",
    "edit_conference",
    "get_conference_by_deep_link_token",
    "get_json_web_key_set",
    "get_open_id_configuration",
    "get_sip_details_for_user_via_deep_link",
    "get_sip_details_for_user_via_deep_link_bypass",
    "join_page",
    "say_hello",
    "search_conferences",
    "status",
    "subscribe_conference",
    "user_favourite_conference",
    "user_invited_to_conferences",
    "user_last_joined_conferences",
    "user_search_strings",
    "user_set_favourite_conference",
    "user_unset_favourite_conference",
    "web_login",
    "xform",
    "xform_by_query_param",
]
