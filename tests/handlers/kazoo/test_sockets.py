"""The event socket: stories over a real port, every message held to its description."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from greenroom.emulator import Emulator
from greenroom.emulator.background import BackgroundServer

if TYPE_CHECKING:
    from tests.handlers.conftest import Talker

ACME = "9d351ad7ffd6f846313af9eed3bb7b85"
SUPPORT = "3c7e9f1b5d2a4086b8c0d4e6f8a1b3c5"
GLOBEX = "e1f0c8b7a6954d3c2b1a09f8e7d6c5b4"
STANDUP = "5edbfdd3b825314a71b0a05957392edb"
ALL = f"conference.event.{STANDUP}.*"
BOB = "7a8c1a72-9d0f-4a53-b5b8-41dd2d7d3c11"
PING = {"action": "ping", "auth_token": "alice"}
CONFERENCE = f"/v2/accounts/{ACME}/conferences/{STANDUP}"


@dataclass
class Exchange:
    """A served exchange: its address, alice at her desk, and the telephones."""

    url: str
    talk: Callable[..., Talker]
    alice: httpx.Client
    control: httpx.Client

    def socket(self, path: str = "/websocket", **options: Any) -> Talker:
        return self.talk("kazoo", f"{self.url}/kazoo{path}", **options)

    def act(self, action: str, place: str = "/participants") -> None:
        answer = self.alice.put(CONFERENCE + place, json={"data": {"action": action}})
        assert answer.status_code == 201, answer.text

    def telephone(self, name: str, /, **body: Any) -> Any:
        body = {"meeting": STANDUP, **body}
        answer = self.control.post(f"/_greenroom/stimuli/kazoo/{name}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def live(self) -> Any:
        return self.alice.get(CONFERENCE).json()["data"]["_read_only"]


@pytest.fixture
def exchange(request: pytest.FixtureRequest, talk: Callable[..., Talker]) -> Iterator[Exchange]:
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    options = {"kazoo": getattr(request, "param", {})}
    with Emulator(providers=["kazoo"], at=start, frozen=True, options=options) as emulator:
        server = BackgroundServer(emulator.app, emulator.loop)
        alice = emulator.client("kazoo", as_="alice")
        yield Exchange(server.url, talk, alice, emulator.client())
        server.close()


def order(action: str = "subscribe", binding: Any = ALL, **more: Any) -> dict[str, Any]:
    """A message of the newer dialect, by alice."""
    data = {"account_id": ACME, "binding": binding}
    return {"action": action, "auth_token": "alice", "request_id": "r1", "data": data} | more


def flat(action: str = "subscribe", bindings: Any = (ALL,), **more: Any) -> dict[str, Any]:
    """A message of the older dialect, by alice."""
    asked = {"account_id": ACME, "bindings": list(bindings)}
    return {"action": action, "auth_token": "alice"} | asked | more


def reply(data: Any, status: str = "success", request_id: str = "r1") -> dict[str, Any]:
    return {"action": "reply", "request_id": request_id, "status": status, "data": data}


def refusal(text: str) -> dict[str, Any]:
    return reply({"errors": [text]}, "error")


def test_muting_everybody_tells_of_the_members_only(exchange: Exchange) -> None:
    third = exchange.telephone("participant_joins", name="Carol", who="carol")["participant"]
    socket = exchange.socket()
    assert socket.ask(order()) == reply({"subscribed": [ALL]})
    exchange.act("mute")
    heard = [socket.hear(), socket.hear()]
    assert [each["data"]["event"] for each in heard] == ["mute-member"] * 2
    assert [each["data"]["participant_id"] for each in heard] == [2, third]
    assert [each["data"]["speak"] for each in heard] == [False, False]
    exchange.act("mute")  # nothing is to be told of what is so already
    assert socket.ask({"action": "ping", "request_id": "p"}) == reply(
        {"response": "pong"}, request_id="p"
    )


def test_kicking_everybody_empties_and_unlocks(exchange: Exchange) -> None:
    exchange.act("lock", "")
    assert exchange.live()["is_locked"] is True
    socket = exchange.socket()
    socket.ask(order())
    exchange.act("kick")
    heard = [socket.hear()["data"] for _ in range(2)]
    assert [(each["event"], each["participant_id"]) for each in heard] == [
        ("del-member", 1),
        ("del-member", 2),
    ]
    live = exchange.live()
    assert (live["members"], live["moderators"], live["is_locked"]) == (0, 0, False)


def test_a_call_is_told_of_from_first_to_last(exchange: Exchange) -> None:
    socket = exchange.socket()
    socket.ask(order())
    number = exchange.telephone("participant_joins", name="Zoe", number="1777")["participant"]
    for what in ("talks", "goes_silent", "goes_silent", "talks", "talks"):
        exchange.telephone(f"participant_{what}", participant=number)
    for action in ("deaf", "undeaf", "mute", "unmute", "unmute"):
        exchange.act(action, f"/participants/{number}")
    exchange.telephone("participant_leaves", participant=number)
    heard = [socket.hear()["data"] for _ in range(9)]
    assert [each["event"] for each in heard] == [
        "add-member",
        "start-talking",
        "stop-talking",
        "start-talking",
        "deaf-member",
        "undeaf-member",
        "mute-member",
        "unmute-member",
        "del-member",
    ]
    assert {each["call_id"] for each in heard} == {heard[0]["call_id"]}
    assert len({each["msg_id"] for each in heard}) == 9
    flags = [(each["talking"], each["hear"], each["speak"]) for each in heard]
    assert flags[3:7] == [
        (True, True, True),
        (True, False, True),
        (True, True, True),
        (False, True, False),
    ]


def test_an_event_has_the_full_set_of_fields(exchange: Exchange) -> None:
    socket = exchange.socket()
    socket.ask(order())
    exchange.act("mute", "/participants/2")
    event = socket.hear()
    data = event.pop("data")
    assert event == {
        "action": "event",
        "subscribed_key": ALL,
        "subscription_key": f"conference.event.*.{ACME}.{STANDUP}.*",
        "name": "participant_event",
        "routing_key": f"mute-member.{ACME}.{STANDUP}.{BOB}",
    }
    variable = ("msg_id", "custom_channel_vars")
    assert {key: data[key] for key in data if key not in variable} == {
        "event": "mute-member",
        "event_category": "conference",
        "event_name": "participant_event",
        "app_name": "ecallmgr",
        "app_version": "4.0.0",
        "node": "apps@apps1.greenroom.example",
        "conference_id": STANDUP,
        "instance_id": "d5765180-53d5-4104-860e-b352f3f8e6b1",
        "call_id": BOB,
        "participant_id": 2,
        "focus": "freeswitch@fs1.greenroom.example",
        "floor": False,
        "hear": True,
        "speak": False,
        "talking": False,
        "video": False,
        "mute_detect": False,
        "energy_level": 20,
        "current_energy": 0,
        "caller_id_name": "Bob",
        "caller_id_number": "1002",
        "channel_presence_id": "1002@acme.greenroom.example",
    }
    leg = data["custom_channel_vars"]
    assert (leg["account_id"], leg["owner_id"]) == (ACME, "6507f40b09a61fbb8b025dbad9316eb5")
    assert (leg["realm"], leg["username"]) == ("acme.greenroom.example", "1002")
    assert (leg["precedence"], leg["bridge_id"]) == (5, BOB)


def test_the_older_dialect_is_flat(exchange: Exchange) -> None:
    socket = exchange.socket()
    one = f"conference.event.{STANDUP}.{BOB}"
    for binding in (ALL, one):
        done = {"operation": "subscribe", "detail": binding, "routing_key": "success"}
        assert socket.ask(flat(bindings=[binding])) == done
    exchange.act("deaf", "/participants/1")
    event = socket.hear()
    assert (event["event"], event["routing_key"]) == ("deaf-member", "participant_event")
    assert event["participant_id"] == 1
    done = {"operation": "unsubscribe", "detail": ALL, "routing_key": "success"}
    assert socket.ask(flat("unsubscribe")) == done
    exchange.act("undeaf", "/participants/1")
    exchange.act("deaf", "/participants/2")
    assert socket.hear()["participant_id"] == 2
    socket.say({"action": "unsubscribe"})
    exchange.act("undeaf", "/participants/2")
    again = {"operation": "subscribe", "detail": one, "routing_key": "success"}
    assert socket.ask(flat(bindings=[one])) == again


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            flat(auth_token="nobody"),
            {"message": "invalid auth token", "cause": "nobody", "routing_key": "auth_failure"},
        ),
        (
            flat(bindings=["conference.event.*"]),
            {
                "message": "Error in module bh_conference",
                "cause": "Unmatched binding",
                "routing_key": "error",
            },
        ),
        (
            {**flat(), "account_id": ""},
            {"message": "missing required key", "cause": "account_id", "routing_key": "error"},
        ),
        (
            flat(account_id=GLOBEX),
            {"message": "unauthorized account id", "cause": GLOBEX, "routing_key": "error"},
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_the_older_dialect(
    exchange: Exchange, message: Any, told: Any
) -> None:
    socket = exchange.socket()
    assert socket.ask(message) == told
    assert socket.ask(flat())["routing_key"] == "success"
    assert socket.ask(flat()) == {
        "message": "binding already in use",
        "cause": ALL,
        "routing_key": "error",
    }


WRONG = [
    (order(auth_token=None), "authentication token required"),
    ({"action": "subscribe", "request_id": "r1"}, "authentication token required"),
    ({"action": "ping", "request_id": "r1"}, "authentication token required"),
    ({"action": "dance", "request_id": "r1"}, "authentication token required"),
    (order(auth_token="nobody"), "failed to authenticate token nobody"),
    ({**order(), "data": {}}, "missing required keys in data object"),
    ({**order(), "data": None}, "missing required keys in data object"),
    ({**order(), "data": {"x": 1}}, "missing required keys : account_id, binding"),
    ({**order(), "data": {"account_id": ACME}}, "missing required keys : binding"),
    ({**order(), "data": {"account_id": GLOBEX, "binding": ALL}}, "unauthorized account id"),
    ({**order(), "data": {"account_id": "x", "binding": ALL}}, "unauthorized account id"),
    ({**order(), "data": {"account_id": "*", "binding": ALL}}, "unauthorized wildcard account id"),
    (order(binding="conference.event.*.*"), "ConferenceId required"),
    (order(binding="conference.command.*"), "ConferenceId required"),
    (order(binding="conference.event.*.abc.*"), "ConferenceId required"),
    (
        order(binding="conference.event.abc"),
        "invalid format for conference subscription : event, abc",
    ),
    (
        order(binding="conference.event.a.b.c.d"),
        "invalid format for conference subscription : event, a, b, c, d",
    ),
    (order(binding="conference.event.abc.*.shout"), "Unsupported conference event shout"),
    (order(binding="fax.event.abc"), "no available subscriptions to requested binding"),
]


@pytest.mark.parametrize(("message", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_cannot_be_done_is_told_and_the_socket_stays_open(
    exchange: Exchange, message: Any, text: str
) -> None:
    socket = exchange.socket()
    assert socket.ask(message, documented=False) == refusal(text)
    assert socket.ask(order()) == reply({"subscribed": [ALL]})


@pytest.mark.parametrize("message", ["{", "[]", b"\xff\xfe"])
def test_what_is_no_json_object_is_told(exchange: Exchange, message: Any) -> None:
    socket = exchange.socket()
    socket.client.send(message)
    assert socket.hear()["status"] == "error"
    assert socket.ask(order()) == reply({"subscribed": [ALL]})


def test_one_token_is_enough_for_a_socket(exchange: Exchange) -> None:
    socket = exchange.socket()
    socket.ask(order())
    board = "conference.event.c0ffee5a1d2b4c3e8f7a6b5c4d3e2f10.*"
    later = {"action": "subscribe", "request_id": "r2"}
    data = {"account_id": ACME, "bindings": [board, ALL]}
    assert socket.ask({**later, "data": data})["data"] == {"subscribed": [ALL, board]}
    gone = socket.ask(order("unsubscribe", board))
    assert gone["data"] == {"unsubscribed": [board], "subscribed": [ALL]}
    assert socket.ask({"action": "unsubscribe"})["data"] == {
        "unsubscribed": [ALL],
        "subscribed": [],
    }
    assert socket.ask({"action": "dance", "request_id": "r"}, documented=False)["data"] == {}


def test_an_answer_has_an_id_of_its_own_when_none_was_given(exchange: Exchange) -> None:
    socket = exchange.socket()
    ids = {socket.ask(PING)["request_id"] for _ in range(2)}
    assert len(ids) == 2
    assert {len(each) for each in ids} == {32}


def test_each_subscription_is_told_by_itself(exchange: Exchange) -> None:
    socket = exchange.socket()
    one, mutes = f"conference.event.{STANDUP}.{BOB}", f"{ALL}.mute-member"
    for binding in (ALL, one, mutes, ALL):
        socket.ask(order(binding=binding))
    exchange.act("mute", "/participants/2")
    assert [socket.hear()["subscribed_key"] for _ in range(3)] == [ALL, one, mutes]
    exchange.act("deaf", "/participants/1")
    assert socket.hear()["subscribed_key"] == ALL


def test_nobody_hears_of_another_account(exchange: Exchange) -> None:
    below = exchange.socket()
    data = {"account_id": SUPPORT, "binding": ALL}  # acme's conference under another account
    below.ask({**order(), "data": data})
    mallory = exchange.socket()
    data = {"account_id": GLOBEX, "binding": ALL}
    assert mallory.ask({**order(auth_token="mallory"), "data": data})["status"] == "success"
    exchange.act("mute")
    for socket in (below, mallory):
        assert socket.ask({"action": "ping"})["data"] == {"response": "pong"}


@pytest.mark.parametrize("exchange", [{"event_first_bindings": True}], indirect=True)
def test_the_newest_interface_names_the_event_first(exchange: Exchange) -> None:
    socket = exchange.socket()
    newest = f"conference.event.*.{STANDUP}.*"
    assert socket.ask(order(binding=newest)) == reply({"subscribed": [newest]})
    exchange.act("mute", "/participants/2")
    assert socket.hear()["subscribed_key"] == newest


@pytest.mark.parametrize(
    "exchange", [{"publish_participant_event": ["lock", "unlock", "del-member"]}], indirect=True
)
def test_only_what_is_published_is_told(exchange: Exchange) -> None:
    socket = exchange.socket()
    socket.ask(order())
    exchange.act("mute")
    for action in ("lock", "lock", "unlock", "unlock"):
        exchange.act(action, "")
    exchange.telephone("participant_leaves", participant=2)
    heard = [socket.hear()["data"]["event"] for _ in range(3)]
    assert heard == ["lock", "unlock", "del-member"]


def test_deleting_a_conference_tells_of_everybody(exchange: Exchange) -> None:
    socket = exchange.socket()
    socket.ask(order())
    exchange.alice.delete(CONFERENCE)
    assert [socket.hear()["data"]["event"] for _ in range(2)] == ["del-member"] * 2


def test_a_subprotocol_is_refused(exchange: Exchange) -> None:
    with pytest.raises(InvalidStatus) as refused:
        exchange.socket(subprotocols=["any"])
    answer = refused.value.response
    assert (answer.status_code, json.loads(answer.body)["status"]) == (400, "error")


@pytest.mark.parametrize("exchange", [{"socket_limit": 1}], indirect=True)
def test_too_many_sockets_are_refused(exchange: Exchange) -> None:
    exchange.socket()
    with pytest.raises(InvalidStatus) as refused:
        exchange.socket()
    assert refused.value.response.status_code == 429


@pytest.mark.parametrize("exchange", [{"message_limit": 3}], indirect=True)
def test_too_many_messages_are_refused_until_the_second_is_over(exchange: Exchange) -> None:
    socket, other = exchange.socket(), exchange.socket()
    hit = "rate limiting threshold hit for 127.0.0.1:49153!"
    assert socket.ask(order()) == reply({"subscribed": [ALL]})
    socket.client.send("{")
    assert socket.hear()["data"] == {"errors": ["failed to parse message as JSON"]}
    assert socket.ask(order(auth_token="nobody")) == refusal("failed to authenticate token nobody")
    for _ in range(2):
        assert socket.ask(order("unsubscribe")) == refusal(hit)
    assert socket.ask(flat()) == {"message": hit, "cause": "", "routing_key": "error"}
    assert other.ask(order()) == reply({"subscribed": [ALL]})
    exchange.act("mute", "/participants/2")
    assert socket.hear()["data"]["event"] == "mute-member"  # nobody is told less
    exchange.control.post("/_greenroom/clock/advance", json={"by": 1})
    gone = {"unsubscribed": [ALL], "subscribed": []}
    assert socket.ask(order("unsubscribe")) == reply(gone)


@pytest.mark.parametrize("path", ["/websocket", "/v2/websocket", "/", ""])
def test_the_socket_is_at_several_addresses(exchange: Exchange, path: str) -> None:
    assert exchange.socket(path).ask(PING)["status"] == "success"


def test_sockets_are_listed_once_they_have_signed_in(exchange: Exchange) -> None:
    path = f"/v2/accounts/{ACME}/websockets"
    first, second = exchange.socket(), exchange.socket()
    assert exchange.alice.get(path).json()["data"] == []
    second.ask(order())
    [listed] = exchange.alice.get(path).json()["data"]
    assert listed == {
        "websocket_session_id": "127.0.0.1:49154",
        "bindings": [ALL],
        "source": "127.0.0.1",
        "destination": "127.0.0.1",
        "timestamp": 63934822800,
    }
    assert exchange.alice.get(f"{path}/127.0.0.1:49154").json()["data"] == listed
    missing = exchange.alice.get(f"{path}/127.0.0.1:1")
    assert (missing.status_code, missing.json()["message"]) == (404, "bad_identifier")
    assert exchange.alice.get(f"/v2/accounts/{GLOBEX}/websockets").status_code == 403
    second.client.close()
    assert first.ask({"action": "ping"})["status"] == "error"  # of nobody, but answered
    assert exchange.alice.get(path).json()["data"] == []


def test_anybody_may_see_what_can_be_subscribed_to(exchange: Exchange) -> None:
    answer = exchange.control.get("/kazoo/v2/websockets")
    assert answer.json()["data"] == {
        "conference": [
            "conference.event.{CONFERENCE_ID}.{CALL_ID}",
            "conference.command.{CONFERENCE_ID}",
        ]
    }


def test_the_journal_shows_who_subscribed(exchange: Exchange) -> None:
    exchange.socket().ask(order())
    [entry] = exchange.control.get("/_greenroom/journal?method=SEND").json()
    assert (entry["who"], entry["tenant"], entry["operation"]) == ("alice", "acme", "/websocket")
    assert entry["request"]["body"]["data"]["binding"] == ALL


def test_the_vendors_own_address_leads_to_the_socket(talk: Callable[..., Talker]) -> None:
    """Its port is another than the API's and its path any; here both are the root's."""
    with Emulator(providers=["kazoo"], root="kazoo") as emulator:
        server = BackgroundServer(emulator.app, emulator.loop)
        for path in ("", "/", "/websocket", "/~t1/"):
            told = talk("kazoo", server.url + path).ask(PING)
            assert told["data"] == {"response": "pong"}
        page = httpx.get(f"{server.url}/")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        server.close()
