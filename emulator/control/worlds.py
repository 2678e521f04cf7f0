"""Back to the beginning."""

from __future__ import annotations

from dataclasses import replace

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.control.times import instant
from greenroom.emulator.toolkit import InvalidError, Json, ScenarioError


def reset_world(call: ControlCall, body: Json | None = None) -> None:
    """Take this world back to its beginning, or to another scenario, seed or time."""
    order = body or {}
    if not order:
        call.world.reset()
        return
    settings = call.emulator.stage.settings
    settings = replace(
        settings,
        scenario=order.get("scenario", call.world.scenario),
        seed=order.get("seed", settings.seed),
        at=instant(order["at"], "at") if "at" in order else settings.at,
    )
    try:
        call.world.reset(call.emulator.stage.begin(settings))
    except ScenarioError as error:
        raise InvalidError(str(error)) from None
