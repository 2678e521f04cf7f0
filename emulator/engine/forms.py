"""Form bodies, urlencoded and multipart, read by their schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from greenroom.emulator.engine.casting import MalformedError, caster, decoded, types_of
from greenroom.emulator.engine.parameters import MISSING, Pairs, Reader, Sources, form_reader
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.schemas import sentence
from greenroom.emulator.toolkit import InvalidError, Json, Violation

Fields = dict[str, list[str | bytes]]


class Form:
    """A form body read by its schema: each property is a parameter in style form.

    In a multipart body a part is a text, an object as JSON, or bytes when it is a file; repeated
    parts are a list.
    """

    def __init__(self, media: Place) -> None:
        properties = _properties(media.child("schema")) if "schema" in media.node else {}
        encoding = media.get("encoding") or {}
        self._readers = {
            name: _reader(name, place, encoding.get(name, {})) for name, place in properties.items()
        }
        self._deep = tuple(
            f"{name}[" for name in properties if encoding.get(name, {}).get("style") == "deepObject"
        )
        self._parts = {name: _part_reader(place) for name, place in properties.items()}

    def decode(self, pairs: Pairs) -> Json:
        """The object the pairs spell; unknown names stay texts."""
        sources = Sources({}, "", {}, _pairs=pairs)
        out = _read_all({name: _bound(read, sources) for name, read in self._readers.items()})
        unknown = {
            name: _bound(_text, raw)
            for name, raw in pairs
            if name not in self._readers and not name.startswith(self._deep)
        }
        return out | _read_all(unknown)

    def decode_parts(self, fields: Fields) -> Json:
        """The object the parts of a multipart body spell."""
        reads = {
            name: _bound(self._parts.get(name, _as_they_are), values)
            for name, values in fields.items()
        }
        return _read_all(reads)


def _bound(read: Callable[[Any], Any], value: Any) -> Callable[[], Any]:
    return lambda: read(value)


def _read_all(reads: Mapping[str, Callable[[], Any]]) -> Json:
    """What each of these reads; all that cannot be read is refused at once."""
    out: Json = {}
    violations = []
    for name, read in reads.items():
        try:
            value = read()
        except MalformedError as error:
            path, message = (name, *error.path), sentence("malformed", error.wanted)
            violations.append(
                Violation("body", path, "malformed", error.wanted, error.text, message)
            )
            continue
        if value is not MISSING:
            out[name] = value
    if violations:
        raise InvalidError("The form cannot be read.", violations=violations)
    return out


def _properties(schema: Place) -> dict[str, Place]:
    """The properties of an object schema, through its compositions."""
    found: dict[str, Place] = {}
    for index in range(len(schema.get("allOf") or [])):
        found |= _properties(schema.child("allOf", index))
    return found | dict(schema.items("properties"))


def _reader(name: str, place: Place, rule: Mapping[str, Any]) -> Reader:
    style = rule.get("style", "form")
    nested = types_of(place) == {"object"} and style != "deepObject"
    return form_reader(
        name,
        place,
        style=style,
        explode=rule.get("explode", style == "form") and not nested,
        pick=lambda sources: sources.pairs,
        plus=True,
    )


def _text(raw: str) -> str:
    return decoded(raw, plus=True)


def _part_reader(place: Place) -> Callable[[list[str | bytes]], Any]:
    types = types_of(place)
    if types == {"array"}:
        read_item = _part_reader(place.child("items")) if "items" in place.node else _as_they_are
        return lambda values: [read_item([value]) for value in values]
    read = _json if types == {"object"} else caster(place)
    return lambda values: _as_they_are(
        [value if isinstance(value, bytes) else read(value) for value in values]
    )


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise MalformedError("JSON", text) from None


def _as_they_are(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def multipart_fields(content_type: str, body: bytes) -> Fields:
    """The parts of a multipart body by name: texts, and bytes for files.

    What is not a whole multipart form is a `MalformedError`.
    """
    fields: Fields = {}

    def on_field(field: Any) -> None:
        text = (field.value or b"").decode()
        fields.setdefault(field.field_name.decode(), []).append(text)

    def on_file(file: Any) -> None:
        file.file_object.seek(0)
        fields.setdefault(file.field_name.decode(), []).append(file.file_object.read())

    header = content_type.encode("latin-1")
    boundary = parse_options_header(header)[1].get(b"boundary", b"")
    try:
        parser = python_multipart.create_form_parser(
            {"Content-Type": header},
            on_field,
            on_file,
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1},
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, UnicodeDecodeError) as error:
        raise MalformedError("multipart form", str(error)) from None
    if b"--" + boundary + b"--" not in body:
        raise MalformedError("multipart form", "the closing boundary is missing")
    return fields
