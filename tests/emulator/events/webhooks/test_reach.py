"""How far deliveries may go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from greenroom.emulator.events.reach import CapturedError, Reach
from greenroom.emulator.toolkit import GreenroomError
from tests.emulator.events.webhooks.conftest import Office, Receiver

Offices = Callable[..., Office]
Receivers = Callable[..., Receiver]

NAMES = {
    "inside.test": ("127.0.0.1", "::1"),
    "both.test": ("127.0.0.1", "192.0.2.1"),
    "outside.test": ("192.0.2.1", "2001:db8::1"),
}


async def look_up(host: str, _: int) -> tuple[str, ...]:
    """A name server of the test's own."""
    if host not in NAMES:
        raise OSError(f"{host} is not known")
    return NAMES[host]


def addresses(url: str, *allowed: str) -> tuple[str, ...]:
    found = asyncio.run(Reach(allowed=allowed, look_up=look_up).find(url))
    return found.addresses


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://127.0.0.1:8080/hook", ("127.0.0.1",)),
        ("https://127.200.0.9/", ("127.200.0.9",)),
        ("http://[::1]:80", ("::1",)),
        ("http://[::ffff:127.0.0.1]/", ("::ffff:7f00:1",)),
        ("http://localhost/", ("127.0.0.1", "::1")),
        ("http://HOOKS.LocalHost.:1/", ("127.0.0.1", "::1")),
        ("http://inside.test/", ("127.0.0.1", "::1")),
    ],
)
def test_this_machine_is_delivered_to(url: str, found: tuple[str, ...]) -> None:
    assert addresses(url) == found


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "http://[2001:db8::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1%25lo]/",
        "http://outside.test/",
        "http://both.test/",
        "http://unknown.test/",
        "http://127.0.0.1.outside.test/",
        "http://me:secret@127.0.0.1/",
        "http://127.0.0.1\\@outside.test/",
        "http://@127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "http://",
        "http:///hook",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "http://a..b/",
        "nonsense",
        "",
    ],
)
def test_anything_else_is_captured(url: str) -> None:
    with pytest.raises(CapturedError):
        addresses(url)


def test_a_host_can_be_allowed_by_its_name_and_only_by_that() -> None:
    assert addresses("http://outside.test/", "Outside.test") == NAMES["outside.test"]
    assert addresses("http://192.0.2.1/", "192.0.2.1") == ("192.0.2.1",)
    assert addresses("http://[2001:db8::1]/", "[2001:db8::1]") == ("2001:db8::1",)
    with pytest.raises(CapturedError, match="--webhooks-allow 192"):
        addresses("http://192.0.2.1/", "outside.test")
    with pytest.raises(CapturedError):
        addresses("http://sub.outside.test/", "outside.test")


def test_an_allowed_host_that_is_not_known_may_be_known_later() -> None:
    with pytest.raises(OSError, match="not known"):
        addresses("http://unknown.test/", "unknown.test")


@pytest.mark.parametrize("host", ["", "http://a.test", "a.test:80", "me@a.test", "*", "a..b", "a/"])
def test_what_is_no_host_is_not_allowed(host: str, office: Offices) -> None:
    with pytest.raises(GreenroomError, match="is no host"):
        office(webhooks_allow=[host])


@pytest.mark.parametrize(
    ("url", "named", "target"),
    [
        ("http://127.0.0.1:80", "127.0.0.1", "/"),
        ("http://127.0.0.1:8080/a b/ä?q=ü#part", "127.0.0.1:8080", "/a%20b/%C3%A4?q=%C3%BC"),
        ("https://[::1]:8443/%2Fa?b=%20", "[::1]:8443", "/%2Fa?b=%20"),
        ("http://127.0.0.1/x\r\nHost: evil", "127.0.0.1", "/xHost:%20evil"),
    ],
)
def test_the_request_names_what_was_asked_for(url: str, named: str, target: str) -> None:
    found = asyncio.run(Reach().find(url))
    assert (found.named, found.target) == (named, target)


def test_nothing_leaves_for_elsewhere(office: Offices) -> None:
    post = office()
    post.tell("http://192.0.2.1/hook")
    [sent] = post.outbox()
    assert (sent["status"], sent["attempts"]) == ("captured", [])
    assert sent["why"] == (
        "192.0.2.1 is not on this machine; --webhooks-allow 192.0.2.1 lets deliveries go there."
    )
    assert sent["headers"]["X-Attempt"] == "1"


def test_everything_can_be_captured(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office(sending="capture")
    post.tell(endpoint.url())
    [sent] = post.outbox()
    assert sent["why"] == "Everything is captured: that is how the server was started."
    assert (sent["status"], endpoint.got) == ("captured", [])


def test_names_of_this_machine_are_looked_up(office: Offices, receiver: Receivers) -> None:
    endpoint, post = receiver(), office()
    post.tell(f"http://hooks.localhost:{endpoint.port}/", f"http://127.1:{endpoint.port}/")
    assert post.statuses == ["delivered", "delivered"]
    assert [got.headers["host"] for got in endpoint.got] == [
        f"hooks.localhost:{endpoint.port}",
        f"127.1:{endpoint.port}",
    ]
