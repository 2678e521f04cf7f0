"""Every refusal Boomstream documents, in its own words."""

from __future__ import annotations

from greenroom.emulator.toolkit import ApiError, ForbiddenError, InvalidError


class FailedError(ApiError):
    """A refusal as the API means it: the HTTP status is 200, and `Status` says Failed."""

    status = 200
    code = "failed"


class UnreadableError(FailedError):
    """What was sent cannot be taken apart into parameters."""


class KeyRefusedError(FailedError):
    """The key opens no project; in strict HTTP that is a 401."""

    def __init__(self, detail: str, *, strict: bool) -> None:
        super().__init__(detail)
        if strict:
            self.status = 401
            self.headers["WWW-Authenticate"] = 'Bearer realm="boomstream"'


class ParameterRequiredError(FailedError):
    """A required parameter is missing or empty."""

    def __init__(self, name: str) -> None:
        super().__init__(f'Parameter "{name}" is required', subject=name)


class ParameterInvalidError(FailedError):
    """A parameter has a value that cannot be used."""

    def __init__(self, name: str) -> None:
        super().__init__(f'Parameter "{name}" is invalid', subject=name)


class ConferenceNotFoundError(FailedError):
    """The conference is unknown, deleted, or another project's."""

    def __init__(self) -> None:
        super().__init__("Conference not found")


class ClientNotFoundError(FailedError):
    """The user is unknown, removed, or another project's."""

    def __init__(self) -> None:
        super().__init__("Client not found")


class FolderNotFoundError(FailedError):
    """The project lists its folders, and this is none of them."""

    def __init__(self) -> None:
        super().__init__("Folder not found")


class TokenRequiredError(InvalidError):
    """The invitation page was opened without a token."""

    def __init__(self) -> None:
        super().__init__("This link holds no invitation.")


class InvitationRefusedError(ForbiddenError):
    """The token leads nowhere, or no longer."""
