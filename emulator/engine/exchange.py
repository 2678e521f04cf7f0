"""One request on its way through the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from greenroom.emulator.engine.schemas import Schemas
from greenroom.emulator.engine.values import Checker
from greenroom.emulator.toolkit import (
    ApiError,
    Call,
    Caller,
    Json,
    Leaving,
    NotFoundError,
    Operation,
    Provider,
    Reply,
    Request,
)

if TYPE_CHECKING:
    from greenroom.state import Snapshot, Store

KEY = "greenroom.exchange"
Meddle = Callable[["Exchange"], Awaitable[None]]
CallFactory = Callable[["Exchange", Operation | None], Call]


@dataclass(slots=True)
class Exchange:
    """What is known of one request: where it came in, and what it turned out to be.

    `name` is the mount's and `path` the raw path below it; `origin` is the address of the world
    and `base` that of the provider as the client knows them. The engine fills the rest;
    `running` says that the handler has begun, `before` and `after` are the state around it,
    `meddle` is awaited once the request has been routed, and `left` is what went out to others.
    Before the microsecond `same_until` the answer would be the same, if it was made from the
    request, the state and the time alone.
    """

    store: Store
    options: Mapping[str, Mapping[str, Any]]
    origin: str
    base: str
    name: str
    path: str
    query: str
    target: str
    id: str
    world: Any = None
    mount: Mount | None = None
    request: Request | None = None
    operation: Any = None
    raw_parameters: Mapping[str, str] = field(default_factory=dict)
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    caller: Caller | None = None
    running: bool = False
    why: str = ""
    raw_body: bytes = b""
    meddle: Meddle | None = None
    before: Snapshot | None = None
    after: Snapshot | None = None
    left: Sequence[Leaving] = ()
    same_until: float = 0

    def call(self, operation: Operation | None = None) -> Call:
        """The call a provider's function is given; nobody's, until somebody enters."""
        assert self.mount is not None
        return self.mount.make_call(self, operation)

    def conclude(self) -> None:
        """Note until when the answer, which is complete but for being sent, would be the same."""
        if self.request is not None and not self.request.key.is_told and not self.left:
            self.same_until = self.store.clock.same_until

    def leave(self) -> None:
        """Let go what waited for the commit."""
        if self.request is not None and self.request.leaving:
            self.left = self.request.leaving
            self.world.kit.leave(self.left)


def plain_call(exchange: Exchange, operation: Operation | None) -> Call:
    """The call handlers get."""
    mount, request = exchange.mount, exchange.request
    assert mount is not None
    assert request is not None
    return Call(
        mount.name,
        exchange.store,
        request.options,
        request,
        operation=operation,
        path=exchange.path_parameters,
        check=mount.checker,
    )


@dataclass(frozen=True)
class Mount:
    """One API to be mounted: its spec, its functions, and how they are called.

    `variants` make the same API in its other profiles, by the choice that asks for one.
    """

    name: str
    provider: Provider
    spec: Json
    handlers: Mapping[str, Callable[..., Any]]
    source: str
    make_call: CallFactory = plain_call
    transactional: bool = True
    check_replies: bool = True
    profile: str = ""
    variants: Mapping[str, Callable[[], Mount]] = field(default_factory=dict)

    def serving(self, options: Mapping[str, Any]) -> Mount:
        """The API as it is while these options are in force."""
        if not self.variants:
            return self
        make = self.variants.get(options.get(self.provider.profile, ""))
        return self if make is None else make()

    @cached_property
    def key(self) -> str:
        """What it is found by beside other APIs and its own variants."""
        return f"{self.base_path}@{self.profile}" if self.profile else self.base_path

    @cached_property
    def schemas(self) -> Schemas:
        """The spec's schemas, compiled when first needed."""
        return Schemas(self.spec, self.provider.formats)

    @cached_property
    def checker(self) -> Checker:
        """Holds values to the spec's named schemas."""
        return Checker(self.spec, self.schemas, self.provider.lenient)

    @property
    def base_path(self) -> str:
        """The path all of its operations stand below."""
        return f"/{self.name}"

    def write_error(self, error: ApiError, request: Request) -> Reply:
        """The refusal in the provider's dress, with the status and headers it must keep."""
        wire = self.provider.wire
        reply = wire.write_error(error, request)
        headers = {**wire.ids(request.key.text), **error.headers, **reply.headers}
        return Reply(reply.body, reply.status or error.status, headers, reply.media_type)


def not_found(request: Request) -> NotFoundError:
    """The refusal of a path no operation stands at."""
    return NotFoundError(f"There is nothing at {request.path}.", subject="path")
