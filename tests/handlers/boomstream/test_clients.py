from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.state import Store

CONFERENCE = "0c5db8c0-c2ab-4833-bda8-bf5e8d03da35"
OTHER = "3e33df55-b6bf-4b59-ad1d-6eb2bea78872"
Ask = Callable[..., dict[str, Any]]


def codes(ask: Ask, conference: str = CONFERENCE) -> list[str]:
    return [each["code"] for each in ask("client/list", code=conference)["Clients"]]


def test_an_invitation_has_the_vendors_keys_in_their_order(ask: Ask) -> None:
    invited = ask("invite", code=CONFERENCE, email="carol@acme.example", moderator="yes")
    assert list(invited) == [
        "name",
        "email",
        "codeConference",
        "code",
        "isModerator",
        "token",
        "inviteLink",
        "Status",
    ]
    assert invited["isModerator"] is True
    assert invited["code"] == CONFERENCE


def test_a_client_has_the_vendors_keys_in_their_order(ask: Ask) -> None:
    keys = ["email", "name", "code", "conferenceCode", "moderator", "added", "is_deleted"]
    assert list(ask("client/list", code=CONFERENCE)["Clients"][0]) == keys
    assert list(ask("client/info", code="b0bR2x7Q")) == [*keys, "Status"]


def test_inviting_again_adds_nobody(ask: Ask) -> None:
    before = codes(ask)
    again = ask("invite", code=CONFERENCE, email="BOB@ACME.EXAMPLE", name="Robert")
    assert (again["name"], again["email"]) == ("Robert", "bob@acme.example")
    assert codes(ask) == before


def test_the_same_email_may_be_in_two_conferences(ask: Ask) -> None:
    ask("invite", code=OTHER, email="bob@acme.example")
    assert len(codes(ask, OTHER)) == 2
    assert len(codes(ask)) == 2


def test_inviting_a_removed_user_brings_the_same_one_back(ask: Ask) -> None:
    before = codes(ask)
    ask("invite", code=CONFERENCE, email="dana@acme.example")
    dana = ask("client/info", code="d4n4G0ne")
    assert (dana["is_deleted"], dana["added"]) == ("no", "2026-01-05 12:00:00")
    assert dana["name"] == "Dana"
    assert codes(ask) == before


def test_of_two_users_with_an_email_the_live_one_is_meant(ask: Ask) -> None:
    assert ask("client/update", code="b0bR2x7Q", email="dana@acme.example")["Status"] == "Success"
    ask("invite", code=CONFERENCE, email="dana@acme.example", name="Bob or Dana")
    assert ask("client/info", code="b0bR2x7Q")["name"] == "Bob or Dana"
    assert ask("client/info", code="d4n4G0ne")["is_deleted"] == "yes"


def test_of_two_removed_users_with_an_email_the_later_comes_back(ask: Ask) -> None:
    ask("invite", code=CONFERENCE, email="carol@acme.example")
    carol = codes(ask)[-1]
    ask("client/update", code=carol, email="dana@acme.example")
    ask("client/delete", code=carol)
    ask("invite", code=CONFERENCE, email="dana@acme.example")
    assert ask("client/info", code=carol)["is_deleted"] == "no"
    assert ask("client/info", code="d4n4G0ne")["is_deleted"] == "yes"


def test_a_user_may_keep_the_email_in_other_letters(ask: Ask) -> None:
    ask("client/update", code="b0bR2x7Q", email="Bob@Acme.Example")
    assert ask("client/info", code="b0bR2x7Q")["email"] == "Bob@Acme.Example"
    before = codes(ask)
    ask("invite", code=CONFERENCE, email="bob@acme.example")
    assert codes(ask) == before


@pytest.mark.parametrize("moderator", ["yes", "no"])
def test_the_moderators_flag_is_a_text_here(ask: Ask, moderator: str) -> None:
    ask("client/update", code="b0bR2x7Q", moderator=moderator)
    assert ask("client/info", code="b0bR2x7Q")["moderator"] == moderator


def test_a_user_code_is_compared_with_its_case(ask: Ask) -> None:
    assert ask("client/info", code="B0BR2X7Q")["Message"] == "Client not found"


def test_changing_nothing_changes_nothing(ask: Ask, store: Store) -> None:
    before = store.digest()
    assert ask("client/update", code="b0bR2x7Q") == {
        "message": "Client changed successfully",
        "clientCode": "b0bR2x7Q",
        "Status": "Success",
    }
    assert store.digest() == before


def test_the_email_of_another_live_user_is_not_usable(ask: Ask, store: Store) -> None:
    ask("invite", code=CONFERENCE, email="carol@acme.example")
    before = store.digest()
    refused = ask("client/update", code="b0bR2x7Q", email="Carol@acme.example", name="B")
    assert refused["Message"] == 'Parameter "email" is invalid'
    assert store.digest() == before
