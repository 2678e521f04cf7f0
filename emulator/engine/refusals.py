"""Every exception becomes an answer in the provider's dress."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace

from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.emulator.engine.exchange import KEY, Exchange
from greenroom.emulator.engine.replies import ReplyMismatchError, payload, send_reply
from greenroom.emulator.toolkit import (
    ApiError,
    ConflictError,
    NotFoundError,
    Reply,
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


class Refusals:
    """The outermost middleware: turns whatever was raised into an answer.

    Connexion's own does the same by way of three kinds of response, at a tenth of the cost of a
    read by id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and answer what it raises."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            exchange: Exchange = scope[KEY]
            reply = answer_to(exchange, error)
            if (reply.status or 500) < 500:
                exchange.conclude()
            await send_reply(reply, send, exchange.mount)


def answer_to(exchange: Exchange, error: Exception) -> Reply:
    """The answer to an exception."""
    refusal = as_api_error(error)
    exchange.why = explain(error)
    if refusal.status >= 500 and not isinstance(error, ApiError):
        _report(exchange, error)
    try:
        reply = dressed(exchange, refusal)
        if reply.body is not None:
            reply = replace(reply, body=payload(reply, exchange.mount))
    except Exception as bug:
        _report(exchange, bug)
        return _UNDRESSED
    return reply


def explain(error: Exception) -> str:
    """Why the answer is what it is, for whoever reads the journal; a bug comes with its trace."""
    if isinstance(error, ApiError):
        return " ".join([error.detail, *(each.sentence for each in error.violations)]).strip()
    if isinstance(error, RecordNotFoundError | RecordConflictError):
        return str(error)
    return "".join(traceback.format_exception(error))


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
