from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator
from greenroom.state import Store

ALICE = "a5c818fb-bd18-41f6-a030-745ff9fe7f21"
BOB = "728de4da-e94f-4367-80e7-c672814a55e6"
WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
Json = dict[str, Any]
Make = Callable[..., Json]
Edit = Callable[..., httpx.Response]


def emails(parties: list[Json]) -> list[str]:
    return [each["user"]["email"] for each in parties]


def test_a_conference_belongs_to_its_creator(make: Make) -> None:
    made = make("Test")
    party, conference = made["party"], made["conference"]
    assert party == conference["owners"][0]
    assert party["id"] == party["user"]["uuid"] == ALICE
    assert (party["is_moderator"], party["is_presenter"], party["is_listen_only"]) == (
        True,
        True,
        False,
    )
    assert re.fullmatch("9[0-9]{7}", conference["voice_bridge"])
    assert conference["web_voice"] == conference["voice_bridge"]
    for password in ("mod_pass", "attend_pass"):
        assert re.fullmatch("[a-zA-Z0-9]{24}", conference[password])
    assert conference["welcome"] == (
        f"<br>Welcome to <b>Test, SIP extn: {conference['voice_bridge']}</b>!"
    )
    assert conference["features"] == {
        "join_audio_on": True,
        "branding_logo_url": "https://storage.googleapis.com/hoot-branding/logo.png",
    }
    assert (conference["record"], conference["meta"], conference["duration"]) == ("true", "", 0)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("a%2Fb", "a/b"),
        ("%20a%20", " a "),
        ("100%25", "100%"),
        ("a+b", "a+b"),
        ("%C3%A9%F0%9F%8E%89", "é🎉"),
        ("%3Cb%3E", "<b>"),
    ],
)
def test_a_name_is_what_the_segment_says(make: Make, sent: str, name: str) -> None:
    assert make(sent)["conference"]["name"] == name


@pytest.mark.parametrize(("sent", "status"), [("%20", 400), ("%0A", 400), ("", 404), ("a/b", 404)])
def test_a_name_is_one_segment_that_is_not_blank(
    alice: httpx.Client, sent: str, status: int
) -> None:
    body: Json = {"moderators": [], "participants": []}
    assert alice.post(f"/v1/create_conference/{sent}", json=body).status_code == status


def test_names_need_not_be_unique(make: Make) -> None:
    one, two = (make("Same")["conference"] for _ in range(2))
    assert one["name"] == two["name"]
    assert one["id"] != two["id"]
    assert one["voice_bridge"] != two["voice_bridge"]


def test_who_is_in_both_lists_is_a_moderator_and_the_creator_in_neither(make: Make) -> None:
    conference = make(
        moderators=["ALICE@acme.example", "Bob@Acme.example"],
        participants=["bob@acme.example", " new@x.org ", "NEW@x.org"],
    )["conference"]
    assert emails(conference["owners"]) == ["alice@acme.example", "bob@acme.example"]
    assert emails(conference["participants"]) == ["new@x.org"]


def test_a_text_may_hold_a_list(make: Make) -> None:
    conference = make(participants=['["a@x.org", "b@x.org"]', "c@x.org"])["conference"]
    assert emails(conference["participants"]) == ["a@x.org", "b@x.org", "c@x.org"]


@pytest.mark.parametrize(
    "item",
    ["nonsense", "a@my-firm.com", "", "[1]", '["a@x.org", 1]', "[" * 9000, '["x"]', "@x.org"],
)
def test_one_that_is_no_address_spoils_the_whole(
    alice: httpx.Client, store: Store, item: str
) -> None:
    before = store.digest()
    body = {"moderators": [], "participants": ["good@x.org", item]}
    answer = alice.post("/v1/create_conference/Test", json=body)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": 400,
        "reason": "invalid request",
        "meta": {
            "errors": [
                {
                    "in": "body",
                    "name": "participants.1",
                    "message": "participants.1 must be an e-mail address.",
                }
            ]
        },
    }
    assert store.digest() == before


@pytest.mark.parametrize(("size", "status"), [(0, 200), (300 * 1024, 200), (300 * 1024 + 1, 400)])
def test_a_pdf_has_a_limit(alice: httpx.Client, size: int, status: int) -> None:
    encoded = base64.b64encode(b"x" * size).decode()
    features = {"documents": {"pdf_list": [{"name": "a.pdf", "base64_representation": encoded}]}}
    body = {"moderators": [], "participants": [], "features": features}
    assert alice.post("/v1/create_conference/Test", json=body).status_code == status
    body = {"new_moderators": [], "new_participants": [], "remove_users": [], "features": features}
    assert alice.post(f"/v1/edit_conference/{WEEKLY}", json=body).status_code == status


@pytest.mark.parametrize("encoded", ["string", "a", "@@@@", "YQ", "YQ==YQ==", "é"])
def test_a_pdf_is_base64(alice: httpx.Client, encoded: str) -> None:
    documents = {"pdf_list": [{}, {"base64_representation": encoded}]}
    body = {"moderators": [], "participants": [], "features": {"documents": documents}}
    answer = alice.post("/v1/create_conference/Test", json=body)
    assert answer.status_code == 400
    [error] = answer.json()["meta"]["errors"]
    assert error["name"] == "features.documents.pdf_list.1.base64_representation"


def test_the_limit_of_a_pdf_is_an_option() -> None:
    with Emulator(providers=["hoot"], options={"hoot": {"pdf_limit": 3}}) as emulator:
        alice = emulator.client("hoot", as_="alice")
        for text, status in (("YWJj", 200), ("YWJjZA==", 400)):
            documents = {"pdf_list": [{"base64_representation": text}]}
            body = {"moderators": [], "participants": [], "features": {"documents": documents}}
            assert alice.post("/v1/create_conference/T", json=body).status_code == status


def test_only_owners_see_what_is_for_them(
    make: Make, bob: httpx.Client, alice: httpx.Client
) -> None:
    features = {"message_for_moderator": "Hush", "join_webcam_on": True}
    made = make(participants=["bob@acme.example"], features=features)["conference"]
    assert (made["moderator_only_message"], made["features"]["message_for_moderator"]) == (
        "Hush",
        "Hush",
    )
    seen = alice.get(f"/v1/user/{BOB}/invited_to_conferences").json()[0]
    assert seen["party"]["has_video"] is True
    assert {"mod_pass", "moderator_only_message"}.isdisjoint(seen["conference"])
    assert "message_for_moderator" not in seen["conference"]["features"]
    assert seen["conference"]["attend_pass"] == made["attend_pass"]


def test_given_features_replace_and_others_stay(make: Make, edit: Edit) -> None:
    conference = make(features={"join_audio_on": False, "welcome_document": "Hi"})["conference"][
        "id"
    ]
    features = {"welcome_document": "Hello", "branding_skin_color": "#fff"}
    changed = edit(conference, features=features).json()["conference"]["features"]
    assert changed["join_audio_on"] is False
    assert changed["welcome_document"] == "Hello"
    assert changed["branding_skin_color"] == "#fff"


def test_a_skin_begins_with_a_hash(alice: httpx.Client) -> None:
    body = {"moderators": [], "participants": [], "features": {"branding_skin_color": "red"}}
    assert alice.post("/v1/create_conference/Test", json=body).status_code == 400


def test_a_moderator_stays_one(edit: Edit) -> None:
    edit(WEEKLY, new_moderators=["bob@acme.example"])
    conference = edit(WEEKLY, new_participants=["bob@acme.example"]).json()["conference"]
    assert emails(conference["owners"]) == ["alice@acme.example", "bob@acme.example"]


def test_whoever_is_removed_and_added_begins_anew(edit: Edit) -> None:
    conference = edit(
        WEEKLY, remove_users=["bob@acme.example"], new_participants=["bob@acme.example"]
    ).json()["conference"]
    [bob] = conference["participants"]
    assert bob["id"] == BOB
    assert bob["conf_provider_id"] != "23f4c53b-4119-4581-96ca-dcc48cb8cad2"


def test_temporary_users_come_with_an_edit_too(edit: Edit) -> None:
    invitation = {"epoch_end": 4_102_444_800, "temporary_users": ["a@x.org", "bob@acme.example"]}
    conference = edit(WEEKLY, features={"invitation": invitation}).json()["conference"]
    assert [each["epoch_expiry"] for each in conference["participants"]] == [0, 4_102_444_800]


@pytest.mark.parametrize("address", ["nonsense", "a@b", "a b@c.d"])
def test_temporary_users_have_addresses(alice: httpx.Client, address: str) -> None:
    invitation = {"temporary_users": ["good@x.org", address]}
    body = {"moderators": [], "participants": [], "features": {"invitation": invitation}}
    answer = alice.post("/v1/create_conference/Test", json=body)
    assert answer.status_code == 400
    assert {each["name"] for each in answer.json()["meta"]["errors"]} == {
        "features.invitation.temporary_users.1"
    }


def test_a_moderator_edits_but_does_not_delete(
    edit: Edit, bob: httpx.Client, alice: httpx.Client
) -> None:
    edit(WEEKLY, new_moderators=["bob@acme.example"])
    nothing: Json = {"new_moderators": [], "new_participants": [], "remove_users": []}
    assert bob.post(f"/v1/edit_conference/{WEEKLY}", json=nothing).status_code == 200
    assert bob.delete(f"/v1/conf/{WEEKLY}").status_code == 403
    assert alice.delete(f"/v1/conf/{WEEKLY}").json() == {}


def test_nothing_is_left_of_a_deleted_conference(alice: httpx.Client, store: Store) -> None:
    before = {
        (provider, name): store.collection(provider, name, "acme").find()
        for provider, name in store.collections()
    }
    body = {
        "moderators": ["bob@acme.example"],
        "participants": ["carol@acme.example"],
        "features": {
            "invitation": {
                "epoch_end": 4_102_444_800,
                "temporary_users": ["mallory@globex.example"],
            }
        },
    }
    conference = alice.post("/v1/create_conference/Gone", json=body).json()
    alice.get(conference["party"]["join_url"])
    alice.post(f"/v1/user/{ALICE}/set_favourite_conference/{conference['conference']['id']}")
    alice.delete(f"/v1/conf/{conference['conference']['id']}")
    for name in ("conferences", "parties", "joins", "favourites", "subscriptions"):
        assert store.collection("hoot", name, "acme").find() == before["hoot", name]
    assert len(store.timers) == 0


def test_an_instance_knows_nothing_of_another(mallory: httpx.Client, make: Make) -> None:
    conference = make(participants=["mallory@globex.example"])["conference"]["id"]
    own = mallory.get("/v1/user/e7a110f9-0b1c-4e2d-9a3f-4b5c6d7e8f90/invited_to_conferences").json()
    assert [each["conference"]["name"] for each in own] == ["Globex board"]
    for method, path in (
        ("GET", f"/v1/check_conf/{conference}"),
        ("GET", f"/v1/conf/{conference}/users"),
        ("DELETE", f"/v1/conf/{conference}"),
        ("GET", f"/v1/user/{ALICE}/search_strings"),
        ("GET", f"/v1/user/{ALICE}/favourite_conferences"),
    ):
        assert mallory.request(method, path).status_code == 404


def test_a_mixer_without_a_tag_gets_nothing(nobody: httpx.Client, make: Make) -> None:
    coremx = {"name": "idle", "parent_cloud": "gcp", "global_address": "https://idle.hoot.mx/"}
    sent = {"type": "coremx", "coremx": coremx}
    assert nobody.post("/v1/say_hello", json=sent).status_code == 201
    assert make()["conference"]["coremx"]["name"] == "gcp-a1"


def test_a_built_in_mixer_may_say_hello(nobody: httpx.Client, make: Make) -> None:
    coremx = {
        "name": "gcp-a1",
        "parent_cloud": "azure",
        "global_address": "https://a1.hoot.mx/",
        "tags": ["Generic"],
    }
    sent = {"type": "coremx", "coremx": coremx}
    assert nobody.post("/v1/say_hello", json=sent).status_code == 202
    assert make()["conference"]["coremx"]["parent_cloud"] == "azure"


def test_conferences_are_spread_over_mixers(nobody: httpx.Client, make: Make) -> None:
    for name in ("one", "two"):
        coremx = {
            "name": name,
            "parent_cloud": "gcp",
            "global_address": "https://x.hoot.mx/",
            "tags": ["Generic"],
        }
        nobody.post("/v1/say_hello", json={"type": "coremx", "coremx": coremx})
    placed = [make()["conference"]["coremx"]["name"] for _ in range(7)]
    assert placed == ["one", "two", "one", "two", "one", "two", "gcp-a1"]


def test_what_stands_before_the_address_of_a_mixer_is_dropped(
    nobody: httpx.Client, make: Make
) -> None:
    coremx = {
        "name": "odd",
        "parent_cloud": "gcp",
        "global_address": "see https://x.hoot.mx/é\n/",
        "tags": ["Generic"],
    }
    nobody.post("/v1/say_hello", json={"type": "coremx", "coremx": coremx})
    made = make()
    assert made["conference"]["coremx"]["global_address"] == "https://x.hoot.mx/é\n/"
    token = made["party"]["join_url"].rpartition("/")[2]
    assert nobody.get(f"/v1/conf_by_deep_link/{token}").status_code == 200
    assert nobody.get(made["party"]["join_url"]).status_code == 302


def test_a_system_account_deletes_what_it_did_not_make(
    client: Callable[..., httpx.Client], make: Make
) -> None:
    conference = make()["conference"]["id"]
    assert client("operator").delete(f"/v1/conf/{conference}").json() == {}


def test_a_mixer_that_calls_without_its_uuid_is_known_by_name(
    nobody: httpx.Client, make: Make
) -> None:
    coremx = {"name": "one", "parent_cloud": "gcp", "global_address": "https://x.hoot.mx/"}
    for changes, status in (({"uuid": "1"}, 201), ({}, 202), ({"uuid": "2"}, 201)):
        sent = {"type": "coremx", "coremx": coremx | changes | {"tags": ["Generic"]}}
        assert nobody.post("/v1/say_hello", json=sent).status_code == status
    assert [make()["conference"]["coremx"]["uuid"] for _ in range(3)] == ["1", "2", "1"]
