"""Filter expressions: parsed by a grammar, held to the fields of a list, made into a test."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken

from greenroom.handlers.portsip import instants
from greenroom.handlers.portsip.errors import ListOptionError

Kind: TypeAlias = Literal["text", "integer", "boolean", "instant"]
Fields: TypeAlias = Mapping[str, Kind]
Test: TypeAlias = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field, an operator and what stands right of it."""

    field: Token
    operator: Token
    literal: Token


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a field and a text."""

    name: Token
    field: Token
    text: Token


@dataclass(frozen=True, slots=True)
class Negation:
    """What must not be true."""

    part: Node


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Parts that must all be true."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Parts of which one must be true."""

    parts: tuple[Node, ...]


Node: TypeAlias = Comparison | Function | Negation | Conjunction | Disjunction

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}


class _Builder(Transformer[Token, Node]):
    """Makes nodes while the parser runs, so that no depth of brackets is walked again."""

    def comparison(self, parts: list[Token]) -> Node:
        return Comparison(*parts)

    def function(self, parts: list[Token]) -> Node:
        return Function(*parts)

    def negation(self, parts: list[Node]) -> Node:
        inner = parts[0]
        return inner.part if isinstance(inner, Negation) else Negation(inner)

    def both(self, parts: list[Node]) -> Node:
        return Conjunction(tuple(parts))

    def either(self, parts: list[Node]) -> Node:
        return Disjunction(tuple(parts))


@cache
def _parser() -> Lark:
    grammar = (files("greenroom.handlers.portsip") / "filters.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", transformer=_Builder())


def parsed(text: str) -> Node:
    """The expression as nodes; what is no expression is refused with the place."""
    try:
        return _parser().parse(text)  # type: ignore[return-value]  # the builder makes nodes, no trees
    except UnexpectedInput as error:
        raise _misread(text, error) from None


def _misread(text: str, error: UnexpectedInput) -> ListOptionError:
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    position = len(text) if ended else error.pos_in_stream or 0
    reason = "the expression is not complete." if ended else "this is not expected here."
    return ListOptionError("filter", reason, position + 1)


def compiled(text: str, fields: Fields) -> Test:
    """A test of records for the expression, whose fields must be among these."""
    return _test(parsed(text), fields)


def _test(node: Node, fields: Fields) -> Test:
    match node:
        case Comparison():
            return _comparison(node, fields)
        case Function():
            return _function(node, fields)
        case Negation(part):
            denied = _test(part, fields)
            return lambda record: not denied(record)
        case Conjunction(parts):
            every = [_test(part, fields) for part in parts]
            return lambda record: all(test(record) for test in every)
        case Disjunction(parts):
            some = [_test(part, fields) for part in parts]
            return lambda record: any(test(record) for test in some)


def _comparison(node: Comparison, fields: Fields) -> Test:
    field, kind, compare = str(node.field), _kind(node.field, fields), OPERATORS[node.operator]
    if node.literal.type == "NULL":
        unset = {"eq": True, "ne": False}.get(node.operator)
        return lambda record: (record.get(field) is None) is unset
    if kind == "boolean" and node.operator not in ("eq", "ne"):
        raise _clash(node.operator, f"{field} is a boolean and takes eq and ne.")
    wanted, value = _value(node.literal, kind, field), _READERS[kind]

    def test(record: Mapping[str, Any]) -> bool:
        found = record.get(field)
        return found is not None and compare(value(found), wanted)

    return test


def _function(node: Function, fields: Fields) -> Test:
    field, function, wanted = str(node.field), FUNCTIONS[node.name], _unquoted(node.text).casefold()
    if _kind(node.field, fields) != "text":
        raise _clash(node.field, f"{node.name} looks into texts, and {field} is none.")

    def test(record: Mapping[str, Any]) -> bool:
        found = record.get(field)
        return found is not None and function(found.casefold(), wanted)

    return test


def _kind(field: Token, fields: Fields) -> Kind:
    if field not in fields:
        raise _clash(field, f"{field} is no field of this list; there are {', '.join(fields)}.")
    return fields[field]


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    "text": str,
    "integer": int,
    "boolean": bool,
    "instant": instants.read,
}


def _value(literal: Token, kind: Kind, field: str) -> Any:
    """The literal as a value of this kind."""
    if kind == "text" and literal.type == "TEXT":
        return _unquoted(literal)
    if kind == "integer" and literal.type == "INTEGER":
        return int(literal)
    if kind == "boolean" and literal.type in ("TRUE", "FALSE"):
        return literal == "true"
    if kind == "instant" and literal.type in ("TEXT", "INSTANT"):
        moment = instants.read(_unquoted(literal) if literal.type == "TEXT" else str(literal))
        if moment is not None:
            return moment
    raise _clash(literal, f"{field} is compared with {_WANTED[kind]}.")


_WANTED: Mapping[Kind, str] = {
    "text": "a text in single quotes",
    "integer": "an integer",
    "boolean": "true or false",
    "instant": "an instant such as 2027-07-21T17:32:28Z",
}


def _unquoted(text: Token) -> str:
    return text[1:-1].replace("''", "'")


def _clash(token: Token, reason: str) -> ListOptionError:
    return ListOptionError("filter", reason, (token.start_pos or 0) + 1)
