from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.emulator import Emulator
from greenroom.state import Store

BOB = "728de4da-e94f-4367-80e7-c672814a55e6"
WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
Json = dict[str, Any]
Make = Callable[..., Json]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def party(bob: httpx.Client) -> Json:
    """Bob's part in the weekly planning."""
    found: Json = bob.get(f"/v1/user/{BOB}/invited_to_conferences").json()[0]["party"]
    return found


@pytest.fixture
def mixer(party: Json, bob: httpx.Client) -> str:
    """Where bob's links lead."""
    return str(bob.get(f"/v1/x/{b64(party['join_url'])}").json())


def test_the_link_to_the_mixer_is_signed_and_names_everything(mixer: str) -> None:
    query = urlsplit(mixer).query
    names = re.findall(r"(?:^|&)(\w+)=", query)
    assert names == sorted(names)
    found = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    assert re.fullmatch("[0-9a-f]{40}", found.pop("checksum"))
    assert found == {
        "avatarURL": "",
        "fullName": "Bob Brown",
        "meetingID": WEEKLY,
        "password": "p7JdR4gKq0VxN5eWt8SaUz1B",
        "redirect": "true",
        "userID": BOB,
    }


def test_an_owner_gets_the_password_of_moderators(make: Make, nobody: httpx.Client) -> None:
    made = make()
    link = nobody.get(made["party"]["join_url"]).json()
    assert f"password={made['conference']['mod_pass']}&" in link


@pytest.mark.parametrize("kind", ["join_url", "join_url_bypass", "mixer"])
def test_every_link_of_a_party_leads_to_the_mixer(
    bob: httpx.Client, party: Json, mixer: str, kind: str
) -> None:
    link = {**party, "mixer": mixer}[kind]
    answer = bob.get(f"/v1/x/{b64(link)}")
    assert (answer.status_code, answer.json()) == (302, mixer)
    assert answer.headers["location"] == mixer


@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_link_survives_base64_however_it_is_sent(
    bob: httpx.Client, headers: Callable[..., dict[str, str]], name: str
) -> None:
    profile = {"name": name, "email": "bob@acme.example", "sub": "auth0|b0b", "picture": name}
    bob.post("/v1/login", json=profile)
    party = bob.get(f"/v1/user/{BOB}/invited_to_conferences").json()[0]["party"]
    mixer = bob.get(f"/v1/x/{b64(party['join_url'])}").json()
    for link in (party["join_url"], party["join_url_bypass"], mixer):
        text = b64(link)
        for sent in (text, quote(text, safe=""), quote(text, safe="/"), quote(text, safe="+=")):
            assert bob.get(f"/v1/x/{sent}").json() == mixer
        for query in (f"u={text}", f"u={quote(text, safe='')}"):
            assert bob.get(f"/v1/x?{query}").json() == mixer


@given(st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_other_bytes_in_base64_are_no_link(bob: httpx.Client, data: bytes) -> None:
    text = base64.b64encode(data).decode()
    assert bob.get(f"/v1/x/{text}").status_code == 404
    assert bob.get("/v1/x", params={"u": text}).status_code == 404


def test_slashes_and_pluses_are_data(bob: httpx.Client, make: Make, store: Store) -> None:
    conference = make(participants=["bob@acme.example"])["conference"]
    parties = store.collection("hoot", "parties", "acme")
    record = parties.get(conference["participants"][0]["conf_provider_id"])
    address = conference["participants"][0]["join_url"].removesuffix(record["token"])
    tokens = (f"{'a' * number}?>?>?>" for number in range(3))
    token = next(each for each in tokens if {"/", "+"} <= set(b64(address + each)))
    parties.save(record | {"token": token})
    text = b64(address + token)
    for sent in (text, text.replace("/", "%2F"), text.replace("+", "%2B")):
        assert bob.get(f"/v1/x/{sent}").status_code == 302
    assert bob.get(f"/v1/x?u={text}").status_code == 302
    assert bob.get(f"/v1//x?u={text}").status_code == 302


def test_a_changed_link_leads_nowhere(bob: httpx.Client, party: Json, mixer: str) -> None:
    for link in (
        party["join_url"] + "x",
        party["join_url"][:-1],
        party["join_url"].replace("/v1/", "/v2/"),
        party["join_url"].replace("127.0.0.1", "evil.example"),
        mixer.replace("Bob", "Rob"),
        mixer.replace("checksum=", "checksum=0"),
        mixer + "&more=1",
        mixer.replace("127.0.0.1", "evil.example"),
        mixer.replace(BOB, "nobody"),
        "http://[/join?meetingID=1",
        "",
    ):
        assert bob.get(f"/v1/x?u={quote(b64(link), safe='')}").status_code == 404, link


@pytest.mark.parametrize("name", ["localhost:8800", "[::1]:8800", "127.0.0.1:1", "hoot.localhost"])
def test_a_link_may_have_been_handed_out_under_another_name(
    bob: httpx.Client, party: Json, mixer: str, name: str
) -> None:
    for link in (party["join_url"], mixer):
        elsewhere = link.replace("127.0.0.1:8800", name)
        assert bob.get(f"/v1/x/{b64(elsewhere)}").json() == mixer


def test_every_way_in_is_a_join(make: Make, bob: httpx.Client, nobody: httpx.Client) -> None:
    names = ["Path", "Query", "Deep", "Bypass"]
    parties = {
        name: make(name, participants=["bob@acme.example"])["conference"]["participants"][0]
        for name in names
    }
    bob.get(f"/v1/x/{b64(parties['Path']['join_url'])}")
    bob.get("/v1/x", params={"u": b64(parties["Query"]["join_url"])})
    nobody.get(parties["Deep"]["join_url"])
    nobody.get(parties["Bypass"]["join_url_bypass"])
    joined = bob.get(f"/v1/user/{BOB}/last_joined_conferences").json()
    assert [each["conference"]["name"] for each in joined][:4] == names[::-1]


def test_looking_and_asking_for_the_head_are_no_joins(
    nobody: httpx.Client, party: Json, store: Store
) -> None:
    before = store.digest()
    token = party["join_url"].rpartition("/")[2]
    nobody.get(f"/v1/conf_by_deep_link/{token}")
    nobody.get(f"/v1/deep_link/{token}/{BOB}/sip")
    assert nobody.head(party["join_url"]).status_code == 302
    assert store.digest() == before


def test_links_begin_as_the_emulator_is_told() -> None:
    options = {"hoot": {"public_base": "https://hoot.acme.example/api/"}}
    with Emulator(providers=["hoot"], options=options) as emulator:
        alice = emulator.client("hoot", as_="alice")
        found = alice.get("/v1/search/conferences/Weekly").json()[0]
        assert found["party"]["join_url"].startswith("https://hoot.acme.example/api/v1/deep_link/")
        assert found["conference"]["logout_url"] == "https://hoot.acme.example/api"
        text = b64(found["party"]["join_url"])
        link = alice.get(f"/v1/x/{text}").headers["location"]
        assert link.startswith("https://hoot.acme.example/api/hoot/api/join?")


@pytest.mark.parametrize("host", ["a b", "[x", "[:::::]", "x:y", "ü"])
def test_a_host_that_is_none_breaks_nothing(alice: httpx.Client, host: str) -> None:
    headers = httpx.Headers({"Host": host}, encoding="latin-1")
    answer = alice.get("/v1/search/conferences/Weekly", headers=headers)
    assert answer.status_code == 200
    assert answer.json()[0]["conference"]["logout_url"].startswith("http://127.0.0.1:8800/")


def test_a_name_of_its_own_is_an_address_of_its_own(emulator: Emulator) -> None:
    headers = emulator.cast("hoot")["alice"]["headers"] | {"Host": "hoot.localhost:8800"}
    with emulator.client() as client:
        found = client.get(
            "http://hoot.localhost:8800/v1/search/conferences/Weekly", headers=headers
        )
        text = b64(found.json()[0]["party"]["join_url"])
        answer = client.get(f"http://hoot.localhost:8800/v1/x/{text}", headers=headers)
        assert answer.json().startswith("http://hoot.localhost:8800/hoot/api/join?")
        again = client.get(f"http://hoot.localhost:8800/v1/x/{b64(answer.json())}", headers=headers)
        assert again.json() == answer.json()


def test_the_same_secret_on_every_mixer(
    nobody: httpx.Client, make: Make, alice: httpx.Client
) -> None:
    party = make()["party"]
    token = party["join_url"].rpartition("/")[2]
    account = nobody.get(f"/v1/deep_link/{token}/{party['id']}/sip").json()
    assert re.fullmatch("[a-zA-Z0-9]{23}", account["secret"])
    assert re.fullmatch("sip:[0-9]{5}@gcp-a1.hoot.mx", account["username"])
    weekly = alice.get("/v1/search/conferences/Weekly").json()[0]["party"]
    other = nobody.get(
        f"/v1/deep_link_bypass/{weekly['join_url'].rpartition('/')[2]}/{party['id']}/sip"
    ).json()
    assert other["username"] == account["username"]
    assert other["secret"] != account["secret"]


def test_the_door_is_found_without_the_prefix_too() -> None:
    with Emulator(providers=["hoot"], root="hoot") as emulator, emulator.client() as client:
        headers = emulator.cast("hoot")["alice"]["headers"]
        found = client.get("http://127.0.0.1:8800/v1/search/conferences/Weekly", headers=headers)
        link = client.get(found.json()[0]["party"]["join_url"]).headers["location"]
        assert link.startswith("http://127.0.0.1:8800/hoot/api/join?")
        assert client.get(link).status_code == 200
