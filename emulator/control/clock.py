"""The world's time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.control.times import duration, instant, refuse
from greenroom.emulator.kit import kit_of
from greenroom.emulator.stimuli import PATIENCE, wind
from greenroom.emulator.toolkit import ConflictError, Json
from greenroom.emulator.toolkit.writing import instant_text


def get_clock(call: ControlCall) -> Json:
    """Tell what time it is in this world."""
    clock = call.store.clock
    return {"now": instant_text(clock.now()), "frozen": clock.frozen}


async def set_clock(call: ControlCall, body: Json) -> Json:
    """Set the time, or stop and start the clock; what becomes due on the way runs."""
    clock = call.store.clock
    now = clock.now()
    to = instant(body["now"], "now") if "now" in body else now
    _check_forward(now, to)
    if body.get("frozen") is True:
        clock.freeze()
    if "now" in body:
        await _wind(call, to)
    if body.get("frozen") is False:
        clock.resume()
    return get_clock(call)


async def advance_clock(call: ControlCall, body: Json) -> Json:
    """Wind the clock by a duration, to a time, or to whatever is due next."""
    now = call.store.clock.now()
    if "by" in body:
        try:
            to = now + duration(body["by"], "by")
        except OverflowError:
            raise refuse("by", body["by"], "leads past the end of the calendar.") from None
    elif "to" in body:
        to = instant(body["to"], "to")
    else:
        await call.world.kit.settled(PATIENCE)
        due = call.store.timers.next()
        to = max(due.at, now) if due is not None else now
    _check_forward(now, to)
    fired = await _wind(call, to)
    return {"now": instant_text(call.store.clock.now()), "fired": fired}


def _check_forward(now: datetime, to: datetime) -> None:
    if to < now:
        raise ConflictError(
            f"It is {instant_text(now)} already; the clock does not go back to {instant_text(to)}. "
            "Reset the world to begin anew."
        )


async def _wind(call: ControlCall, to: datetime) -> list[dict[str, Any]]:
    fired = await wind(call.world, call.emulator.mounts, to, call.origin)
    told = {"now": instant_text(call.store.clock.now()), "fired": fired}
    kit_of(call.world).feed.add("clock", lambda: told)
    return fired
