"""Answers: dressed, checked against the spec, serialised, sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from starlette.types import Receive, Send

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.schemas import Items, Schemas, Validator
from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.emulator.toolkit.writing import json_bytes

JSON = "application/json"
LONG_LIST = 10  # so many items are judged one by one: most were judged before
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def bare(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


class ReplyMismatchError(Exception):
    """An answer of ours does not fit the spec: a bug in a handler or in a spec."""


class Replies:
    """The documented answers of one operation."""

    def __init__(self, mount: Mount, place: Place, schemas: Schemas) -> None:
        self._mount = mount
        self._schemas = schemas
        self._id: str = place.get("operationId")
        self._documented = dict(place.items("responses"))
        self._validators: dict[tuple[int, str | None, bool], Validator | None] = {}
        self._items: dict[Validator, Items | None] = {}
        self.statuses = sorted(int(code) for code in self._documented if code.isdigit())
        successes = [status for status in self.statuses if status < 300]
        self.success = successes[0] if successes else 200
        self._ambiguous = len(successes) > 1
        self._media = {
            int(code): each.get("x-default-media-type")
            or next(iter(each.get("content") or {}), None)
            for code, each in self._documented.items()
            if code.isdigit()
        }

    def finish(self, result: Any, call: Call) -> Reply:
        """What a handler returned, as the reply that is sent."""
        if isinstance(result, Reply):  # a copy: the handler may keep its own and answer it again
            reply = replace(result)
        elif isinstance(result, tuple):
            reply = Reply(result[0], result[1])
        else:
            reply = Reply(result)
        if reply.status is None:
            if self._ambiguous:
                raise ReplyMismatchError(
                    f"{self._mount.source}: {self._id} documents several successes; "
                    "its handler must say which one it means."
                )
            reply.status = self.success
        wire = self._mount.provider.wire
        dressed = reply if wire.write_reply is None else wire.write_reply(reply, call)
        if wire.request_id is not None:
            dressed.headers = {**wire.request_id(call.request.key.text), **dressed.headers}
        if dressed.status is None:
            dressed.status = reply.status
        return self.checked(dressed)

    def checked(self, reply: Reply) -> Reply:
        """The same reply with its media type, held to the spec when checking is on."""
        status = reply.status or self.success
        if reply.media_type is None and reply.body is not None:
            reply.media_type = self._media.get(status) or JSON
        if self._mount.check_replies and reply.stream is None:
            self._check(reply, status)
        return reply

    def _check(self, reply: Reply, status: int) -> None:
        kind = (status, reply.media_type, type(reply.body) is bytes)
        try:
            validator = self._validators[kind]
        except KeyError:
            validator = self._validators[kind] = self._compile(reply, status)
        if validator is None or self._fits(validator, reply):
            return
        first = validator.violations(reply.body, "body")[0]
        raise ReplyMismatchError(
            f"{self._mount.source}: {self._id} answers {status} with a body that does not fit: "
            f"{first.pointer or '/'} {first.message} (it is {first.value!r})"
        )

    def _fits(self, validator: Validator, reply: Reply) -> bool:
        """Whether the body fits; if so, JSON is written on the way."""
        writers = self._mount.provider.wire.writers
        if writers and bare(reply.media_type or "") in writers:
            return validator.is_valid(reply.body)
        text, proven = payload(reply, None), self._schemas.proven
        known = proven.get(validator, text)
        if known is None and not self._fits_by_items(validator, reply.body):
            if not validator.is_valid(reply.body):
                return False
            proven.add(validator, text)
        reply.body = known or text
        return True

    def _fits_by_items(self, validator: Validator, body: Any) -> bool:
        """Whether it is a long list each of whose items fits, as most are known to."""
        items = self._items.get(validator)
        if items is None or type(body) is not list or not LONG_LIST <= len(body) <= items.most:
            return False
        return all(self._schemas.proven.fits(items.validator, each) for each in body)

    def _compile(self, reply: Reply, status: int) -> Validator | None:
        words = (str(status), f"{status // 100}XX", "default")
        code = next((word for word in words if word in self._documented), None)
        if code is None:
            raise ReplyMismatchError(
                f"{self._mount.source}: {self._id} answers {status}, which is not documented."
            )
        place, body, media = self._documented[code], reply.body, bare(reply.media_type or "")
        content: Mapping[str, Json] = place.get("content") or {}
        if body is None:
            if content:
                raise ReplyMismatchError(
                    f"{self._mount.source}: {self._id} answers {code} without the documented body."
                )
            return None
        known = next((key for key in content if bare(key) == media), None)
        if known is None:
            raise ReplyMismatchError(
                f"{self._mount.source}: {self._id} answers {code} with a body of {media}, "
                "which is not documented."
            )
        if isinstance(body, bytes) or "schema" not in content[known]:
            return None
        pointer = place.child("content", known, "schema").pointer
        validator = self._schemas.response(pointer)
        self._items[validator] = self._schemas.items(pointer)
        return validator


def payload(reply: Reply, mount: Mount | None) -> bytes:
    """The bytes of a reply's body, by the provider's writer or as JSON."""
    body = reply.body
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if mount is not None and mount.provider.wire.writers and reply.media_type is not None:
        write = mount.provider.wire.writers.get(bare(reply.media_type))
        if write is not None:
            return write(body)
    return json_bytes(body)


async def stream_reply(reply: Reply, receive: Receive, send: Send) -> None:
    """Send a stream until it ends or nobody listens any more."""
    headers = [
        *encoded_headers(reply.headers),
        (b"content-type", _media_type_bytes(reply.media_type or JSON)),
    ]
    await send({"type": "http.response.start", "status": reply.status or 200, "headers": headers})
    sending = asyncio.ensure_future(_chunks(reply, send))
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        leaving.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)
    await send({"type": "http.response.body", "body": b""})


async def _chunks(reply: Reply, send: Send) -> None:
    assert reply.stream is not None
    async for chunk in reply.stream:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_reply(reply: Reply, send: Send, mount: Mount | None = None) -> None:
    """Serialise and send."""
    data = payload(reply, mount)
    headers = encoded_headers(reply.headers) if reply.headers else []
    said = bool(headers) and any(name == b"content-type" for name, _ in headers)
    if reply.body is not None and not said:
        headers.append((b"content-type", _media_type_bytes(reply.media_type or JSON)))
    if reply.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(data)))
    await send({"type": "http.response.start", "status": reply.status or 200, "headers": headers})
    await send({"type": "http.response.body", "body": data})


def field_value(text: str) -> str:
    """The text as a header field can carry it: on one line, and in Latin-1."""
    return _CONTROL.sub(" ", text).encode("latin-1", "replace").decode("latin-1")


def encoded_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as they go over the wire."""
    return [
        (name.lower().encode("latin-1"), field_value(value).encode("latin-1"))
        for name, value in headers.items()
    ]


@lru_cache(maxsize=100)
def _media_type_bytes(media_type: str) -> bytes:
    return media_type.encode("latin-1")
