"""Deliveries to webhooks: one ordered queue per endpoint, attempts, and when they are over.

The outbox is the truth: what waits is a record with the status `pending`, when it is due again
stands in it, and a timer of the world's clock wakes its queue. Nothing else is remembered, so a
restart, a rewind or a snapshot goes on from the records that it finds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from greenroom.emulator.events.carrying import Carrier, Outcome
from greenroom.emulator.events.reach import CapturedError
from greenroom.emulator.toolkit import Call, Json, Webhooks
from greenroom.emulator.toolkit.outbox import OUTBOX, make_room
from greenroom.emulator.toolkit.writing import instant_text, json_bytes
from greenroom.state import Collection, Store

TIMER = "delivery"
REMEMBERED = 100  # attempts of one delivery
OVERTAKEN_WITHIN = 60.0  # seconds of the world's time that a delivery waits to be overtaken
OVERTAKEN = 100  # so many at most are held back for that at one endpoint
GONE = 410
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Greenroom"}

logger = logging.getLogger("greenroom.webhooks")
T = TypeVar("T")


class Desk(Protocol):
    """What a mailroom asks of the world it is in."""

    @property
    def store(self) -> Store:
        """What is true in the world."""

    def manner(self, entry: Json) -> Webhooks | None:
        """How the provider of a delivery makes it; None when it is not served."""

    def call(self, entry: Json) -> Call:
        """The call its functions are given."""

    def leave(self, call: Call) -> None:
        """Tell what was told in a call that is committed."""

    def meddle(self, entry: Json) -> Json:
        """What is ordered to go wrong with the next attempt, with the `ids` of the faults."""

    def tell(self, entry: Json, attempt: Json | None) -> None:
        """Let whoever listens know what became of a delivery."""


@dataclass(slots=True)
class _Turn:
    """Whose turn it is in a queue, and whom it overtakes."""

    entry: Json
    overtaken: list[str] = field(default_factory=list)


class Mailroom:
    """The queues of one world; each has a task while something in it is due.

    `journeys` is how often the world had been taken elsewhere when the queues were last taken up.
    """

    __slots__ = ("_carrier", "_desk", "_queues", "journeys")

    def __init__(self, desk: Desk, carrier: Carrier) -> None:
        self._desk = desk
        self._carrier = carrier
        self._queues: dict[str, asyncio.Task[None]] = {}
        self.journeys = -1

    def resume(self) -> None:
        """Take up whatever waits, as after a restart."""
        for url in dict.fromkeys(entry["url"] for entry in self._outbox.find(over=False)):
            self.wake(url)

    def wake(self, url: str) -> None:
        """Look after the queue of an endpoint, without waiting for it."""
        loop, task = asyncio.get_running_loop(), self._queues.get(url)
        if task is None or not _is_at_work(task, loop):
            self._queues[url] = loop.create_task(self._work(url))

    def halt(self) -> None:
        """Break off the attempts that are being made: they belong to a past that is no more."""
        self.journeys = -1
        queues, self._queues = self._queues, {}
        for task in queues.values():
            if not task.get_loop().is_closed():
                task.cancel()

    async def settled(self, patience: float) -> bool:
        """Wait until nothing is due, so many seconds at most; answers whether that came."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        while busy := [task for task in self._queues.values() if _is_at_work(task, loop)]:
            left = until - loop.time()
            if left <= 0:
                return False
            await asyncio.wait(busy, timeout=left)
        return True

    def send_again(self, entry: Json) -> None:
        """Make a new attempt, however the ones before ended; one that waits waits no longer."""
        if entry["over"]:
            entry = {**_without(entry, "why", "faults"), "status": "pending", "over": False}
        self._outbox.save(_without(entry, "due"))
        self.wake(entry["url"])

    def release(self, faults: set[str]) -> None:
        """Let go what one of these faults holds back."""
        for entry in self._outbox.find(over=False):
            if faults.intersection(entry.get("fault", {}).get("ids", ())):
                self._outbox.save(_without(entry, "due", "fault"))
                self.wake(entry["url"])

    @property
    def _outbox(self) -> Collection:
        return self._desk.store.collection(*OUTBOX)

    async def _work(self, url: str) -> None:
        """Deliver what is due at an endpoint, one after the other."""
        task = asyncio.current_task()
        try:
            while True:
                async with self._carrier.free:
                    turn = self._turn(url)
                    if turn is None:
                        return
                    await self._attempt(turn)
        finally:
            if self._queues.get(url) is task:
                del self._queues[url]

    def _turn(self, url: str) -> _Turn | None:
        """What is to be delivered now; behind one that is not due yet everything waits.

        One that is held back to be overtaken lets others by.
        """
        now = self._desk.store.clock.now()
        queue = self._outbox.find(over=False, url=url, limit=1)
        if queue and _is_held(queue[0]):
            queue = self._outbox.find(over=False, url=url, limit=OVERTAKEN)
        overtaken: list[str] = []
        for entry in queue:
            if "due" not in entry or datetime.fromisoformat(entry["due"]) <= now:
                return _Turn(entry, overtaken)
            if not _is_held(entry):
                break
            overtaken.append(entry["id"])
        return None

    async def _attempt(self, turn: _Turn) -> None:
        """Make one attempt, or find that none is to be made."""
        try:
            await self._try(turn)
        except CapturedError as error:
            self._end(turn, "captured", str(error))
        except Exception as error:
            entry = turn.entry
            logger.error("Delivering %s failed: %r", entry["event"], error, exc_info=error)
            self._end(turn, "failed", "It could not be made; the log says why.")

    async def _try(self, turn: _Turn) -> None:
        entry, desk = turn.entry, self._desk
        manner = desk.manner(entry)
        if manner is None:
            self._end(turn, "dropped", f"{entry['provider']} is not served here.")
            return
        if not self._ask(manner.wanted, entry):
            self._end(turn, "dropped", "The subscriber is not there any more.")
            return
        effect = entry.get("fault") or desk.meddle(entry)
        if "fault" not in entry and (effect.get("reorder") or effect.get("delay")):
            self._wait({**entry, "fault": effect}, effect.get("delay") or OVERTAKEN_WITHIN)
        elif effect.get("drop"):
            entry["faults"] = effect["ids"]
            self._end(turn, "dropped", "It was lost: a fault was ordered.")
        else:
            given = self._ask(manner.headers, entry)
            entry["headers"] = _merged(_HEADERS, given, effect.get("headers", {}))
            await self._deliver(turn, manner, effect)

    def _ask(self, function: Callable[[Call, Json], T], entry: Json) -> T:
        """What a function of the provider says about a delivery."""
        call = self._desk.call(entry)
        with self._desk.store.transaction():
            answer = function(call, entry)
        self._desk.leave(call)
        return answer

    async def _deliver(self, turn: _Turn, manner: Webhooks, effect: Json) -> None:
        first = await self._outcome(turn.entry, manner, effect)
        outcomes = [first]
        if first.is_delivered:
            for _ in range(effect.get("duplicate", 0)):
                outcomes.append(await self._outcome(turn.entry, manner, {}))
        now, faults = self._desk.store.clock.now(), effect.get("ids", [])
        attempts = [outcome.shown(instant_text(now), faults) for outcome in outcomes]
        for duplicate in attempts[1:]:
            duplicate["duplicate"] = True
        self._note(turn, manner, first, attempts)

    async def _outcome(self, entry: Json, manner: Webhooks, effect: Json) -> Outcome:
        """What comes of an attempt, or what was ordered to come of it."""
        if "status" in effect:
            return Outcome(effect["status"])
        if effect.get("cut") == "reset":
            return Outcome(error="The connection broke: a fault was ordered.")
        body, headers = json_bytes(entry["body"]), entry["headers"]
        outcome = await self._carrier.carry(entry["url"], headers, body, manner.timeout)
        if effect.get("cut") == "empty":
            return Outcome(error="The answer was lost: a fault was ordered.")
        return outcome

    def _note(self, turn: _Turn, manner: Webhooks, outcome: Outcome, attempts: list[Json]) -> None:
        """Keep what came of an attempt, and what follows from it."""
        entry = turn.entry = _without(turn.entry, "fault")
        entry["attempts"] = [*entry["attempts"], *attempts][-REMEMBERED:]
        tried = entry["tries"] = entry.get("tries", 0) + 1
        if outcome.may_be_retried and tried <= len(manner.waits):
            self._wait(entry, manner.waits[tried - 1], attempts[0])
            return
        status = "delivered" if outcome.is_delivered else "failed"
        is_ended = self._end(turn, status, attempt=attempts[0])
        if is_ended and outcome.status == GONE and manner.gone is not None:
            self._ask(manner.gone, entry)

    def _wait(self, entry: Json, seconds: float, attempt: Json | None = None) -> None:
        """Keep a delivery for later, with a timer for when it is due."""
        store = self._desk.store
        due = _later(store.clock.now(), seconds)
        body = {"delivery": entry["id"], "url": entry["url"]}
        entry = {**entry, "due": instant_text(due)}
        with store.transaction():
            if not self._keep(entry):
                return
            store.timers.add(due, provider=OUTBOX[0], tenant="", name=TIMER, body=body)
        self._desk.tell(entry, attempt)

    def _end(self, turn: _Turn, status: str, why: str = "", *, attempt: Json | None = None) -> bool:
        """Let a delivery be over, unless it is not ours to end; those it overtook follow."""
        entry = {**_without(turn.entry, "due", "fault", "tries"), "status": status, "over": True}
        if why:
            entry["why"] = why
        with self._desk.store.transaction():
            if not self._keep(entry):
                return False
            for id_ in turn.overtaken:
                self._let_follow(id_)
            make_room(self._outbox)
        self._desk.tell(entry, attempt)
        return True

    def _let_follow(self, id_: str) -> None:
        entry = self._outbox.first(id=id_)
        if entry is not None and not entry["over"]:
            self._outbox.save(_without(entry, "due"))

    def _keep(self, entry: Json) -> bool:
        """Write a delivery back, unless it was forgotten, given up, or belongs to another past."""
        if self._queues.get(entry["url"]) is not asyncio.current_task():
            return False
        kept = self._outbox.first(id=entry["id"])
        if kept is None or kept["over"]:
            return False
        self._outbox.save(entry)
        return True


def _is_at_work(task: asyncio.Task[None], loop: asyncio.AbstractEventLoop) -> bool:
    """Whether the task goes on in this loop; one may have been closed with tasks in it."""
    return not task.done() and task.get_loop() is loop


def _is_held(entry: Json) -> bool:
    """Whether it is held back to be overtaken."""
    return bool(entry.get("fault", {}).get("reorder"))


def _without(entry: Json, *names: str) -> Json:
    return {name: value for name, value in entry.items() if name not in names}


def _merged(*many: Mapping[str, str]) -> dict[str, str]:
    """Headers with those of the same name, in whatever case, replaced by the later ones."""
    merged: dict[str, tuple[str, str]] = {}
    for headers in many:
        for name, value in headers.items():
            merged[name.lower()] = (name, value)
    return dict(merged.values())


def _later(now: datetime, seconds: float) -> datetime:
    """The time so much later, or now at the end of the calendar."""
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        return now
