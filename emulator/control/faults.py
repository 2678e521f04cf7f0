"""Misbehaviour, ordered and taken back."""

from __future__ import annotations

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import InvalidError, Json, NotFoundError, Reply, Violation


def list_faults(call: ControlCall) -> list[Json]:
    """Show the faults of this world in the order in which they act."""
    faults = kit_of(call.world).faults
    return [faults.shown(each) for each in faults]


def create_fault(call: ControlCall, body: Json) -> Reply:
    """Let something go wrong from now on."""
    provider = body.get("match", {}).get("provider")
    if (
        provider is not None
        and not any(c in provider for c in "*?")
        and provider not in call.emulator.mounts
    ):
        raise _wrong("/match/provider", f"{provider} is not served here.")
    faults = kit_of(call.world).faults
    return Reply(faults.shown(faults.add(body)), 201)


def delete_faults(call: ControlCall) -> None:
    """Let nothing go wrong any more; delays in flight end."""
    kit_of(call.world).faults.clear()


def delete_fault(call: ControlCall, id_: str) -> None:
    """Take one fault back; its delays in flight end."""
    if not kit_of(call.world).faults.remove(id_):
        raise NotFoundError(f"There is no fault {id_}.")


def _wrong(pointer: str, detail: str) -> InvalidError:
    path = tuple(pointer.split("/")[1:])
    return InvalidError(detail, violations=[Violation("body", path, "enum", None, None, detail)])
