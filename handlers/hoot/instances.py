"""Instances: deployments that know nothing of each other, each a tenant of its own."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call

GENERIC = "Generic"
INSTANCES = (GENERIC, "Melco", "Speakerbus")


def instance_of(call: Call) -> str:
    """The instance the request names; Generic when it names none."""
    named = call.request.header(b"x-hoot-instance")
    return GENERIC if named is None else named


def tenant_of(call: Call) -> str:
    """The tenant of that instance, as the scenario has it; none for one that does not exist."""
    name = instance_of(call)
    return call.everywhere("instances").locate(name) or (name if name in INSTANCES else "")


def inside_instance(call: Call) -> Call:
    """The same call inside the instance, for operations that ask nobody to sign in."""
    return call if call.caller is not None else call.within(tenant_of(call))
