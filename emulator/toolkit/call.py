"""What a handler is given: the caller, the clock, the collections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from greenroom.emulator.toolkit.errors import NotFoundError
from greenroom.emulator.toolkit.events import Delivery, Event, Frame, HangUp, Leaving, Told
from greenroom.emulator.toolkit.mail import letter
from greenroom.emulator.toolkit.outbox import OUTBOX, make_room
from greenroom.emulator.toolkit.wire import Json, Request
from greenroom.emulator.toolkit.writing import instant_text

if TYPE_CHECKING:
    import random

    from greenroom.state import Collection, Everywhere, Ids, Store

Check = Callable[[str, Any], Any]


class Caller(NamedTuple):
    """Who is calling, and which slice of the state that opens."""

    who: str
    tenant: str = ""
    role: str = ""
    attributes: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Operation:
    """The facts of a spec's operation that a handler or a wire may want to know."""

    id: str
    method: str
    path: str
    extensions: Mapping[str, Any]


class Call:
    """One call of one operation, inside one transaction.

    A call without a caller is what identifies one, and what a stimulus or a timer gets: it
    sees the collections of its `tenant`, none by default. `path` holds the path parameters as
    texts by their name in the spec.
    """

    __slots__ = (
        "_check",
        "_time",
        "caller",
        "operation",
        "options",
        "path",
        "provider",
        "request",
        "store",
        "tenant",
    )

    def __init__(
        self,
        provider: str,
        store: Store,
        options: Mapping[str, Any],
        request: Request,
        *,
        operation: Operation | None = None,
        caller: Caller | None = None,
        tenant: str = "",
        path: Mapping[str, str] | None = None,
        time: datetime | None = None,
        check: Check | None = None,
    ) -> None:
        self.provider = provider
        self.store = store
        self.options = options
        self.request = request
        self.operation = operation
        self.caller = caller
        self.tenant = caller.tenant if caller is not None else tenant
        self.path: Mapping[str, str] = path or {}
        self._time = time
        self._check = check

    def enter(self, caller: Caller) -> None:
        """Let this be the caller's call, in the caller's tenant, from here on."""
        self.caller = caller
        self.tenant = caller.tenant

    @property
    def ids(self) -> Ids:
        """The world's source of identifiers."""
        return self.store.ids

    @property
    def random(self) -> random.Random:
        """The world's source of chance."""
        return self.store.random

    def now(self) -> datetime:
        """The world's time, in UTC; in a timer's call the time it was set for."""
        return self._time or self.store.clock.now()

    def has_reached(self, at: datetime | float) -> bool:
        """Whether a time has come: an instant, or seconds since 1970.

        Where this is all that is wanted of the time, an answer can be given again until then.
        """
        if self._time is None:
            return self.store.clock.has_reached(at)
        if isinstance(at, datetime):
            return at <= self._time
        return at <= self._time.timestamp()

    def collection(self, name: str) -> Collection:
        """The records of one kind that belong to the caller's tenant."""
        return self.store.collection(self.provider, name, self.tenant)

    def shared(self, name: str) -> Collection:
        """The records of one kind that belong to no tenant."""
        return self.store.collection(self.provider, name)

    def everywhere(self, name: str) -> Everywhere:
        """The records of one kind of all tenants, to look at."""
        return self.store.everywhere(self.provider, name)

    def within(self, tenant: str) -> Call:
        """The same call inside another tenant, with no caller."""
        return Call(
            self.provider,
            self.store,
            self.options,
            self.request,
            operation=self.operation,
            tenant=tenant,
            path=self.path,
            time=self._time,
            check=self._check,
        )

    def holding(self, name: str, record_id: str) -> Call:
        """The same call inside the tenant that holds this record; none: `NotFoundError`."""
        found = self.everywhere(name).locate(record_id)
        if found is None:
            raise NotFoundError(f"There is no {record_id} in {name}.", subject=name)
        return self.within(found)

    def option(self, name: str) -> Any:
        """The value of one of the provider's options."""
        return self.options[name]

    def check(self, schema: str, value: Any) -> Any:
        """The value held to a schema of the spec's components, with its defaults filled in.

        What the provider is lenient about is converted first. All that is wrong is raised as one
        `InvalidError` whose violations' paths are relative to the value.
        """
        if self._check is None:
            raise LookupError("This call has no spec to hold anything to.")
        return self._check(schema, value)

    def url(self, path: str) -> str:
        """The absolute address of one of the provider's paths, as this client reaches it."""
        return self.request.base + path

    def later(self, due: datetime | timedelta, stimulus: str, **body: Any) -> str:
        """Let a stimulus or timer function happen at that time, in this tenant; answers its id."""
        at = self.now() + due if isinstance(due, timedelta) else due
        timers = self.store.timers
        return timers.add(at, provider=self.provider, tenant=self.tenant, name=stimulus, body=body)

    def emit(self, event: Event) -> None:
        """Tell of an event: its deliveries are kept with what else is done, the rest follows."""
        for delivery in event.deliveries:
            self._deliver(event.name, delivery)
        self._leave(Told(self.provider, self.tenant, event))

    def send(self, socket: str, body: Json | str | bytes) -> None:
        """Send one message over a connected socket."""
        self._leave(Frame(socket, body))

    def hang_up(self, socket: str, code: int = 1000, reason: str = "") -> None:
        """Close a connected socket, once it has what was sent before."""
        self._leave(HangUp(socket, code, reason))

    def _leave(self, thing: Leaving) -> None:
        if self.request.leaving is None:
            self.request.leaving = []
        self.request.leaving.append(thing)

    def send_mail(
        self,
        to: str,
        subject: str,
        text: str,
        *,
        sender: str,
        html: str | None = None,
        attachments: Sequence[tuple[str, str, bytes]] = (),
    ) -> Json:
        """Put an e-mail into the outbox; an attachment is a name, a media type and its bytes."""
        kept = letter(
            sender=sender,
            text=text,
            message_id=self.ids.hex(24),
            html=html,
            attachments=attachments,
        )
        return self._put_out("email", to=to, subject=subject, letter=kept)

    def _deliver(self, event: str, delivery: Delivery) -> None:
        self._put_out(
            "webhook",
            event=event,
            url=delivery.url,
            subject=delivery.subject,
            base=self.request.base,
            body=delivery.body,
            status="pending",
            attempts=[],
            over=False,
        )

    def _put_out(self, kind: str, **facts: Any) -> Json:
        entry = {
            "id": self.ids.uuid(),
            "kind": kind,
            "provider": self.provider,
            "tenant": self.tenant,
            "at": instant_text(self.now()),
            "over": True,
            **facts,
        }
        outbox = self.store.collection(*OUTBOX)
        added = outbox.add(entry)
        make_room(outbox)
        return added
