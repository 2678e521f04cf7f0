"""Choices a provider leaves to whoever runs the emulator, checked by the type of the default."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from greenroom.emulator.toolkit import GreenroomError, Option, Provider


def check_option(name: str, provider: Provider, key: str, value: Any) -> Any:
    """The value when it fits the option; `GreenroomError` says what would."""
    option = provider.options.get(key)
    if option is None:
        known = ", ".join(provider.options) or "none"
        raise GreenroomError(f"{name} has no option {key!r}; it has {known}.")
    wanted = kind(option)
    fits = {
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "list": isinstance(value, list) and all(isinstance(item, str) for item in value),
        "text": isinstance(value, str) or (value is None and option.default is None),
    }[wanted]
    chosen = value if isinstance(value, list) else [value]
    if not fits or (option.choices and not set(chosen) <= set(option.choices)):
        choices = f", one of {', '.join(option.choices)}" if option.choices else ""
        article = "an" if wanted == "integer" else "a"
        raise GreenroomError(f"{name}.{key} wants {article} {wanted}{choices}, not {value!r}.")
    return value


def kind(option: Option) -> str:
    """The kind of value an option takes."""
    default = option.default
    for word, types in (("boolean", bool), ("integer", int), ("number", float), ("list", list)):
        if isinstance(default, types):
            return word
    return "text"


def parse_option(name: str, provider: Provider, key: str, text: str) -> Any:
    """The value of an option given as text on the command line."""
    option = provider.options.get(key)
    value: Any = text
    if option is not None:
        wanted = kind(option)
        if wanted == "boolean":
            value = {"true": True, "false": False}.get(text.lower(), text)
        elif wanted == "list":
            value = [part.strip() for part in text.split(",") if part.strip()]
        elif wanted in ("integer", "number"):
            value = _number(text)
    return check_option(name, provider, key, value)


def _number(text: str) -> Any:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def split_option(text: str) -> tuple[str, str, str]:
    """Provider, option and value of `PROVIDER.NAME=VALUE`."""
    place, equals, value = text.partition("=")
    name, dot, key = place.partition(".")
    if not (equals and dot and name and key):
        raise GreenroomError(f"{text!r} is no option; write PROVIDER.NAME=VALUE.")
    return name, key, value


def defaults(provider: Provider, *layers: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The options of a provider: its defaults, overlaid by each layer in turn."""
    values = {key: option.default for key, option in provider.options.items()}
    for layer in layers:
        values.update(layer)
    return values
