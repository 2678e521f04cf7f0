"""One operation of a spec, compiled: everything a request needs and nothing that it does not."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.operations import AbstractOperation
from starlette.types import Receive, Scope, Send

from greenroom.emulator.engine.bodies import Body
from greenroom.emulator.engine.exchange import KEY, Exchange, Mount
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.names import python_name
from greenroom.emulator.engine.parameters import MISSING, Sources, compile_parameter
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.replies import Replies, payload, send_reply, stream_reply
from greenroom.emulator.engine.signin import SignIn
from greenroom.emulator.toolkit import Call, InvalidError, Operation, Reply, Violation


def merged_parameters(place: Place) -> list[Place]:
    """The parameters of an operation and of its path; the operation's own win."""
    found: dict[tuple[str, str], Place] = {}
    above = Place(place.document, place.pointer.rpartition("/")[0])
    for owner in (above, place):
        for index in range(len(owner.get("parameters") or [])):
            parameter = owner.child("parameters", index)
            found[parameter.get("name"), parameter.get("in")] = parameter
    return list(found.values())


class _Undo(Exception):  # noqa: N818 - no error: it carries a reply past the end of a transaction
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class CompiledOperation:
    """Answers one operation: parameters, body, handler, reply, check."""

    def __init__(self, mount: Mount, place: Place, path: str, method: str, limits: Limits) -> None:
        node, schemas = place.node, mount.schemas
        self.mount = mount
        self.limits = limits
        self.facts = Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            extensions={key: value for key, value in node.items() if key.startswith("x-")},
        )
        self.routing = {"api_base_path": mount.key, "operation_id": self.facts.id}
        self.sign_in = SignIn(place)
        self.handler = mount.handlers[node["operationId"]]
        self.waits = inspect.iscoroutinefunction(self.handler)
        self.strict = mount.provider.validation == "strict"
        self.replies = Replies(mount, place, schemas)
        wanted = inspect.signature(self.handler).parameters
        parameters = merged_parameters(place)
        self.texts = {
            each.get("name"): python_name(each.get("name"))
            for each in parameters
            if each.get("in") == "path" and not self.strict
        }
        self.parameters = [compile_parameter(each, schemas) for each in parameters if self.strict]
        self.reads_headers = any(each.where in ("header", "cookie") for each in self.parameters)
        self.accepted = frozenset(wanted)
        self.body = (
            Body(
                place.child("requestBody"),
                schemas,
                checked=self.strict,
                lenient=mount.provider.lenient,
            )
            if "requestBody" in node and (self.strict or "body" in wanted)
            else None
        )
        self.wants_body = "body" in wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange: Exchange = scope[KEY]
        before = exchange.before = exchange.store.snapshot()
        try:
            reply = await self.answer_later(exchange) if self.waits else self.answer(exchange)
        finally:
            changed = not exchange.store.is_at(before)
            exchange.after = exchange.store.snapshot() if changed else before
        if reply.stream is not None:
            await stream_reply(reply, receive, send)
        else:
            exchange.conclude()
            await send_reply(reply, send, self.mount)

    def answer(self, exchange: Exchange) -> Reply:
        """Run the handler for this exchange; a refusal is raised."""
        call, arguments = self._begin(exchange)
        if not self.mount.transactional:
            return self._finish(self.handler(call, **arguments), call)
        if call.request.method == "HEAD":
            return self._rehearse(exchange, call, arguments)
        with exchange.store.transaction():
            reply = self._finish(self.handler(call, **arguments), call)
        exchange.leave()
        return reply

    async def answer_later(self, exchange: Exchange) -> Reply:
        """Run a handler that waits for something, with no transaction around it."""
        call, arguments = self._begin(exchange)
        return self._finish(await self.handler(call, **arguments), call)

    def _begin(self, exchange: Exchange) -> tuple[Call, dict[str, Any]]:
        """The caller's call, and what the handler is called with."""
        call = exchange.call(self.facts)
        exchange.caller = self.sign_in(call, self.mount.provider.identify)
        arguments = self.arguments(exchange)
        if exchange.caller is not None:
            call.enter(exchange.caller)
        exchange.running = True
        return call, arguments

    def _rehearse(self, exchange: Exchange, call: Call, arguments: dict[str, Any]) -> Reply:
        """The reply of a HEAD request, which is safe even where GET is not: nothing stays."""
        try:
            with exchange.store.transaction():
                raise _Undo(self._finish(self.handler(call, **arguments), call))
        except _Undo as undo:
            return undo.reply

    def _finish(self, result: Any, call: Call) -> Reply:
        reply = self.replies.finish(result, call)
        if reply.body is not None:
            reply.body = payload(reply, self.mount)
        return reply

    def arguments(self, exchange: Exchange) -> dict[str, Any]:
        """What the handler is called with; everything wrong with the request is raised at once."""
        request = exchange.request
        assert request is not None
        arguments: dict[str, Any] = {}
        violations: list[Violation] = []
        for name, argument in self.texts.items():
            if argument in self.accepted:
                arguments[argument] = exchange.path_parameters[name]
        if self.parameters:
            headers = request.headers if self.reads_headers else {}
            sources = Sources(exchange.raw_parameters, request.query, headers)
            for parameter in self.parameters:
                value = parameter.value(sources, violations)
                if value is not MISSING and parameter.python_name in self.accepted:
                    arguments[parameter.python_name] = value
        if self.body is not None:
            body = self.body.read(request, self.limits, violations)
            if self.wants_body:
                arguments["body"] = body
        if violations:
            raise InvalidError("The request does not fit the description.", violations=violations)
        return arguments


class CompiledAPI(RoutedAPI[CompiledOperation]):  # type: ignore[misc]  # Connexion ships no types
    """The compiled operations of one spec, for Connexion to pick from by operation id."""

    def __init__(
        self, *args: Any, mount: Mount, compiled: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._compiled = compiled
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> CompiledOperation:
        """The operation compiled at load."""
        found: CompiledOperation = self._compiled[operation.operation_id]
        return found


class OperationMiddleware(RoutedMiddleware[CompiledAPI]):  # type: ignore[misc]  # Connexion ships no types
    """Hands each routed request to its compiled operation."""

    api_cls = CompiledAPI
