"""What a provider's folder declares about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from greenroom.emulator.toolkit.call import Call, Caller
from greenroom.emulator.toolkit.errors import Violation
from greenroom.emulator.toolkit.wire import Wire
from greenroom.state import Indexes


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request presents to show who is calling.

    `scheme` is the name under the spec's securitySchemes, `value` the token, key or, for HTTP
    basic, the decoded `name:password`.
    """

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Option:
    """A choice the provider leaves to whoever runs the emulator.

    The type of the default is the type of the option: text, integer, number, boolean or a list
    of texts. `choices` restricts a text.
    """

    default: Any
    description: str
    choices: tuple[str, ...] = ()


Validation = Literal["strict", "handler"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One emulated API: how it speaks, who may call, what it keeps.

    `collections` declares every kind of record and what it is looked up by. `stimuli` are the
    functions of what the world may do to it; timers name them too. `admit` runs before
    sign-in, for an API that looks at the path first. `validation` is "handler" when the API
    answers missing or wrong parameters itself: then the handler receives what was sent and the
    spec's validators stay silent. `formats` adds checks for `format:` words of the spec that
    only this API has.
    """

    wire: Wire
    identify: Callable[[Call, Credentials], Caller | None] | None = None
    collections: Mapping[str, Indexes] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    stimuli: tuple[Callable[..., Any], ...] = ()
    timers: tuple[Callable[..., Any], ...] = ()
    admit: Callable[[Call, Mapping[str, str]], None] | None = None
    validation: Validation = "strict"
    formats: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)


__all__ = ["Credentials", "Option", "Provider", "Validation", "Violation"]
