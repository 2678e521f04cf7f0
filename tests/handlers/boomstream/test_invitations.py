from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from email import message_from_string
from email.policy import default
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.emulator import Emulator
from greenroom.emulator.toolkit.mail import compose
from greenroom.state import Store

CONFERENCE = "0c5db8c0-c2ab-4833-bda8-bf5e8d03da35"
SECRET = "acme-signs-its-invitations-with-this"
NOW = 1_767_603_600
Ask = Callable[..., dict[str, Any]]


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(
        token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False}
    )


def signed(**changes: Any) -> str:
    claims = {
        "sub": "b0bR2x7Q",
        "name": "Bob",
        "conference": CONFERENCE,
        "iat": NOW,
        "exp": NOW + 60,
        **changes,
    }
    return jwt.encode({key: each for key, each in claims.items() if each is not None}, SECRET)


def mails(store: Store) -> list[dict[str, Any]]:
    return [each for each in store.collection("_greenroom", "outbox") if each["kind"] == "email"]


def test_a_library_verifies_the_token(ask: Ask) -> None:
    invited = ask(
        "invite",
        code=CONFERENCE,
        email="carol@acme.example",
        name="Carol",
        timeout="60",
        avatarUrl="https://acme.example/carol.png",
    )
    carol = ask("client/list", code=CONFERENCE)["Clients"][-1]["code"]
    base = invited["inviteLink"].removesuffix(f"/invite.html?jwt={invited['token']}")
    assert claims_of(invited["token"]) == {
        "iss": base,
        "sub": carol,
        "email": "carol@acme.example",
        "name": "Carol",
        "moderator": False,
        "conference": CONFERENCE,
        "conferenceId": 198,
        "avatarUrl": "https://acme.example/carol.png",
        "iat": NOW,
        "exp": NOW + 60,
    }
    head = invited["token"].partition(".")[0]
    assert head == "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"
    assert list(json.loads(base64.b64decode(head))) == ["typ", "alg"]


def test_a_link_lasts_a_day_unless_said_otherwise(ask: Ask) -> None:
    claims = claims_of(ask("invite", code=CONFERENCE, email="bob@acme.example")["token"])
    assert claims["exp"] - claims["iat"] == 86_400
    assert "avatarUrl" not in claims


def test_the_link_leads_to_the_emulator_or_where_the_project_says(
    ask: Ask, store: Store, world: str
) -> None:
    own = ask("invite", code=CONFERENCE, email="bob@acme.example")["inviteLink"]
    assert own.startswith(f"http://127.0.0.1:8800/~{world}/boomstream/invite.html?jwt=")
    projects = store.collection("boomstream", "projects")
    projects.save(projects.get("acme") | {"invite_base": "https://hwd.boomstream.com"})
    elsewhere = ask("invite", code=CONFERENCE, email="bob@acme.example")["inviteLink"]
    assert elsewhere.startswith("https://hwd.boomstream.com/invite.html?jwt=")


def test_the_page_names_conference_and_user_and_escapes_both(
    ask: Ask, client: httpx.Client, store: Store
) -> None:
    code = ask("create", title="<script>")["Code"]
    link = ask("invite", code=code, email="bob@acme.example", name="B&b")["inviteLink"]
    before = store.digest()
    page = client.get(link)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<h1>&lt;script&gt;</h1>" in page.text
    assert "B&amp;b" in page.text
    assert store.digest() == before


def test_an_earlier_link_outlives_a_later_invitation_and_keeps_its_values(
    ask: Ask, client: httpx.Client
) -> None:
    first = ask("invite", code=CONFERENCE, email="bob@acme.example", name="Bob")
    ask("invite", code=CONFERENCE, email="bob@acme.example", name="Robert", timeout="1")
    assert "Bob, you are invited" in client.get(first["inviteLink"]).text


@pytest.mark.parametrize(("after", "status"), [(59, 200), (60, 403), (61, 403)])
def test_a_link_dies_when_its_time_is_over(
    ask: Ask, client: httpx.Client, store: Store, after: int, status: int
) -> None:
    link = ask("invite", code=CONFERENCE, email="bob@acme.example", timeout="60")["inviteLink"]
    store.clock.advance(timedelta(seconds=after))
    assert client.get(link).status_code == status


@pytest.mark.parametrize("method", ["client/delete", "delete"])
def test_a_link_dies_with_its_user_and_its_conference(
    ask: Ask, client: httpx.Client, method: str
) -> None:
    link = ask("invite", code=CONFERENCE, email="bob@acme.example")["inviteLink"]
    ask(method, code={"client/delete": "b0bR2x7Q", "delete": CONFERENCE}[method])
    page = client.get(link)
    assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (signed(), 200),
        (signed(exp=NOW), 403),
        (signed(exp=None), 403),
        (signed(exp="soon"), 403),
        (signed(exp=[]), 403),
        (signed(iat=None), 403),
        (signed(iat=0), 403),
        (signed(nbf=NOW + 3600), 200),
        (signed(sub="jJY1av1o"), 403),
        (signed(sub="unknown0"), 403),
        (signed(sub=7), 403),
        (signed(conference="unknown"), 403),
        (signed(conference=[CONFERENCE]), 403),
        (signed(conference="5f0a1c7e-8a52-4f6b-9d3e-2b7c4e1f6a90"), 403),
        (signed(name=None), 403),
        (jwt.encode(jwt.decode(signed(), options={"verify_signature": False}), "x" * 32), 403),
        (jwt.encode(jwt.decode(signed(), options={"verify_signature": False}), "", "none"), 403),
        (signed() + "x", 403),
        ("nonsense", 403),
        ("", 400),
    ],
)
def test_only_the_projects_own_good_token_opens_the_page(
    client: httpx.Client, token: str, status: int
) -> None:
    assert client.get("/invite.html", params={"jwt": token}).status_code == status


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_token_breaks_the_page(client: httpx.Client, token: str) -> None:
    assert client.get("/invite.html", params={"jwt": token}).status_code in (400, 403)


def test_yes_sends_one_mail_with_the_link(ask: Ask, store: Store) -> None:
    invited = ask(
        "invite", code=CONFERENCE, email="bob@acme.example", notifyEmail="yes", timeout="3600"
    )
    (mail,) = mails(store)
    assert (mail["to"], mail["subject"]) == ("bob@acme.example", "Invitation to Testik")
    message = message_from_string(compose(mail), policy=default)
    text = message.get_content()
    assert invited["inviteLink"] in text
    assert "until 2026-01-05 13:00:00 (Europe/Moscow)" in text


@pytest.mark.parametrize("sent", [{}, {"notifyEmail": ""}, {"notifyEmail": "no"}])
def test_otherwise_no_mail_is_sent(ask: Ask, store: Store, sent: dict[str, str]) -> None:
    ask("invite", code=CONFERENCE, email="bob@acme.example", **sent)
    assert mails(store) == []


def test_every_invitation_with_yes_sends_another(ask: Ask, store: Store) -> None:
    for email in ("bob@acme.example", "bob@acme.example", "dana@acme.example"):
        ask("invite", code=CONFERENCE, email=email, notifyEmail="yes")
    assert [each["to"] for each in mails(store)] == [
        "bob@acme.example",
        "bob@acme.example",
        "dana@acme.example",
    ]


@pytest.mark.parametrize("email", ["(a@b).c>.d", "É@[O.x", ".:@x.y", "a,b@c.d", '"@x.y'])
def test_an_odd_address_is_written_to_all_the_same(ask: Ask, store: Store, email: str) -> None:
    code = ask("create", title="A\x85title\r\nBcc: everybody@acme.example\x00")["Code"]
    assert ask("invite", code=code, email=email, notifyEmail="yes")["Status"] == "Success"
    assert mails(store)[0]["to"] == email
    assert message_from_string(compose(mails(store)[0]), policy=default)["bcc"] is None


def test_each_project_signs_with_its_own_secret() -> None:
    with Emulator(providers=["boomstream"]) as emulator:
        mallory = emulator.client("boomstream", as_="mallory")
        sent = {"code": "5f0a1c7e-8a52-4f6b-9d3e-2b7c4e1f6a90", "email": "eve@globex.example"}
        token = mallory.post("/api/conference/invite", json=sent).json()["token"]
    with pytest.raises(jwt.InvalidSignatureError):
        claims_of(token)
