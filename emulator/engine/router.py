"""The first middleware: reads the request, finds its operation, tells the rest of the stack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connexion.middleware.abstract import ROUTING_CONTEXT, SpecMiddleware
from connexion.spec import Specification
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.emulator.engine.bodies import read_body
from greenroom.emulator.engine.exchange import KEY, Exchange, Mount, not_found
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.operation import CompiledOperation
from greenroom.emulator.engine.prefer import Preferences, forced_refusal
from greenroom.emulator.engine.replies import send_reply
from greenroom.emulator.engine.routing import Match, Trie
from greenroom.emulator.toolkit import ApiError, InvalidError, Key, Reply, Request, Wire


class Router(SpecMiddleware):  # type: ignore[misc]  # Connexion ships no types
    """Routes on the raw path, so that an encoded slash stays inside its segment."""

    def __init__(
        self, app: ASGIApp, mounts: Iterable[Mount], limits: Limits, join: Callable[[Mount], None]
    ) -> None:
        self.app = app
        self._mounts = {mount.name: mount for mount in mounts}
        self._limits = limits
        self._join = join
        self._tries: dict[str, Trie[CompiledOperation]] = {}

    def add_api(
        self,
        specification: Specification,
        *,
        mount: Mount,
        compiled: Mapping[str, CompiledOperation],
        **_: Any,
    ) -> None:
        """Register the compiled operations of one API, or of one of its variants."""
        trie: Trie[CompiledOperation] = Trie()
        for operation in compiled.values():
            trie.add(operation.facts.path, operation.facts.method, operation)
        self._tries[mount.key] = trie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one request to its operation."""
        exchange: Exchange = scope[KEY]
        options = exchange.options.get(exchange.name, {})
        mount = self._mounts[exchange.name].serving(options)
        limits, headers = self._limits, scope["headers"]
        named = dict(headers)
        request = Request(
            method=scope["method"],
            path=exchange.path,
            query=exchange.query,
            raw_headers=headers,
            body=b"",
            base=exchange.base,
            target=exchange.target,
            key=Key(exchange.id),
            clock=exchange.store.clock.now,
            options=options,
            named=named,
        )
        exchange.mount, exchange.request = mount, request
        limits.check(exchange.target, headers)
        if b"content-length" in named or b"transfer-encoding" in named:
            request.body = exchange.raw_body = await read_body(headers, receive, limits)
        if mount.provider.wire.read_request is not None:
            exchange.request = request = mount.provider.wire.read_request(request)
        if mount.provider.receive is not None:
            exchange.request = request = mount.provider.receive(exchange.call())
        match = self._match(self._trie(mount), request)
        operation = self._operation(match, request)
        if match is not None and operation is not None:
            exchange.operation = operation
            exchange.raw_parameters, exchange.path_parameters = match.parameters, match.decoded
        if exchange.meddle is not None:
            await exchange.meddle(exchange)
        if match is None:
            raise not_found(request)
        if operation is None:
            await self._without_operation(mount.provider.wire, request, match, send)
            return
        prefer = request.header(b"prefer")
        if prefer is not None:
            await self._heed(prefer, operation)
        if mount.provider.admit is not None:
            mount.provider.admit(exchange.call(operation.facts), exchange.path_parameters)
        scope.setdefault("extensions", {})[ROUTING_CONTEXT] = operation.routing
        await self.app(scope, receive, send)

    def _trie(self, mount: Mount) -> Trie[CompiledOperation]:
        """The operations of an API; those of a variant are compiled when it is first asked for."""
        trie = self._tries.get(mount.key)
        if trie is None:
            self._join(mount)
            trie = self._tries[mount.key]
        return trie

    @staticmethod
    def _match(trie: Trie[CompiledOperation], request: Request) -> Match[CompiledOperation] | None:
        try:
            return trie.find(request.path)
        except UnicodeDecodeError:
            raise InvalidError("The path is not UTF-8.", code="malformed_path") from None

    @staticmethod
    def _operation(
        match: Match[CompiledOperation] | None, request: Request
    ) -> CompiledOperation | None:
        if match is None:
            return None
        operation = match.methods.get(request.method)
        if operation is None and request.method == "HEAD":
            operation = match.methods.get("GET")
        return operation

    @staticmethod
    async def _without_operation(
        wire: Wire, request: Request, match: Match[CompiledOperation], send: Send
    ) -> None:
        if request.method == "OPTIONS":
            reply = Reply(status=204, headers={**wire.ids(request.key.text), "Allow": match.allow})
            if wire.write_options is not None:
                reply = wire.write_options(reply, request)
            await send_reply(reply, send)
            return
        raise ApiError(
            f"{request.method} is not possible here; {match.allow} are.",
            status=405,
            code="method_not_allowed",
            headers={"Allow": match.allow},
        )

    @staticmethod
    async def _heed(prefer: str, operation: CompiledOperation) -> None:
        """Do what the client prefers: wait, or refuse."""
        wishes = Preferences.parse(prefer)
        if wishes.wait:
            await asyncio.sleep(wishes.wait)
        if wishes.code is not None:
            forced_refusal(wishes.code, operation)
