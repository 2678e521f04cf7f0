"""Ours beside a stock Connexion application: the same spec, handlers and requests.

What differs must be in the list of `DIFFERENCES`, each a defect of the stock stack; what is in the
list must still differ. That makes this test the gate for a new version of Connexion.
"""

from __future__ import annotations

import inspect
import json
import logging
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote

import connexion
import httpx
import pytest
from connexion.resolver import Resolver
from connexion.security import BearerSecurityHandler
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.emulator.discovery import Found, names
from greenroom.emulator.engine.mounting import operations
from greenroom.emulator.engine.names import python_name
from greenroom.emulator.engine.operation import merged_parameters
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.toolkit import Call, Caller, Credentials, Json

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
REQUIRED = inspect.Parameter.empty
INTEGER: Json = {"type": "integer", "minimum": 1, "maximum": 1000}
TEXT: Json = {"type": "string", "minLength": 2, "maxLength": 8, "pattern": "^[a-zé ]*$"}
ITEM: Json = {
    "type": "object",
    "required": ["name", "kind"],
    "additionalProperties": False,
    "properties": {
        "name": TEXT,
        "kind": {"type": "string", "enum": ["room", "desk"]},
        "seats": {**INTEGER, "nullable": True},
        "ratio": {"type": "number", "multipleOf": 0.5, "exclusiveMinimum": True, "minimum": 0},
        "when": {"type": "string", "format": "date-time"},
        "mail": {"type": "string", "format": "email"},
        "tags": {"type": "array", "uniqueItems": True, "maxItems": 3, "items": TEXT},
        "inside": {"$ref": "#/components/schemas/Box"},
        "either": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
        "any": {"anyOf": [TEXT, {"type": "array"}]},
        "never": {"not": {"type": "string"}},
        "free": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
BOX: Json = {
    "type": "object",
    "nullable": True,
    "minProperties": 1,
    "properties": {"box": {"$ref": "#/components/schemas/Flat"}, "size": INTEGER},
}
FLAT: Json = {"allOf": [{"required": ["a"]}, {"properties": {"a": INTEGER, "b": {}}}]}


@dataclass(frozen=True)
class Sent:
    """One request."""

    line: str
    content: bytes = b""
    type: str | None = None
    token: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    in_chunks: bool = False

    def to(self, tiny: Tiny, app: Any = None) -> httpx.Response:
        """The answer of an application, ours by default."""
        headers = [*self.headers]
        if self.token is not None:
            headers.append(("authorization", self.token))
        method, _, target = self.line.partition(" ")
        return tiny.send_to(
            f"{method} /tiny{target}",
            content=[self.content] if self.in_chunks else self.content,
            type_=self.type,
            headers=headers,
            app=app,
        )


def echoing(**parameters: Any) -> Callable[..., Json]:
    """A handler with these parameters that answers with what it was called with."""

    def handler(call: Call, **given: Any) -> Json:
        return given

    kind = inspect.Parameter.KEYWORD_ONLY
    first = inspect.Parameter("call", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    others = [inspect.Parameter(name, kind, default=each) for name, each in parameters.items()]
    handler.__signature__ = inspect.Signature([first, *others])  # type: ignore[attr-defined]
    return handler


def declare(tiny: Tiny) -> None:
    """An API that uses most of what a spec can say."""
    query: list[tuple[str, Json]] = [
        ("limit", {**INTEGER, "default": 20}),
        ("ratio", {"type": "number", "minimum": -1.5}),
        ("flag", {"type": "boolean"}),
        ("mode", {"type": "string", "enum": ["fast", "slow"]}),
        ("when", {"type": "string", "format": "date"}),
        ("name", TEXT),
        ("tags", {"type": "array", "items": TEXT, "maxItems": 3}),
        ("sizes", {"type": "array", "items": INTEGER, "explode": False}),
        ("piped", {"type": "array", "items": TEXT, "style": "pipeDelimited", "explode": False}),
    ]
    parameters = [tiny.parameter("query", name, **schema) for name, schema in query]
    number = tiny.parameter("path", "itemId", **INTEGER)
    optional = {name: None for name, _ in query if name != "limit"}
    tiny.answer(
        "GET /items/{itemId}",
        echoing(item_id=REQUIRED, limit=REQUIRED, **optional),
        parameters=[number, *parameters],
    )
    tiny.answer("GET /names/me", lambda call: {"name": "literally me"})
    tiny.answer("GET /names/{name}", echoing(name=REQUIRED))
    item = tiny.content({"$ref": "#/components/schemas/Item"}) | {"required": True}
    tiny.answer("POST /items", echoing(body=REQUIRED), body=item)
    tiny.answer("PATCH /items", echoing(body=None), body=tiny.content({"type": "object"}))
    form = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "size": INTEGER}}
    tiny.answer("POST /forms", echoing(body=REQUIRED), body=tiny.content(form, FORM))
    gone = {"204": {"description": "Gone."}}
    tiny.answer("DELETE /items", lambda call: (None, 204), responses=gone)
    tiny.answer("GET /secret", lambda call: {"in": True}, security=[{"token": []}])
    tiny.components = {
        "schemas": {"Item": ITEM, "Box": BOX, "Flat": FLAT},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    tiny.provider = replace(tiny.provider, identify=known)


def declare_odd(tiny: Tiny) -> None:
    """What the stock stack cannot do, an operation for each."""
    tiny.components = {
        "schemas": {"Text": TEXT},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    tiny.provider = replace(
        tiny.provider,
        identify=known,
        wire=replace(tiny.provider.wire, write_reply=lambda reply, call: reply),
    )
    get: list[tuple[str, str, Json]] = [
        ("header", "Depth", {"type": "integer"}),
        ("query", "either", {"oneOf": [{"type": "integer"}, {"type": "string"}]}),
        ("query", "names", {"type": "array", "items": {"type": "string"}}),
        ("query", "d", {"type": "string"}),
    ]
    for index, (where, name, schema) in enumerate(get):
        tiny.answer(
            f"GET /get{index}",
            echoing(**{name.lower(): None}),
            parameters=[tiny.parameter(where, name, **schema)],
        )
    deep: Json = {"type": "object", "properties": {"x": {"type": "string"}}, "style": "deepObject"}
    pair = [tiny.parameter("query", "deep", **deep), tiny.parameter("query", "d", type="string")]
    tiny.answer("GET /deep", echoing(d=None, deep=None), parameters=pair)
    tiny.answer("GET /names/{name}", echoing(name=REQUIRED))
    tiny.answer("GET /names/me", lambda call: {"name": "literally me"})
    tiny.answer("GET /me", lambda call: {"in": True}, security=[{"token": []}, {}])
    note: Json = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "kind": {"type": "string", "default": "plain"},
            "text": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Text"}]},
            "uuid": {"type": "string", "format": "uuid"},
        },
    }
    body = tiny.content(note) | {"required": True}
    body["content"] |= tiny.content({"type": "object"}, "multipart/form-data")["content"]
    tiny.answer("POST /notes", echoing(body=REQUIRED), body=body)
    several: Json = {"application/json": {"schema": {}}, "application/problem+json": {"schema": {}}}
    choice = {"200": {"description": "", "content": several}}
    tiny.answer("GET /choice", lambda call: {"a": 1}, responses=choice)


def known(call: Call, credentials: Credentials) -> Caller | None:
    return Caller("ada") if credentials.value == "ada" else None


class KnownTokens(BearerSecurityHandler):  # type: ignore[misc]  # Connexion ships no types
    """Connexion's own check of bearer tokens, with ours behind it."""

    def _get_function(self, *_: Any, **__: Any) -> Callable[..., Json | None]:
        return lambda token: {"sub": token} if token == "ada" else None


def stock(tiny: Tiny) -> Any:
    """The same API on Connexion as it comes."""

    def resolve(operation_id: str) -> Callable[..., Any]:
        handler = tiny.handlers[operation_id]
        signature = inspect.signature(handler)

        async def answer(**given: Any) -> Any:
            call = Call("tiny", tiny.main, {}, None)  # type: ignore[arg-type]  # not looked at
            return handler(call, **given)

        own = list(signature.parameters.values())[1:]
        answer.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
        return answer

    app = connexion.AsyncApp(__name__, pythonic_params=True)
    app.add_api(
        deepcopy(tiny.spec),
        base_path="/tiny",
        resolver=Resolver(resolve),
        security_map={"bearer": KnownTokens},
    )
    return app


def outcome(answer: httpx.Response) -> tuple[int, Any]:
    """What is compared: the status, and for a success the value that was answered."""
    if answer.status_code >= 400 or not answer.content:
        return answer.status_code, None
    return answer.status_code, answer.json()


def both(sent: Sent, tiny: Tiny, reference: Any) -> tuple[Any, Any]:
    """What ours and the stock application make of a request."""
    return outcome(sent.to(tiny)), outcome(sent.to(tiny, reference))


@pytest.fixture
def quiet() -> Iterator[None]:
    """The stock stack keeps its warnings to itself."""
    logger = logging.getLogger("connexion")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(level)


@dataclass(frozen=True)
class Difference:
    """A defect of the stock stack: an example, and which generated requests show it as well."""

    defect: str
    sent: Sent
    ours: int
    theirs: int
    explains: Callable[[Sent], bool] = lambda sent: False


def values(sent: Sent, name: str) -> list[str]:
    """What a request says for this name, decoded, in its query or in its form."""
    pairs = parse_qsl(sent.line.partition("?")[2], keep_blank_values=True)
    if sent.type == FORM:
        pairs += parse_qsl(sent.content.decode(), keep_blank_values=True)
    return [value for key, value in pairs if key == name]


def number_in_path(sent: Sent) -> str | None:
    found = re.match(r"GET /items/([^?]*)", sent.line)
    return unquote(found[1]) if found else None


def is_no_day(sent: Sent) -> bool:
    text = (values(sent, "when") or ["2026-01-05"])[-1]
    try:
        return date.fromisoformat(text).isoformat() != text
    except ValueError:
        return True


def is_spelled_loosely(sent: Sent) -> bool:
    """Whether Python reads a number or a boolean where JSON has none."""
    texts = [number_in_path(sent) or "1", *values(sent, "limit"), *values(sent, "ratio")]
    texts += [part for text in values(sent, "sizes") for part in text.split(",")]
    strict = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
    loose = re.compile(r"true|false|null|none", re.IGNORECASE)
    flags = [text for text in values(sent, "flag") if text not in ("true", "false")]
    return bool(flags) or any(loose.fullmatch(t) or not strict.fullmatch(t) for t in texts)


PLAIN = b'{"kind": "plain"}'
DIFFERENCES = [
    Difference(
        "An integer in the path that is none is a path that is not there.",
        Sent("GET /items/abc"),
        ours=400,
        theirs=404,
        explains=lambda sent: not re.fullmatch("[0-9]+", number_in_path(sent) or "1"),
    ),
    Difference(
        "An encoded slash is a slash.",
        Sent("GET /names/a%2Fb"),
        ours=200,
        theirs=404,
        explains=lambda sent: sent.line.startswith("GET /names/") and "%2F" in sent.line,
    ),
    Difference(
        "An encoded slash at the end is a slash too many.",
        Sent("GET /names/a%2F"),
        ours=200,
        theirs=307,
        explains=lambda sent: sent.line.startswith("GET /names/") and "%2F" in sent.line,
    ),
    Difference(
        "The format of a parameter is not looked at.",
        Sent("GET /items/7?when=today"),
        ours=400,
        theirs=200,
        explains=is_no_day,
    ),
    Difference(
        "Numbers and booleans are what Python takes for one.",
        Sent("GET /items/7?limit=1_0&flag=TRUE"),
        ours=400,
        theirs=200,
        explains=is_spelled_loosely,
    ),
    Difference(
        "A list with nothing in it holds an empty text.",
        Sent("GET /items/7?sizes="),
        ours=200,
        theirs=400,
        explains=lambda sent: "" in values(sent, "sizes") + values(sent, "piped"),
    ),
    Difference(
        "A body that may be left out must not be when its type is told.",
        Sent("PATCH /items", b"", JSON),
        ours=200,
        theirs=400,
        explains=lambda sent: sent.line.startswith("PATCH") and not sent.content,
    ),
    Difference(
        "A scalar that comes twice in a form is a list.",
        Sent("POST /forms", b"name=ab&name=cd", FORM),
        ours=200,
        theirs=400,
        explains=lambda sent: any(len(values(sent, name)) > 1 for name in ("name", "size")),
    ),
    Difference(
        "What nobody documented is joined by commas when it comes twice in a form.",
        Sent("POST /forms", b"name=ab&other=c&other=d", FORM),
        ours=200,
        theirs=200,
        explains=lambda sent: len(values(sent, "other")) > 1,
    ),
]
ODDITIES = [
    Difference(
        "A path with a parameter swallows the literal ones that come after it.",
        Sent("GET /names/me"),
        ours=200,
        theirs=200,
    ),
    Difference(
        "Headers are never cast.",
        Sent("GET /get0", headers=(("depth", "5"),)),
        ours=200,
        theirs=400,
    ),
    Difference(
        "A parameter whose schema has no type is a bug.", Sent("GET /get1?either=5"), 200, 500
    ),
    Difference(
        "A comma in an exploded list separates.", Sent("GET /get2?names=a,b&names=c"), 200, 200
    ),
    Difference("A deep object that is not there is empty.", Sent("GET /deep"), 200, 200),
    Difference(
        "A deep object is overlooked beside a parameter whose name begins it.",
        Sent("GET /deep?deep[x]=1"),
        ours=200,
        theirs=200,
    ),
    Difference(
        "A bad token is nobody's where signing in is optional.",
        Sent("GET /me", token="Bearer eve"),
        ours=401,
        theirs=200,
    ),
    Difference("A slash too many is a redirect.", Sent("GET /me/"), 404, 307),
    Difference("OPTIONS is not answered.", Sent("OPTIONS /me"), 204, 405),
    Difference("What only we may write is required.", Sent("POST /notes", PLAIN, JSON), 200, 400),
    Difference(
        "The defaults of a body are not filled in.",
        Sent("POST /notes", b'{"id": "1"}', JSON),
        ours=200,
        theirs=200,
    ),
    Difference(
        "Null is no value of what is nullable and composed.",
        Sent("POST /notes", b'{"id": "1", "kind": "a", "text": null}', JSON),
        ours=200,
        theirs=400,
    ),
    Difference(
        "A UUID may be anything.",
        Sent("POST /notes", b'{"id": "1", "kind": "a", "uuid": "x"}', JSON),
        ours=400,
        theirs=200,
    ),
    Difference(
        "NaN is JSON.",
        Sent("POST /notes", b'{"id": "1", "kind": "a", "x": NaN}', JSON),
        ours=400,
        theirs=200,
    ),
    Difference(
        "A body in chunks is no body.",
        Sent("POST /notes", b'{"id": "1", "kind": "a"}', JSON, in_chunks=True),
        ours=200,
        theirs=400,
    ),
    Difference("Not UTF-8 is a bug.", Sent("POST /notes", b'{"a": "\xff"}', JSON), 400, 500),
    Difference(
        "Deep nesting is a bug.", Sent("POST /notes", b"[" * 9000 + b"]" * 9000, JSON), 400, 500
    ),
    Difference(
        "A media type in capitals is a bug.",
        Sent("POST /notes", b'{"id": "1", "kind": "a"}', "Application/JSON"),
        ours=200,
        theirs=500,
    ),
    Difference(
        "A body without a media type is a bug.",
        Sent("POST /notes", b'{"id": "1", "kind": "a"}'),
        ours=200,
        theirs=500,
    ),
    Difference(
        "A multipart form without a boundary is a bug.",
        Sent("POST /notes", b"--x--", "multipart/form-data"),
        ours=400,
        theirs=500,
    ),
    Difference("Several media types of an answer are a bug.", Sent("GET /choice"), 200, 500),
]


WORDS = st.one_of(
    st.sampled_from(
        ["1", "7", "1000", "1001", "0", "-1", "1.5", "-1.5", "1e2", "007", "1_0", "+3"]
    ),
    st.sampled_from(["true", "false", "True", "yes", "fast", "slow", "ab", "é ab", "abcdefghi"]),
    st.sampled_from(
        ["2026-01-05", "2026-13-05", "null", "none", "ab,cd", "1,2", "1|2", "ab|cd", ""]
    ),
    st.text(st.characters(codec="utf-8", min_codepoint=32), max_size=5),
)
RAW = WORDS.map(lambda text: quote(text, safe=",|:"))
NAMES = st.sampled_from(
    ["limit", "ratio", "flag", "mode", "when", "name", "tags", "sizes", "piped", "other"]
)
QUERIES = st.lists(st.tuples(NAMES, RAW), max_size=4).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 1002), st.sampled_from([0.5, 1.0, 2.25]), WORDS
)
JSONS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)
)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["ab", "é cd"]),
    "kind": st.sampled_from(["room", "desk"]),
    "seats": st.none() | st.integers(1, 1000),
    "ratio": st.sampled_from([0.5, 1, 2.5]),
    "when": st.just("2026-01-05T09:00:00Z"),
    "mail": st.just("a@greenroom.test"),
    "tags": st.lists(st.sampled_from(["ab", "cd", "ef"]), max_size=3, unique=True),
    "inside": st.sampled_from([None, {"box": {"a": 3}}, {"size": 4}]),
    "either": st.booleans() | st.integers(),
    "any": st.just([1]) | st.just("ab"),
    "never": st.integers(),
    "free": st.dictionaries(st.sampled_from(["x", "y"]), st.integers(), max_size=2),
}
ITEMS = st.fixed_dictionaries(
    {"name": GOOD["name"], "kind": GOOD["kind"]},
    optional={name: each for name, each in GOOD.items() if name not in ("name", "kind")},
)
ODD_ITEMS = st.builds(
    lambda item, name, value: {**item, name: value},
    ITEMS,
    st.sampled_from([*GOOD, "other"]),
    JSONS,
)
TYPES = st.sampled_from([JSON, JSON, JSON, FORM, "text/plain", "application/json; charset=utf-8"])
REQUESTS = st.one_of(
    st.builds(lambda raw, query: Sent(f"GET /items/{raw or 1}?{query}"), RAW, QUERIES),
    st.builds(lambda query: Sent(f"GET /items/7?{query}"), QUERIES),
    st.builds(lambda raw: Sent(f"GET /names/{raw or 'x'}"), RAW),
    st.builds(
        lambda method, body, type_: Sent(f"{method} /items", json.dumps(body).encode(), type_),
        st.sampled_from(["POST", "PATCH"]),
        st.one_of(ITEMS, ODD_ITEMS, JSONS),
        TYPES,
    ),
    st.builds(
        lambda method, body: Sent(f"{method} /items", body, JSON),
        st.sampled_from(["POST", "PATCH"]),
        st.sampled_from([b"", b"{", b"nul", b'{"a": 1,}', b"[1]"]),
    ),
    st.builds(
        lambda pairs: Sent("POST /forms", "&".join(f"{n}={v}" for n, v in pairs).encode(), FORM),
        st.lists(st.tuples(st.sampled_from(["name", "size", "other"]), RAW), max_size=3),
    ),
    st.builds(
        lambda token: Sent("GET /secret", token=token),
        st.sampled_from([None, "Bearer ada", "Bearer eve", "bearer ada", "Basic YTpi"]),
    ),
    st.builds(
        lambda method, path: Sent(f"{method} {path}"),
        st.sampled_from(["GET", "PUT", "DELETE", "POST"]),
        st.sampled_from(["/items", "/names/me", "/secret", "/nowhere"]),
    ),
)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.defect)
def test_a_difference_that_generated_requests_may_show_is_still_there(
    tiny: Tiny, difference: Difference
) -> None:
    declare(tiny)
    ours, theirs = both(difference.sent, tiny, stock(tiny))
    assert ours != theirs
    assert (ours[0], theirs[0]) == (difference.ours, difference.theirs)
    assert difference.explains(difference.sent)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("difference", ODDITIES, ids=lambda each: each.defect)
def test_a_defect_of_the_stock_stack_is_still_there(tiny: Tiny, difference: Difference) -> None:
    declare_odd(tiny)
    ours, theirs = both(difference.sent, tiny, stock(tiny))
    assert ours != theirs
    assert (ours[0], theirs[0]) == (difference.ours, difference.theirs)


@pytest.mark.usefixtures("quiet")
def test_ours_and_the_stock_stack_answer_alike(tiny: Tiny) -> None:
    declare(tiny)
    reference = stock(tiny)

    @settings(max_examples=800)
    @given(REQUESTS)
    def alike(sent: Sent) -> None:
        ours, theirs = both(sent, tiny, reference)
        explained = [
            each.defect
            for each in DIFFERENCES
            if (each.ours, each.theirs) == (ours[0], theirs[0]) and each.explains(sent)
        ]
        assert ours == theirs or explained

    alike()


BEYOND_THE_STOCK_STACK = {"format", "readOnly", "writeOnly", "security", "nullable", "x-no-body"}


def plainly(node: Any) -> Any:
    """A spec without what the stock stack is known to get wrong."""
    if isinstance(node, list):
        return [plainly(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: plainly(value)
        for key, value in node.items()
        if key not in BEYOND_THE_STOCK_STACK or (isinstance(value, dict) and "description" in value)
    }
    if "default" in node and ("type" in node or "enum" in node):
        del kept["default"]
    if "responses" in node and "operationId" in node:
        kept["responses"] = {"200": {"description": "", "content": {JSON: {"schema": {}}}}}
    return kept


def offer_plainly(tiny: Tiny, found: Found) -> list[Place]:
    """The operations of a spec, each answering with what its handler was called with."""
    document = plainly(found.spec)
    tiny.paths, tiny.components = document["paths"], document.get("components", {})
    tiny.mounted = {"check_replies": False}
    offered = []
    for _, _, place in operations(tiny.spec):
        parameters = {python_name(each.get("name")): None for each in merged_parameters(place)}
        if "requestBody" in place.node:
            place.node["requestBody"] = {"content": {JSON: json_media(place)}}
            parameters["body"] = None
        tiny.handlers[place.get("operationId")] = echoing(**parameters)
        offered.append(place)
    return offered


def json_media(place: Place) -> Json:
    content: Json = place.child("requestBody").get("content")
    media: Json = content.get(JSON) or next(iter(content.values()))
    return media


def fitting(place: Place, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that mostly fit a schema."""
    node = place.node
    if "enum" in node:
        return st.sampled_from(node["enum"])
    for word in ("oneOf", "anyOf"):
        if word in node:
            each = [fitting(place.child(word, index), depth) for index in range(len(node[word]))]
            return st.one_of(each)
    if "allOf" in node:
        parts = [fitting(place.child("allOf", index), depth) for index in range(len(node["allOf"]))]
        return st.tuples(*parts).map(merged)
    if depth > 3:
        return LEAVES
    if node.get("type") == "array":
        return st.lists(fitting(place.child("items"), depth + 1), max_size=3)
    if "properties" in node:
        members = {name: fitting(child, depth + 1) for name, child in place.items("properties")}
        return st.fixed_dictionaries({}, optional={n: each | LEAVES for n, each in members.items()})
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(-1, 2000),
        "number": st.integers(-1, 2000) | st.just(1.5),
        "boolean": st.booleans(),
        "string": WORDS,
    }
    return kinds.get(node.get("type", ""), LEAVES)


def merged(parts: tuple[Any, ...]) -> Any:
    out: Json = {}
    for part in parts:
        out |= part if isinstance(part, dict) else {}
    return out


def spellings(parameter: Place) -> st.SearchStrategy[str]:
    """Texts for a parameter, its numbers and booleans spelled as JSON spells them."""
    schema = parameter.child("schema").node
    shown = [parameter.get("example"), schema.get("example"), *schema.get("enum", [])]
    fit = [each for each in shown if isinstance(each, str)]
    odd = st.sampled_from(["7", "ab", "true", "-3", "1.5", "x y", "a" * 300, "2026-01-05"])
    return st.sampled_from(fit) | odd if fit else odd


def requests_for(place: Place) -> st.SearchStrategy[Sent]:
    """Requests of one operation."""
    _, _, path, method = place.pointer.split("/", 3)
    template = path.replace("~1", "/").replace("~0", "~")
    texts: dict[str, dict[str, st.SearchStrategy[str]]] = {"path": {}, "must": {}, "may": {}}
    for each in merged_parameters(place):
        kind = "path" if each.get("in") == "path" else "must" if each.get("required") else "may"
        if each.get("in") in ("path", "query"):
            texts[kind][each.get("name")] = spellings(each)
    content: st.SearchStrategy[bytes] = st.just(b"")
    if "requestBody" in place.node:
        schema = place.child("requestBody", "content", JSON, "schema")
        content = (fitting(schema) | JSONS).map(lambda value: json.dumps(value).encode())

    def build(parts: dict[str, str], query: dict[str, str], body: bytes) -> Sent:
        line = re.sub(r"\{([^}]*)\}", lambda found: quote(parts[found[1]]), template)
        line += "?" + "&".join(f"{quote(name)}={quote(text)}" for name, text in query.items())
        return Sent(f"{method.upper()} {line}", body, JSON if body else None)

    in_path = st.fixed_dictionaries(texts["path"])
    in_query = st.fixed_dictionaries(texts["must"], optional=texts["may"])
    return st.builds(build, in_path, in_query, content)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", names())
def test_a_providers_spec_is_understood_as_the_stock_stack_understands_it(
    tiny: Tiny, name: str
) -> None:
    offered = offer_plainly(tiny, Found(name))
    reference = stock(tiny)

    @settings(max_examples=200)
    @given(st.sampled_from(offered).flatmap(requests_for))
    def alike(sent: Sent) -> None:
        ours, theirs = both(sent, tiny, reference)
        in_path = (ours[0], theirs[0]) == (400, 404)
        assert ours == theirs or in_path

    alike()
