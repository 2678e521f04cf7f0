"""The only part of the emulator a handler may import."""

from greenroom.emulator.toolkit.call import Call, Caller, Operation
from greenroom.emulator.toolkit.errors import (
    ApiError,
    ConflictError,
    ControlError,
    ForbiddenError,
    GoneError,
    GreenroomError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    ScenarioError,
    SpecMismatchError,
    UnauthorizedError,
    Violation,
)
from greenroom.emulator.toolkit.provider import Credentials, Option, Provider
from greenroom.emulator.toolkit.wire import Json, Reply, Request, Wire

__all__ = [
    "ApiError",
    "Call",
    "Caller",
    "ConflictError",
    "ControlError",
    "Credentials",
    "ForbiddenError",
    "GoneError",
    "GreenroomError",
    "InvalidError",
    "Json",
    "NotFoundError",
    "Operation",
    "Option",
    "Provider",
    "RateLimitedError",
    "Reply",
    "Request",
    "ScenarioError",
    "SpecMismatchError",
    "UnauthorizedError",
    "Violation",
    "Wire",
]
