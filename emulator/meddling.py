"""What ordered faults do to one exchange, outside any transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from greenroom.emulator.answers import Answer, BrokenOffError
from greenroom.emulator.engine.exchange import Exchange
from greenroom.emulator.engine.prefer import refusal
from greenroom.emulator.engine.replies import send_reply
from greenroom.emulator.faults import Fault, Faults, chance
from greenroom.emulator.toolkit import ApiError, Reply


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


async def meddle(exchange: Exchange, faults: Faults, answer: Answer, seed: int) -> None:
    """Let the faults that this request meets have their effects, in order."""
    for fault in faults.meet(_facts(exchange, faults), seed):
        if answer.entry is not None:
            answer.entry.fault = fault.id
        effect = fault.effect
        await _delay(fault, seed, exchange.id)
        for name, value in effect.get("headers", {}).items():
            if "status" not in effect:
                answer.add_header(name, value)
        if "rate" in effect:
            answer.slow_down(effect["rate"])
        cut = effect.get("cut")
        if cut == "half":
            answer.halve()
        elif cut is not None:
            await answer.break_off(cut)
        if "status" in effect or "body" in effect:
            await _answer_instead(effect, answer)


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
        caller = exchange.operation.sign_in(exchange)
    except ApiError:
        return ""
    return caller.who if caller is not None else ""


async def _delay(fault: Fault, seed: int, exchange: str) -> None:
    """Wait, unless the fault is taken back meanwhile."""
    effect = fault.effect
    seconds = float(effect.get("delay", 0))
    if "jitter" in effect:
        seconds += float(effect["jitter"]) * chance(seed, fault.id, exchange, "jitter")
    if seconds > 0:
        try:
            await asyncio.wait_for(fault.gone.wait(), timeout=seconds)
        except TimeoutError:
            return


async def _answer_instead(effect: Mapping[str, Any], answer: Answer) -> None:
    """Answer in place of the provider; a status without a body is dressed by the provider."""
    headers = dict(effect.get("headers", {}))
    if "body" not in effect:
        raise refusal(effect["status"], "A fault was ordered.", headers)
    body = effect["body"]
    text = body.encode() if isinstance(body, str) else orjson.dumps(body)
    media_type = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    await send_reply(Reply(text, effect.get("status", 200), headers, media_type), answer)
    raise BrokenOffError("answered")
