"""A world of one's own, for tests: everything in it is asked for over HTTP, near or far."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from greenroom.emulator.toolkit import GreenroomError, Json
from greenroom.emulator.venues import Venue
from greenroom.emulator.views import FaultsView, JournalView, OutboxView, RefusedError

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

CONTROL = "_greenroom"
PATIENCE = 60.0
SAVED = "saved"


class Rehearsal:
    """One world at a venue, and whoever acts in it; `frozen` is how its clock was ordered."""

    def __init__(self, venue: Venue, world: str, *, frozen: bool | None = None) -> None:
        self.world = world
        self._venue = venue
        self._frozen = frozen
        self._clients: list[httpx.Client] = []
        self._control = self.client(CONTROL)
        self._control.timeout = httpx.Timeout(PATIENCE)
        self.journal = JournalView(self.order, "/journal")
        self.outbox = OutboxView(self.order, "/outbox")
        self.faults = FaultsView(self.order, "/faults")

    def url(self, provider: str = "") -> str:
        """The address of a provider in this world, over a port."""
        return (self._venue.address + self._path(provider)).rstrip("/")

    def credentials(self, provider: str, who: str) -> Json:
        """All it takes to act as one of the cast: tenant, role, headers, query, path."""
        cast: list[Json] = self.order("GET", "/credentials", params={"provider": provider})
        for person in cast:
            if person["who"] == who and person["provider"] == provider:
                return person
        known = ", ".join(person["who"] for person in cast) or "nobody"
        raise GreenroomError(f"{who!r} is not in the cast of {provider}; there is {known}.")

    def client(self, provider: str = "", *, as_: str | None = None) -> httpx.Client:
        """A client below a provider's address, as one of the cast; closed with this world."""
        client = self._venue.client(self._path(provider), **self._identity(provider, as_))
        self._clients.append(client)
        return client

    def async_client(self, provider: str = "", *, as_: str | None = None) -> httpx.AsyncClient:
        """The same, to be awaited; closing it is up to whoever asked."""
        return self._venue.async_client(self._path(provider), **self._identity(provider, as_))

    def websocket(
        self, provider: str, path: str, **options: Any
    ) -> AbstractContextManager[ClientConnection]:
        """A WebSocket below a provider's address, over a port, for as long as it is entered.

        The options are those of `websockets.sync.client.connect`.
        """
        from websockets.sync.client import connect

        connection: AbstractContextManager[ClientConnection] = connect(
            self.url(provider).replace("http", "ws", 1) + path, **options
        )
        return connection

    @property
    def now(self) -> datetime:
        """What time it is in this world."""
        return datetime.fromisoformat(self.order("GET", "/clock")["now"])

    def advance(
        self, by: str | float | timedelta | None = None, *, to: str | datetime | None = None
    ) -> Json:
        """Wind the clock by an ISO 8601 duration or seconds, to a time, or to what is due next.

        Answers with the time it is then and what became due on the way, in order.
        """
        if to is not None:
            order: Json = {"to": to.isoformat() if isinstance(to, datetime) else to}
        elif by is not None:
            order = {"by": by.total_seconds() if isinstance(by, timedelta) else by}
        else:
            order = {"next": True}
        answer: Json = self.order("POST", "/clock/advance", order)
        return answer

    def stimulate(self, provider: str, stimulus: str, /, **parameters: Any) -> Any:
        """Let the outside world do something; what the provider would refuse is an error."""
        return self.order("POST", f"/stimuli/{provider}/{stimulus}", parameters)

    def snapshot(self, name: str = SAVED) -> str:
        """Keep this world as it is now; answers with the name to `restore` it by."""
        self.order("PUT", f"/snapshots/{name}")
        return name

    def restore(self, name: str = SAVED) -> None:
        """Make this world as it was; the journal after that moment is dropped."""
        self.order("POST", f"/snapshots/{name}/restore")

    def reset(self, **anew: Any) -> None:
        """Take this world back to its beginning, or to another `scenario`, `seed` or `at`.

        Unless `frozen` says otherwise the clock is then as it was ordered for this world; if it
        was not, it stands still when `at` is given.
        """
        frozen = ("at" in anew or None) if self._frozen is None else self._frozen
        if anew and frozen is not None:
            anew = {"frozen": frozen, **anew}
        self.order("POST", "/reset", anew or None)

    def order(
        self, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Send an order to the control plane; answers with the JSON that comes back."""
        return answered(self._control.request(method, path, json=body, params=params))

    def close(self) -> None:
        """Drop this world and let go of its clients; closing twice is once."""
        if not self._clients:
            return
        self.order("DELETE", f"/worlds/{self.world}")
        while self._clients:
            self._clients.pop().close()

    def _path(self, provider: str) -> str:
        return f"/~{self.world}/{provider}"

    def _identity(self, provider: str, who: str | None) -> dict[str, dict[str, str]]:
        if who is not None:
            person = self.credentials(provider, who)
            return {"headers": person["headers"], "params": person["query"]}
        return {"headers": bearer(self._venue) if provider == CONTROL else {}, "params": {}}


def bearer(venue: Venue) -> dict[str, str]:
    """The headers that let one give orders at a venue."""
    return {"Authorization": f"Bearer {venue.token}"} if venue.token else {}


def answered(answer: httpx.Response) -> Any:
    """The JSON that the control plane answered with; a `RefusedError` when it said no."""
    media_type = answer.headers.get("content-type", "")
    if answer.is_success and (not answer.content or media_type == "application/json"):
        return answer.json() if answer.content else None
    problem = {"detail": "No control plane speaks like this; is it a Greenroom server?"}
    if media_type == "application/problem+json":
        problem = answer.json()
    line = f"{answer.request.method} {answer.request.url.path}"
    raise RefusedError(line, answer.status_code, problem)
