"""What can be refused and what can be mistaken.

ApiError                    the provider says no; carries status, code, detail, headers
├── InvalidError   ├── UnauthorizedError   ├── ForbiddenError   ├── NotFoundError
├── ConflictError  ├── GoneError           └── RateLimitedError
GreenroomError              somebody used the emulator wrongly; the message says what to do
├── SpecMismatchError   spec and handlers disagree (at start)
├── ScenarioError       a scenario does not fit its provider
└── ControlError        a bad order to the control plane
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a request breaks the spec.

    `where` is body, query, path, header or cookie; `path` leads to the offending value, its
    first part being the parameter's name unless `where` is body; `keyword` is JSON Schema's
    (required, type, minLength, …) and `limit` what the schema says there. Two keywords are
    ours: `malformed` (the text could not be read as the declared type) and `unknown` (a
    parameter the spec does not have).
    """

    where: str
    path: tuple[str | int, ...]
    keyword: str
    limit: Any
    value: Any
    message: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)

    @property
    def field(self) -> str:
        """The place as a dotted name."""
        return ".".join(str(part) for part in self.path)

    @property
    def sentence(self) -> str:
        """What is wrong and where, for a person; a message that is a sentence stands alone."""
        place = self.field or self.where
        is_whole = self.message.startswith(place) or self.message[:1].isupper()
        return self.message if is_whole else f"{place} {self.message}"


class ApiError(Exception):
    """The provider says no.

    `detail` is a sentence for a person; `subject` names what it is about (a kind of record, a
    field, a reason) and `identifier` which one, for a provider that says so in its own words.
    """

    status: int = 400
    code: str = "error"

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        violations: Sequence[Violation] = (),
        subject: Any = None,
        identifier: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.violations = tuple(violations)
        self.subject = subject
        self.identifier = identifier
        if status is not None:
            self.status = status
        if code is not None:
            self.code = code


class InvalidError(ApiError):
    """The request is not well formed or breaks a rule."""

    status = 400
    code = "invalid"


class UnauthorizedError(ApiError):
    """Nobody, or nobody we know, is calling."""

    status = 401
    code = "unauthorized"


class ForbiddenError(ApiError):
    """The caller is known and may not."""

    status = 403
    code = "forbidden"


class NotFoundError(ApiError):
    """There is no such thing, or none this caller may see; `subject` names its kind."""

    status = 404
    code = "not_found"


class ConflictError(ApiError):
    """The thing is not in a state that allows this, or exists already."""

    status = 409
    code = "conflict"


class GoneError(ApiError):
    """The thing was there and is no more."""

    status = 410
    code = "gone"


class RateLimitedError(ApiError):
    """Too many requests."""

    status = 429
    code = "rate_limited"


class GreenroomError(Exception):
    """Somebody used the emulator wrongly; the message says what to do."""


class SpecMismatchError(GreenroomError):
    """A spec and its handlers disagree."""


class ScenarioError(GreenroomError):
    """A scenario does not fit its provider."""


class ControlError(GreenroomError):
    """A bad order to the control plane."""
