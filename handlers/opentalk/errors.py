"""Every refusal the API documents, by the code that its clients act on."""

from __future__ import annotations

from typing import NamedTuple

from greenroom.emulator.toolkit import (
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnauthorizedError,
)

_TOKEN = "invalid_token"


def _challenge(error: str, description: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer error="{error}", error_description="{description}"'}


BAD_TOKEN = _challenge(_TOKEN, "The provided access token is invalid")


class BadRequestError(InvalidError):
    """Something about the request does not make sense."""

    code = "bad_request"


class InvalidJsonError(InvalidError):
    """The body cannot be read as what it should be."""

    code = "invalid_json"


class PayloadOverflowError(InvalidError):
    """The body is larger than the API takes."""

    code = "payload_overflow"


class InvalidClaimsError(InvalidError):
    """An id token lacks a claim, or one makes no sense."""

    code = "invalid_claims"


class QueryTooShortError(InvalidError):
    """There is too little to search for."""

    code = "query_too_short"

    def __init__(self) -> None:
        super().__init__("Give at least three bytes to search for.")


class NoBreakoutRoomsError(InvalidError):
    """A breakout room is asked for while there are none."""

    code = "no_breakout_rooms"

    def __init__(self) -> None:
        super().__init__("This room has no breakout rooms at the moment.")


class InvalidBreakoutRoomError(InvalidError):
    """The breakout room asked for is not one of those there are."""

    code = "invalid_breakout_room_id"

    def __init__(self) -> None:
        super().__init__("There is no such breakout room in this room.")


class SessionRunningError(InvalidError):
    """The session to be resumed has not ended yet."""

    code = "session_running"

    def __init__(self) -> None:
        super().__init__("The participant to be resumed is still connected.")


class ProtocolError(InvalidError):
    """A WebSocket is asked for without a protocol, or with none that is spoken here."""


class BadTokenError(UnauthorizedError):
    """The access token is not one, or is over."""

    def __init__(self, detail: str = "The access token is not valid.") -> None:
        super().__init__(detail, headers=BAD_TOKEN)


class InactiveTokenError(UnauthorizedError):
    """The provider that gave the access token out has taken it back."""

    def __init__(self) -> None:
        headers = _challenge(_TOKEN, "The provided access token expired")
        super().__init__("The access token is no longer active; sign in again.", headers=headers)


class SessionOverError(UnauthorizedError):
    """The id token that the user logged in with is over."""

    def __init__(self) -> None:
        headers = _challenge("invalid_request", "The user session expired")
        super().__init__("The session is over; log in with a fresh id token.", headers=headers)


class BadIdTokenError(UnauthorizedError):
    """The id token is not one."""

    def __init__(self, detail: str) -> None:
        headers = _challenge(_TOKEN, "The provided id token is invalid")
        super().__init__(detail, headers=headers)


class UnknownSubError(UnauthorizedError):
    """The token is good, and its owner never logged in."""

    code = "unknown_sub"

    def __init__(self) -> None:
        super().__init__("This user has never logged in; POST the id token to /v1/auth/login.")


class UnknownTenantError(UnauthorizedError):
    """The token is good, and nobody of its tenant ever logged in."""

    code = "unknown_tenant_id"

    def __init__(self) -> None:
        super().__init__("Nobody of this tenant has ever logged in.")


class WrongRoomPasswordError(UnauthorizedError):
    """A guest does not know the password of the room."""

    code = "wrong_room_password"

    def __init__(self) -> None:
        super().__init__("The password of the room is another one.")


class InvalidCredentialsError(UnauthorizedError):
    """A caller on the phone gave a number or a PIN that opens nothing."""

    code = "invalid_credentials"

    def __init__(self, status: int) -> None:
        super().__init__("No room has this id and this PIN.", status=status)


class TicketError(UnauthorizedError):
    """A WebSocket is asked for without a ticket, or with one that is not good."""


class DeniedError(ForbiddenError):
    """The caller knows of the thing and may not do this with it."""

    def __init__(self) -> None:
        super().__init__("This is for the owner to do.")


class BareDenialError(ForbiddenError):
    """The caller may not; whether there is such a thing is not told, nor is anything else."""

    def __init__(self) -> None:
        super().__init__("The caller has no right to this, or it does not exist.")


class BannedError(ForbiddenError):
    """A moderator has banned the caller from the meeting."""

    code = "banned_from_room"

    def __init__(self) -> None:
        super().__init__("You are banned from this room until everybody has left it.")


class FeatureDisabledError(ForbiddenError):
    """The feature is switched off."""

    code = "feature_disabled"

    def __init__(self, feature: str) -> None:
        super().__init__(f"The feature {feature} is switched off.")


class FeatureNotInTariffError(ForbiddenError):
    """The tariff of the room's owner does not have the feature."""

    code = "feature_disabled_by_tariff"

    def __init__(self, feature: str) -> None:
        super().__init__(f"The tariff does not have the feature {feature}.")


class MissingError(NotFoundError):
    """There is no such thing, or none this caller may see."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


class InUseError(ConflictError):
    """Something else still needs the thing."""


class UnknownEmailError(ConflictError):
    """Nobody is known to have this address, and strangers cannot be invited."""

    code = "unknown_email"

    def __init__(self, email: str) -> None:
        super().__init__(f"Nobody is known at {email}, and strangers cannot be invited.")


class Rejection(NamedTuple):
    """One value that breaks a rule; without a field it is the whole object."""

    field: str | None
    code: str
    message: str = ""


class RejectedError(ApiError):
    """The body can be read, and what it says breaks a rule."""

    status = 422
    code = "validation_failed"

    def __init__(self, *rejections: Rejection) -> None:
        super().__init__("one or more values are not valid")
        self.rejections = rejections


class NothingToChangeError(RejectedError):
    """A change that changes nothing."""

    def __init__(self) -> None:
        super().__init__(Rejection(None, "missing_values"))


class InvalidEventError(RejectedError):
    """The times or the rules of an event do not fit each other."""

    code = "invalid_event"

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail


class UnavailableError(ApiError):
    """Something this API needs is not there or not working."""

    status = 500
    code = "internal_server_error"


class UnknownTariffError(UnavailableError):
    """A login names a tariff that does not exist."""

    code = "invalid_tariff_id"

    def __init__(self, tariff: str) -> None:
        super().__init__(f"There is no tariff {tariff}.")


class OidcError(ApiError):
    """The OpenID provider says no, in the words of OAuth 2."""

    def __init__(self, code: str, detail: str, *, status: int = 400) -> None:
        super().__init__(detail, status=status, code=code)
