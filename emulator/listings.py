"""What the command line lists: providers, operations, credentials, starting worlds."""

from __future__ import annotations

from typing import Any

from greenroom.emulator.discovery import Found, discover
from greenroom.emulator.options import parse_option, split_option
from greenroom.emulator.samples import sample_curl
from greenroom.emulator.scenarios import load_scenario

_BASE = "http://127.0.0.1:8800"
Rows = list[dict[str, Any]]


def chosen(provider: str | None) -> list[Found]:
    """The named provider, all without a name."""
    return discover([provider] if provider else None)


def parsed_options(texts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The options that texts of the form PROVIDER.NAME=VALUE set."""
    parsed: dict[str, dict[str, Any]] = {}
    for text in texts:
        name, key, value = split_option(text)
        (found,) = discover([name])
        parsed.setdefault(name, {})[key] = parse_option(name, found.provider, key, value)
    return parsed


def providers(options: tuple[str, ...]) -> Rows:
    """The providers: name, title, operations, version of the documented API."""
    return [
        {
            "name": found.name,
            "title": found.title,
            "operations": len(found.operations),
            "version": found.version,
        }
        for found in _described(None, options)
    ]


def operations(provider: str | None, options: tuple[str, ...]) -> Rows:
    """The operations: operationId, method, path, summary."""
    return [
        {
            "provider": found.name,
            "operationId": each["operationId"],
            "method": each["method"],
            "path": each["path"],
            "summary": each.get("summary", ""),
        }
        for found in _described(provider, options)
        for each in found.operations
    ]


def credentials(provider: str | None, scenario: str) -> Rows:
    """The cast: who, tenant, role, and a ready curl line each."""
    return [
        {
            "provider": found.name,
            "who": who,
            "tenant": person["tenant"],
            "role": person["role"],
            "curl": sample_curl(found, person, f"{_BASE}/{found.name}") or "",
        }
        for found in chosen(provider)
        for who, person in load_scenario(found, scenario).cast.items()
    ]


def scenarios(provider: str | None) -> Rows:
    """The starting worlds."""
    return [
        {"provider": found.name, "name": name, "title": load_scenario(found, name).title}
        for found in chosen(provider)
        for name in found.scenarios
    ]


def _described(provider: str | None, options: tuple[str, ...]) -> list[Found]:
    """The providers as they are served with these options."""
    values = parsed_options(options)
    return [found.serving(values.get(found.name, {})) for found in chosen(provider)]
