"""OpenAPI 3.0 schemas as compiled validators, one dialect for requests and one for responses."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import cache, cached_property, partial
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs
from isodate import parse_duration

from greenroom.emulator.engine.pointers import escape, look_up
from greenroom.emulator.toolkit import Json, Violation
from greenroom.emulator.toolkit.writing import json_bytes

MOST_VIOLATIONS = 100  # that are told of one value
_REQUEST, _RESPONSE = "urn:request", "urn:response"
_HIDDEN = {_REQUEST: "readOnly", _RESPONSE: "writeOnly"}
_ID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UUID = re.compile(_ID)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

_SENTENCES = {
    "required": "{limit} is required.",
    "type": "must be {limit}.",
    "minLength": "must have at least {limit} character{s}.",
    "maxLength": "must have at most {limit} character{s}.",
    "minimum": "must be at least {limit}.",
    "maximum": "must be at most {limit}.",
    "exclusiveMinimum": "must be more than {limit}.",
    "exclusiveMaximum": "must be less than {limit}.",
    "multipleOf": "must be a multiple of {limit}.",
    "minItems": "must have at least {limit} item{s}.",
    "maxItems": "must have at most {limit} item{s}.",
    "uniqueItems": "must not hold the same item twice.",
    "minProperties": "must have at least {limit} member{s}.",
    "maxProperties": "must have at most {limit} member{s}.",
    "pattern": "must match {limit}.",
    "format": "is not a valid {limit}.",
    "enum": "must be one of {limit}.",
    "additionalProperties": "is not a member that is known here.",
    "oneOf": "must fit exactly one of the documented forms.",
    "anyOf": "must fit one of the documented forms.",
    "not": "has a form that is not allowed.",
    "malformed": "cannot be read as {limit}.",
    "unknown": "is not a parameter of this operation.",
}


def sentence(keyword: str, limit: Any) -> str:
    """What is wrong, for a person, without saying where."""
    plural = "" if limit == 1 else "s"
    if isinstance(limit, list | tuple):
        limit = ", ".join(_word(each) for each in limit)
    return _SENTENCES.get(keyword, "does not fit the schema.").format(limit=limit, s=plural)


def _word(value: Any) -> str:
    """A value that may be sent, as a person would write it down: text bare, the rest as JSON."""
    return value if isinstance(value, str) else json_bytes(value).decode()


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except (ValueError, OverflowError):
        return False
    return True


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "duration": _is_duration,
    "byte": lambda text: _BASE64.fullmatch(text) is not None,
}
_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_PLAIN_LIST = {"type", "items", "maxItems", "title", "description", "example"}
_COMPOSED = {"allOf", "anyOf", "oneOf", "not", "$ref"}


def _transform(node: Any, hidden: str, spec: Json) -> Any:
    """The node in the Draft 4 dialect: nullable spelled out, hidden properties not required."""
    if isinstance(node, list):
        return [_transform(item, hidden, spec) for item in node]
    if not isinstance(node, dict):
        return node
    out = {
        key: _transform(value, hidden, spec)
        for key, value in node.items()
        if key != "nullable" or not isinstance(value, bool)
    }
    properties = node.get("properties")
    if isinstance(properties, dict) and isinstance(node.get("required"), list):
        concealed = {name for name, schema in properties.items() if _says(schema, hidden, spec)}
        kept = [name for name in node["required"] if name not in concealed]
        out.pop("required")
        if kept:
            out["required"] = kept
    if hidden == _HIDDEN[_RESPONSE] and node.get("format") == "uuid" and "pattern" not in node:
        # Answers are full of ids; the validator looks at them itself, without a call for each.
        out["pattern"] = f"^{_ID}$"
        out.pop("format")
    if node.get("type") == "integer" and node.get("format") in _BOUNDS:
        _bound(out, *_BOUNDS[node["format"]])
    if node.get("nullable") is True:
        if isinstance(out.get("type"), str) and not _COMPOSED & out.keys():
            out["type"] = [out["type"], "null"]
            if isinstance(out.get("enum"), list) and None not in out["enum"]:
                out["enum"] = [*out["enum"], None]
        else:
            out = {"anyOf": [{"type": "null"}, out]}
    return out


def _says(schema: Any, word: str, spec: Json) -> bool:
    """Whether a property's schema, or the one it refers to, has this word set."""
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = look_up(spec, schema["$ref"].removeprefix("#"))
    return isinstance(schema, dict) and bool(schema.get(word))


def _bound(schema: Json, lowest: int, highest: int) -> None:
    """Write the range of an integer format as bounds: formats are only checked on texts."""
    if schema.get("minimum", lowest - 1) < lowest:
        schema["minimum"] = lowest
        schema.pop("exclusiveMinimum", None)
    if schema.get("maximum", highest + 1) > highest:
        schema["maximum"] = highest
        schema.pop("exclusiveMaximum", None)


class Validator:
    """One schema, compiled when the first value is held to it."""

    __slots__ = ("_compile", "_document", "is_valid")

    def __init__(
        self, compile: Callable[[], jsonschema_rs.Draft4Validator], document: Json
    ) -> None:
        self._compile = cache(compile)
        self._document = document
        self.is_valid: Callable[[Any], bool] = self._is_valid

    def _is_valid(self, value: Any) -> bool:
        self.is_valid = self._compile().is_valid
        return self.is_valid(value)

    def violations(
        self, value: Any, where: str, prefix: tuple[str | int, ...] = ()
    ) -> list[Violation]:
        """What is wrong with the value, in a stable order; where nearly all is, enough of it."""
        found = [
            Violation(where, path, keyword, limit, offending, sentence(keyword, limit))
            for error in islice(self._compile().iter_errors(value), MOST_VIOLATIONS)
            for path, keyword, limit, offending in self._facts(error, prefix)
        ]
        return sorted(found, key=lambda each: ([str(part) for part in each.path], each.keyword))

    def _facts(
        self, error: jsonschema_rs.ValidationError, prefix: tuple[str | int, ...]
    ) -> list[tuple[tuple[str | int, ...], str, Any, Any]]:
        """Place, keyword, limit and offending value; a missing or unknown member is the place."""
        keyword, limit = error.kind.name, error.kind.value
        path = (*prefix, *error.instance_path)
        if keyword == "required":
            return [((*path, limit), keyword, limit, None)]
        if keyword == "additionalProperties":
            members: Any = error.instance
            return [((*path, name), keyword, name, members[name]) for name in limit]
        if keyword == "type" and isinstance(limit, list):
            limit = [name for name in limit if name != "null"] or limit
            limit = limit[0] if len(limit) == 1 else limit
        elif keyword in ("anyOf", "oneOf"):
            limit = self._alternatives(error.schema_path)
        return [(path, keyword, limit, error.instance)]

    def _alternatives(self, path: list[str | int]) -> Any:
        node: Any = self._document
        try:
            for part in path:
                node = node[part]
        except (KeyError, IndexError, TypeError):
            return None
        return node


class Proven:
    """Bodies that were found to fit a schema, as texts: the same need not be judged again.

    Long ones are not kept, and all are forgotten when they become too many.
    """

    def __init__(self, *, longest: int = 4096, size: int = 1024 * 1024) -> None:
        self._longest = longest
        self._limit = size
        self._size = 0
        self._known: dict[tuple[Validator, bytes], bytes] = {}

    def fits(self, validator: Validator, value: Any) -> bool:
        """Whether a value fits, judged only if its text has not been judged before."""
        text = json_bytes(value)
        if self.get(validator, text) is None:
            if not validator.is_valid(value):
                return False
            self.add(validator, text)
        return True

    def get(self, validator: Validator, text: bytes) -> bytes | None:
        """The same text if it fits, the one that is kept already; None if nobody knows."""
        return self._known.get((validator, text)) if len(text) <= self._longest else None

    def add(self, validator: Validator, text: bytes) -> None:
        """Remember that this text fits what the validator holds it to."""
        size = len(text)
        if size > self._longest:
            return
        if self._size + size > self._limit:
            self._known.clear()
            self._size = 0
        self._known[validator, text] = text
        self._size += size


class Items(NamedTuple):
    """What each item of a list is held to, and how many there may be."""

    validator: Validator
    most: int


class Schemas:
    """All schemas of one spec, compiled when first asked for."""

    def __init__(self, spec: Json, formats: Mapping[str, Callable[[str], bool]]) -> None:
        self._spec = spec
        self._formats: Mapping[str, Mapping[str, Callable[[str], bool]]] = {
            _REQUEST: {**FORMATS, **formats},
            _RESPONSE: FORMATS,  # what came in was checked; a call per value would cost more
        }
        self.proven = Proven()

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        dialects = [
            (urn, _transform(self._spec, word, self._spec)) for urn, word in _HIDDEN.items()
        ]
        return jsonschema_rs.Registry(dialects, draft=jsonschema_rs.Draft4)

    def _compile(self, urn: str, pointer: str) -> jsonschema_rs.Draft4Validator:
        return jsonschema_rs.Draft4Validator(
            {"$ref": f"{urn}#{escape(pointer)}"},
            registry=self._registry,
            validate_formats=True,
            formats=dict(self._formats[urn]),
        )

    def request(self, pointer: str) -> Validator:
        """The validator of the schema at this JSON pointer, for what a client sends."""
        return Validator(partial(self._compile, _REQUEST, pointer), self._spec)

    def response(self, pointer: str) -> Validator:
        """The validator of the schema at this JSON pointer, for what we answer."""
        return Validator(partial(self._compile, _RESPONSE, pointer), self._spec)

    def items(self, pointer: str) -> Items | None:
        """What the items are held to, if the schema says no more than that and how many."""
        schema = look_up(self._spec, pointer)
        while isinstance(schema.get("$ref"), str):
            pointer = schema["$ref"].removeprefix("#")
            schema = look_up(self._spec, pointer)
        if schema.get("type") != "array" or not schema.keys() <= _PLAIN_LIST:
            return None
        return Items(self.response(f"{pointer}/items"), schema.get("maxItems", sys.maxsize))
