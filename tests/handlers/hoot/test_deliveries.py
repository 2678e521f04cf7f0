from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

import httpx
import jwt
import pytest

from greenroom.emulator import Emulator
from greenroom.emulator.background import BackgroundServer

NUMBERS = count(1)
WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
NOTHING: dict[str, Any] = {"new_moderators": [], "new_participants": [], "remove_users": []}
Json = dict[str, Any]


@dataclass
class Receiver:
    """An endpoint that remembers what it is sent; it answers in turn, and then 200 for ever."""

    answers: list[int] = field(default_factory=list)
    heard: list[tuple[str, Json]] = field(default_factory=list)
    url: str = ""

    @property
    def events(self) -> list[str]:
        return [body["event"] for _, body in self.heard]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.heard.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(made.answers.pop(0) if made.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/events"
    yield made
    server.shutdown()
    server.server_close()


@dataclass
class Hoot:
    """A HooT behind a real port, and alice who uses it."""

    address: str
    alice: httpx.Client

    def order(self, method: str, path: str, **request: Any) -> Any:
        answer = self.alice.request(method, f"{self.address}/_greenroom{path}", **request)
        return answer.json() if answer.content else None

    def settle(self) -> list[Json]:
        """The deliveries, once nothing is due."""
        found: list[Json] = self.order("GET", "/outbox?kind=webhook&settled=true")
        return found

    def subscribe(self, endpoint: str) -> Json:
        answer = self.alice.post(f"/v1/conf/{WEEKLY}/subscribe", json={"api_endpoint": endpoint})
        found: Json = answer.json()
        return found

    def edit(self, **changes: Any) -> None:
        answer = self.alice.post(f"/v1/edit_conference/{WEEKLY}", json=NOTHING | changes)
        assert answer.status_code == 200


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Json]]:
    """A server's address, and the headers that alice sends."""
    with Emulator(providers=["hoot"]) as emulator:
        served = BackgroundServer(emulator.app, emulator.loop)
        yield served.url, emulator.cast("hoot")["alice"]["headers"]
        served.close()


@pytest.fixture
def hoot(server: tuple[str, Json]) -> Iterator[Hoot]:
    url, headers = server
    address = f"{url}/~deliveries-{next(NUMBERS)}"
    with httpx.Client(base_url=f"{address}/hoot", headers=headers) as alice:
        yield Hoot(address, alice)


def verified(token: str, configuration: str) -> Json:
    """What a receiver makes of a token, with what it was told when it subscribed."""
    known = httpx.get(configuration).json()
    key = jwt.PyJWKClient(known["jwks_uri"]).get_signing_key_from_jwt(token)
    audience = known["issuer"].rstrip("/")
    claims: Json = jwt.decode(
        token,
        key,
        algorithms=known["id_token_signing_alg_values_supported"],
        issuer=known["issuer"],
        audience=audience,
    )
    return claims


def test_a_receiver_verifies_with_what_it_was_told(hoot: Hoot, receiver: Receiver) -> None:
    subscription = hoot.subscribe(receiver.url)
    hoot.edit(new_participants=["carol@acme.example"])
    hoot.settle()
    assert receiver.events == ["user_invited", "conference_edited"]
    for token, body in receiver.heard:
        assert body["subscription_id"] == subscription["id"]
        assert body["conference_id"] == subscription["conference_number"]
        claims = verified(token, subscription["openid_configuration"])
        assert claims.pop("exp") - claims.pop("iat") == 8 * 3600
        assert claims == {
            "iss": f"{hoot.address}/hoot/",
            "sub": "Z2MRIrfD4dvYZvcllwqDEK9g4WlFM6B8@clients",
            "aud": f"{hoot.address}/hoot",
            "azp": "Z2MRIrfD4dvYZvcllwqDEK9g4WlFM6B8",
            "gty": "client-credentials",
        }
        assert jwt.get_unverified_header(token).keys() == {"alg", "typ", "kid"}


def test_a_tampered_token_is_rejected(hoot: Hoot, receiver: Receiver) -> None:
    configuration = hoot.subscribe(receiver.url)["openid_configuration"]
    hoot.edit()
    hoot.settle()
    [(token, _)] = receiver.heard
    head, payload, signature = token.split(".")
    other = jwt.encode({"sub": "somebody else"}, "x" * 32).split(".")[1]
    for forged in (f"{head}.{other}.{signature}", f"{head}.{payload}.{signature[::-1]}"):
        with pytest.raises(jwt.InvalidTokenError):
            verified(forged, configuration)


def test_two_subscriptions_of_one_endpoint_are_one_and_end_in_silence(
    hoot: Hoot, receiver: Receiver
) -> None:
    one, two = (hoot.subscribe(receiver.url)["id"] for _ in range(2))
    hoot.edit()
    hoot.settle()
    assert receiver.events == ["conference_edited"]
    for each in (one, two):
        assert hoot.alice.delete(f"/v1/subscription/{each}").status_code == 200
    hoot.edit()
    hoot.settle()
    assert receiver.events == ["conference_edited"]


def test_the_end_is_heard_although_nobody_is_subscribed_any_more(
    hoot: Hoot, receiver: Receiver
) -> None:
    subscription = hoot.subscribe(receiver.url)["id"]
    assert hoot.alice.delete(f"/v1/conf/{WEEKLY}").status_code == 200
    assert hoot.alice.delete(f"/v1/subscription/{subscription}").status_code == 404
    hoot.settle()
    assert receiver.events == ["conference_ended"]


def test_gone_ends_the_subscription(hoot: Hoot, receiver: Receiver) -> None:
    receiver.answers = [410]
    subscription = hoot.subscribe(receiver.url)["id"]
    hoot.edit()
    hoot.settle()
    assert hoot.alice.delete(f"/v1/subscription/{subscription}").status_code == 404
    hoot.edit()
    hoot.settle()
    assert receiver.events == ["conference_edited"]


def test_three_more_attempts_are_made_by_the_clock(hoot: Hoot, receiver: Receiver) -> None:
    receiver.answers = [500, 429, 408, 200]
    hoot.order("PUT", "/clock", json={"frozen": True})
    hoot.subscribe(receiver.url)
    hoot.edit()
    for seconds, attempts in ((0.9, 1), (0.1, 2), (1.9, 2), (0.1, 3), (3.9, 3), (0.1, 4)):
        hoot.settle()
        hoot.order("POST", "/clock/advance", json={"by": seconds})
        hoot.settle()
        assert len(receiver.heard) == attempts
    [delivery] = hoot.settle()
    assert delivery["status"] == "delivered"
    assert len({body["id"] for _, body in receiver.heard}) == 1


def test_a_subscription_that_is_over_does_not_get_what_waits(
    hoot: Hoot, receiver: Receiver
) -> None:
    receiver.answers = [503]
    hoot.order("PUT", "/clock", json={"frozen": True})
    hoot.subscribe(receiver.url)
    hoot.order("POST", "/clock/advance", json={"by": 3 * 86_400 - 0.5})
    hoot.edit()
    hoot.settle()
    hoot.order("POST", "/clock/advance", json={"by": 10})
    [delivery] = hoot.settle()
    assert (delivery["status"], len(receiver.heard)) == ("dropped", 1)


def test_whoever_subscribes_later_does_not_hear_what_was(hoot: Hoot, receiver: Receiver) -> None:
    receiver.answers = [503]
    hoot.order("PUT", "/clock", json={"frozen": True})
    subscription = hoot.subscribe(receiver.url)["id"]
    hoot.edit()
    hoot.settle()
    hoot.alice.delete(f"/v1/subscription/{subscription}")
    hoot.order("POST", "/clock/advance", json={"by": 0.5})
    hoot.subscribe(receiver.url)
    hoot.order("POST", "/clock/advance", json={"by": 1})
    [delivery] = hoot.settle()
    assert (delivery["status"], len(receiver.heard)) == ("dropped", 1)


def test_the_other_subscription_of_an_endpoint_keeps_what_waits(
    hoot: Hoot, receiver: Receiver
) -> None:
    receiver.answers = [503]
    hoot.order("PUT", "/clock", json={"frozen": True})
    first = hoot.subscribe(receiver.url)["id"]
    hoot.subscribe(receiver.url)
    hoot.edit()
    hoot.settle()
    hoot.alice.delete(f"/v1/subscription/{first}")
    hoot.order("POST", "/clock/advance", json={"by": 1})
    [delivery] = hoot.settle()
    assert (delivery["status"], len(receiver.heard)) == ("delivered", 2)


def test_a_join_is_heard(hoot: Hoot, receiver: Receiver) -> None:
    hoot.subscribe(receiver.url)
    found = hoot.alice.get("/v1/search/conferences/Weekly").json()

    assert hoot.alice.get(found[0]["party"]["join_url"]).status_code == 302
    hoot.settle()
    assert receiver.events == ["user_joined"]
