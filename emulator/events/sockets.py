"""The connected sockets of a world, and what is sent to each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.emulator.events.connections import Connection
from greenroom.emulator.frames import OUT, Said
from greenroom.emulator.toolkit import Frame, HangUp, Json, Leaving
from greenroom.emulator.toolkit.writing import json_bytes
from greenroom.state import wall


class Sent(NamedTuple):
    """One message that is on its way to some sockets of a provider."""

    provider: str
    said: Said
    sockets: list[str]

    def shown(self) -> Json:
        """The message as whoever listens sees it."""
        return {"provider": self.provider, "sockets": self.sockets, **self.said.shown()}


def _encoded(body: Json | str | bytes) -> str | bytes:
    """A body as it is sent: JSON as text, the rest as it is."""
    return body if isinstance(body, str | bytes) else json_bytes(body).decode()


class Sockets:
    """The connected sockets of one world, by id."""

    def __init__(self) -> None:
        self._connected: dict[str, Connection] = {}
        self.journeys = -1  # of the world, when it was last made sure that nobody is left behind

    def add(self, connection: Connection) -> None:
        """From here on it is sent what is sent to its id."""
        self._connected[connection.id] = connection

    def remove(self, connection: Connection) -> bool:
        """It is sent nothing more; answers whether it was still one of this world's."""
        if not self.holds(connection):
            return False
        del self._connected[connection.id]
        return True

    def leave(self, things: Iterable[Leaving]) -> list[Sent]:
        """Send what there is to send, in order, each body encoded once; end what is to end."""
        written: dict[int, Sent] = {}
        for thing in things:
            if isinstance(thing, HangUp):
                found = self._connected.get(thing.socket)
                if found is not None:
                    found.hang_up(thing.code, thing.reason)
                continue
            for frame in (thing,) if isinstance(thing, Frame) else thing.event.frames:
                self._send(frame, written)
        return list(written.values())

    def _send(self, frame: Frame, written: dict[int, Sent]) -> None:
        connection = self._connected.get(frame.socket)
        if connection is None:
            return
        sent = written.get(id(frame.body))
        if sent is None:
            said = Said(wall(), OUT, _encoded(frame.body))
            sent = written[id(frame.body)] = Sent(connection.provider, said, [])
        sent.sockets.append(connection.id)
        connection.frames.add(sent.said)
        connection.tell(sent.said)

    def close(self, code: int, reason: str) -> None:
        """End all of them; they are this world's no more."""
        connected, self._connected = self._connected, {}
        for connection in connected.values():
            connection.hang_up(code, reason)

    def holds(self, connection: Connection) -> bool:
        """Whether it is one of this world's."""
        return self._connected.get(connection.id) is connection

    def __contains__(self, id_: object) -> bool:
        return id_ in self._connected

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._connected.values()))

    def __len__(self) -> int:
        return len(self._connected)
