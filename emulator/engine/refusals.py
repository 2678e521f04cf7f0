"""Every exception becomes an answer in the provider's dress."""

from __future__ import annotations

import logging
import traceback

from connexion.lifecycle import ConnexionRequest, ConnexionResponse

from greenroom.emulator.engine.exchange import KEY, Exchange
from greenroom.emulator.engine.replies import JSON, ReplyMismatchError, field_value, payload
from greenroom.emulator.toolkit import (
    ApiError,
    ConflictError,
    NotFoundError,
    Reply,
    Violation,
)
from greenroom.state import RecordConflictError, RecordNotFoundError

logger = logging.getLogger("greenroom.engine")
_UNDRESSED = Reply({"title": "Internal Server Error", "status": 500}, 500)


def as_api_error(error: Exception) -> ApiError:
    """What a provider is told of this exception."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RecordNotFoundError):
        return NotFoundError(
            f"There is no {error.id} in {error.collection}.",
            subject=error.collection,
            identifier=error.id,
        )
    if isinstance(error, RecordConflictError):
        detail = f"{error.field} {error.value} is taken in {error.collection}."
        return ConflictError(detail, code="already_exists", subject=error.field)
    return ApiError("unknown error", status=500, code="internal")


async def answer_exception(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    """The answer that Connexion sends for an exception."""
    exchange: Exchange = request.scope[KEY]
    refusal = as_api_error(error)
    exchange.why = explain(error)
    if refusal.status >= 500 and not isinstance(error, ApiError):
        _report(exchange, error)
    try:
        return as_response(dressed(exchange, refusal), exchange)
    except Exception as bug:
        _report(exchange, bug)
        return as_response(_UNDRESSED, exchange)


def explain(error: Exception) -> str:
    """Why the answer is what it is, for whoever reads the journal; a bug comes with its trace."""
    if isinstance(error, ApiError):
        return " ".join([error.detail, *map(_told, error.violations)]).strip()
    if isinstance(error, RecordNotFoundError | RecordConflictError):
        return str(error)
    return "".join(traceback.format_exception(error))


def _told(violation: Violation) -> str:
    """What is wrong and where, in one sentence."""
    field, message = violation.field, violation.message
    return message if message.startswith(field) else f"{field} {message}"


def dressed(exchange: Exchange, refusal: ApiError) -> Reply:
    """The refusal as the provider writes it, held to the spec."""
    assert exchange.mount is not None
    assert exchange.request is not None
    reply = exchange.mount.write_error(refusal, exchange.request)
    if _is_held_to_the_spec(exchange, reply):
        try:
            return exchange.operation.replies.checked(reply)  # type: ignore[no-any-return]
        except ReplyMismatchError as mismatch:
            _report(exchange, mismatch)
            failure = ApiError("unknown error", status=500, code="internal")
            return exchange.mount.write_error(failure, exchange.request)
    return reply


def _is_held_to_the_spec(exchange: Exchange, reply: Reply) -> bool:
    """Whether the refusal must be documented: a handler's always, the engine's if it is."""
    status = reply.status or 500
    if exchange.operation is None or not exchange.mount or not exchange.mount.check_replies:
        return False
    return status < 500 and (exchange.running or status in exchange.operation.replies.statuses)


def _report(exchange: Exchange, error: Exception) -> None:
    where = exchange.operation.facts.id if exchange.operation else exchange.path
    if isinstance(error, ReplyMismatchError):
        logger.error("%s", error)
    else:
        logger.error("%s failed: %r", where, error, exc_info=error)


def as_response(reply: Reply, exchange: Exchange) -> ConnexionResponse:
    """A reply in the form Connexion passes on."""
    headers = {name: field_value(value) for name, value in reply.headers.items()}
    if reply.body is not None:
        headers.setdefault("Content-Type", reply.media_type or JSON)
    data = payload(reply, exchange.mount)
    return ConnexionResponse(status_code=reply.status or 500, headers=headers, body=data)
