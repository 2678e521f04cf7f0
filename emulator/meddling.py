"""What ordered faults do to one exchange, outside any transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from greenroom.emulator.answers import Answer, BrokenOffError
from greenroom.emulator.engine.exchange import Exchange
from greenroom.emulator.engine.prefer import refusal
from greenroom.emulator.engine.replies import send_reply
from greenroom.emulator.faults import Fault, Faults, chance
from greenroom.emulator.toolkit import ApiError, Reply
from greenroom.emulator.toolkit.writing import json_bytes

_BODILESS = (204, 304)


@dataclass(slots=True)
class _Facts:
    """An exchange that has been routed and not answered, for a matcher."""

    provider: str
    operation: str
    method: str
    path: str
    who: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class OvertakenError(ApiError):
    """The world was taken elsewhere while the request waited; it does not belong there."""

    status = 503
    code = "overtaken"


async def meddle(exchange: Exchange, faults: Faults, answer: Answer, seed: int) -> None:
    """Let the faults that this request meets have their effects, in order."""
    ending: Fault | None = None
    journeys = exchange.world.journeys
    for fault in faults.meet(_facts(exchange, faults), seed):
        if answer.entry is not None:
            answer.entry.fault = answer.entry.fault or fault.id
        effect = fault.effect
        seconds = _delay(fault, seed, exchange.id)
        if seconds > 0:
            await answer.wait(seconds, faults.gone(fault))
        if exchange.world.journeys != journeys:
            raise OvertakenError("The world was taken elsewhere while the request waited.")
        for name, value in effect.get("headers", {}).items():
            answer.set_header(name, value)
        if "rate" in effect:
            answer.slow_down(effect["rate"], faults.gone(fault))
        if effect.get("cut") == "half":
            answer.halve()
        if fault.ends:
            ending = fault
    if ending is not None:
        await _end(ending.effect, answer)


def _facts(exchange: Exchange, faults: Faults) -> _Facts:
    request = exchange.request
    assert request is not None
    return _Facts(
        provider=exchange.name,
        operation=exchange.operation.facts.id if exchange.operation else "",
        method=request.method,
        path=request.path,
        who=_who(exchange) if faults.look_at_caller else "",
        status=0,
        headers=request.headers,
        body=request.body,
    )


def _who(exchange: Exchange) -> str:
    """The caller, found before the operation asks for it; nobody if that would be refused."""
    if exchange.operation is None:
        return ""
    try:
        identify = exchange.mount.provider.identify if exchange.mount is not None else None
        caller = exchange.operation.sign_in(exchange.call(exchange.operation.facts), identify)
    except ApiError:
        return ""
    return caller.who if caller is not None else ""


def _delay(fault: Fault, seed: int, exchange: str) -> float:
    """The seconds to wait."""
    seconds = float(fault.effect.get("delay", 0))
    if "jitter" in fault.effect:
        seconds += float(fault.effect["jitter"]) * chance(seed, fault.id, exchange, "jitter")
    return seconds


async def _end(effect: Mapping[str, Any], answer: Answer) -> None:
    """Break off, or answer in place of the provider, which dresses a bare refusal."""
    cut, status = effect.get("cut", "half"), effect.get("status", 200)
    if cut != "half":
        answer.break_off(cut)
    if "body" not in effect and status >= 400:
        raise refusal(status, "A fault was ordered.", {})
    reply = Reply(status=status)
    if "body" in effect and status not in _BODILESS:
        body = effect["body"]
        is_text = isinstance(body, str)
        reply.body = body.encode() if is_text else json_bytes(body)
        reply.media_type = "text/plain; charset=utf-8" if is_text else "application/json"
    await send_reply(reply, answer)
    raise BrokenOffError("answered")
