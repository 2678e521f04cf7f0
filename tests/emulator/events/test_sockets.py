"""WebSockets over a real port: opening, talking, ending, and what worlds do to them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode

from greenroom.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.sync.client import ClientConnection

    from tests.emulator.events.conftest import Room


def heard(client: ClientConnection) -> Any:
    """The next message, read as JSON."""
    return json.loads(client.recv(timeout=5))


def ending(client: ClientConnection) -> tuple[int, str]:
    """How the connection ends, which is what comes next."""
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


def refused(room: Room, *args: Any, **options: Any) -> Any:
    with pytest.raises(InvalidStatus) as error:
        room.connect(*args, **options)
    return error.value.response


def test_a_granted_handshake_names_its_exchange_and_its_world(room: Room) -> None:
    client = room.connect(subprotocols=["chat"], world="t1")
    assert client.response is not None
    headers = client.response.headers
    assert (headers["x-greenroom-exchange"], headers["x-greenroom-world"]) == ("e1", "t1")
    assert client.subprotocol == "chat"


def test_a_refused_handshake_is_answered_in_the_providers_dress(room: Room) -> None:
    answer = refused(room, "who=stranger")
    assert answer.status_code == 401
    assert json.loads(answer.body) == {"refused": 401, "code": "unauthorized", "wrong": []}
    assert answer.headers["www-authenticate"] == "Name"
    assert answer.headers["x-greenroom-world"] == "main"
    entry = room.order(f"GET /journal/{answer.headers['x-greenroom-exchange']}")
    assert (entry["method"], entry["status"]) == ("GET", 401)
    assert entry["why"] == "Strangers stay outside."
    assert room.sockets() == []


@pytest.mark.parametrize(
    ("path", "status"), [("/elsewhere", 404), ("/talk/", 404), ("/shout", 404)]
)
def test_a_path_that_takes_no_sockets_is_refused(room: Room, path: str, status: int) -> None:
    answer = refused(room, path=path)
    assert json.loads(answer.body)["refused"] == status


def test_a_world_that_cannot_be_is_refused(room: Room) -> None:
    answer = refused(room, world="NO")
    assert (answer.status_code, json.loads(answer.body)["title"]) == (400, "No such world")


def test_what_one_says_all_in_the_room_hear_in_order(room: Room) -> None:
    ada, bob, eve = room.connect("who=ada"), room.connect("who=bob"), room.connect("room=attic")
    for number in range(50):
        ada.send(f"{number}")
    expected = [{"said": f"{number}", "by": "ada"} for number in range(50)]
    assert [heard(ada) for _ in expected] == expected
    assert [heard(bob) for _ in expected] == expected
    eve.send("echo")
    assert eve.recv(timeout=5) == "echo"


def test_text_and_bytes_go_both_ways(room: Room) -> None:
    client = room.connect("who=ada")
    client.send(b"\xff\x00")
    assert heard(client) == {"said": "ff00", "by": "ada"}
    client.send("bytes")
    assert client.recv(timeout=5) == b"\x00\xff"


def test_what_a_request_does_is_told_over_the_socket(room: Room) -> None:
    client = room.connect()
    assert room.send("POST /tiny/rooms/hall/shout").status_code == 200
    assert heard(client) == {"number": 0, "pad": ""}


def test_a_provider_hangs_up_after_its_last_word(room: Room) -> None:
    client = room.connect()
    client.send("leave")
    assert client.recv(timeout=5) == "bye"
    assert ending(client) == (4001, "as you like")


def test_a_provider_may_break_a_connection_as_if_it_had_failed(room: Room) -> None:
    client = room.connect()
    client.send("vanish")
    assert client.recv(timeout=5) == "bye"
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd is None
    [entry] = room.order("GET /journal?method=CLOSE")
    assert entry["status"] == 1006


def test_a_message_in_countless_pieces_ends_the_connection(room: Room) -> None:
    client = room.connect()
    first = RawFrame(Opcode.TEXT, b"x", fin=False).serialize(mask=True)
    piece = RawFrame(Opcode.CONT, b"", fin=False).serialize(mask=True)
    client.socket.sendall(first + piece * 10_001)
    assert ending(client) == (1008, "a message has at most 10000 pieces")


def test_who_goes_is_told_to_the_rest_and_forgotten(room: Room) -> None:
    ada, bob = room.connect("who=ada"), room.connect("who=bob")
    assert room.sockets() == ["s1", "s2"]
    ada.close(4002, "enough")
    assert heard(bob) == {"gone": "ada", "code": 4002}
    assert room.sockets() == ["s2"]


def test_a_connection_that_breaks_is_gone_too(room: Room) -> None:
    ada, bob = room.connect("who=ada"), room.connect("who=bob")
    ada.socket.close()
    assert heard(bob)["gone"] == "ada"


def test_a_refusal_changes_nothing_and_ends_the_connection(room: Room) -> None:
    client = room.connect()
    client.send("no")
    assert ending(client) == (1008, "Not now.")


def test_a_refusal_is_told_where_the_provider_has_words_for_it(room: Room) -> None:
    client = room.connect(path="/polite")
    client.send("no")
    assert heard(client) == {"sorry": "Not now."}
    assert "broken" not in room.order("GET /state/tiny/sockets/s1")


def test_a_bug_in_a_refusal_closes_with_1011(room: Room) -> None:
    client = room.connect("who=clumsy", path="/polite")
    client.send("no")
    assert ending(client)[0] == 1011


def test_a_bug_at_the_end_keeps_nobody(room: Room) -> None:
    client = room.connect("who=clumsy")
    client.close()
    assert room.sockets() == []
    [entry] = room.order("GET /journal?method=CLOSE")
    assert "ZeroDivisionError" in entry["why"]


def test_a_socket_whose_record_was_taken_away_is_closed(room: Room) -> None:
    client = room.connect()
    room.order("DELETE /state/tiny/sockets/s1")
    client.send("hello")
    assert ending(client) == (1008, "There is no s1 in sockets.")


def test_a_bug_in_a_handshake_is_a_500(room: Room) -> None:
    answer = refused(room, "who=clumsy&who=bug")
    assert (answer.status_code, json.loads(answer.body)["refused"]) == (500, 500)


def test_a_bug_closes_with_1011_and_shows_nothing(room: Room) -> None:
    client = room.connect()
    client.send("break")
    assert ending(client) == (1011, "something went wrong here")
    entry = room.order("GET /journal")[1]
    assert (entry["method"], entry["changes"]) == ("SEND", [])
    assert "ZeroDivisionError" in entry["why"]


def test_what_is_too_large_closes_with_1009(serve: Callable[..., Room]) -> None:
    room = serve(limit=100)
    client = room.connect()
    client.send("é" * 51)
    assert ending(client) == (1009, "a message has at most 100 bytes")
    larger = room.connect()
    larger.send("x" * (1024 * 1024 + 1))
    assert ending(larger)[0] == 1009


def test_text_that_is_not_utf_8_closes_with_1007(room: Room) -> None:
    client = room.connect()
    frame = RawFrame(Opcode.TEXT, b"\xc3\x28")
    client.socket.sendall(frame.serialize(mask=True))
    assert ending(client) == (1007, "a text is not UTF-8")


def test_what_follows_a_message_that_is_too_large_is_forgotten(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    client = room.connect()
    large = RawFrame(Opcode.TEXT, b"x" * (1024 * 1024 + 1)).serialize(mask=True)
    for piece in (large[:100], large[100:200], large[200:300]):
        with suppress(OSError):  # once the client has heard the last word, it is gone
            client.socket.sendall(piece)
        room.sockets()  # once it answers this, the server has read the piece by itself
    assert ending(client)[0] == 1009
    assert caplog.messages == []


def test_silence_that_is_too_long_ends_the_connection(serve: Callable[..., Room]) -> None:
    client = serve(idle=0.1).connect()
    client.send("echo")
    assert client.recv(timeout=5) == "echo"
    assert ending(client) == (1000, "nothing was said for too long")


def test_the_server_says_goodbye(room: Room) -> None:
    client = room.connect()
    room.server.close()
    assert ending(client) == (1001, "the server stops")


@pytest.mark.parametrize(
    ("line", "order", "reason"),
    [
        ("POST /reset", None, "the world was reset"),
        ("POST /snapshots/before/restore", None, "the world was taken elsewhere"),
        ("POST /rewind", {"exchange": "e1"}, "the world was taken elsewhere"),
    ],
)
def test_a_world_that_goes_elsewhere_closes_its_sockets(
    room: Room, line: str, order: Any, reason: str
) -> None:
    room.send("POST /tiny/rooms/hall/shout")
    room.order("PUT /snapshots/before")
    client, other = room.connect(), room.connect(world="t2")
    room.order(line, json=order)
    assert ending(client) == (1012, reason)
    assert room.sockets() == []
    other.send("echo")
    assert other.recv(timeout=5) == "echo"


def test_a_world_that_is_dropped_closes_its_sockets(room: Room) -> None:
    client = room.connect(world="t3")
    room.order("DELETE /worlds/t3")
    assert ending(client)[0] == 1012


def test_sockets_of_a_restored_past_are_ended_there(room: Room) -> None:
    client = room.connect("who=ada")
    room.order("PUT /snapshots/with")
    room.order("POST /snapshots/with/restore")
    assert ending(client)[0] == 1012
    assert room.sockets() == []
    told = [each for each in room.order("GET /events") if each["kind"] == "event"]
    assert [each["data"] for each in told] == [{"gone": "ada", "code": 1012}]


def test_a_world_in_which_somebody_is_connected_is_used(serve: Callable[..., Room]) -> None:
    room = serve()
    client = room.connect(world="t4")
    room.emulator.world("t4").used = 0  # long ago
    assert "t4" in [each["name"] for each in room.order("GET /worlds")]
    client.send("echo")
    assert client.recv(timeout=5) == "echo"


def test_a_world_that_nobody_uses_any_more_is_dropped(serve: Callable[..., Room]) -> None:
    room = serve()
    room.send("POST /tiny/rooms/hall/shout", world="t4")
    room.emulator.world("t4").used = 0
    assert "t4" not in [each["name"] for each in room.order("GET /worlds")]


def test_nobody_is_left_behind_by_a_restart(serve: Callable[..., Room], tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    room = serve(stage={"data": data})
    left = {"path": "/talk", "room": "hall", "who": "ada"}  # as a server leaves it that is killed
    room.order("PUT /state/tiny/sockets/s7", json=left)
    room.server.close()
    room.emulator.close()
    with Emulator(room.emulator.providers, data=data) as emulator:
        control = emulator.client()
        assert control.get("/_greenroom/state/tiny/sockets").json() == []
        told = [each for each in control.get("/_greenroom/events").json() if "data" in each]
        assert [each["data"] for each in told] == [{"gone": "ada", "code": 1012}]


def test_sockets_are_not_in_a_fork(room: Room) -> None:
    client = room.connect("who=ada")
    room.order("POST /worlds", json={"name": "fork", "from": {"world": "main"}})
    assert room.send("GET /_greenroom/state/tiny/sockets", world="fork").json() == []
    client.send("hello")
    assert heard(client) == {"said": "hello", "by": "ada"}


def test_the_exchange_of_a_handshake_shows_what_was_said(room: Room) -> None:
    client = room.connect("who=ada")
    client.send("hello")
    client.send("bytes")
    assert (heard(client), client.recv(timeout=5)) == ({"said": "hello", "by": "ada"}, b"\x00\xff")
    entry = room.order("GET /journal/e1")
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/talk", 101)
    assert entry["operation"] == "/talk"
    shown = [{key: each[key] for key in each if key != "at"} for each in entry["frames"]]
    assert shown == [
        {"direction": "in", "body": "hello"},
        {"direction": "out", "body": {"said": "hello", "by": "ada"}},
        {"direction": "in", "body": "bytes"},
        {"direction": "out", "body": "AP8=", "encoding": "base64"},
    ]
    assert entry["frames_dropped"] == 0


def test_a_message_that_did_something_is_an_exchange(room: Room) -> None:
    client = room.connect("who=ada")
    for said in ("quiet", "hello"):
        client.send(said)
    heard(client)
    sent = room.order("GET /journal?method=SEND")
    assert [(each["id"], each["operation"], each["status"]) for each in sent] == [
        ("e2", "/talk", None)
    ]
    assert sent[0]["request"]["body"] == "hello"
    assert [each["name"] for each in sent[0]["events"]] == ["said"]
    assert [each["collection"] for each in sent[0]["changes"]] == ["sayings"]
    match = {"match": {"method": "SEND"}, "times": 1}
    assert room.order("POST /journal/verify", json=match)["matched"] == 1


def test_one_may_rewind_to_a_message(room: Room) -> None:
    client = room.connect("who=ada")
    for said in ("one", "two"):
        client.send(said)
        heard(client)
    room.order("POST /rewind", json={"exchange": "e2"})
    assert [each["said"] for each in room.order("GET /state/tiny/sayings")] == ["one"]


def test_whoever_listens_sees_frames_both_ways(room: Room) -> None:
    ada, _ = room.connect("who=ada"), room.connect("who=bob")
    ada.send("hello")
    heard(ada)
    happened = [each for each in room.order("GET /events") if each["kind"] == "frame"]
    assert [(each["direction"], each["sockets"], each["body"]) for each in happened] == [
        ("in", ["s1"], "hello"),
        ("out", ["s1", "s2"], {"said": "hello", "by": "ada"}),
    ]


def test_the_end_of_a_socket_is_an_exchange(room: Room) -> None:
    ada, bob = room.connect("who=ada"), room.connect("who=bob")
    ada.close(4002)
    heard(bob)
    closed = room.order("GET /journal?method=CLOSE")
    assert [(each["status"], len(each["changes"])) for each in closed] == [(4002, 1)]
    assert closed[0]["events"][0]["data"] == {"gone": "ada", "code": 4002}


def test_the_archive_has_the_messages_with_their_handshake(room: Room) -> None:
    client = room.connect("who=ada")
    client.send('{"password": "x"}')
    client.recv(timeout=5)
    [entry] = room.order("GET /journal.har")["log"]["entries"]
    assert [each["type"] for each in entry["_webSocketMessages"]] == ["send", "receive"]
    assert entry["_webSocketMessages"][0]["data"] == '{"password": "x"}'
    [entry] = room.order("GET /journal.har?redact=true")["log"]["entries"]
    assert entry["_webSocketMessages"][0]["data"] == '{"password":"(hidden)"}'


def test_the_control_plane_lists_who_is_connected(room: Room) -> None:
    client = room.connect("who=ada")
    client.send("echo")
    client.recv(timeout=5)
    [listed] = room.order("GET /sockets")
    assert listed == {
        "id": "s1",
        "provider": "tiny",
        "path": "/talk",
        "since": "2026-01-05T09:00:00Z",
        "exchange": "e1",
        "frames": 2,
    }


@pytest.mark.parametrize(
    "large",
    [
        {"additional_headers": {"X-Large": "a" * 9_000}},
        {"additional_headers": [(f"X-{number}", "a") for number in range(150)]},
        {"query": "a" * 9_000},
    ],
    ids=["header", "headers", "address"],
)
def test_a_handshake_that_is_too_large_is_answered(room: Room, large: Any) -> None:
    assert refused(room, **large).status_code == 404
