"""What is served, and as whom one may call it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.toolkit import Json


def get_health(call: ControlCall) -> Json:
    """Answer once the emulator is ready; before that nothing listens."""
    return {
        "status": "ok",
        "version": version("greenroom"),
        "providers": [found.name for found in call.emulator.providers],
        "uptime_seconds": round(call.emulator.uptime().total_seconds(), 3),
    }


def list_providers(call: ControlCall) -> list[Json]:
    """Name every served provider, its address in this world, and its options as they stand."""
    return [
        {
            "name": found.name,
            "title": found.title,
            "version": found.version,
            "base_url": f"{call.origin}/{found.name}",
            "operations": len(found.operations),
            "options": {
                name: {
                    "value": call.world.options[found.name][name],
                    "default": option.default,
                    "description": option.description,
                }
                for name, option in found.provider.options.items()
            },
        }
        for each in call.emulator.providers
        for found in [each.serving(call.world.options[each.name])]
    ]


def list_credentials(call: ControlCall, provider: str | None = None) -> list[Json]:
    """Tell everything a generic client needs to act as each of the cast."""
    return [
        {
            "provider": found.name,
            "who": who,
            "tenant": person["tenant"],
            "role": person["role"],
            "headers": person.get("headers", {}),
            "query": person.get("query", {}),
            "path": person.get("path", {}),
        }
        for found in call.emulator.providers
        if provider in (None, found.name)
        for who, person in _cast(call, found.name).items()
    ]


def _cast(call: ControlCall, provider: str) -> Any:
    return call.emulator.cast(provider, call.world.scenario)
