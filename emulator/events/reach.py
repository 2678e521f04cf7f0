"""How far deliveries may go: to this machine, and to hosts that were allowed by name."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Thread
from urllib.parse import SplitResult, quote, urlsplit

from greenroom.emulator.toolkit import GreenroomError

LOCAL = ("127.0.0.1", "::1")
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_PLAIN = "!$&'()*+,;=:@/?%-._~"  # stands for itself in a path or query


class CapturedError(Exception):
    """A delivery is kept here and goes nowhere; the text says why."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a delivery goes: the name as it was given, and the addresses that were checked."""

    scheme: str
    host: str
    port: int
    target: str
    addresses: tuple[str, ...]

    @property
    def named(self) -> str:
        """Host and port as a request names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Reach:
    """Decides whether a delivery may leave, and for which addresses."""

    def __init__(
        self,
        *,
        capture: bool = False,
        allowed: Iterable[str] = (),
        look_up: Callable[[str, int], Awaitable[tuple[str, ...]]] | None = None,
    ) -> None:
        self._capture = capture
        self._look_up = look_up or _look_up
        self._allowed = frozenset(map(_host, allowed))

    async def find(self, url: str) -> Endpoint:
        """The endpoint at that address; a `CapturedError` when nothing may be sent there.

        A name is looked up once, and what is connected to is what was looked at. A host that was
        allowed and is not known raises OSError.
        """
        if self._capture:
            raise CapturedError("Everything is captured: that is how the server was started.")
        parts, host, port = _parsed(url)
        allowed = host in self._allowed
        try:
            addresses = await self._addresses(host, port)
        except (OSError, UnicodeError):
            if allowed:
                raise
            raise CapturedError(f"{host} is not known here, so nothing is sent there.") from None
        if not allowed and not all(map(_is_loopback, addresses)):
            raise CapturedError(
                f"{host} is not on this machine; --webhooks-allow {host} lets deliveries go there."
            )
        target = quote(parts.path or "/", safe=_PLAIN)
        if parts.query:
            target += f"?{quote(parts.query, safe=_PLAIN)}"
        return Endpoint(parts.scheme, host, port, target, addresses)

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        if host == "localhost" or host.endswith(".localhost"):
            return LOCAL
        try:
            return (str(ip_address(host)),)
        except ValueError:
            return await self._look_up(host, port)


def _host(text: str) -> str:
    """A host as it is allowed: a name or an address, and nothing else."""
    host = text.strip("[]").rstrip(".").lower()
    try:
        if _HOST.fullmatch(host) or ip_address(host):
            return host
    except ValueError:
        pass
    raise GreenroomError(f"{text!r} is no host; allow a name such as hooks.example.org.")


def _parsed(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
        port = parts.port if parts.port is not None else _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise CapturedError("That is no address to deliver to.") from None
    if parts.scheme not in _PORTS:
        raise CapturedError("Only http and https addresses are delivered to.")
    if "@" in parts.netloc:
        raise CapturedError("The address holds a user name, and none is sent along.")
    if not host:
        raise CapturedError("The address names no host.")
    return parts, host, port


async def _look_up(host: str, port: int) -> tuple[str, ...]:
    """The addresses a name stands for; those of version 4 first, which more receivers have."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()
    # a thread of its own: a name server that hangs must not keep anybody else, nor the exit
    Thread(target=_resolve, args=(host, port, loop, found), daemon=True).start()
    addresses = dict.fromkeys(await found)
    return tuple(sorted(addresses, key=lambda each: ":" in each))


def _resolve(
    host: str, port: int, loop: asyncio.AbstractEventLoop, found: asyncio.Future[list[str]]
) -> None:
    addresses: list[str] = []
    error: OSError | None = None
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(answer[4][0]) for answer in answers]
    except (OSError, UnicodeError) as reason:
        error = OSError(f"{host} is not known: {reason}")

    def tell() -> None:
        if found.done():
            return
        if error is not None:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    if not loop.is_closed():
        loop.call_soon_threadsafe(tell)


def _is_loopback(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_loopback
