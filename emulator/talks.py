"""What a provider makes of a socket: its handshake, each message, and the end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.refusals import as_api_error, explain
from greenroom.emulator.events.connections import FAILED, REFUSED, RESTARTED, Connection
from greenroom.emulator.frames import CLOSE, SEND
from greenroom.emulator.journal import Entry, Side
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import (
    Accepted,
    ApiError,
    Call,
    Json,
    Key,
    Request,
    SocketRoute,
    Told,
)
from greenroom.emulator.toolkit.wire import unasked
from greenroom.emulator.world import World
from greenroom.state import Collection, wall

COLLECTION = "sockets"

logger = logging.getLogger("greenroom.sockets")
T = TypeVar("T")


@dataclass(slots=True)
class Talk:
    """What goes on over one socket of a world; `request` is the one that asked for it."""

    world: World
    mount: Mount
    route: SocketRoute
    request: Request
    id: str = ""

    def open(self, entry: Entry) -> Accepted:
        """Ask the provider, and keep the socket that it grants; a refusal is raised."""
        call = self._call(self.request)

        def connect() -> Accepted:
            accepted = self.route.connect(call)
            self.id = f"s{self.world.store.ids.count(COLLECTION)}"
            self._records.add({"id": self.id, "path": self.route.path, **accepted.session})
            return accepted

        return self._run(entry, call, connect)

    def hear(self, connection: Connection, data: str | bytes) -> None:
        """Let the provider deal with one message.

        What it did is an exchange of its own in the journal, if it did anything.
        """
        entry, call = self._begin(SEND, side_of(data))
        try:
            self._run(entry, call, lambda: self.route.receive(call, self._record, data))
        except Exception as error:
            self._refuse(connection, entry, call.request, error)
        if entry.why or entry.events or entry.after is not entry.before:
            self._keep(entry)

    def end(self, code: int) -> None:
        """Let the provider know that the client is gone, and forget the socket."""
        if self.id not in self._records:
            return
        entry, call = self._begin(CLOSE, Side())
        entry.status = code

        def disconnect() -> None:
            self.route.disconnect(call, self._record, code)
            if self.id in self._records:
                self._records.remove(self.id)

        try:
            self._run(entry, call, disconnect)
        except Exception as error:
            logger.error("The end of %s failed: %r", self.route.path, error, exc_info=error)
            self._records.remove(self.id)
        self._keep(entry)

    def _refuse(
        self, connection: Connection, entry: Entry, request: Request, error: Exception
    ) -> None:
        """Let the provider say no in its own words; else end the connection."""
        refusal = as_api_error(error)
        if refusal.status >= 500 and not isinstance(error, ApiError):
            logger.error("A message to %s failed: %r", self.route.path, error, exc_info=error)
            connection.hang_up(FAILED, "something went wrong here")
            return
        refuse = self.route.refuse
        if refuse is None or self.id not in self._records:
            connection.hang_up(REFUSED, refusal.detail)
            return
        call = self._call(request.replaced(leaving=None))
        try:
            self._run(entry, call, lambda: refuse(call, self._record, refusal))
        except Exception as bug:
            logger.error("A refusal of %s failed: %r", self.route.path, bug, exc_info=bug)
            connection.hang_up(FAILED, "something went wrong here")

    def _begin(self, word: str, side: Side) -> tuple[Entry, Call]:
        """An entry for what comes now, and the call for it."""
        id_ = f"e{self.world.exchanges + 1}"  # counted once it is kept
        request = self.request.replaced(method=word, body=side.body, key=Key(id_), leaving=None)
        entry = Entry(
            id=id_,
            provider=self.mount.name,
            method=word,
            target=request.target,
            path=request.path,
            began=wall(),
            request=side,
            operation=self.route.path,
        )
        return entry, self._call(request)

    def _run(self, entry: Entry, call: Call, function: Callable[[], T]) -> T:
        """What the function answers; what it tells leaves once it is committed."""
        store = self.world.store
        entry.before = entry.after = store.snapshot()
        try:
            with store.transaction():
                answer = function()
        except Exception as error:
            entry.why = explain(error)
            raise
        finally:
            if not store.is_at(entry.before):
                entry.after = store.snapshot()
            if call.caller is not None:
                entry.who, entry.tenant = call.caller.who, call.caller.tenant
        left = call.request.leaving
        if left:
            entry.events = [each for each in left if isinstance(each, Told)]
            self.world.kit.leave(left)
        return answer

    def _keep(self, entry: Entry) -> None:
        """Put an exchange of a message into the journal, and tell of it."""
        self.world.next_exchange()
        keep(self.world, entry)

    def _call(self, request: Request) -> Call:
        mount = self.mount
        check = mount.serving(request.options).checker
        return Call(mount.name, self.world.store, request.options, request, check=check)

    @property
    def _record(self) -> Json:
        return self._records.get(self.id)

    @property
    def _records(self) -> Collection:
        return self.world.store.collection(self.mount.name, COLLECTION)


def side_of(data: str | bytes) -> Side:
    """A message as one side of an exchange; what looks like JSON is labelled so."""
    if isinstance(data, bytes):
        return Side([(b"content-type", b"application/octet-stream")], data)
    label = b"application/json" if data.lstrip()[:1] in ("{", "[") else b"text/plain"
    return Side([(b"content-type", label)], data.encode())


def keep(world: World, entry: Entry) -> None:
    """Put a finished exchange into the journal, and tell whoever listens."""
    kit = kit_of(world)
    entry.ended = wall()
    entry.moment = world.moment(entry.after)
    kit.journal.add(entry)
    kit.feed.add("exchange", entry.told, entry.size)


def leave_nobody_behind(world: World, mounts: Mapping[str, Mount]) -> None:
    """End the sockets that a world's state knows and that nobody is connected to any more.

    There are such once it was taken elsewhere, or opened again.
    """
    sockets = kit_of(world).sockets
    if sockets.journeys == world.journeys:
        return
    sockets.journeys = world.journeys
    for mount in mounts.values():
        routes = {route.path: route for route in mount.provider.sockets}
        if not routes:
            continue
        for record in world.store.collection(mount.name, COLLECTION).find():
            route = routes.get(record.get("path", ""))
            if route is not None and record["id"] not in sockets:
                Talk(world, mount, route, _nobodys(world, mount), record["id"]).end(RESTARTED)


def _nobodys(world: World, mount: Mount) -> Request:
    """The request of a client that is long gone."""
    options = world.options.get(mount.name, {})
    return unasked(world.origin + mount.base_path, world.store.clock.now, options)
