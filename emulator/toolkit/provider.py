"""What a provider's folder declares about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from greenroom.emulator.toolkit.call import Call, Caller
from greenroom.emulator.toolkit.events import SocketRoute, Webhooks
from greenroom.emulator.toolkit.wire import Request, Wire
from greenroom.state import Indexes


class Credentials(NamedTuple):
    """What a request presents to show who is calling.

    `scheme` is the name under the spec's securitySchemes, `value` the token, key or, for HTTP
    basic, the decoded `name:password`; `scopes` are what the operation asks for.
    """

    scheme: str
    value: str
    scopes: tuple[str, ...] = ()


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
    functions of what the world may do to it, `timers` those that only time may call.

    Two gates stand before sign-in for an API that has them: `receive` before routing, which
    may refuse and answers the request to be routed, and `admit` after it, which may refuse.

    `validation` is "handler" when the API answers missing or wrong parameters itself: then a
    handler receives what was sent, and `call.check` holds a value to the spec. `lenient` names
    the JSON types that are also taken as texts in a body. `formats` adds checks for `format:`
    words that only this API has.

    `profile` names the option, a text with choices, that says which of several behaviours is
    served: for a choice other than the default, `specs/<provider>.<choice>.yaml` may be a JSON
    Merge Patch over the spec.

    `webhooks` says how deliveries are made; `sockets` are the paths that take WebSockets.

    `meetings` names the collection whose records are what stimuli call a meeting.
    """

    wire: Wire
    identify: Callable[[Call, Credentials], Caller | None] | None = None
    collections: Mapping[str, Indexes] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    stimuli: tuple[Callable[..., Any], ...] = ()
    timers: tuple[Callable[..., Any], ...] = ()
    receive: Callable[[Call], Request] | None = None
    admit: Callable[[Call, Mapping[str, str]], None] | None = None
    validation: Validation = "strict"
    lenient: tuple[Literal["integer", "number", "boolean"], ...] = ()
    formats: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    profile: str = ""
    webhooks: Webhooks | None = None
    sockets: tuple[SocketRoute, ...] = ()
    meetings: str = ""
