"""One delivery over HTTP: to a checked address, over a connection of its own, with bounds."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, Mapping
from functools import cache
from typing import NamedTuple

import httpx

from greenroom.emulator.events.reach import Endpoint

LONGEST = 64 * 1024  # bytes of an answer that are listened to
SHOWN = 500  # characters of it that are kept
_ONCE = httpx.Limits(max_keepalive_connections=0)


class Answer(NamedTuple):
    """What an endpoint answered, and how its answer begins."""

    status: int
    text: str


async def post(
    endpoint: Endpoint, headers: Mapping[str, str], body: bytes, deadline: float
) -> Answer:
    """The endpoint's answer to a POST, whatever it is; a redirect is one and not followed.

    No answer is an OSError that says what happened instead, at the deadline a TimeoutError.
    """
    reason = "Nobody answers there."
    async with asyncio.timeout_at(deadline) as limit:
        for address in endpoint.addresses:
            try:
                return await _post_to(address, endpoint, headers, body, limit)
            except httpx.ConnectError as error:
                reason = f"Nobody answers at {address} port {endpoint.port}: {error}."
            except (httpx.HTTPError, ValueError) as error:
                raise OSError(f"There was no answer: {error or type(error).__name__}.") from None
    raise OSError(reason)


async def _post_to(
    address: str,
    endpoint: Endpoint,
    headers: Mapping[str, str],
    body: bytes,
    limit: asyncio.Timeout,
) -> Answer:
    request = httpx.Request(
        "POST",
        httpx.URL(
            scheme=endpoint.scheme,
            host=address,
            port=endpoint.port,
            raw_path=endpoint.target.encode("ascii"),
        ),
        headers=_framed(headers, endpoint),
        content=body,
        extensions={"sni_hostname": endpoint.host},
    )
    trust = _trust() if endpoint.scheme == "https" else _no_trust()
    async with httpx.AsyncHTTPTransport(verify=trust, trust_env=False, limits=_ONCE) as transport:
        answer = await transport.handle_async_request(request)
        assert isinstance(answer.stream, AsyncIterable)
        deadline = limit.when()
        limit.reschedule(None)  # it has answered; that the rest does not come changes nothing
        try:
            return Answer(answer.status_code, await _beginning(answer.stream, deadline))
        finally:
            await answer.aclose()


def _framed(headers: Mapping[str, str], endpoint: Endpoint) -> httpx.Headers:
    framed = httpx.Headers(headers)
    framed["Host"] = endpoint.named
    framed["Connection"] = "close"
    return framed


async def _beginning(stream: AsyncIterable[bytes], deadline: float | None) -> str:
    """How an answer begins: what comes until it ends, is too much, or the time is over."""
    heard = b""
    try:
        async with asyncio.timeout_at(deadline):
            async for part in stream:
                heard += part
                if len(heard) >= LONGEST:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass
    return heard[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN]


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def _no_trust() -> ssl.SSLContext:
    """Stands where there is nobody to trust, and costs nothing to make."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
