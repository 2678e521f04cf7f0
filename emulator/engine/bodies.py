"""Request bodies: read within limits, decoded by media type, checked, completed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.types import Receive

from greenroom.emulator.engine.casting import MalformedError
from greenroom.emulator.engine.forms import Form, multipart_fields
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.parameters import split_pairs
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.schemas import Schemas, Validator, sentence
from greenroom.emulator.engine.values import Change, compile_defaults, compile_lenience
from greenroom.emulator.toolkit import ApiError, InvalidError, Request, Violation

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19  # once every digit is a nought
_SQUARE = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b'[]{}"'))
_TEXT = re.compile(rb'"[^"]*"')


async def read_body(headers: list[tuple[bytes, bytes]], receive: Receive, limits: Limits) -> bytes:
    """The whole body; too large a one is refused with 413 before it is read whole."""
    declared, chunked = 0, False
    for name, value in headers:
        if name == b"content-length":
            declared = int(value) if value.isdigit() else 0
        elif name == b"transfer-encoding":
            chunked = True
    if not declared and not chunked:
        return b""
    if declared > limits.body:
        raise _too_large(limits)
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limits.body:
            raise _too_large(limits)
        chunks.append(chunk)
        more = message.get("more_body", False)
        if message["type"] == "http.disconnect":
            raise malformed("whole", "The client hung up before the body was complete.")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limits: Limits) -> ApiError:
    return ApiError(
        f"The body is larger than {limits.body} bytes.",
        status=413,
        code="payload_too_large",
        headers={"Connection": "close"},
    )


def malformed(what: str, detail: str) -> InvalidError:
    """The refusal of a body that cannot be read at all."""
    violation = Violation("body", (), "malformed", what, None, sentence("malformed", what))
    return InvalidError(detail, code="malformed_body", violations=[violation])


def load_json(raw: bytes, limits: Limits) -> Any:
    """The JSON value of a body, within the nesting limit.

    The quick parser turns integers beyond 64 bits into floats, so such a body is read twice.
    """
    try:
        value = orjson.loads(raw)
        if raw.count(b"[") + raw.count(b"{") > limits.nesting:
            _check_nesting(raw, limits.nesting)
        return json.loads(raw) if _LONG_NUMBER in raw.translate(_DIGITS) else value
    except ValueError as error:
        raise malformed("JSON", f"The body is not JSON: {error}.") from None


def _check_nesting(raw: bytes, limit: int) -> None:
    """Refuse JSON of too many levels: of its brackets, the innermost go, and go again."""
    bare = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = _TEXT.sub(b"", bare.translate(_SQUARE, _OTHERS))
    for _ in range(limit):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise malformed("JSON", f"The body is nested deeper than {limit} levels.")


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type of a request body."""

    name: str
    form: Form | None
    validator: Validator | None
    convert: Change | None
    complete: Change | None


class Body:
    """The request body of one operation."""

    def __init__(
        self, place: Place, schemas: Schemas, *, checked: bool, lenient: tuple[str, ...] = ()
    ) -> None:
        self.required = bool(place.get("required"))
        self._checked = checked
        self._media: dict[str, MediaType] = {}
        for name, media in place.items("content"):
            schema = media.child("schema") if "schema" in media.node else None
            key = name.partition(";")[0].strip().lower()
            self._media[key] = MediaType(
                name=key,
                form=Form(media) if key in (FORM, MULTIPART) else None,
                validator=schemas.request(schema.pointer) if schema and checked else None,
                convert=compile_lenience(schema, lenient) if schema and checked else None,
                complete=compile_defaults(schema) if schema and checked else None,
            )
        self._default = next(iter(self._media.values()))

    def media_type(self, request: Request) -> MediaType:
        """What the body claims to be; the first documented type when it claims nothing."""
        claimed = request.media_type
        if not claimed:
            return self._default
        for key in (claimed, claimed.partition("/")[0] + "/*", "*/*"):
            if key in self._media:
                return self._media[key]
        accepted = ", ".join(self._media)
        raise ApiError(
            f"The content type {claimed} is not supported here; send {accepted}.",
            status=415,
            code="unsupported_media_type",
        )

    def read(self, request: Request, limits: Limits, violations: list[Violation]) -> Any:
        """The decoded and completed body; None when there is none and none is needed.

        A form with nothing in it is a form all the same.
        """
        if not request.body and not (request.media_type == FORM and FORM in self._media):
            if self._checked and request.media_type:
                self.media_type(request)
            if self.required and self._checked:
                message = "A body is required."
                violations.append(Violation("body", (), "required", "body", None, message))
            return None
        media = self.media_type(request)
        value = self._decode(media, request, limits)
        if media.convert is not None:
            value = media.convert(value)
        judged = _texts(value) if media.form or isinstance(value, bytes) else value
        if media.validator is not None and not media.validator.is_valid(judged):
            violations += media.validator.violations(judged, "body")
        elif media.complete is not None:
            value = media.complete(value)
        return value

    @staticmethod
    def _decode(media: MediaType, request: Request, limits: Limits) -> Any:
        if media.form is not None:
            return _decode_form(media.form, request, multipart=media.name == MULTIPART)
        if media.name == "application/json" or media.name.endswith("+json") or media.name == "*/*":
            return load_json(request.body, limits)
        if media.name.startswith("text/"):
            try:
                return request.body.decode()
            except UnicodeDecodeError:
                raise malformed("text", "The body is not text in UTF-8.") from None
        return request.body


def _decode_form(form: Form, request: Request, *, multipart: bool) -> Any:
    try:
        if multipart:
            content_type = request.headers.get("content-type", "")
            return form.decode_parts(multipart_fields(content_type, request.body))
        return form.decode(split_pairs(request.body.decode()))
    except UnicodeDecodeError:
        raise malformed("a form", "The body is not a form in UTF-8.") from None
    except MalformedError as error:
        raise malformed(error.wanted, f"The body is no {error.wanted}: {error.text}.") from None


def _texts(value: Any) -> Any:
    """The value with bytes as texts of as many characters, for a validator to judge."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    return value
