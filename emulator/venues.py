"""Where worlds can be: in an emulator of this process, or behind an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import httpx

from greenroom.emulator.app import Emulator
from greenroom.emulator.background import BackgroundServer
from greenroom.emulator.client import in_process_async_client, in_process_client

Text = Mapping[str, str]


class Venue(Protocol):
    """A place that has worlds and speaks HTTP."""

    @property
    def address(self) -> str:
        """Its address for clients in other processes."""

    @property
    def token(self) -> str:
        """What its control plane wants to be shown; empty for nothing."""

    def client(self, path: str, *, headers: Text, params: Text) -> httpx.Client:
        """A client below that path."""

    def async_client(self, path: str, *, headers: Text, params: Text) -> httpx.AsyncClient:
        """The same, to be awaited."""


class InProcess:
    """An emulator of this process, behind a port only once somebody wants its address."""

    token = ""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._server: BackgroundServer | None = None

    @property
    def address(self) -> str:
        """The address of a server that is started now, if it is not there yet."""
        if self._server is None:
            self._server = BackgroundServer(self._emulator.app, self._emulator.loop)
        return self._server.url

    def client(self, path: str, *, headers: Text, params: Text) -> httpx.Client:
        """A client without a port."""
        emulator = self._emulator
        return in_process_client(
            emulator.app, path, loop=emulator.loop, headers=headers, params=params
        )

    def async_client(self, path: str, *, headers: Text, params: Text) -> httpx.AsyncClient:
        """The same, to be awaited."""
        emulator = self._emulator
        return in_process_async_client(
            emulator.app, path, loop=emulator.loop, headers=headers, params=params
        )

    def close(self) -> None:
        """Stop the server and the emulator."""
        if self._server is not None:
            self._server.close()
        self._emulator.close()


class OverPort:
    """A server that runs already."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address.rstrip("/")
        self.token = token

    def client(self, path: str, *, headers: Text, params: Text) -> httpx.Client:
        """A client over the network."""
        return httpx.Client(base_url=self.address + path, headers=headers, params=params)

    def async_client(self, path: str, *, headers: Text, params: Text) -> httpx.AsyncClient:
        """The same, to be awaited."""
        return httpx.AsyncClient(base_url=self.address + path, headers=headers, params=params)
