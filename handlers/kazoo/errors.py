"""Every refusal Kazoo documents, and what it says."""

from __future__ import annotations

from collections.abc import Sequence

from greenroom.emulator.toolkit import (
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    Json,
    NotFoundError,
    UnauthorizedError,
    Violation,
)
from greenroom.handlers.kazoo.validators import validation_errors

TEXTS = {
    "bad_identifier": "bad identifier",
    "datastore_conflict": "conflicting documents",
    "datastore_fault": "datastore fatal error",
    "faulty_request": "faulty request",
    "forbidden": "forbidden",
    "invalid_credentials": "invalid credentials",
    "invalid_method": "method not allowed",
    "not_found": "not found",
    "too_many_requests": "too many requests",
    "unspecified_fault": "unspecified fatal error",
}
CODES = {
    401: "invalid_credentials",
    403: "forbidden",
    404: "not_found",
    405: "invalid_method",
    409: "datastore_conflict",
    429: "too_many_requests",
    500: "unspecified_fault",
    503: "datastore_fault",
}
# dossier 3.1: the one path where an unknown identifier is told in a shape of its own
API_AUTH = "/v2/api_auth"


class InvalidCredentialsError(UnauthorizedError):
    """No token, or one that opens nothing; wrong credentials; no such account to sign in to."""

    def __init__(self) -> None:
        super().__init__("The token or the credentials open nothing.")


class UnreachableAccountError(ForbiddenError):
    """The account is neither the token's own nor one of its descendants."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"The token does not reach as far as the account {account_id}.")


class BadIdentifierError(NotFoundError):
    """An identifier leads nowhere."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"There is nothing behind {identifier}.", identifier=identifier)


class FaultyRequestError(NotFoundError):
    """The action is missing or unknown."""

    code = "faulty_request"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"The action is none of {', '.join(allowed)}.")


class UnknownKeyError(NotFoundError):
    """Nobody has this API key."""

    code = "unknown_key"

    def __init__(self, key: str) -> None:
        super().__init__("Nobody has this API key.", subject=key)


class PreconditionFailedError(ApiError):
    """The document has another revision than the client expects."""

    status = 412
    code = "precondition_failed"

    def __init__(self, revision: str) -> None:
        super().__init__(f"The document has the revision {revision}.")


class NotAcceptableError(ApiError):
    """The client accepts nothing that Kazoo can send."""

    status = 406
    code = "not_acceptable"

    def __init__(self) -> None:
        super().__init__("Only application/json can be had.")


class UnreadableEnvelopeError(InvalidError):
    """The body is no JSON object."""

    def __init__(self, detail: str) -> None:
        violation = Violation("body", (), "malformed", "JSON", None, detail)
        super().__init__(detail, violations=[violation])


class MissingDataError(InvalidError):
    """The envelope has no `data`."""

    def __init__(self) -> None:
        detail = "The envelope has no data."
        super().__init__(
            detail, violations=[Violation("body", ("data",), "required", "data", None, detail)]
        )


class NumbersInUseError(InvalidError):
    """Other conferences of the account have these numbers already."""

    def __init__(self, numbers: Sequence[str]) -> None:
        taken = ", ".join(numbers)
        detail = f"Other conferences have the numbers {taken} already."
        super().__init__(
            detail, violations=[Violation("body", ("numbers",), "unique", None, taken, detail)]
        )


class SocketError(ApiError):
    """A message over a socket asks for what cannot be done; `cause` is what was wrong with."""

    code = "socket"

    def __init__(self, text: str, cause: str = "") -> None:
        super().__init__(text)
        self.cause = cause


class BadTokenError(SocketError):
    """A message over a socket comes without a token, or with one that opens nothing."""

    def __init__(self, token: object) -> None:
        shown = "" if token is None else str(token)
        failed = f"failed to authenticate token {shown}"
        super().__init__(failed if shown else "authentication token required", shown)


class LockedError(ConflictError):
    """Nobody else is let in."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is locked; unlock it first.", code="locked")


class FullError(ConflictError):
    """As many as may join have joined."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"{name} is full; its max_participants is {limit}.", code="full")


class WrongPinError(ConflictError):
    """The caller has not entered a PIN that opens the conference."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The PIN does not open {name}.", code="wrong_pin")


def spoken(error: ApiError, path: str) -> tuple[int, str, Json | list[str]]:
    """The status, the `message` and the `data` with which Kazoo says no at this path."""
    status = NotFoundError.status if error.code == "malformed_path" else error.status
    if error.violations or status == InvalidError.status:
        otherwise = {"request": {"invalid": {"message": error.detail}}}
        return status, "validation error", validation_errors(error.violations) or otherwise
    if status == NotFoundError.status and path == API_AUTH:  # only the key can be meant
        return status, "bad identifier", [error.subject or error.detail]
    if status == NotFoundError.status and error.identifier is not None:
        told = {"message": TEXTS["bad_identifier"], "cause": error.identifier}
        return status, "bad_identifier", told
    code = error.code if error.code in TEXTS else CODES.get(status, error.code)
    return status, code, {"message": TEXTS.get(code, error.detail)}
