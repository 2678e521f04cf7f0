"""What the world does to a provider: stimuli on demand, timers when they are due."""

from __future__ import annotations

import asyncio
import inspect
import logging
import types
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import jsonschema_rs

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.refusals import as_api_error
from greenroom.emulator.engine.schemas import Validator
from greenroom.emulator.populating import populating
from greenroom.emulator.scripts import STEP, answered, remembering
from greenroom.emulator.toolkit import (
    Call,
    ConflictError,
    InvalidError,
    Json,
    NotFoundError,
    Provider,
)
from greenroom.emulator.toolkit.outbox import OUTBOX
from greenroom.emulator.toolkit.wire import unasked
from greenroom.emulator.toolkit.writing import instant_text
from greenroom.emulator.world import World
from greenroom.state import Timer

PATIENCE = 50.0  # seconds that winding a clock waits for deliveries, all in all
logger = logging.getLogger("greenroom.stimuli")
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object"}


def schema_of(function: Callable[..., Any]) -> Json:
    """The JSON Schema of a stimulus' body, as its signature tells it."""
    hints = get_type_hints(function, include_extras=True)
    properties, required = {}, []
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        properties[name] = _schema(hints[name])
        if parameter.default is inspect.Parameter.empty:
            required.append(name)
        elif parameter.default is not None:
            properties[name]["default"] = parameter.default
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _schema(hint: Any) -> Json:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return {**_schema(arguments[0]), **arguments[1]}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin in (Union, types.UnionType):
        kinds = [_schema(each)["type"] for each in arguments if each is not type(None)]
        if type(None) in arguments:
            kinds.append("null")
        return {"type": kinds}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0])}
    return {"type": _TYPES[origin or hint]}


def summary(function: Callable[..., Any]) -> str:
    """What a stimulus does: the first sentence of its docstring."""
    return (inspect.getdoc(function) or "").partition("\n")[0]


@lru_cache(maxsize=1024)
def _validator(function: Callable[..., Any]) -> Validator:
    """What holds bodies to the schema of a stimulus."""
    schema = schema_of(function)
    return Validator(lambda: jsonschema_rs.Draft4Validator(schema), schema)


def stimuli(mount: Mount) -> Mapping[str, Callable[..., Any]]:
    """What may be done to a provider, by name."""
    return by_name(mount.provider)


def by_name(provider: Provider) -> Mapping[str, Callable[..., Any]]:
    """What may be done to a provider, by name: its own stimuli and what is made of them."""
    return _by_name(provider.stimuli, provider.meetings)


@lru_cache(maxsize=64)
def _by_name(
    own: tuple[Callable[..., Any], ...], meetings: str
) -> Mapping[str, Callable[..., Any]]:
    found = {each.__name__: each for each in own}
    whole = populating(found, meetings)
    return found if whole is None else {**found, whole.__name__: whole}


def play(world: World, mount: Mount, name: str, body: Json, origin: str) -> Any:
    """Do one stimulus now; what it answers, or the provider's `ApiError`."""
    found = stimuli(mount).get(name)
    if found is None:
        known = ", ".join(stimuli(mount)) or "none"
        raise NotFoundError(f"{mount.name} has no stimulus {name}; it has {known}.")
    violations = _validator(found).violations(body, "body")
    if violations:
        raise InvalidError(f"That is no body of {name}.", violations=violations)
    return _run(world, found, _call(world, mount, origin), body)


def _run(world: World, function: Callable[..., Any], call: Call, body: Json) -> Any:
    """What the function answers; what it tells leaves once it is committed."""
    with world.store.transaction():
        answer = function(call, **body)
    if call.request.leaving:
        world.kit.leave(call.request.leaving)
    return answer


def _call(
    world: World, mount: Mount, origin: str, *, tenant: str = "", time: datetime | None = None
) -> Call:
    options = world.options.get(mount.name, {})
    clock = world.store.clock.now if time is None else lambda: time
    request = unasked(origin + mount.base_path, clock, options)
    return Call(
        mount.name,
        world.store,
        options,
        request,
        tenant=tenant,
        time=time,
        check=mount.serving(options).checker,
    )


def settle(world: World, mounts: Mapping[str, Mount], origin: str) -> list[Json]:
    """Run what is due by now, in order; what ran: `[{at, provider, kind, detail}]`."""
    if not len(world.store.timers):
        return []
    return [_fire(world, mounts, timer, origin) for timer in _due(world, world.store.clock.now())]


async def wind(world: World, mounts: Mapping[str, Mount], to: datetime, origin: str) -> list[Json]:
    """Wind the clock to that time, stopping wherever something is due; what ran, in order.

    Wherever it stops it waits for deliveries, so that they happen in order, too.
    """
    fired = []
    clock, timers = world.store.clock, world.store.timers
    rest = _rest(world)
    await rest()
    while (timer := timers.next()) is not None and timer.at <= to:
        if timer.at > clock.now():
            clock.set(timer.at)
        timers.pop(timer.id)
        fired.append(_fire(world, mounts, timer, origin))
        await rest()
    if to > clock.now():
        clock.set(to)
    return fired


def _rest(world: World) -> Callable[[], Awaitable[None]]:
    """Waits until no delivery is due, but not for ever, nor in a world that goes elsewhere."""
    loop, journeys = asyncio.get_running_loop(), world.journeys
    until = loop.time() + PATIENCE

    async def rest() -> None:
        await world.kit.settled(until - loop.time())
        if world.journeys != journeys:
            raise ConflictError("The world was taken elsewhere while its clock was wound.")

    return rest


def _due(world: World, now: datetime) -> Iterator[Timer]:
    timers = world.store.timers
    while (timer := timers.next()) is not None and timer.at <= now:
        yield timers.pop(timer.id)


def _fire(world: World, mounts: Mapping[str, Mount], timer: Timer, origin: str) -> Json:
    fired: Json = {
        "at": instant_text(timer.at),
        "provider": timer.provider,
        "kind": timer.name,
        "detail": {key: value for key, value in timer.body.items() if key != STEP},
    }
    if timer.provider == OUTBOX[0]:
        world.kit.fall_due(timer)
        return fired
    mount = mounts.get(timer.provider)
    functions: Sequence[Callable[..., Any]] = ()
    if mount is not None:
        functions = (*stimuli(mount).values(), *mount.provider.timers)
    function = next((each for each in functions if each.__name__ == timer.name), None)
    if mount is None or function is None:
        return {**fired, "detail": {**fired["detail"], "refused": "nobody serves this timer"}}
    try:
        call = _call(world, mount, origin, tenant=timer.tenant, time=timer.at)
        if STEP not in timer.body:
            _run(world, function, call, timer.body)
        else:
            _take_step(world, function, call, timer.body[STEP], fired["detail"])
    except Exception as error:
        refusal = as_api_error(error)
        if refusal.status >= 500:
            logger.error("%s of %s failed: %r", timer.name, timer.provider, error, exc_info=error)
        fired["detail"]["refused"] = refusal.detail
    return fired


def _take_step(
    world: World, function: Callable[..., Any], call: Call, facts: Json, detail: Json
) -> None:
    """Do one step of a script; the detail tells what with, and what was answered."""
    detail.update(answered(world.store, facts))
    answer = _run(world, remembering(function, facts), call, dict(detail))
    if answer is not None:
        detail["answer"] = answer
