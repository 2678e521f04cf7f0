"""What a request's address says: the world, the provider, and how links begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Scope

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.worlds import MAIN

CONSOLE = ("", "/")


@dataclass(slots=True)
class Address:
    """One request's address, taken apart; everything is as sent, still percent-encoded.

    `mount` is the first part of the path below the world, or the provider that the host or the
    root stands for, and `rest` what follows it. `origin` is how links of this world begin, `base`
    how those of the provider do.
    """

    raw: str
    query: str
    host: str
    world: str
    path: str
    mount: str
    rest: str
    origin: str
    base: str

    @property
    def target(self) -> str:
        """The request target."""
        return f"{self.raw}?{self.query}" if self.query else self.raw


class Addresses:
    """Reads addresses, for these mounts."""

    def __init__(self, mounts: Mapping[str, Mount], *, control: str, root: str | None) -> None:
        self._mounts = mounts
        self._control = control
        self._root = root

    def read(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Address:
        """The address of a request with these headers."""
        raw = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        origin = f"{scope['scheme']}://{host or '127.0.0.1'}"
        path, world = raw, headers.get(b"x-greenroom-world", b"").decode("latin-1") or MAIN
        if raw.startswith("/~"):
            world, slash, rest = raw[2:].partition("/")
            path = f"/{rest}" if slash else ""
            origin += f"/~{world}"
        first, _, rest = path[1:].partition("/")
        prefix = self._prefix(host, first, path)
        return Address(
            raw=raw,
            query=scope["query_string"].decode("latin-1"),
            host=host,
            world=world,
            path=path,
            mount=prefix or first,
            rest=path[1:] if prefix else rest,
            origin=origin,
            base=origin if prefix else f"{origin}/{first}",
        )

    def _prefix(self, host: str, first: str, path: str) -> str:
        """The provider that this host, or the root, stands for; empty when the path names it."""
        name, dot, rest = host.partition(".")
        if dot and rest.partition(":")[0] == "localhost" and name in self._mounts:
            return name if first != self._control else ""
        if self._root is None or first in self._mounts:
            return ""
        console_here = path in CONSOLE and "/" not in self._mounts[self._root].spec["paths"]
        return "" if console_here else self._root
