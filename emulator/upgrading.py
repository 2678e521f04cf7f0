"""HTTP that becomes a WebSocket: the handshake, what is carried, and the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from starlette.types import Message, Receive, Scope, Send

from greenroom.emulator.addresses import Address
from greenroom.emulator.answers import Answer, BrokenOffError
from greenroom.emulator.engine.exchange import Exchange, Mount, not_found
from greenroom.emulator.engine.refusals import as_api_error, explain
from greenroom.emulator.engine.replies import encoded_headers, payload, send_reply
from greenroom.emulator.events.connections import BROKEN, ORDERED, REFUSED, Connection
from greenroom.emulator.events.conversing import converse
from greenroom.emulator.events.sockets import Sent
from greenroom.emulator.frames import IN, Said
from greenroom.emulator.interference import fate_of
from greenroom.emulator.journal import Entry, Side
from greenroom.emulator.kit import kit_of
from greenroom.emulator.meddling import meddle
from greenroom.emulator.talks import Talk, keep
from greenroom.emulator.toolkit import Accepted, ApiError, Key, Reply, Request, SocketRoute
from greenroom.emulator.toolkit.writing import instant_text
from greenroom.emulator.transport import transport_of
from greenroom.emulator.world import World
from greenroom.state import wall

SWITCHING = 101
SEVER = "sever"  # the name of a server's way to end a connection that takes nothing any more
Settle = Callable[[World], None]

logger = logging.getLogger("greenroom.sockets")


class Denial:
    """Sends an answer of HTTP where a WebSocket was asked for."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._can_speak = "websocket.http.response" in scope.get("extensions", {})
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Pass one message on; a server that can only close does that."""
        if self._can_speak:
            await self._send({**message, "type": f"websocket.{message['type']}"})
        elif message["type"] == "http.response.start":
            await self._send({"type": "websocket.close", "code": REFUSED})


def as_of_http(receive: Receive) -> Receive:
    """What a socket receives before it is one, in the words of HTTP."""

    async def received() -> Message:
        message = await receive()
        kind = message["type"]
        return {"type": "http.disconnect"} if kind == "websocket.disconnect" else message

    return received


class Upgrade:
    """One request to become a WebSocket of a provider, in a world."""

    def __init__(self, world: World, mount: Mount, address: Address, scope: Scope) -> None:
        self._world = world
        self._mount = mount
        self._scope = scope
        self._key = key = world.next_exchange()
        self._request = Request(
            method="GET",
            path=f"/{address.rest}",
            query=address.query,
            raw_headers=scope["headers"],
            body=b"",
            base=address.base,
            target=address.target,
            key=Key(key),
            clock=world.store.clock.now,
            options=world.options.get(mount.name, {}),
        )
        self._entry = Entry(
            id=self._key,
            provider=mount.name,
            method="GET",
            target=address.target,
            path=self._request.path,
            began=wall(),
            request=Side(scope["headers"]),
        )
        self._entry.before = self._entry.after = world.store.snapshot()
        self._carried = {
            "X-Greenroom-Exchange": self._key,
            "X-Greenroom-World": world.name,
        }

    async def answer(self, receive: Receive, send: Send, settle: Settle) -> None:
        """Grant or refuse it as the provider does, and carry what is said to the end."""
        await receive()  # the wish itself
        try:
            await self._meddle(receive, send)
            talk = Talk(self._world, self._mount, self._route(), self._read())
            self._entry.operation = talk.route.path
            accepted = talk.open(self._entry)
        except BrokenOffError:
            return
        except Exception as error:
            await send_reply(self._refusal(error), Denial(self._scope, send), self._mount)
            return
        await self._carry(talk, accepted, receive, send, settle)

    async def _meddle(self, receive: Receive, send: Send) -> None:
        """Let the faults that the handshake meets have their effects, as with any request."""
        world, faults = self._world, kit_of(self._world).faults
        if not faults:
            return
        answer = Answer(Denial(self._scope, send), self._key, world.name, None, "GET")
        answer.entry, answer.receive = self._entry, as_of_http(receive)
        answer.transport = transport_of(self._scope, answer.receive, send)
        exchange = Exchange(
            store=world.store,
            options=world.options,
            origin=world.origin,
            base=self._request.base,
            name=self._mount.name,
            path=self._request.path,
            query=self._request.query,
            target=self._request.target,
            id=self._key,
            world=world,
            mount=self._mount,
            request=self._request,
        )
        try:
            await meddle(exchange, faults, answer, world.seed)
        except BrokenOffError:
            self._entry.why = ORDERED
            keep(world, self._entry)
            await answer.end()
            raise

    async def _carry(
        self, talk: Talk, accepted: Accepted, receive: Receive, send: Send, settle: Settle
    ) -> None:
        world, sockets = self._world, kit_of(self._world).sockets
        connection = Connection(
            talk.id,
            talk.mount.name,
            talk.route.path,
            limit=talk.route.limit,
            idle=talk.route.idle,
            since=instant_text(world.store.clock.now()),
            exchange=self._entry.id,
            sever=getattr(getattr(send, "__self__", None), SEVER, None),
            interfere=partial(fate_of, world),
        )
        sockets.add(connection)
        self._entry.frames = connection.frames

        async def hear(data: str | bytes) -> None:
            said = self._note(connection, data)
            times, held, end = connection.fate(said)
            if held is not None:
                await held()
            for _ in range(times):
                if sockets.holds(connection):
                    settle(world)
                    talk.hear(connection, data)
            if end is not None:
                connection.end(end)

        code = BROKEN
        try:
            await send(self._acceptance(accepted))
            code = await converse(connection, receive, send, hear)
        except OSError:
            pass  # the client did not wait for the answer
        finally:
            if sockets.remove(connection):
                kit_of(world).journal.weigh_anew(self._entry)
                talk.end(code)

    def _note(self, connection: Connection, data: str | bytes) -> Said:
        """Let whoever looks or listens see what came in."""
        said = Said(wall(), IN, data)
        connection.frames.add(said)
        came = Sent(connection.provider, said, [connection.id])
        kit_of(self._world).feed.add("frame", came.shown, said.size)
        return said

    def _route(self) -> SocketRoute:
        for route in self._mount.provider.sockets:
            if route.path == self._request.path:
                return route
        raise not_found(self._request)

    def _read(self) -> Request:
        read = self._mount.provider.wire.read_request
        if read is not None:
            self._request = read(self._request)
        return self._request

    def _acceptance(self, accepted: Accepted) -> Message:
        """The answer that grants it, which is kept."""
        headers = encoded_headers(self._carried)
        self._keep(SWITCHING, Side(headers))
        return {
            "type": "websocket.accept",
            "subprotocol": accepted.subprotocol,
            "headers": headers,
        }

    def _refusal(self, error: Exception) -> Reply:
        """The answer that refuses it in the provider's dress, which is kept."""
        refusal = as_api_error(error)
        if refusal.status >= 500 and not isinstance(error, ApiError):
            logger.error("%s failed: %r", self._request.path, error, exc_info=error)
        reply = self._mount.write_error(refusal, self._request)
        reply.headers = {**reply.headers, **self._carried}
        self._entry.why = explain(error)
        status = reply.status or refusal.status
        self._keep(status, Side(encoded_headers(reply.headers), payload(reply, self._mount)))
        return reply

    def _keep(self, status: int, answer: Side) -> None:
        self._entry.status, self._entry.answer = status, answer
        keep(self._world, self._entry)
