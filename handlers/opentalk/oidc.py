"""The built-in OpenID provider: a front end can sign in with nothing else running.

It believes whoever is chosen on its page, knows every client, and forgets nobody; the parts of
the protocol that keep a token from going astray are all there, because clients insist on them.
"""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.emulator.toolkit.signing import PUBLIC_KEY
from greenroom.handlers.opentalk import grants
from greenroom.handlers.opentalk.errors import OidcError
from greenroom.handlers.opentalk.oidc_pages import message_page, people_page, sent_back

SCOPES = ["openid", "profile", "email", "offline_access"]
CLAIMS = [
    "iss", "sub", "aud", "exp", "iat", "email", "given_name", "family_name", "name", "nickname",
    "tenant_id",
]  # fmt: skip


def oidc_configuration(call: Call) -> Json:
    """Tell clients where everything is and what it can do."""
    issuer = call.url("/oidc")
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "introspection_endpoint": f"{issuer}/introspect",
        "device_authorization_endpoint": f"{issuer}/device",
        "end_session_endpoint": f"{issuer}/logout",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": list(grants.GRANTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [
            "none", "client_secret_basic", "client_secret_post",
        ],
        "code_challenge_methods_supported": list(grants.CHALLENGES),
        "scopes_supported": SCOPES,
        "claims_supported": CLAIMS,
    }  # fmt: skip


def oidc_jwks(call: Call) -> Json:
    """Show the public half of the key."""
    return {"keys": [PUBLIC_KEY]}


def oidc_authorize(call: Call) -> Reply:
    """Let somebody of the cast be chosen, and send the browser back with a code for that one."""
    asked = dict(call.request.query_pairs())
    wish = grants.wish_of(asked)
    who = asked.get("who") or (asked.get("login_hint") if asked.get("prompt") == "none" else None)
    identity = grants.identity(call, who) if who else None
    if identity is not None:
        return sent_back(wish, code=grants.new_code(call, wish, identity), state=wish.state)
    if asked.get("prompt") == "none":
        return sent_back(wish, error="login_required", state=wish.state)
    return people_page(call, "/oidc/authorize")


def oidc_token(call: Call, body: Json) -> Reply:
    """Give tokens for a code, for an older token, for a device, or to a service."""
    kind = body.get("grant_type")
    grant = grants.GRANTS.get(kind) if isinstance(kind, str) else None
    if grant is None:
        raise OidcError("unsupported_grant_type", f"Use one of {', '.join(grants.GRANTS)}.")
    return Reply(grant(call, body), headers={"Cache-Control": "no-store"})


def oidc_userinfo(call: Call) -> Json:
    """Show what is known of the owner of an access token, logged in to the API or not."""
    _, _, token = call.request.headers["authorization"].partition(" ")
    return grants.userinfo(call, token.strip())


def oidc_userinfo_post(call: Call) -> Json:
    """Do the same for clients that post."""
    return oidc_userinfo(call)


def oidc_introspect(call: Call, body: Json) -> Json:
    """Say whether a token is good and what it says."""
    return grants.introspected(call, body["token"])


def oidc_device(call: Call, body: Json | None) -> Json:
    """Give a device that has no browser a short code to be shown to its owner."""
    return grants.new_device(call, body or {})


def oidc_device_page(call: Call, user_code: str | None = None, who: str | None = None) -> Reply:
    """Let the owner of a device say who that is."""
    if not user_code:
        return message_page("Sign in a device", "Open the address that the device shows.")
    device = grants.device_of(call, user_code)
    if device is None:
        raise OidcError("invalid_grant", "No device waits under this user_code.")
    identity = grants.identity(call, who) if who else None
    if identity is None:
        return people_page(call, "/oidc/device")
    grants.approve(call, device, identity)
    return message_page("Signed in", f"The device is {identity['given_name']}'s now.")


def oidc_logout(
    call: Call,
    id_token_hint: str | None = None,
    post_logout_redirect_uri: str | None = None,
    state: str | None = None,
    client_id: str | None = None,
) -> Reply:
    """End the session of a token, and all tokens of that session with it."""
    grants.end_session(call, id_token_hint)
    if post_logout_redirect_uri:
        return sent_back(grants.Wish(post_logout_redirect_uri), state=state)
    return message_page("Signed out", "You can close this page.")
