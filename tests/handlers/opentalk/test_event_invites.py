from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Made = Callable[..., dict[str, Any]]
ALICE = "a11ce000-0000-4000-8000-000000000001"
BOB = "b0b00000-0000-4000-8000-000000000002"
CAROL = "ca901000-0000-4000-8000-000000000003"
MALLORY = "ba110000-0000-4000-8000-000000000009"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def event(made_event: Made) -> str:
    """An event of alice's, by its path."""
    return f"/v1/events/{made_event()['id']}"


def invite(client: httpx.Client, event: str, **body: Any) -> int:
    return client.post(f"{event}/invites", json=body).status_code


def uninvite(client: httpx.Client, event: str, email: str) -> int:
    return client.request("DELETE", f"{event}/invites/email", json={"email": email}).status_code


def invitees(client: httpx.Client, event: str, **query: Any) -> list[tuple[str, str]]:
    shown = client.get(f"{event}/invites", params=query).json()
    return [(each["profile"]["email"], each["status"]) for each in shown]


def pending(client: httpx.Client) -> int:
    return int(client.get("/v1/users/me/pending_invites").json()["total_pending_invites"])


def test_an_invitee_sees_the_event_and_all_that_belongs_to_it(
    alice: httpx.Client, bob: httpx.Client, made_event: Made
) -> None:
    made = made_event(has_shared_folder=True)
    event, room = f"/v1/events/{made['id']}", f"/v1/rooms/{made['room']['id']}"
    reads = [
        event,
        f"{event}/instances",
        f"{event}/invites",
        f"{event}/shared_folder",
        room,
        f"{room}/tariff",
        f"{room}/assets",
    ]
    assert {bob.get(path).status_code for path in reads} == {404}
    assert bob.post(f"{room}/start", json={}).status_code == 404
    assert invite(alice, event, invitee=BOB) == 201
    assert {bob.get(path).status_code for path in reads} == {200}
    assert bob.post(f"{room}/start", json={}).status_code == 200
    assert pending(bob) == 1


def test_nobody_is_asked_twice_and_the_creator_not_at_all(alice: httpx.Client, event: str) -> None:
    assert invite(alice, event, invitee=BOB.upper(), role="moderator") == 201
    assert invite(alice, event, invitee=BOB, role="user") == 204
    assert invite(alice, event, email="Bob@acme.example") == 204
    assert invite(alice, event, invitee=ALICE) == invite(alice, event, email="alice@acme.example")
    shown = alice.get(f"{event}/invites").json()
    assert [each["profile"]["role"] for each in shown] == ["moderator"]


def test_an_invitee_is_shown_with_profile_and_role(alice: httpx.Client, event: str) -> None:
    invite(alice, event, invitee=BOB, role="moderator")
    profile = alice.get(f"/v1/users/{BOB}").json()
    assert alice.get(f"{event}/invites").json() == [
        {"profile": {"kind": "registered", **profile, "role": "moderator"}, "status": "pending"}
    ]


@pytest.mark.parametrize("invitee", [NOBODY, MALLORY])
def test_only_users_of_the_tenant_can_be_asked(
    alice: httpx.Client, event: str, invitee: str
) -> None:
    assert invite(alice, event, invitee=invitee) == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"role": "user"}, {"invitee": "bob"}, {"email": "bob"}, {"invitee": BOB, "role": "king"}],
)
def test_an_invite_names_somebody_to_ask(
    alice: httpx.Client, event: str, body: dict[str, str]
) -> None:
    answer = alice.post(f"{event}/invites", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_the_address_of_a_user_asks_that_user(
    alice: httpx.Client, bob: httpx.Client, event: str
) -> None:
    assert invite(alice, event, email="BOB@acme.example") == 201
    assert pending(bob) == 1
    assert alice.get(f"{event}/invites").json()[0]["profile"]["role"] == "user"


def test_an_address_is_shown_as_far_as_the_provider_knows_it(
    alice: httpx.Client, event: str
) -> None:
    assert invite(alice, event, email="guest@example.org") == 201
    assert invite(alice, event, email="Dave@acme.example") == 201
    assert invite(alice, event, email="guest@example.org") == 204
    dave, guest = alice.get(f"{event}/invites").json()
    assert dave["status"] == guest["status"] == "pending"
    assert dave["profile"] == {
        "kind": "unregistered",
        "email": "dave@acme.example",
        "firstname": "Dave",
        "lastname": "Davis",
        "avatar_url": dave["profile"]["avatar_url"],
    }
    assert guest["profile"] == {
        "kind": "email",
        "email": "guest@example.org",
        "avatar_url": guest["profile"]["avatar_url"],
    }


def test_a_stranger_gets_an_invite_code_and_a_known_address_does_not(
    alice: httpx.Client, event: str
) -> None:
    codes = f"/v1/rooms/{alice.get(event).json()['room']['id']}/invites"
    invite(alice, event, email="dave@acme.example")
    assert alice.get(codes).json() == []
    invite(alice, event, email="guest@example.org")
    assert len(alice.get(codes).json()) == 1


def test_strangers_can_be_kept_out(
    with_options: Callable[..., httpx.Client], made_event: Made
) -> None:
    alice = with_options("alice", external_email_invites=False)
    event = f"/v1/events/{made_event(alice)['id']}"
    answer = alice.post(f"{event}/invites", json={"email": "guest@example.org"})
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_email")
    assert invite(alice, event, email="dave@acme.example") == 201


def test_invitees_are_listed_users_first_and_the_newest_first(
    alice: httpx.Client, bob: httpx.Client, event: str
) -> None:
    for each in ("one@example.org", "bob@acme.example", "two@example.org", "carol@acme.example"):
        invite(alice, event, email=each)
    bob.patch(f"{event}/invite")
    everybody = [
        ("carol@acme.example", "pending"),
        ("bob@acme.example", "accepted"),
        ("two@example.org", "pending"),
        ("one@example.org", "pending"),
    ]
    assert invitees(alice, event) == invitees(bob, event) == everybody
    assert invitees(alice, event, per_page=3, page=2) == everybody[3:]
    assert invitees(alice, event, status="accepted") == everybody[1:2]
    assert invitees(alice, event, status="pending") == [everybody[0], *everybody[2:]]
    assert invitees(alice, event, status=["pending", "accepted"]) == everybody
    assert invitees(alice, event, status="tentative") == []
    links = alice.get(f"{event}/invites", params={"per_page": 3}).headers["Link"]
    assert links.count("page=2&per_page=3") + links.count("per_page=3&page=2") == 2


@pytest.mark.parametrize("query", [{"status": "maybe"}, {"per_page": 101}, {"page": 0}])
def test_a_list_that_cannot_be_is_a_bad_request(
    alice: httpx.Client, event: str, query: dict[str, Any]
) -> None:
    answer = alice.get(f"{event}/invites", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_role_is_the_creators_to_give(
    alice: httpx.Client, bob: httpx.Client, carol: httpx.Client, event: str
) -> None:
    path = f"{event}/invites/{BOB}"
    assert alice.patch(path, json={"role": "moderator"}).status_code == 404
    invite(alice, event, invitee=BOB)
    assert alice.patch(path, json={"role": "moderator"}).status_code == 204
    assert alice.get(f"{event}/invites").json()[0]["profile"]["role"] == "moderator"
    for other in (bob, carol):
        answer = other.patch(path, json={"role": "user"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_who_is_uninvited_sees_nothing_any_more(
    alice: httpx.Client, bob: httpx.Client, event: str
) -> None:
    invite(alice, event, invitee=BOB)
    bob.put(f"/v1/users/me/event_favorites/{event.rpartition('/')[2]}")
    assert alice.delete(f"{event}/invites/{BOB}").status_code == 204
    assert bob.get(event).status_code == 404
    assert pending(bob) == 0
    invite(alice, event, invitee=BOB)
    assert bob.get(event).json()["is_favorite"] is False
    assert alice.delete(f"{event}/invites/{CAROL}").status_code == 404


def test_an_address_is_uninvited_whoever_has_it(
    alice: httpx.Client, bob: httpx.Client, event: str
) -> None:
    for email in ("guest@example.org", "bob@acme.example"):
        assert uninvite(alice, event, email) == 404
        invite(alice, event, email=email)
        assert uninvite(alice, event, email.upper()) == 204
    assert invitees(alice, event) == []
    assert bob.get(event).status_code == 404


def test_an_invitee_answers_as_often_as_it_likes(
    alice: httpx.Client, bob: httpx.Client, event: str
) -> None:
    invite(alice, event, invitee=BOB)
    for answer, status in (
        (bob.patch, "accepted"),
        (bob.patch, "accepted"),
        (bob.delete, "declined"),
        (bob.delete, "declined"),
        (bob.patch, "accepted"),
    ):
        assert answer(f"{event}/invite").status_code == 204
        assert bob.get(event).json()["invite_status"] == status
        assert invitees(alice, event) == [("bob@acme.example", status)]
        assert pending(bob) == 0


def test_who_is_not_invited_has_nothing_to_answer(
    alice: httpx.Client, carol: httpx.Client, event: str
) -> None:
    for client in (alice, carol):
        assert client.patch(f"{event}/invite").status_code == 404
        assert client.delete(f"{event}/invite").status_code == 404


def test_only_the_owner_invites_and_uninvites(
    alice: httpx.Client, bob: httpx.Client, event: str
) -> None:
    invite(alice, event, invitee=BOB)
    assert invite(bob, event, invitee=CAROL) == 404
    assert uninvite(bob, event, "bob@acme.example") == 404
    assert bob.delete(f"{event}/invites/{BOB}").status_code == 404


def test_the_first_login_makes_invites_of_an_address_the_users_own(
    alice: httpx.Client,
    nobody: httpx.Client,
    bearer: Callable[[str], httpx.Client],
    token: Callable[..., str],
    event: str,
) -> None:
    invite(alice, event, email="erin@acme.example")
    nobody.post("/v1/auth/login", json={"id_token": token()})
    erin = bearer(token())
    assert pending(erin) == 1
    assert erin.get(event).json()["invite_status"] == "pending"
    shown = alice.get(f"{event}/invites").json()
    assert [(each["profile"]["kind"], each["profile"]["role"]) for each in shown] == [
        ("registered", "user")
    ]
