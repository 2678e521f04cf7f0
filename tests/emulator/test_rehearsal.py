"""A world as a test sees it: the same without a port, over one, and however it is asked."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
import requests

from greenroom.emulator.rehearsal import Rehearsal
from greenroom.emulator.rehearsals import Rehearsals, Wish
from greenroom.emulator.toolkit import ControlError, GreenroomError
from greenroom.emulator.views import RefusedError

ROOMS = "/api/conference_rooms"
ROOM = {"extension_number": "9001", "mode": "AUDIO", "subject": "Standup", "capacity": 2}
START = datetime(2026, 1, 5, 9, tzinfo=UTC)

pytestmark = pytest.mark.greenroom(providers=["portsip"], scenario="empty", seed=7, at=START)


@pytest.fixture
def alice(greenroom: Rehearsal) -> httpx.Client:
    return greenroom.client("portsip", as_="alice")


@pytest.fixture
def room(alice: httpx.Client) -> str:
    """The id of a room for two."""
    made = alice.post(ROOMS, json=ROOM)
    assert made.status_code == 201
    return str(made.json()["id"])


def test_what_happens_without_a_port_is_seen_over_a_port(greenroom: Rehearsal, room: str) -> None:
    sent = greenroom.credentials("portsip", "alice")["headers"]
    url = greenroom.url("portsip") + ROOMS
    with requests.Session() as session:
        seen = session.get(url, headers=sent).json()
    assert [item["id"] for item in seen["items"]] == [room]
    with urllib.request.urlopen(urllib.request.Request(url, headers=sent)) as answer:
        assert json.load(answer) == seen


def test_addresses_of_the_world_and_of_its_control_plane(greenroom: Rehearsal) -> None:
    world = greenroom.url()
    assert world.endswith(f"/~{greenroom.world}")
    with requests.Session() as session:
        assert session.get(f"{greenroom.url('_greenroom')}/health").json()["status"] == "ok"


def test_credentials_are_all_it_takes_to_act_as_somebody(greenroom: Rehearsal) -> None:
    assert greenroom.credentials("portsip", "mallory") == {
        "provider": "portsip",
        "who": "mallory",
        "tenant": "globex",
        "role": "administrator",
        "headers": {"Authorization": "Bearer mallory"},
        "query": {},
        "path": {},
    }
    with pytest.raises(GreenroomError, match=r"'eve' is not in the cast of portsip; there is alic"):
        greenroom.credentials("portsip", "eve")
    with pytest.raises(GreenroomError, match="nobody"):
        greenroom.client("other", as_="alice")


def test_clients_can_be_used_inside_a_running_loop(greenroom: Rehearsal) -> None:
    async def inside() -> tuple[int, int]:
        client = greenroom.client("portsip", as_="alice")
        async with greenroom.async_client("portsip", as_="bob") as awaited:
            return client.get(ROOMS).status_code, (await awaited.get(ROOMS)).status_code

    assert asyncio.run(inside()) == (200, 200)


def test_the_clock_is_wound_by_durations_to_times_and_to_what_is_due(greenroom: Rehearsal) -> None:
    assert greenroom.now == START
    assert greenroom.advance("PT45M") == {"now": "2026-01-05T09:45:00Z", "fired": []}
    greenroom.advance(60)
    greenroom.advance(timedelta(seconds=30))
    assert greenroom.now == START + timedelta(minutes=46, seconds=30)
    greenroom.advance(to="2026-01-05T10:00:00Z")
    greenroom.advance(to=START + timedelta(hours=2))
    assert greenroom.advance() == {"now": "2026-01-05T11:00:00Z", "fired": []}
    with pytest.raises(RefusedError, match="the clock does not go back"):
        greenroom.advance(to=START)


def test_the_journal_is_a_list_of_exchanges(greenroom: Rehearsal, room: str) -> None:
    assert len(greenroom.journal) == 1
    assert greenroom.journal[0]["answer"]["body"] == {"id": room}
    assert [each["operation"] for each in greenroom.journal] == ["createConferenceRoom"]
    assert greenroom.journal[-1:] == greenroom.journal.find(method="POST") == greenroom.journal
    assert greenroom.journal.find(who="bob") == []
    assert repr(greenroom.journal) == repr(list(greenroom.journal))
    greenroom.journal.clear()
    assert greenroom.journal == []


def test_the_journal_verifies_what_was_asked(greenroom: Rehearsal, room: str) -> None:
    match = {"operation": "createConferenceRoom", "who": "alice"}
    assert [each["id"] for each in greenroom.journal.verify(match)] == ["e1"]
    greenroom.journal.verify(match, times=1, body={"/capacity": 2})
    greenroom.journal.verify(match, times={"min": 1, "max": 3})
    greenroom.journal.verify({"who": "bob"}, times=0)
    with pytest.raises(RefusedError, match="400"):
        greenroom.journal.verify({"colour": "blue"})


def test_a_verification_that_fails_names_the_nearest_misses(
    greenroom: Rehearsal, room: str
) -> None:
    with pytest.raises(AssertionError) as raised:
        greenroom.journal.verify({"method": "POST", "who": "bob"}, times=2)
    assert str(raised.value).splitlines() == [
        "0 exchanges match; wanted were 2. The match was {'method': 'POST', 'who': 'bob'}.",
        "  near: e1 POST /portsip/api/conference_rooms → 201 createConferenceRoom as alice",
        "    who: wanted 'bob', got 'alice'",
    ]


def test_the_outbox_holds_what_was_sent(greenroom: Rehearsal, alice: httpx.Client) -> None:
    assert greenroom.outbox == []
    alice.post(ROOMS, json={**ROOM, "external_invitees": "guest@example.org"})
    (mail,) = greenroom.outbox.find(kind="email")
    assert "guest@example.org" in str(mail["to"])
    with pytest.raises(RefusedError) as raised:
        greenroom.outbox.redeliver(mail["id"])
    assert (raised.value.status, raised.value.answer["title"]) == (409, "Conflict")
    greenroom.outbox.clear()
    assert len(greenroom.outbox) == 0


def test_faults_are_ordered_and_taken_back(greenroom: Rehearsal, alice: httpx.Client) -> None:
    fault = greenroom.faults.add({"match": {"who": "alice"}, "effect": {"status": 503}})
    assert alice.get(ROOMS).status_code == 503
    assert [each["id"] for each in greenroom.faults] == [fault["id"]]
    greenroom.faults.remove(fault["id"])
    assert alice.get(ROOMS).status_code == 200
    greenroom.faults.add({"effect": {"cut": "reset"}})
    with pytest.raises(httpx.ReadError):
        alice.get(ROOMS)
    greenroom.faults.clear()
    assert greenroom.faults == []


def test_a_fault_taken_back_ends_the_delay_somebody_waits_for(
    greenroom: Rehearsal, alice: httpx.Client
) -> None:
    greenroom.faults.add({"effect": {"delay": 60}})
    waiting = threading.Thread(target=lambda: alice.get(ROOMS, timeout=120))
    waiting.start()
    while not greenroom.faults[0]["hits"]:
        pass
    greenroom.faults.clear()
    waiting.join(10)
    assert greenroom.journal[0]["status"] == 200


def test_the_world_acts_on_a_provider(greenroom: Rehearsal, room: str) -> None:
    joined = greenroom.stimulate("portsip", "participant_joins", meeting=room, name="Ada")
    assert joined.keys() == {"participant"}
    left = greenroom.stimulate("portsip", "participant_leaves", meeting=room, **joined)
    assert left is None


def test_what_the_provider_would_refuse_is_an_error(greenroom: Rehearsal, room: str) -> None:
    for name in ("Ada", "Ben"):
        greenroom.stimulate("portsip", "participant_joins", meeting=room, name=name)
    with pytest.raises(ControlError, match="participant_joins was answered with 409"):
        greenroom.stimulate("portsip", "participant_joins", meeting=room, name="Cleo")


def test_a_world_goes_back_to_how_it_was(greenroom: Rehearsal, alice: httpx.Client) -> None:
    def rooms() -> int:
        return int(alice.get(ROOMS).json()["count"])

    assert greenroom.snapshot("nothing") == "nothing"
    alice.post(ROOMS, json=ROOM)
    greenroom.snapshot()
    greenroom.restore("nothing")
    assert rooms() == 0
    greenroom.restore()
    assert rooms() == 1
    greenroom.reset()
    assert rooms() == 0
    greenroom.reset(scenario="default")
    assert rooms() > 0


def test_a_clock_that_was_ordered_to_stand_still_does_so_in_another_beginning(
    greenroom: Rehearsal,
) -> None:
    greenroom.reset(scenario="default")
    assert greenroom.order("GET", "/clock")["frozen"]
    greenroom.reset(frozen=False)
    assert not greenroom.order("GET", "/clock")["frozen"]


def test_the_same_is_answered_in_the_same_world(greenroom: Rehearsal, room: str) -> None:
    first = greenroom.journal[0]["answer"]
    greenroom.reset(seed=7, at=START.isoformat())
    greenroom.client("portsip", as_="alice").post(ROOMS, json=ROOM)
    assert greenroom.journal[0]["answer"] == first


@pytest.fixture
def rehearsals() -> Iterator[Rehearsals]:
    made = Rehearsals()
    yield made
    made.close()


def test_a_server_of_another_kind_is_told_apart() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        elsewhere = Rehearsals(f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(RefusedError, match=r"501: .* is it a Greenroom server\?"):
            elsewhere.begin("standup")
        server.shutdown()


def test_two_worlds_of_one_name_are_two_worlds(rehearsals: Rehearsals) -> None:
    wish = Wish(providers=["portsip"])
    names = [rehearsals.begin("standup", wish).world for _ in range(3)]
    assert names == ["standup", "standup-2", "standup-3"]


@pytest.mark.parametrize(
    ("wish", "frozen"),
    [
        (Wish(providers=["portsip"]), False),
        (Wish(providers=["portsip"], at=START), True),
        (Wish(providers=["portsip"], frozen=True), True),
        (Wish(providers=["portsip"], at=START, frozen=False), False),
    ],
)
def test_a_clock_stands_still_when_it_is_wished_or_its_beginning_is_given(
    rehearsals: Rehearsals, wish: Wish, frozen: bool
) -> None:
    begun = rehearsals.begin("standup", wish)
    assert begun.order("GET", "/clock")["frozen"] is frozen
    begun.reset(seed=3)
    assert begun.order("GET", "/clock")["frozen"] is frozen


def test_a_world_of_a_running_clock_stands_still_at_a_beginning_given_by_reset(
    rehearsals: Rehearsals,
) -> None:
    begun = rehearsals.begin("standup", Wish(providers=["portsip"]))
    begun.reset(at=START.isoformat())
    assert begun.now == START


def test_a_closed_rehearsal_has_left_nothing(rehearsals: Rehearsals) -> None:
    watching = rehearsals.begin("watching", Wish(providers=["portsip"]))
    closing = rehearsals.begin("closing", Wish(providers=["portsip"]))
    client = closing.client("portsip")
    closing.close()
    closing.close()
    assert client.is_closed
    assert [each["name"] for each in watching.order("GET", "/worlds")] == ["main", "watching"]


def test_an_emulator_is_shared_by_who_wants_the_like(rehearsals: Rehearsals) -> None:
    wishes = [
        Wish(providers=["portsip"]),
        Wish(providers=["portsip"], seed=3),
        Wish(providers=["portsip"], at=START, frozen=True),
        Wish(providers=["portsip"], options={"portsip": {"enforce_roles": True}}),
    ]
    ports = [rehearsals.begin("standup", wish).url().rpartition("/")[0] for wish in wishes]
    assert ports[0] == ports[1] == ports[2] != ports[3]


def test_many_threads_act_in_one_world(greenroom: Rehearsal, alice: httpx.Client) -> None:
    numbers = [str(number) for number in range(9000, 9040)]
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda number: alice.post(ROOMS, json={**ROOM, "extension_number": number}), numbers
        )
        assert {answer.status_code for answer in answers} == {201}
    found = alice.get(ROOMS, params={"limit": 100}).json()
    assert found["count"] == len(numbers)


@pytest.mark.greenroom(providers=["kazoo"])
def test_a_websocket_is_one_of_this_world(greenroom: Rehearsal) -> None:
    with greenroom.websocket("kazoo", "/websocket") as socket:
        socket.send('{"action": "ping", "auth_token": "alice", "request_id": "1"}')
        assert json.loads(socket.recv(timeout=5))["data"] == {"response": "pong"}
        assert [each["path"] for each in greenroom.order("GET", "/sockets")] == ["/websocket"]
