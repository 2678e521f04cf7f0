"""One command of one participant: what it says, and what it is said in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from greenroom.emulator.toolkit import ApiError, Call, Json
from greenroom.handlers.opentalk.events import envelope
from greenroom.handlers.opentalk.meetings import JOINED


class SignalingError(ApiError):
    """A command that is refused: the sender is told why, in the module's own words."""

    def __init__(self, namespace: str, error: str) -> None:
        super().__init__(f"{namespace}: {error}", status=400, code=error)
        self.namespace = namespace


class Talk(NamedTuple):
    """A participant's command inside the room's tenant; before the join there is no person."""

    call: Call
    socket: Json
    room: Json
    meeting: Json
    person: Json | None
    command: Json

    @property
    def speaker(self) -> Json:
        """Who gives the command; nobody does before coming in."""
        assert self.person is not None
        return self.person

    @property
    def is_moderator(self) -> bool:
        """Whether the speaker moderates."""
        return self.person is not None and self.person["role"] == "moderator"

    def check_moderator(self, namespace: str) -> None:
        """Refuse whoever does not moderate, on behalf of this module."""
        if not self.is_moderator:
            raise SignalingError(namespace, "insufficient_permissions")

    def target(self, standing: str = JOINED) -> Json | None:
        """The participant the command is about, if one of that standing is in this meeting."""
        found = self.call.collection("participants").first(id=self.command["target"])
        here = found is not None and found["meeting"] == self.meeting["id"]
        return found if here and found and found["standing"] == standing else None

    def save(self, person: Json, **members: object) -> Json:
        """Somebody with something about him changed."""
        return self.call.collection("participants").save(person | members)

    def reply(self, namespace: str, payload: Json) -> None:
        """Say something to the one who gave the command, and to nobody else."""
        self.call.send(self.socket["id"], envelope(self.call, namespace, payload))


class Action(NamedTuple):
    """What answers a command, and the members that it has, a `?` after those that may lack."""

    do: Callable[[Talk], None]
    members: Mapping[str, type] = {}

    def fits(self, command: Json) -> bool:
        """Whether the command has what it needs, of the right types."""
        for name, kind in self.members.items():
            value = command.get(name.removesuffix("?"))
            if value is None and name.endswith("?"):
                continue
            if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
                return False
        return True
