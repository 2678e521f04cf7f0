"""What the world does to a provider."""

from __future__ import annotations

from greenroom.emulator import stimuli
from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.toolkit import (
    ApiError,
    ConflictError,
    InvalidError,
    Json,
    NotFoundError,
    Reply,
)


def list_stimuli(call: ControlCall) -> list[Json]:
    """Tell what may be done to which provider, with a JSON Schema of each body."""
    return [
        {
            "provider": mount.name,
            "name": name,
            "summary": stimuli.summary(function),
            "schema": stimuli.schema_of(function),
        }
        for mount in call.emulator.mounts.values()
        for name, function in stimuli.stimuli(mount).items()
    ]


def stimulate(call: ControlCall, provider: str, name: str, body: Json | None = None) -> Reply:
    """Do it now; what the provider would refuse answers 409."""
    mount = call.emulator.mounts.get(provider)
    if mount is None:
        raise NotFoundError(f"{provider} is not served here.")
    before = call.store.snapshot()
    try:
        answer = stimuli.play(call.world, mount, name, body or {}, call.origin)
    except NotFoundError:
        raise
    except ApiError as error:
        if isinstance(error, InvalidError) and error.violations:
            raise
        raise ConflictError(error.detail) from None
    call.tell("stimulus", before, provider=provider, name=name, body=body or {})
    return Reply(status=204) if answer is None else Reply(answer, 201)


def populate(call: ControlCall, provider: str, body: Json) -> Reply:
    """Plan a meeting that takes place on the world's clock; none is planned where nobody can."""
    return stimulate(call, provider, "populate", body)
