"""The connection a delivery is made over: where it goes, and when it ends."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.emulator.events.webhooks.conftest import WEBHOOKS, Office, Receiver

Offices = Callable[..., Office]
Receivers = Callable[..., Receiver]

DELIVER = """
import asyncio, sys
from greenroom.emulator.events.carrying import Carrier
from greenroom.emulator.events.reach import Reach

async def look_up(*_):
    return ("127.0.0.1",)

carrier = Carrier(Reach(look_up=look_up))
outcome = asyncio.run(carrier.carry(sys.argv[1], {}, b"{}", 10))
print(outcome.status, outcome.error)
"""


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A port of loopback where somebody takes calls and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield server


def url(server: socket.socket, scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{server.getsockname()[1]}/hook"


def hung_up(server: socket.socket, meanwhile: Callable[[], object]) -> bool:
    """Whether somebody calls, and hangs up when this happens."""
    call, _ = server.accept()
    with call:
        call.settimeout(20)
        assert call.recv(1)
        meanwhile()
        with suppress(ConnectionResetError):
            while call.recv(65536):
                pass
    return True


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_reset_hangs_up(scheme: str, office: Offices, silent: socket.socket) -> None:
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    post.tell(url(silent, scheme))
    assert hung_up(silent, lambda: post.order("POST", "/reset"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whoever_is_silent_too_long_is_hung_up_on(
    scheme: str, office: Offices, silent: socket.socket
) -> None:
    post = office(webhooks=replace(WEBHOOKS, timeout=0.2))
    post.tell(url(silent, scheme))
    assert hung_up(silent, lambda: None)
    [sent] = post.outbox()
    assert sent["attempts"][0]["error"] == "There was no answer within 0.2 s."


def test_an_emulator_that_is_closed_hangs_up(office: Offices, silent: socket.socket) -> None:
    post = office(webhooks=replace(WEBHOOKS, timeout=60.0))
    post.tell(url(silent))
    assert hung_up(silent, post.emulator.close)


def test_it_goes_to_the_port_that_is_named(office: Offices) -> None:
    post = office()
    post.tell("http://127.0.0.1:0/hook")
    [sent] = post.outbox()
    assert sent["attempts"][0]["error"].startswith("Nobody answers at 127.0.0.1 port 0: ")


def test_no_proxy_of_the_environment_is_asked(
    office: Offices, receiver: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    endpoint, post = receiver(), office()
    post.tell(endpoint.url())
    assert post.statuses == ["delivered"]


def test_what_one_answer_sets_the_next_delivery_does_not_send(
    office: Offices, receiver: Receivers
) -> None:
    endpoint, post = receiver(lambda _: b"HTTP/1.1 204 X\r\nSet-Cookie: a=b\r\n\r\n"), office()
    post.tell(endpoint.url(), events=2)
    assert post.statuses == ["delivered", "delivered"]
    assert not [got for got in endpoint.got if "cookie" in got.headers]


def self_signed(name: str, folder: Path) -> Path:
    """A certificate for that name, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 1, 1, tzinfo=UTC))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return file


@pytest.mark.parametrize(
    ("host", "outcome"),
    [("hooks.test", "204"), ("others.test", "None Nobody answers at 127.0.0.1 port ")],
)
def test_https_checks_the_name_and_not_the_address(
    host: str, outcome: str, silent: socket.socket, tmp_path: Path
) -> None:
    certificate, asked_for = self_signed("hooks.test", tmp_path), []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _, name, __: asked_for.append(name)

    def serve() -> None:
        with suppress(OSError), context.wrap_socket(silent.accept()[0], server_side=True) as call:
            call.recv(65536)
            call.sendall(b"HTTP/1.1 204 X\r\n\r\n")
            while call.recv(65536):  # closing on what is not read yet would reset the connection
                pass

    serving = Thread(target=serve)
    serving.start()
    done = subprocess.run(
        [sys.executable, "-c", DELIVER, url(silent, "https", host)],
        env={**os.environ, "SSL_CERT_FILE": str(certificate)},
        capture_output=True,
        text=True,
    )
    serving.join()
    assert done.stdout.startswith(outcome), done.stderr
    assert asked_for == [host]
