"""What comes over the wire and what goes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from greenroom.emulator.toolkit.call import Call
    from greenroom.emulator.toolkit.errors import ApiError
    from greenroom.emulator.toolkit.events import Leaving

Json = dict[str, Any]
RawHeaders = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Key:
    """The key of an exchange; `is_told` says that something of an answer was made from it."""

    text: str
    is_told: bool = False


@dataclass(slots=True)
class Request:
    """One request, below the provider's own address.

    `path` and `query` are as sent, still percent-encoded; `base` is the address of the
    provider as the client knows it (scheme, host, port, world, prefix); `target` is the whole
    request target before anything was taken off it. `key` is that of the exchange. `options` are
    the provider's in this world, and `given` is whatever `read_request` made of the request for
    the provider's own use. `named` are the headers by name, once somebody asked for one. `leaving`
    is what leaves once all it did is committed.
    """

    method: str
    path: str
    query: str
    raw_headers: RawHeaders
    body: bytes
    base: str
    target: str
    key: Key
    clock: Callable[[], datetime]
    options: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    leaving: list[Leaving] | None = None
    _headers: dict[str, str] | None = field(default=None, repr=False)
    named: Mapping[bytes, bytes] | None = field(default=None, repr=False)

    @property
    def exchange(self) -> str:
        """The key of the exchange; an answer made from it is like no other."""
        self.key.is_told = True
        return self.key.text

    @property
    def at(self) -> datetime:
        """The world's time."""
        return self.clock()

    def header(self, name: bytes) -> str | None:
        """One header by its name in lower case, the last if it is repeated."""
        if self.named is None:
            self.named = dict(self.raw_headers)
        value = self.named.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers by lower-case name; repeated ones are joined by a comma."""
        if self._headers is None:
            found: dict[str, str] = {}
            for raw_name, raw_value in self.raw_headers:
                name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
                found[name] = f"{found[name]}, {value}" if name in found else value
            self._headers = found
        return self._headers

    @property
    def media_type(self) -> str:
        """The content type in lower case without its parameters; empty when there is none."""
        return (self.header(b"content-type") or "").partition(";")[0].strip().lower()

    def query_pairs(self) -> list[tuple[str, str]]:
        """The query parameters in order, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)

    def replaced(self, **changes: Any) -> Request:
        """A copy with these fields changed."""
        if "raw_headers" in changes:
            changes["_headers"] = changes["named"] = None
        return replace(self, **changes)


def unasked(base: str, clock: Callable[[], datetime], options: Mapping[str, Any]) -> Request:
    """The request of a call that no client makes: of a timer, a stimulus, a delivery."""
    return Request(
        method="",
        path="",
        query="",
        raw_headers=[],
        body=b"",
        base=base,
        target="",
        key=Key(""),
        clock=clock,
        options=options,
    )


@dataclass(slots=True)
class Reply:
    """An answer on its way out.

    `body` is JSON, or bytes to be sent as they are; without a `status` the only success that
    the spec documents is meant; without a `media_type` the spec's own for that status. A
    `stream` is sent chunk by chunk, in place of a body, until it ends or the client goes.
    """

    body: Any = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None
    stream: AsyncIterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """How a provider speaks before and after the spec has its say.

    `read_request` forgives what the provider forgives, `write_reply` dresses a success,
    `write_error` dresses every refusal, the engine's own included, and `write_options` what says
    which methods an address takes. `writers` serialise the bodies of media types that are not
    JSON, by the bare name of the type. `request_id` makes, from the key of an exchange, the header
    that every answer tells a request's id with; one that tells it nowhere else can be given again.
    """

    write_error: Callable[[ApiError, Request], Reply]
    write_reply: Callable[[Reply, Call], Reply] | None = None
    write_options: Callable[[Reply, Request], Reply] | None = None
    read_request: Callable[[Request], Request] | None = None
    writers: Mapping[str, Callable[[Any], bytes]] = field(default_factory=dict)
    request_id: Callable[[str], Mapping[str, str]] | None = None

    def ids(self, key: str) -> Mapping[str, str]:
        """The headers of this exchange alone, if there are any."""
        return {} if self.request_id is None else self.request_id(key)
