"""Parameters as the spec's styles spell them, read, cast and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from greenroom.emulator.engine.casting import MalformedError, caster, decoded, types_of
from greenroom.emulator.engine.names import python_name
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.schemas import Schemas, Validator, sentence
from greenroom.emulator.toolkit import Violation

MISSING: Any = object()
Pairs: TypeAlias = list[tuple[str, str]]
Reader: TypeAlias = Callable[["Sources"], Any]

_DEFAULT_STYLE = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_DELIMITER = {
    "form": re.compile(","),
    "spaceDelimited": re.compile(r"%20|\+| "),
    "pipeDelimited": re.compile(r"\||%7[cC]"),
}


@dataclass(slots=True)
class Sources:
    """Where parameters of one request are read from: raw texts, still percent-encoded."""

    path: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    _pairs: Pairs | None = None
    _cookies: Pairs | None = None

    @property
    def pairs(self) -> Pairs:
        """The query's names (decoded) and values (raw), in order."""
        if self._pairs is None:
            self._pairs = split_pairs(self.query)
        return self._pairs

    @property
    def cookies(self) -> Pairs:
        """The cookies, in order."""
        if self._cookies is None:
            parts = (
                part.strip().partition("=") for part in self.headers.get("cookie", "").split(";")
            )
            self._cookies = [(name, value) for name, _, value in parts if name]
        return self._cookies


def split_pairs(text: str) -> Pairs:
    """Names (decoded) and values (raw) of a query or form."""
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            try:
                pairs.append((decoded(name, plus=True), value))
            except MalformedError:
                pairs.append((name, value))
    return pairs


def _members(place: Place) -> dict[str, Callable[[str], Any]]:
    """Casts of an object schema's properties."""
    casts = {name: _value_caster(child) for name, child in place.items("properties")}
    for index in range(len(place.get("allOf") or [])):
        casts |= _members(place.child("allOf", index))
    return casts


def _value_caster(place: Place) -> Callable[[str], Any]:
    return caster(place.child("items")) if place.get("type") == "array" else caster(place)


def _alternating(parts: list[str], casts: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    return {
        name: _cast_part(casts.get(name, str), value, name)
        for name, value in zip(parts[::2], parts[1::2], strict=False)
    }


def _assigned(parts: list[str], casts: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    pairs = (part.partition("=") for part in parts)
    return {name: _cast_part(casts.get(name, str), value, name) for name, _, value in pairs}


def form_reader(
    name: str,
    place: Place,
    *,
    style: str,
    explode: bool,
    pick: Callable[[Sources], Pairs],
    plus: bool,
) -> Reader:
    """A reader of one parameter spelled as in a form, by schema type, style and explode."""
    types = types_of(place)
    delimiter = _DELIMITER.get(style, _DELIMITER["form"])

    def texts(sources: Sources) -> list[str]:
        return [value for key, value in pick(sources) if key == name]

    if types == {"array"}:
        cast = caster(place.child("items")) if "items" in place.node else str

        def read_array(sources: Sources) -> Any:
            found = texts(sources)
            if not found:
                return MISSING
            parts = (
                found if explode else [p for raw in found[-1:] for p in delimiter.split(raw) if raw]
            )
            return [
                _cast_part(cast, decoded(part, plus=plus), index)
                for index, part in enumerate(parts)
            ]

        return read_array
    if types == {"object"}:
        casts = _members(place)
        if style == "deepObject":
            return _deep_reader(name, place, casts, pick)
        if explode:

            def read_spread(sources: Sources) -> Any:
                found = {
                    key: _cast_part(casts[key], decoded(value, plus=plus), key)
                    for key, value in pick(sources)
                    if key in casts
                }
                return found or MISSING

            return read_spread

        def read_object(sources: Sources) -> Any:
            found = texts(sources)
            if not found:
                return MISSING
            parts = [decoded(part, plus=plus) for part in delimiter.split(found[-1])]
            return _alternating(parts, casts)

        return read_object
    cast = caster(place)

    def read_scalar(sources: Sources) -> Any:
        found = texts(sources)
        return cast(decoded(found[-1], plus=plus)) if found else MISSING

    return read_scalar


def _cast_part(cast: Callable[[str], Any], text: str, name: str | int) -> Any:
    """One item or member, read; when it cannot be, the error says which one it was."""
    try:
        return cast(text)
    except MalformedError as error:
        raise MalformedError(error.wanted, text, name) from None


def _deep_reader(
    name: str,
    place: Place,
    casts: Mapping[str, Callable[[str], Any]],
    pick: Callable[[Sources], Pairs],
) -> Reader:
    arrays = {key for key, child in place.items("properties") if child.get("type") == "array"}
    member = re.compile(re.escape(name) + r"\[([^\[\]]*)\](?:\[\])?")

    def read_deep(sources: Sources) -> Any:
        found: dict[str, Any] = {}
        for key, raw in pick(sources):
            if matched := member.fullmatch(key):
                inner = matched[1]
                value = _cast_part(casts.get(inner, str), decoded(raw, plus=True), inner)
                if inner in arrays:
                    found.setdefault(inner, []).append(value)
                else:
                    found[inner] = value
        return found or MISSING

    return read_deep


def _simple_reader(name: str, place: Place, *, style: str, explode: bool, where: str) -> Reader:
    types = types_of(place)
    casts = _members(place) if types == {"object"} else {}
    item = caster(place.child("items")) if types == {"array"} and "items" in place.node else str
    scalar = caster(place)
    separator = {"label": "." if explode else ",", "matrix": ";" if explode else ","}.get(
        style, ","
    )

    def read(sources: Sources) -> Any:
        raw = sources.path.get(name) if where == "path" else sources.headers.get(name.lower())
        if raw is None:
            return MISSING
        raw = _unprefixed(raw, name, style, keep_names=types == {"object"} and explode)
        decode = decoded if where == "path" else str
        if types == {"object"}:
            parts = [decode(part.strip()) for part in raw.split(separator)]
            return _assigned(parts, casts) if explode else _alternating(parts, casts)
        if types == {"array"}:
            parts = [part.strip() for part in raw.split(separator)] if raw else []
            if style == "matrix" and explode:
                parts = [part.removeprefix(f"{name}=") for part in parts]
            return [_cast_part(item, decode(part), index) for index, part in enumerate(parts)]
        return scalar(decode(raw))

    return read


def _unprefixed(raw: str, name: str, style: str, *, keep_names: bool) -> str:
    if style == "label":
        return raw.removeprefix(".")
    if style == "matrix":
        raw = raw.removeprefix(";")
        if keep_names:
            return raw
        return "" if raw == name else raw.removeprefix(f"{name}=")
    return raw


def _json_reader(text: Reader) -> Reader:
    def read(sources: Sources) -> Any:
        found = text(sources)
        if found is MISSING:
            return MISSING
        try:
            return orjson.loads(found)
        except orjson.JSONDecodeError:
            raise MalformedError("JSON", found) from None

    return read


_PICK: Mapping[str, Callable[[Sources], Pairs]] = {
    "query": lambda sources: sources.pairs,
    "cookie": lambda sources: sources.cookies,
}
_TEXT = Place({"type": "string"}, "")


def _reader(name: str, where: str, place: Place, *, style: str, explode: bool) -> Reader:
    if where in _PICK:
        return form_reader(
            name, place, style=style, explode=explode, pick=_PICK[where], plus=where == "query"
        )
    return _simple_reader(name, place, style=style, explode=explode, where=where)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, ready to be read from a request."""

    name: str
    python_name: str
    where: str
    required: bool
    default: Any
    read: Reader
    validator: Validator | None

    def value(self, sources: Sources, violations: list[Violation]) -> Any:
        """The value, the default, or `MISSING`; what is wrong with it is added to the list."""
        try:
            found = self.read(sources)
        except MalformedError as error:
            path, message = (self.name, *error.path), sentence("malformed", error.wanted)
            violations.append(
                Violation(self.where, path, "malformed", error.wanted, error.text, message)
            )
            return MISSING
        if found is MISSING:
            if self.required:
                message = sentence("required", self.name)
                violations.append(
                    Violation(self.where, (self.name,), "required", self.name, None, message)
                )
            default = self.default
            return deepcopy(default) if isinstance(default, dict | list) else default
        if self.validator is not None and not self.validator.is_valid(found):
            violations += self.validator.violations(found, self.where, (self.name,))
        return found


def compile_parameter(place: Place, schemas: Schemas) -> Parameter:
    """The parameter object at this place of the spec, compiled."""
    node = place.node
    name, where = node["name"], node["in"]
    style = node.get("style", _DEFAULT_STYLE[where])
    explode = node.get("explode", style == "form")
    if "content" in node:
        media_type = next(iter(node["content"]))
        schema = place.child("content", media_type, "schema")
        read = _json_reader(_reader(name, where, _TEXT, style=style, explode=explode))
        plain = False
    else:
        schema = place.child("schema")
        read = _reader(name, where, schema, style=style, explode=explode)
        plain = set(schema.node) <= {"type", "description", "example", "default"}
    return Parameter(
        name=name,
        python_name=python_name(name),
        where=where,
        required=bool(node.get("required")),
        default=schema.get("default", MISSING),
        read=read,
        validator=None if plain else schemas.request(schema.pointer),
    )
