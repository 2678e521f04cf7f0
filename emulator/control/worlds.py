"""Universes: looking, making, forking, dropping, and back to the beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.control.journal import entry_of
from greenroom.emulator.control.times import instant
from greenroom.emulator.toolkit import (
    ApiError,
    ConflictError,
    ControlError,
    InvalidError,
    Json,
    NotFoundError,
    RateLimitedError,
    ScenarioError,
    Violation,
)
from greenroom.emulator.world import Beginning, Moment, World
from greenroom.emulator.worlds import MAIN, TooManyWorldsError, WorldTakenError

SETTINGS = ("scenario", "seed", "at", "frozen")


def list_worlds(call: ControlCall) -> list[Json]:
    """Show every world there is, the least recently used first."""
    return [_shape(call, world) for world in call.emulator.worlds]


def get_world(call: ControlCall, name: str) -> Json:
    """Show one world; looking at it is not using it."""
    return _shape(call, _world(call, name))


def create_world(call: ControlCall, body: Json | None = None) -> Json:
    """Make a world: a fork of another, of a snapshot or of an exchange, or a new beginning."""
    order = body or {}
    if "from" in order and order.keys() & set(SETTINGS):
        raise InvalidError(
            "A fork has its scenario, seed and clock from its origin; give one or the other."
        )
    worlds = call.emulator.worlds
    name = order.get("name") or worlds.free_name()
    try:
        if "from" in order:
            return _shape(call, worlds.fork(name, _origin(call, order["from"])))
        return _shape(call, worlds.make(name, beginning(call, order)))
    except ControlError as error:
        raise _refusal(error) from None


def delete_world(call: ControlCall, name: str) -> None:
    """Drop a world with all it holds."""
    if name == MAIN:
        raise ConflictError("The world main is always there; reset it instead.")
    if not call.emulator.worlds.drop(name):
        raise NotFoundError(f"There is no world {name}.")


def reset_world(call: ControlCall, body: Json | None = None) -> None:
    """Take this world back to its beginning, or to another scenario, seed or clock."""
    before = call.store.snapshot()
    call.emulator.worlds.reset(call.world, beginning(call, body) if body else None)
    call.tell("restart", before)


def beginning(call: ControlCall, order: Json) -> Beginning:
    """The beginning that an order asks for; what it leaves out is as the server was started."""
    stage = call.emulator.stage
    settings = replace(
        stage.settings,
        scenario=order.get("scenario", stage.settings.scenario),
        seed=order.get("seed", stage.settings.seed),
        at=instant(order["at"], "at") if "at" in order else stage.settings.at,
        frozen=order.get("frozen", stage.settings.frozen),
    )
    try:
        return stage.begin(settings)
    except ScenarioError as error:
        known = any(settings.scenario in found.scenarios for found in stage.providers)
        name, detail = "at" if known else "scenario", str(error)
        violation = Violation("body", (name,), "enum", None, order.get(name), detail)
        raise InvalidError(detail, violations=[violation]) from None


def _origin(call: ControlCall, origin: dict[str, str]) -> Moment:
    world = _world(call, origin["world"]) if "world" in origin else call.world
    if "snapshot" in origin:
        name = origin["snapshot"]
        if name not in world.snapshots:
            raise NotFoundError(f"The world {world.name} has no snapshot {name}.")
        return world.snapshots[name]
    if "exchange" in origin:
        moment: Moment = entry_of(world, origin["exchange"]).moment
        return moment
    return world.moment()


def _world(call: ControlCall, name: str) -> World:
    found = call.emulator.worlds.look(name)
    if found is None:
        raise NotFoundError(f"There is no world {name}.")
    return found


def _refusal(error: ControlError) -> ApiError:
    kinds: dict[type[Any], type[ApiError]] = {
        WorldTakenError: ConflictError,
        TooManyWorldsError: RateLimitedError,
    }
    return kinds.get(type(error), InvalidError)(str(error))


def _shape(call: ControlCall, world: World) -> Json:
    return {
        "name": world.name,
        "url": f"{call.root}/~{world.name}",
        "scenario": world.scenario,
        "seed": world.seed,
        "exchanges": world.exchanges,
        "snapshots": sorted(world.snapshots),
    }
