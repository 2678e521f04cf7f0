"""The thin front: which world, which host, which address, and what every answer carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.emulator.addresses import Address, Addresses
from greenroom.emulator.answers import Answer, BrokenOffError
from greenroom.emulator.couriers import Couriers
from greenroom.emulator.documents import document
from greenroom.emulator.engine.exchange import KEY, Exchange, Mount
from greenroom.emulator.engine.replies import encoded_headers, send_reply
from greenroom.emulator.events.connections import ORDERED
from greenroom.emulator.guard import WANTED, Guard, problem
from greenroom.emulator.journal import EXCHANGE, Entry, Side
from greenroom.emulator.kit import kit_of
from greenroom.emulator.meddling import meddle
from greenroom.emulator.pages import console
from greenroom.emulator.stimuli import settle
from greenroom.emulator.talks import leave_nobody_behind
from greenroom.emulator.toolkit import ControlError, Reply, Told
from greenroom.emulator.toolkit.writing import instant_text
from greenroom.emulator.transport import transport_of
from greenroom.emulator.upgrading import Denial, Upgrade
from greenroom.emulator.world import World
from greenroom.emulator.worlds import TooManyWorldsError, Worlds
from greenroom.state import Snapshot, wall

TICK = 0.25
_PREFLIGHT = b"access-control-request-method"
_DOCUMENTS = ("ui", "openapi.", "asyncapi.")
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
        couriers: Couriers | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._engine = engine
        self._worlds = worlds
        self._mounts = mounts
        self._control = control
        self._addresses = Addresses(mounts, control=control, root=root)
        self._guard = Guard(control_token)
        self._couriers = couriers
        self._on_close = on_close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's start and stop."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

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
        world.settled = world.journeys
        leave_nobody_behind(world, self._mounts)
        if self._couriers is not None:
            self._couriers.attend(world)
        fired = settle(world, self._mounts, world.origin)
        if fired:
            told = {"now": instant_text(world.store.clock.now()), "fired": fired}
            kit_of(world).feed.add("clock", lambda: told)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])  # of a repeated one the last
        address = self._addresses.read(scope, headers)
        world = self._world(address.world)
        ours = address.mount == self._control
        page = headers.get(b"origin")
        if ours and self._guard.is_closed_to(page):
            page = None
        if isinstance(world, Reply):
            await send_reply(world, Answer(send, "", "", page, scope["method"]))
            return
        served = not ours and address.mount in self._mounts
        if served:
            now = self._reached(world, address)
            if scope["method"] == "GET" and await self._again(scope, send, world, now):
                return
        exchange_id = world.next_exchange() if served else world.next_order()
        answer = Answer(send, exchange_id, world.name, page, scope["method"])
        aside = self._aside(world, address, headers, scope["method"], page)
        if aside is not None:
            await send_reply(aside, answer)
            return
        if not served:  # whoever may not give orders moves nothing
            now = self._reached(world, address)
        exchange = scope[KEY] = Exchange(
            store=world.store,
            options=world.options,
            origin=address.origin,
            base=address.base,
            name=address.mount,
            path=address.below,
            query=address.query,
            target=address.target,
            id=exchange_id,
            world=world,
        )
        if served:
            await self._recorded(scope, receive, answer, exchange, now)
        else:
            await self._engine(scope, receive, answer)

    def _reached(self, world: World, address: Address) -> Snapshot:
        """How a world is when it is reached at an address, once what is due has happened."""
        world.origin = address.origin
        if world.store.timers or world.settled != world.journeys:
            self._settle(world)
        return world.store.snapshot()

    async def _again(self, scope: Scope, send: Send, world: World, now: Snapshot) -> bool:
        """Answer as before if nothing has changed that the answer was made from."""
        kit, journeys = kit_of(world), world.journeys
        known = None if kit.faults else kit.repeats.find(scope, now)
        if known is None:
            return False
        key, wire = world.next_exchange(), self._mounts[known.provider].provider.wire
        own = {EXCHANGE: key.encode()}
        if wire.request_id is not None:
            own.update(encoded_headers(wire.request_id(key)))
        entry = known.again(key, wall(), now, own)
        entry.moment = world.moment(now)
        headers, body = entry.answer.raw_headers, entry.answer.body
        try:
            await send({"type": "http.response.start", "status": entry.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        finally:
            entry.ended = wall()
            if world.journeys == journeys:
                kit.keep(entry)
        return True

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = {"query_string": b"", "scheme": "ws", **scope}
        address = self._addresses.read(place, dict(scope["headers"]))
        mount = self._mounts.get(address.mount)
        world = self._world(address.world)
        if isinstance(world, Reply):
            await send_reply(world, Denial(scope, send))
        elif mount is None or mount.name == self._control:
            await send_reply(self._elsewhere(address.path), Denial(scope, send))
        else:
            world.origin = address.origin
            self._settle(world)
            await Upgrade(world, mount, address, scope).answer(receive, send, self._settle)
            self._worlds.use(world)  # until now somebody did

    def _world(self, name: str) -> World | Reply:
        """The world of that name, or why there is none."""
        try:
            return self._worlds.get(name)
        except ControlError as error:
            status = 429 if isinstance(error, TooManyWorldsError) else 400
            return problem(status, "No such world", str(error))

    def _aside(
        self,
        world: World,
        address: Address,
        headers: Mapping[bytes, bytes],
        method: str,
        page: bytes | None,
    ) -> Reply | None:
        """The answer to what no operation answers: leave to ask, the console, documentation."""
        if method == "OPTIONS" and page is not None and _PREFLIGHT in headers:
            return _preflight(headers)
        mount, ours = self._mounts.get(address.mount), address.mount == self._control
        found = self._console(address, headers, method) if ours or mount is None else None
        if found is None and ours:
            found = self._guard.refusal(headers, address.host)
        if found is not None:
            return found
        if mount is None:
            return self._elsewhere(address.path)
        if address.rest.startswith(_DOCUMENTS) and method in ("GET", "HEAD"):
            options = world.options.get(mount.name, {})
            return document(mount.serving(options), address.rest, address.base)
        return None

    async def _recorded(
        self, scope: Scope, receive: Receive, answer: Answer, exchange: Exchange, now: Snapshot
    ) -> None:
        """Let the engine answer, with what was ordered to go wrong, and keep the exchange."""
        world: World = exchange.world
        kit, journeys = kit_of(world), world.journeys
        world.store.clock.listen()
        entry = answer.entry = Entry(
            id=exchange.id,
            provider=exchange.name,
            method=scope["method"],
            target=exchange.target,
            path=exchange.path,
            began=wall(),
            request=Side(scope["headers"]),
        )
        if kit.faults:
            answer.receive = receive
            answer.transport = transport_of(scope, receive, answer.below)
            exchange.meddle = partial(meddle, faults=kit.faults, answer=answer, seed=world.seed)
        try:
            await self._engine(scope, receive, answer)
        except BrokenOffError:
            exchange.why = exchange.why or ORDERED
        finally:
            exchange.meddle = None  # it leads back here, and the scope is kept until collected
            entry.ended = wall()
            _complete(entry, exchange, world)
            if world.journeys == journeys:  # else it belongs to a past that is no more
                kit.keep(entry)
        unmoved = world.journeys == journeys and world.store.is_at(now)
        if exchange.same_until and not entry.fault and unmoved:
            kit.repeats.add(scope, entry, exchange.same_until)
        await answer.end()

    def _console(
        self, address: Address, headers: Mapping[bytes, bytes], method: str
    ) -> Reply | None:
        """The console, which says 401 without the token and asks for it; None for anything else."""
        if not address.path:
            location = f"{address.raw}/"  # its links are relative
            return Reply(status=307, headers={"Location": location})
        found = console(address.path, f"/{self._control}/console")
        if found is not None and method not in ("GET", "HEAD"):
            return problem(405, "Method not allowed", f"{address.path} is read with GET.", _READ)
        if found is not None and address.path == "/" and not self._guard.knows(headers):
            return replace(found, status=401, headers={**found.headers, **WANTED})
        return found

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


def _complete(entry: Entry, exchange: Exchange, world: World) -> None:
    """Write into the entry what the engine found out."""
    entry.request.body = exchange.raw_body
    entry.why = exchange.why
    if exchange.before is not None and exchange.after is not None:
        entry.before, entry.after = exchange.before, exchange.after
    else:
        entry.before = entry.after = world.store.snapshot()
    entry.moment = world.moment(entry.after)
    if exchange.operation is not None:
        entry.operation = exchange.operation.facts.id
    if exchange.left:
        entry.events = [each for each in exchange.left if isinstance(each, Told)]
    if exchange.caller is not None:
        entry.who, entry.tenant = exchange.caller.who, exchange.caller.tenant
