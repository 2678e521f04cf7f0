"""What a client may wish for with the Prefer header (RFC 7240)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greenroom.emulator.toolkit import ApiError, InvalidError
from greenroom.emulator.toolkit.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RateLimitedError,
    UnauthorizedError,
)

if TYPE_CHECKING:
    from greenroom.emulator.engine.operation import CompiledOperation

LONGEST_WAIT = 60.0
_WISH = re.compile(r'\s*([a-z-]+)\s*=\s*"?([^";,\s]*)"?\s*', re.IGNORECASE)
_FAMILY: dict[int, type[ApiError]] = {
    each.status: each
    for each in (
        InvalidError,
        UnauthorizedError,
        ForbiddenError,
        NotFoundError,
        ConflictError,
        GoneError,
        RateLimitedError,
    )
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """The wishes we know: a status to be refused with, and seconds to wait first."""

    code: int | None = None
    wait: float = 0.0

    @classmethod
    def parse(cls, header: str) -> Preferences:
        """Read the header; wishes we do not know are no business of ours."""
        code, wait = None, 0.0
        for part in re.split("[,;]", header):
            found = _WISH.fullmatch(part)
            if found is None:
                continue
            name, value = found[1].lower(), found[2]
            if name == "code":
                if not re.fullmatch("[0-9]{3}", value):
                    raise InvalidError(f"Prefer: code={value} is not a status; give three digits.")
                code = int(value)
            elif name == "wait":
                if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", value):
                    raise InvalidError(f"Prefer: wait={value} is not a number of seconds.")
                wait = min(float(value), LONGEST_WAIT)
        return cls(code, wait)


def forced_refusal(code: int, operation: CompiledOperation) -> None:
    """Raise the documented refusal with this status; a documented success goes its own way."""
    documented = operation.replies.statuses
    if code not in documented:
        known = ", ".join(map(str, documented))
        raise InvalidError(
            f"Prefer: code={code} is not documented for {operation.facts.id}; {known} are.",
            code="undocumented_preference",
        )
    if code >= 400:
        raise refusal(code, f"The client preferred {code}.", {"Preference-Applied": f"code={code}"})


def refusal(status: int, detail: str, headers: Mapping[str, str]) -> ApiError:
    """A refusal with this status, of the family that providers know it by."""
    if status == 405:
        headers = {"Allow": "OPTIONS", **headers}
    family = _FAMILY.get(status)
    if family is not None:
        return family(detail, headers=headers)
    return ApiError(detail, status=status, code=f"status_{status}", headers=headers)
