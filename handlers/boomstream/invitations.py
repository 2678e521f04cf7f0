"""Invitations: tokens, the links that carry them, the mail that brings them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.boomstream.errors import InvitationRefusedError, TokenRequiredError
from greenroom.handlers.boomstream.pages import invitation_page
from greenroom.handlers.boomstream.projects import find_project
from greenroom.handlers.boomstream.shapes import local_time

if TYPE_CHECKING:
    from jwt.types import Options

SENDER = "Boomstream <invitations@boomstream.example>"
ALGORITHM = "HS256"
# the world's clock decides on the times, not the library's
CHECKS: Options = {
    "require": ["conference", "exp", "iat", "name", "sub"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
MAIL = """{name}, you are invited to the conference "{title}".

{link}

The link is valid until {until} ({zone}).
"""


def open_invitation(call: Call) -> Reply:
    """Show who is invited to what; the link lives as long as token, user and conference do."""
    token = call.request.given["sent"].get("jwt")
    if token is None:
        raise TokenRequiredError
    inside = call.within(project_of(call, token))
    claims = verified(inside, token)
    conference = inside.collection("conferences").get(claims["conference"])
    page = invitation_page(conference["title"], str(claims["name"]))
    return Reply(page, media_type="text/html; charset=utf-8")


def issue_token(call: Call, conference: Json, client: Json, *, timeout: int) -> str:
    """The token of one invitation; the head comes in the order of the vendor's samples."""
    issued = int(call.now().timestamp())
    claims = {
        "iss": call.url(""),
        "sub": client["id"],
        "email": client["email"],
        "name": client["name"],
        "moderator": client["moderator"],
        "conference": conference["id"],
        "conferenceId": conference["number"],
        "avatarUrl": client["avatar_url"],
        "iat": issued,
        "exp": issued + timeout,
    }
    if claims["avatarUrl"] is None:
        del claims["avatarUrl"]
    import jwt  # the emulator starts quicker without it, most notably beside cryptography

    secret = find_project(call)["secret"]
    return jwt.encode(claims, secret, algorithm=ALGORITHM, sort_headers=False)


def invitation_link(call: Call, token: str) -> str:
    """Where the user joins: at the project's own address, if it has one."""
    base = find_project(call)["invite_base"] or call.url("")
    return f"{base}/invite.html?jwt={token}"


def send_invitation(call: Call, conference: Json, client: Json, *, link: str, timeout: int) -> None:
    """Tell the user by e-mail."""
    zone = find_project(call)["zone"]
    until = local_time(call.now() + timedelta(seconds=timeout), zone)
    title = conference["title"]
    text = MAIL.format(name=client["name"], title=title, link=link, until=until, zone=zone)
    call.send_mail(client["email"], f"Invitation to {title}", text, sender=SENDER)


def project_of(call: Call, token: str) -> str:
    """The project that holds the conference the token speaks of, not yet believing it."""
    import jwt

    try:
        claimed = jwt.decode(token, options={"verify_signature": False}).get("conference")
    except (jwt.PyJWTError, RecursionError):
        raise InvitationRefusedError("This is not a token of ours.") from None
    tenant = call.everywhere("conferences").locate(claimed) if isinstance(claimed, str) else None
    if tenant is None:
        raise InvitationRefusedError("The conference does not exist or was deleted.")
    return tenant


def verified(call: Call, token: str) -> Json:
    """What a token says that the project signed, that is still good, and whose user is live."""
    import jwt

    secret = find_project(call)["secret"]
    try:
        claims: Json = jwt.decode(token, secret, algorithms=[ALGORITHM], options=CHECKS)
        expires, issued = float(claims["exp"]), float(claims["iat"])
    except (jwt.PyJWTError, TypeError, ValueError):
        raise InvitationRefusedError("The token is not signed by this project.") from None
    if call.has_reached(expires):
        raise InvitationRefusedError("The invitation has expired.")
    if not is_invited(call, claims, issued):
        raise InvitationRefusedError("The invitation was withdrawn.")
    return claims


def is_invited(call: Call, claims: Json, issued: float) -> bool:
    """Whether the user is live, and has been since the token was issued."""
    clients = call.collection("clients")
    if claims["sub"] not in clients:
        return False
    client = clients.get(claims["sub"])
    added = datetime.fromisoformat(client["added_at"]).timestamp()
    return (
        not client["deleted"] and client["conference"] == claims["conference"] and added <= issued
    )
