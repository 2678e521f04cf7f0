"""Misbehaviour on the wire: what a client with a socket of its own sees."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from greenroom.emulator.transport import GARBAGE

if TYPE_CHECKING:
    from greenroom.emulator.toolkit import Json

ADA = {"Authorization": "Bearer ada"}
ASKED = b"GET /tiny/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ada\r\n\r\n"
LONG = 3600


@dataclass
class Wire:
    """A served provider, orders about it, and requests to it beside the test."""

    port: int
    control: httpx.Client
    aside: ThreadPoolExecutor

    def order(self, effect: Json, **more: Any) -> str:
        """Order a fault; its id."""
        answer = self.control.post("/faults", json={"effect": effect, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def ask(self, method: str = "GET", **more: Any) -> httpx.Response:
        """Send one request on a connection of its own."""
        url = f"http://127.0.0.1:{self.port}/tiny/rooms"
        return httpx.request(method, url, headers=ADA, timeout=30, **more)

    def begin(self, method: str = "GET", hits: int = 1, **more: Any) -> Future[httpx.Response]:
        """Send a request from aside and come back as soon as the first fault holds it up."""
        answer = self.aside.submit(self.ask, method, **more)
        while self.control.get("/faults").json()[0]["hits"] < hits:
            pass
        return answer

    def journal(self) -> list[Json]:
        """The exchanges of the main world."""
        entries: list[Json] = self.control.get("/journal").json()
        return entries

    def connect(self) -> socket.socket:
        """A socket that has asked for the rooms."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        made.sendall(ASKED)
        return made

    def hear(self) -> bytes:
        """Everything that comes back until the connection ends."""
        with self.connect() as made:
            heard = b""
            while part := made.recv(65536):
                heard += part
            return heard


@pytest.fixture
def wire(port: int) -> Iterator[Wire]:
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}/_greenroom", timeout=30) as control,
        ThreadPoolExecutor() as aside,
    ):
        yield Wire(port, control, aside)
        control.delete("/faults")


def test_a_reset_is_a_reset(wire: Wire) -> None:
    wire.order({"cut": "reset"})
    with pytest.raises(ConnectionResetError):
        wire.hear()


def test_an_empty_answer_is_an_end_without_a_word(wire: Wire) -> None:
    wire.order({"cut": "empty"})
    assert wire.hear() == b""


def test_garbage_is_no_http(wire: Wire) -> None:
    wire.order({"cut": "garbage"})
    assert wire.hear() == GARBAGE


def test_half_an_answer_ends_before_its_announced_length(wire: Wire) -> None:
    wire.order({"cut": "half"})
    head, _, body = wire.hear().partition(b"\r\n\r\n")
    whole = wire.control.get("/journal").json()[0]["answer"]
    assert head.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {whole['headers']['content-length']}".encode() in head
    assert len(body) == int(whole["headers"]["content-length"]) // 2


def test_half_of_an_ordered_answer_is_cut_too(wire: Wire) -> None:
    wire.order({"cut": "half", "status": 500, "body": "0123456789"})
    head, _, body = wire.hear().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ")
    assert body == b"01234"


def test_after_a_broken_connection_the_next_one_is_answered(wire: Wire) -> None:
    wire.order({"cut": "reset"}, times=1)
    with pytest.raises(ConnectionResetError):
        wire.hear()
    assert wire.ask().status_code == 200


def test_a_bodiless_status_leaves_the_connection_in_step(wire: Wire) -> None:
    wire.order({"status": 204, "body": "never sent"}, times=1)
    with httpx.Client(base_url=f"http://127.0.0.1:{wire.port}/tiny", headers=ADA) as client:
        assert [client.get("/rooms").status_code for _ in range(2)] == [204, 200]


def test_a_delay_and_its_jitter_take_their_time(wire: Wire) -> None:
    wire.order({"delay": 0.15, "jitter": 0.05})
    answer = wire.ask()
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.15


def test_a_rate_lets_the_body_trickle(wire: Wire) -> None:
    wire.order({"rate": 100, "body": "x" * 20})
    answer = wire.ask()
    assert answer.text == "x" * 20
    [entry] = wire.journal()
    assert entry["milliseconds"] >= 190


def test_taking_a_fault_back_ends_its_delay(wire: Wire) -> None:
    fault = wire.order({"delay": LONG})
    answer = wire.begin()
    wire.control.delete(f"/faults/{fault}")
    assert answer.result(timeout=30).status_code == 200


def test_taking_all_faults_back_ends_every_delay_of_a_request(wire: Wire) -> None:
    wire.order({"delay": LONG})
    wire.order({"delay": LONG})
    answer = wire.begin()
    wire.control.delete("/faults")
    assert answer.result(timeout=30).status_code == 200


def test_taking_a_fault_back_lets_a_trickle_rush(wire: Wire) -> None:
    wire.order({"rate": 1, "body": "x" * 100_000})
    answer = wire.begin()
    wire.control.delete("/faults")
    assert len(answer.result(timeout=30).text) == 100_000


def test_a_delay_elsewhere_goes_on(wire: Wire) -> None:
    first = wire.order({"delay": LONG}, match={"method": "GET"})
    second = wire.order({"delay": LONG}, match={"method": "POST"})
    slow = wire.begin()
    wire.control.post("/worlds", json={"name": "other", "from": {"world": "main"}})
    other = f"http://127.0.0.1:{wire.port}/~other/_greenroom/faults"
    httpx.delete(other)
    wire.control.delete(f"/faults/{second}")
    assert not slow.done()
    wire.control.delete(f"/faults/{first}")
    assert slow.result(timeout=30).status_code == 200


@pytest.mark.parametrize("how", ["reset", "restore", "rewind"])
def test_who_waits_while_the_world_goes_elsewhere_finds_nothing_done(wire: Wire, how: str) -> None:
    first = wire.ask().headers["x-greenroom-exchange"]
    wire.control.put("/snapshots/one")
    wire.order({"delay": LONG})
    answer = wire.begin("POST", json={"name": "late"})
    path, body = {
        "reset": ("/reset", None),
        "restore": ("/snapshots/one/restore", None),
        "rewind": ("/rewind", {"exchange": first}),
    }[how]
    assert wire.control.post(path, json=body).status_code == 204
    late = answer.result(timeout=30)
    assert (late.status_code, late.json()["code"]) == (503, "overtaken")
    assert [each["method"] for each in wire.journal()] == ([] if how == "reset" else ["GET"])
    assert len(wire.ask().json()) == 2


def test_who_waits_in_a_world_that_is_dropped_finds_nothing_done(wire: Wire) -> None:
    url = f"http://127.0.0.1:{wire.port}/~other"
    with httpx.Client(base_url=url, headers=ADA, timeout=30) as other:
        other.post("/_greenroom/faults", json={"effect": {"delay": LONG}})
        late = wire.aside.submit(other.post, "/tiny/rooms", json={})
        while other.get("/_greenroom/faults").json()[0]["hits"] < 1:
            pass
        assert wire.control.delete("/worlds/other").status_code == 204
        assert late.result(timeout=30).status_code == 503
        assert len(other.get("/tiny/rooms").json()) == 2


def test_who_hangs_up_during_a_delay_is_served_without_it(wire: Wire) -> None:
    wire.order({"delay": LONG})
    with wire.connect():
        while wire.control.get("/faults").json()[0]["hits"] < 1:
            pass
    while not wire.journal():
        pass
    [entry] = wire.journal()
    assert (entry["fault"], entry["status"]) == ("f1", 200)


@pytest.mark.parametrize("cut", ["reset", "empty", "garbage"])
def test_who_hangs_up_before_the_connection_breaks_leaves_no_bug(wire: Wire, cut: str) -> None:
    wire.order({"delay": LONG})
    wire.order({"cut": cut})
    with wire.connect():
        while wire.control.get("/faults").json()[0]["hits"] < 1:
            pass
    while not wire.journal():
        pass
    [entry] = wire.journal()
    assert (entry["fault"], entry["status"], entry["why"]) == ("f1", None, "a fault was ordered")


@pytest.mark.parametrize("cut", ["reset", "empty", "half", "garbage"])
def test_who_sees_a_connection_break_finds_the_exchange_in_the_journal(
    wire: Wire, cut: str
) -> None:
    wire.order({"cut": cut})
    for asked in range(1, 30):
        with contextlib.suppress(ConnectionResetError):
            wire.hear()
        assert len(wire.journal()) == asked


def test_who_hangs_up_during_a_trickle_is_not_waited_for(wire: Wire) -> None:
    wire.order({"rate": 1, "body": "x" * 100_000})
    with wire.connect() as made:
        assert made.recv(65536)
    while not wire.journal():
        pass
    [entry] = wire.journal()
    assert entry["milliseconds"] < 60_000


def test_the_control_plane_answers_while_providers_wait(wire: Wire) -> None:
    wire.order({"delay": LONG})
    slow = wire.begin()
    assert wire.control.get("/health").status_code == 200
    wire.control.delete("/faults")
    assert slow.result(timeout=30).status_code == 200
