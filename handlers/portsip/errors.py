"""Every refusal of the API, in its own words: a code, a message, sometimes a detail."""

from __future__ import annotations

from typing import Any

from greenroom.emulator.toolkit import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    Violation,
)


def broken(field: str, reason: str, value: Any = None) -> Violation:
    """A field of the body that fits its schema and breaks a rule."""
    return Violation("body", (field,), "rule", None, value, reason)


class FieldsError(InvalidError):
    """Fields break rules that no schema can tell."""

    code = "VALIDATE_FAILED"

    def __init__(self, *violations: Violation) -> None:
        super().__init__("field validation failed", violations=violations)


class ListOptionError(InvalidError):
    """A list option cannot be understood, from this character on."""

    code = "VALIDATE_FAILED"

    def __init__(self, option: str, reason: str, position: int) -> None:
        detail = {"field": option, "reason": reason, "position": position}
        super().__init__("field validation failed", subject=detail)


class InvalidIdError(InvalidError):
    """An id to delete is no id at all."""

    code = "VALIDATE_FAILED"

    def __init__(self) -> None:
        super().__init__("invalid id supplied")


class BuiltInServerError(InvalidError):
    """The server of type INTERNAL is part of every PBX."""

    code = "VALIDATE_FAILED"

    def __init__(self) -> None:
        super().__init__("built-in server cannot be deleted")


class LoginFailedError(InvalidError):
    """Nobody has this name, password and domain; the vendor says so with 400."""

    code = "UNAUTHORIZED"

    def __init__(self) -> None:
        super().__init__("Login failed, authentication error")


class RefreshFailedError(InvalidError):
    """A refresh token is unknown, used, revoked or too old."""

    code = "UNKNOWN"

    def __init__(self) -> None:
        super().__init__("refresh token is not valid")


class PermissionDeniedError(ForbiddenError):
    """The caller's role does not allow this."""

    code = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("permission denied")


class MissingError(NotFoundError):
    """There is no such thing here; the kind is the name of a collection."""

    code = "NOT_FOUND"

    def __init__(self, kind: str) -> None:
        super().__init__("resource not found", subject=kind)


class AlreadyExistsError(ConflictError):
    """A value that must be unlike all others is in use."""

    code = "ALREADY_EXISTS"

    def __init__(self, field: str, value: str) -> None:
        detail = {"field": field, "reason": f"{value} is in use."}
        super().__init__("already exists", subject=detail)


class RoomStateError(ConflictError):
    """The room is not in a state for this; the reason is told in words."""

    code = "CONFLICT"
