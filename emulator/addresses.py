"""What a request's address says: the world, the provider, and how links begin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address

from starlette.types import Scope

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.worlds import MAIN

CONSOLE = ("", "/")
RECENT, LONGEST = 1_000, 300  # how many addresses are remembered, and how long they may be
_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Address:
    """One request's address, taken apart; everything is as sent, still percent-encoded.

    `target` is the whole of it. `mount` is the first part of the path below the world, or the
    provider that the host or the root stands for, `rest` what follows it and `below` the same
    with a slash in front. `origin` is how links of this world begin, `base` how those of the
    provider do.
    """

    raw: str
    query: str
    target: str
    host: str
    world: str
    path: str
    mount: str
    rest: str
    below: str
    origin: str
    base: str


class Addresses:
    """Reads addresses, for these mounts."""

    def __init__(self, mounts: Mapping[str, Mount], *, control: str, root: str | None) -> None:
        self._mounts = mounts
        self._control = control
        self._root = root
        self._recent = lru_cache(maxsize=RECENT)(self._read)

    def read(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Address:
        """The address of a request with these headers; the same one for the same request."""
        path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
        host, world = headers.get(b"host", b""), headers.get(b"x-greenroom-world", b"")
        short = len(path) + len(query) + len(host) + len(world) <= LONGEST
        read = self._recent if short else self._read
        return read(path, query, host, world, scope["scheme"], scope.get("server"))

    def _read(
        self,
        raw_path: bytes,
        raw_query: bytes,
        raw_host: bytes,
        raw_world: bytes,
        scheme: str,
        server: tuple[str, int | None] | None,
    ) -> Address:
        raw = raw_path.partition(b"?")[0].decode("latin-1")
        query, host = raw_query.decode("latin-1"), raw_host.decode("latin-1")
        over_socket = scheme in ("ws", "wss")  # links begin as they do for its neighbours
        origin = f"{scheme.replace('ws', 'http', 1)}://{_linked(host, server)}"
        path, world = raw, raw_world.decode("latin-1")
        named = raw.startswith("/~") or world != ""
        if raw.startswith("/~"):
            world, slash, rest = raw[2:].partition("/")
            path = f"/{rest}" if slash else ""
        if named:  # by a header, too: who follows a link need not send it
            origin += f"/~{world}"
        first, _, rest = path[1:].partition("/")
        prefix = self._prefix(host, first, not over_socket and path in CONSOLE)
        rest = path[1:] if prefix else rest
        return Address(
            raw=raw,
            query=query,
            target=f"{raw}?{query}" if query else raw,
            host=host,
            world=world if named else MAIN,
            path=path,
            mount=prefix or first,
            rest=rest,
            below=f"/{rest}",
            origin=origin,
            base=origin if prefix else f"{origin}/{first}",
        )

    def _prefix(self, host: str, first: str, is_entrance: bool) -> str:
        """The provider that this host, or the root, stands for; empty when the path names it."""
        name, dot, rest = host.lower().partition(".")
        if dot and rest.partition(":")[0] == "localhost" and name in self._mounts:
            return name if first != self._control else ""
        if self._root is None or first in self._mounts:
            return ""
        console_here = is_entrance and "/" not in self._mounts[self._root].spec["paths"]
        return "" if console_here else self._root


def _linked(host: str, server: tuple[str, int | None] | None) -> str:
    """The host as links have it; the server's own when the client named none that could be."""
    if _HOST.fullmatch(host) and _is_sound(host):
        return host
    name, port = server or ("127.0.0.1", None)
    name = f"[{name}]" if ":" in name else name
    return f"{name}:{port}" if port else name


def _is_sound(host: str) -> bool:
    """Whether what stands in brackets, if anything does, is an address of version 6."""
    if not host.startswith("["):
        return True
    try:
        IPv6Address(host[1 : host.index("]")])
    except ValueError:
        return False
    return True
