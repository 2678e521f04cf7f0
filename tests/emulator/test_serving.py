"""The emulator behind a real port, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ALICE = {"Authorization": "Bearer alice"}
ROOM = {"extension_number": "9001", "mode": "AUDIO", "subject": "Standup", "capacity": 3}


@dataclass
class Served:
    """A running server and what it printed."""

    process: subprocess.Popen[str]
    printed: list[str]

    @property
    def url(self) -> str:
        """Where it listens."""
        found = re.search(r"http://127\.0\.0\.1:\d+", "".join(self.printed))
        assert found is not None
        return found[0]


@contextlib.contextmanager
def serving(*words: str) -> Iterator[Served]:
    """A server on a free port, stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "greenroom.emulator", "serve", *words, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    printed: list[str] = []
    try:
        for line in process.stdout:
            printed.append(line)
            if line.startswith("  curl"):
                break
        yield Served(process, printed)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_serve_prints_base_url_control_plane_and_a_curl_that_works() -> None:
    with serving("portsip") as served:
        text = "".join(served.printed)
        assert f"PortSIP PBX conference API: {served.url}/portsip\n" in text
        assert f"{served.url}/_greenroom/ui" in text
        curl = served.printed[-1].strip().replace("curl -s", "curl -s -o /dev/null -w %{http_code}")
        answer = subprocess.run(curl, shell=True, capture_output=True, text=True, check=True)
        assert answer.stdout == "200"


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_when_told_to(order: signal.Signals) -> None:
    with serving("portsip") as served:
        served.process.send_signal(order)
        rest, _ = served.process.communicate(timeout=10)
        assert "Traceback" not in rest
        assert served.process.returncode == 0


def test_a_taken_port_is_one_sentence_and_exit_code_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = subprocess.run(
            [sys.executable, "-m", "greenroom.emulator", "serve", "portsip", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr == (
        f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use. "
        "Choose another with --port; 0 is any free one.\n"
    )


def test_a_restart_with_a_data_folder_changes_nothing(tmp_path: Path) -> None:
    folder = ("--data", str(tmp_path / "data"), "--frozen", "--at", "2026-01-05T09:00:00Z")
    with serving("portsip", *folder) as served:
        made = httpx.post(f"{served.url}/portsip/api/conference_rooms", json=ROOM, headers=ALICE)
        order = {"by": "PT1H"}
        httpx.post(f"{served.url}/_greenroom/clock/advance", json=order)
        httpx.post(f"{served.url}/~other/portsip/api/conference_rooms", json=ROOM, headers=ALICE)
        path = f"/portsip/api/conference_rooms/{made.json()['id']}"
        before = [
            httpx.get(served.url + path, headers=ALICE).json(),
            httpx.get(f"{served.url}/_greenroom/clock").json(),
            httpx.get(f"{served.url}/~other/portsip/api/conference_rooms", headers=ALICE).json(),
        ]
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(timeout=10)
    with serving("portsip", *folder) as served:
        after = [
            httpx.get(served.url + path, headers=ALICE).json(),
            httpx.get(f"{served.url}/_greenroom/clock").json(),
            httpx.get(f"{served.url}/~other/portsip/api/conference_rooms", headers=ALICE).json(),
        ]
    assert after == before
    assert after[1] == {"now": "2026-01-05T10:00:00Z", "frozen": True}


def test_a_killed_server_has_kept_every_acknowledged_write(tmp_path: Path) -> None:
    folder = ("--data", str(tmp_path / "data"))
    rooms = "/portsip/api/conference_rooms"
    made = []
    with serving("portsip", *folder) as served, httpx.Client(headers=ALICE) as client:
        for number in range(50):
            body = ROOM | {"extension_number": f"91{number:02d}"}
            made.append(client.post(served.url + rooms, json=body).json()["id"])
        served.process.kill()
        served.process.wait()
    with serving("portsip", *folder) as served:
        page = httpx.get(served.url + rooms, headers=ALICE).json()
    assert [item["id"] for item in page["items"]][-50:] == made


def test_a_folder_in_use_is_refused_to_a_second_server(tmp_path: Path) -> None:
    folder = ("--data", str(tmp_path / "data"))
    with serving("portsip", *folder):
        answer = subprocess.run(
            [sys.executable, "-m", "greenroom.emulator", "serve", "portsip", *folder],
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 2
    assert "is in use by another process" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_provider_may_be_served_without_its_prefix() -> None:
    with serving("portsip", "--root") as served:
        answers = [
            httpx.get(f"{served.url}{prefix}/api/conference_rooms?top=1", headers=ALICE).json()
            for prefix in ("", "/portsip", "/~main", "/~main/portsip")
        ]
        assert answers[1:] == answers[:1] * 3
        assert httpx.get(f"{served.url}/_greenroom/health").json()["status"] == "ok"


def test_the_control_plane_wants_the_token_it_was_started_with() -> None:
    with serving("portsip", "--control-token", "secret") as served:
        health = f"{served.url}/_greenroom/health"
        refused = httpx.get(health)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.json() == {
            "type": "about:blank",
            "title": "Unauthorized",
            "status": 401,
            "detail": "The control plane wants the token that the server was started with.",
        }
        assert httpx.get(health, headers={"Authorization": "Bearer secret"}).status_code == 200
        assert httpx.get(f"{served.url}/portsip/api/conference_rooms", headers=ALICE).is_success


def test_options_set_on_the_command_line_are_in_force() -> None:
    with serving("portsip", "--option", "portsip.enforce_roles=true") as served:
        answer = httpx.get(f"{served.url}/portsip/api/conference_servers", headers=ALICE)
        assert answer.status_code == 403


def test_a_chunked_body_is_taken_and_a_large_one_refused_before_it_is_read() -> None:
    with serving("portsip", "--max-body", "1000") as served:
        url = f"{served.url}/portsip/api/conference_rooms"
        headers = {**ALICE, "Content-Type": "application/json"}
        body = b'{"extension_number":"9002","mode":"AUDIO","subject":"S","capacity":3}'
        taken = httpx.post(url, content=iter([body[:20], body[20:]]), headers=headers)
        assert taken.status_code == 201
        large = httpx.post(url, content=iter([b"[" * 600, b"[" * 600]), headers=headers)
        declared = httpx.post(url, content=b" " * 100_000, headers=headers)
        assert (large.status_code, declared.status_code) == (413, 413)
        assert large.json()["errors"][0]["code"] == "PAYLOAD_TOO_LARGE"


def test_a_message_that_is_larger_than_it_may_be_ends_the_connection() -> None:
    with serving("kazoo", "--max-message", "1000") as served:
        address = served.url.replace("http", "ws", 1) + "/kazoo/websocket"
        with connect(address, open_timeout=5) as socket:
            socket.send(f'{{"action": "ping", "auth_token": "alice", "pad": "{"x" * 900}"}}')
            assert json.loads(socket.recv(timeout=5))["status"] == "success"
            socket.send(f'{{"action": "ping", "pad": "{"x" * 1000}"}}')
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


def test_an_address_that_is_too_long_is_refused_in_the_providers_dress() -> None:
    with serving("portsip") as served:
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"GET /portsip/api/" + b"x" * 100_000 + b" HTTP/1.1\r\n")
            connection.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 414 ")
    assert b'{"errors":[' in answer


def test_head_and_body_of_an_answer_come_in_one_piece() -> None:
    with serving("portsip") as served:
        host, _, port = served.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET /_greenroom/clock HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert body.startswith(b'{"now":')
        assert body.endswith(b'"frozen":false}')
