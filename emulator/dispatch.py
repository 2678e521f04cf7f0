"""The thin front: which world, which host, which address, and what every answer carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.emulator.answers import Answer, BrokenOffError
from greenroom.emulator.documents import document
from greenroom.emulator.engine.exchange import KEY, Exchange, Mount
from greenroom.emulator.engine.replies import send_reply
from greenroom.emulator.guard import Guard, problem
from greenroom.emulator.journal import Entry, Side, shown
from greenroom.emulator.kit import kit_of
from greenroom.emulator.meddling import meddle
from greenroom.emulator.pages import console
from greenroom.emulator.stimuli import settle
from greenroom.emulator.toolkit import ControlError, Reply
from greenroom.emulator.transport import transport_of
from greenroom.emulator.worlds import MAIN, TooManyWorldsError, World, Worlds
from greenroom.state import wall

TICK = 0.25
_PREFLIGHT = b"access-control-request-method"
_ENTRANCE = ("", "/")
_READ = {"Allow": "GET, HEAD"}


class Dispatcher:
    """The ASGI application: takes the world off the address and sends the rest on."""

    def __init__(
        self,
        engine: ASGIApp,
        worlds: Worlds,
        mounts: Mapping[str, Mount],
        *,
        control: str,
        root: str | None = None,
        control_token: str | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._engine = engine
        self._worlds = worlds
        self._mounts = mounts
        self._control = control
        self._root = root
        self._guard = Guard(control_token)
        self._on_close = on_close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's start and stop."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        ticking: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                if ticking is not None:
                    ticking.cancel()
                if self._on_close is not None:
                    self._on_close()
                await send({"type": "lifespan.shutdown.complete"})
                return
            ticking = asyncio.create_task(self._tick())
            await send({"type": "lifespan.startup.complete"})

    async def _tick(self) -> None:
        """Let running clocks fire what is due while nobody asks for anything."""
        while True:
            await asyncio.sleep(TICK)
            for world in self._worlds:
                self._settle(world)

    def _settle(self, world: World) -> None:
        fired = settle(world, self._mounts, world.origin)
        if fired:
            told = {"now": shown(world.store.clock.now()), "fired": fired}
            kit_of(world).feed.add("clock", lambda: told)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])  # of a repeated one the last
        raw = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        target = f"{raw}?{query}" if query else raw
        host = headers.get(b"host", b"").decode("latin-1")
        origin = f"{scope['scheme']}://{host or '127.0.0.1'}"
        path, name = raw, headers.get(b"x-greenroom-world", b"").decode("latin-1") or MAIN
        if raw.startswith("/~"):
            name, slash, rest = raw[2:].partition("/")
            path = f"/{rest}" if slash else ""
            origin += f"/~{name}"
        try:
            world = self._worlds.get(name)
        except ControlError as error:
            status = 429 if isinstance(error, TooManyWorldsError) else 400
            await send_reply(problem(status, "No such world", str(error)), send)
            return
        first = path[1:].partition("/")[0]
        prefix = self._prefix(host, first, path)
        if prefix:
            first, path = prefix, f"/{prefix}{path}"
        ours = first == self._control
        served = not ours and first in self._mounts
        exchange_id = world.next_exchange() if served else world.next_order()
        page = headers.get(b"origin")
        if ours and self._guard.is_closed_to(page):
            page = None
        answer = Answer(send, exchange_id, world.name, page, scope["method"])
        if scope["method"] == "OPTIONS" and page is not None and _PREFLIGHT in headers:
            await send_reply(_preflight(headers), answer)
            return
        if not served:
            shown = self._shown(path, raw, scope["method"])
            if shown is not None:
                await send_reply(shown, answer)
                return
        refused = self._guard.refusal(headers, host) if ours else None
        if refused is not None:
            await send_reply(refused, answer)
            return
        mount = self._mounts.get(first)
        if mount is None:
            await send_reply(self._elsewhere(path), answer)
            return
        base = origin if prefix else f"{origin}/{first}"
        rest = path[len(first) + 2 :]
        if rest.startswith(("ui", "openapi.")) and scope["method"] in ("GET", "HEAD"):
            page = document(mount, rest, base)
            if page is not None:
                await send_reply(page, answer)
                return
        world.origin = origin
        self._settle(world)
        exchange = scope[KEY] = Exchange(
            store=world.store,
            options=world.options,
            origin=origin,
            base=base,
            name=first,
            path=f"/{rest}",
            query=query,
            target=target,
            id=exchange_id,
            world=world,
        )
        if ours:
            await self._engine(scope, receive, answer)
        else:
            await self._recorded(scope, receive, answer, exchange)

    async def _recorded(
        self, scope: Scope, receive: Receive, answer: Answer, exchange: Exchange
    ) -> None:
        """Let the engine answer, with what was ordered to go wrong, and keep the exchange."""
        world: World = exchange.world
        kit, journeys = kit_of(world), world.journeys
        entry = answer.entry = Entry(
            id=exchange.id,
            provider=exchange.name,
            method=scope["method"],
            target=exchange.target,
            path=exchange.path,
            began=wall(),
            at=world.store.clock.now(),
            request=Side(scope["headers"]),
        )
        if kit.faults:
            answer.receive = receive
            answer.transport = transport_of(scope, receive, answer.below)
            exchange.meddle = partial(meddle, faults=kit.faults, answer=answer, seed=world.seed)
        try:
            await self._engine(scope, receive, answer)
        except BrokenOffError:
            exchange.why = exchange.why or "a fault was ordered"
        finally:
            entry.ended = wall()
            _complete(entry, exchange)
            entry.moment = world.moment(exchange.after)
            if world.journeys == journeys:  # else it belongs to a past that is no more
                kit.journal.add(entry)
                kit.feed.add("exchange", lambda: {"exchange": entry.shown()})

    def _prefix(self, host: str, first: str, path: str) -> str:
        """The provider that this host, or the root, stands for; empty when the path names it."""
        name, dot, rest = host.partition(".")
        if dot and rest.partition(":")[0] == "localhost" and name in self._mounts:
            return name if first != self._control else ""
        if self._root is None or first in self._mounts:
            return ""
        console_here = path in _ENTRANCE and "/" not in self._mounts[self._root].spec["paths"]
        return "" if console_here else self._root

    def _shown(self, path: str, raw: str, method: str) -> Reply | None:
        """The console, which holds nothing that the token guards; None for anything else."""
        if not path:
            return Reply(status=307, headers={"Location": f"{raw}/"})  # its links are relative
        found = console(path, f"/{self._control}/console")
        if found is None or method in ("GET", "HEAD"):
            return found
        return problem(405, "Method not allowed", f"{path} is read with GET.", _READ)

    def _elsewhere(self, path: str) -> Reply:
        served = ", ".join(f"/{name}" for name in self._mounts)
        return problem(404, "Not found", f"There is nothing at {path}; served are {served}.")


def _preflight(wanted: Mapping[bytes, bytes]) -> Reply:
    names = wanted.get(b"access-control-request-headers", b"*").decode("latin-1")
    headers = {
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        "Access-Control-Max-Age": "86400",
        "Access-Control-Allow-Headers": names,
    }
    return Reply(status=204, headers=headers)


def _complete(entry: Entry, exchange: Exchange) -> None:
    """Write into the entry what the engine found out."""
    entry.request.body = exchange.raw_body
    entry.why = exchange.why
    entry.before, entry.after = exchange.before, exchange.after
    if exchange.operation is not None:
        entry.operation = exchange.operation.facts.id
    if exchange.caller is not None:
        entry.who, entry.tenant = exchange.caller.who, exchange.caller.tenant
