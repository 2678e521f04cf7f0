"""What happens and who is told: by webhook, or over a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from greenroom.emulator.toolkit.wire import Json

if TYPE_CHECKING:
    from greenroom.emulator.toolkit.call import Call
    from greenroom.emulator.toolkit.errors import ApiError


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one subscriber's endpoint.

    `subject` is the provider's own key of the subscription, for when it is asked about it.
    """

    url: str
    body: Json
    subject: str = ""


class Frame(NamedTuple):
    """One message to one connected socket: JSON, text or bytes."""

    socket: str
    body: Json | str | bytes


class HangUp(NamedTuple):
    """The end of one connected socket, once it has what was sent to it before."""

    socket: str
    code: int = 1000
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in the API's own words, and who is told.

    `data` is what happened, as the journal and whoever listens see it.
    """

    name: str
    data: Json
    deliveries: tuple[Delivery, ...] = ()
    frames: tuple[Frame, ...] = ()


class Told(NamedTuple):
    """An event on its way out, with whose it is."""

    provider: str
    tenant: str
    event: Event

    def shown(self) -> Json:
        """The event as the control plane shows it."""
        return {
            "provider": self.provider,
            "tenant": self.tenant,
            "name": self.event.name,
            "data": self.event.data,
            "deliveries": len(self.event.deliveries),
            "frames": len(self.event.frames),
        }


Leaving: TypeAlias = Told | Frame | HangUp


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How a provider's deliveries are dressed, and what an endpoint's answers mean to it.

    Each function is given the delivery as the outbox keeps it. `headers` are those of one
    attempt; `wanted` says before each whether the subscriber is still there; `gone` is told
    when the endpoint answers 410. An endpoint has `timeout` seconds to answer, of the time
    outside; `waits` are the seconds of the world's time between attempts.
    """

    headers: Callable[[Call, Json], Mapping[str, str]]
    wanted: Callable[[Call, Json], bool]
    gone: Callable[[Call, Json], None] | None = None
    timeout: float = 5.0
    waits: tuple[float, ...] = (1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A handshake that is granted: the subprotocol, and what is kept of the connection."""

    subprotocol: str | None = None
    session: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """A path that takes WebSockets, and what becomes of them.

    `connect` sees the request to upgrade and refuses it by raising. A connected socket is a
    record of the provider's collection `sockets`, of no tenant: its id, this path, and the
    session that `connect` answered. `receive` is called with it for every message, `disconnect`
    when it is gone for whatever reason, with the close code, after which the record is removed;
    each in a transaction of its own. A refusal that `receive` raises is told by `refuse`, in
    the next transaction; without one it closes the socket with 1008. `limit` is the most bytes
    of a message, for 0 as many as the server takes, `idle` the seconds of silence after which a
    socket is closed, none for 0.
    """

    path: str
    connect: Callable[[Call], Accepted]
    receive: Callable[[Call, Json, str | bytes], None]
    disconnect: Callable[[Call, Json, int], None]
    refuse: Callable[[Call, Json, ApiError], None] | None = None
    limit: int = 0
    idle: float = 0
