"""Events, their instances and their invitees as the API shows them."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.shapes import avatar_url, profile_by_id, stranger_shape


def invitee_shape(call: Call, invite: Json) -> Json:
    """Somebody who is asked to an event: a user, or an address known to the provider or not."""
    if "invitee" in invite:
        shown = profile_by_id(call, invite["invitee"])
        profile = {"kind": "registered", **shown, "role": invite["role"]}
        return {"profile": profile, "status": invite["status"]}
    email = invite["email"]
    known = call.shared("identities").first(email=email, tenant=call.tenant)
    if known is not None:
        return {"profile": stranger_shape(call, known), "status": "pending"}
    profile = {"kind": "email", "email": email, "avatar_url": avatar_url(call, email)}
    return {"profile": profile, "status": "pending"}
