"""Request bodies: read within limits, decoded by media type, checked, completed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
import python_multipart
from python_multipart.exceptions import FormParserError
from starlette.types import Receive

from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.parameters import (
    MISSING,
    MalformedError,
    Reader,
    Sources,
    form_reader,
    split_pairs,
    types_of,
)
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.schemas import Schemas, Validator, sentence
from greenroom.emulator.engine.values import Change, compile_defaults, compile_lenience
from greenroom.emulator.toolkit import ApiError, InvalidError, Request, Violation

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_LONG_NUMBER = re.compile(rb"[0-9]{19}")


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
        more = message.get("more_body", False) and message["type"] == "http.request"
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
    """The JSON value of a body, within the nesting limit."""
    if raw.count(b"[") + raw.count(b"{") > limits.nesting:
        _check_nesting(raw, limits.nesting)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise malformed("JSON", f"The body is not JSON: {error}.") from None


def _check_nesting(raw: bytes, limit: int) -> None:
    depth, inside, escaped = 0, False, False
    for byte in raw:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            if depth > limit:
                raise malformed("JSON", f"The body is nested deeper than {limit} levels.")
        elif byte in b"]}":
            depth -= 1


def _exact(raw: bytes) -> Any:
    """The body once more with integers of any size, which the quick parser turns to floats."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return MISSING


class Form:
    """A form body read by its schema: each property is a parameter in style form."""

    def __init__(self, media: Place) -> None:
        schema = media.child("schema")
        encoding = media.get("encoding") or {}
        self._readers: dict[str, Reader] = {}
        self._collect(schema, encoding)

    def _collect(self, schema: Place, encoding: dict[str, Any]) -> None:
        for index in range(len(schema.get("allOf") or [])):
            self._collect(schema.child("allOf", index), encoding)
        for name, place in schema.items("properties"):
            rule = encoding.get(name, {})
            style = rule.get("style", "form")
            nested = types_of(place) == {"object"} and style != "deepObject"
            self._readers[name] = form_reader(
                name,
                place,
                style=style,
                explode=rule.get("explode", style == "form") and not nested,
                pick=lambda sources: sources.pairs,
                plus=True,
            )

    def decode(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        """The object the pairs spell; unknown names stay texts."""
        sources = Sources({}, "", {}, _pairs=pairs)
        out: dict[str, Any] = {}
        violations = []
        for name, read in self._readers.items():
            try:
                value = read(sources)
            except MalformedError as error:
                message = sentence("malformed", error.wanted)
                violations.append(
                    Violation(
                        "body", (name, *error.path), "malformed", error.wanted, error.text, message
                    )
                )
                continue
            if value is not MISSING:
                out[name] = value
        if violations:
            raise InvalidError("The form cannot be read.", violations=violations)
        for name, value in pairs:
            if name not in self._readers:
                out.setdefault(name, value.replace("+", " "))
        return out


def multipart_fields(request: Request) -> dict[str, Any]:
    """The fields of a multipart body: texts, and bytes for files; repeated ones as lists."""
    fields: dict[str, list[Any]] = {}

    def on_field(field: Any) -> None:
        text = (field.value or b"").decode(errors="strict")
        fields.setdefault(field.field_name.decode(), []).append(text)

    def on_file(file: Any) -> None:
        file.file_object.seek(0)
        fields.setdefault(file.field_name.decode(), []).append(file.file_object.read())

    headers = {"Content-Type": request.headers.get("content-type", "").encode("latin-1")}
    try:
        python_multipart.parse_form(headers, BytesIO(request.body), on_field, on_file)
    except (FormParserError, UnicodeDecodeError, ValueError) as error:
        raise malformed("multipart form", f"The body is not a multipart form: {error}.") from None
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


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
                form=Form(media) if schema and key in (FORM, MULTIPART) else None,
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
        """The decoded and completed body; None when there is none and none is needed."""
        if not request.body:
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
        if media.validator is not None and not media.validator.is_valid(value):
            if _LONG_NUMBER.search(request.body) and media.form is None:
                again = _exact(request.body)
                value = value if again is MISSING else again
            violations += media.validator.violations(value, "body")
        elif media.complete is not None:
            value = media.complete(value)
        return value

    @staticmethod
    def _decode(media: MediaType, request: Request, limits: Limits) -> Any:
        if media.name == FORM:
            try:
                pairs = split_pairs(request.body.decode())
            except UnicodeDecodeError:
                raise malformed("a form", "The body is not a form in UTF-8.") from None
            return media.form.decode(pairs) if media.form else dict(pairs)
        if media.name == MULTIPART:
            return multipart_fields(request)
        if media.name == "application/json" or media.name.endswith("+json") or media.name == "*/*":
            return load_json(request.body, limits)
        if media.name.startswith("text/"):
            try:
                return request.body.decode()
            except UnicodeDecodeError:
                raise malformed("text", "The body is not text in UTF-8.") from None
        return request.body
