"""Every refusal of the API, in its own words."""

from __future__ import annotations

from greenroom.emulator.toolkit import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnauthorizedError,
    Violation,
)

REASON = "reason"  # the code of refusals whose detail is what the wire says


class MalformedTokenError(UnauthorizedError):
    """The header holds no token, or none that can be trusted."""

    def __init__(self) -> None:
        super().__init__("missing or malformed Authorization header", code=REASON)


class TokenExpiredError(UnauthorizedError):
    """The token was good once."""

    def __init__(self) -> None:
        super().__init__("token expired", code=REASON)


class LoginRequiredError(UnauthorizedError):
    """The caller has to be known here, and is not."""

    def __init__(self) -> None:
        super().__init__("login required", code=REASON)


class NotTheOwnerError(ForbiddenError):
    """Only an owner may do this; where something is deleted, only the creator."""

    def __init__(self) -> None:
        super().__init__("You are not the owner of this conference", code=REASON)


class CreatorStaysError(ForbiddenError):
    """Nobody can remove the creator."""

    def __init__(self) -> None:
        super().__init__("the creator cannot be removed", code=REASON)


class NotAPartyError(ForbiddenError):
    """Only a party of a conference may mark it."""

    def __init__(self) -> None:
        super().__init__("user is not part of this conference", code=REASON)


class AnotherUserError(ForbiddenError):
    """The path names somebody else, where the emulator was told to be strict."""

    def __init__(self) -> None:
        super().__init__("user is not the caller", code=REASON)


class LinkError(NotFoundError):
    """A link or its token leads nowhere, or not any more."""

    def __init__(self) -> None:
        super().__init__("link not valid", code=REASON)


class EntryCodeError(NotFoundError):
    """The code opens nothing."""

    def __init__(self) -> None:
        super().__init__("entry code not valid", code=REASON)


class FieldsError(InvalidError):
    """Fields of the body break rules that no schema can tell."""

    def __init__(self, *violations: Violation) -> None:
        super().__init__("invalid request", violations=violations)


class CannotJoinError(ConflictError):
    """HooT would not let this person in; the reason is told in words."""


def broken(message: str, *path: str | int) -> Violation:
    """A place in the body that fits its schema and breaks a rule."""
    return Violation("body", path, "rule", None, None, message)
