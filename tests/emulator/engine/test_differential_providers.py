"""Every provider beside itself on a stock Connexion application, from sign-in to what it stores.

Both sides have the same spec, handlers, wire functions and starting world, and get every documented
request: as the examples have it, by different callers, and with something wrong. Where the stock
application lets a request through, answers and states must be equal to the byte. Where it refuses
by itself, the provider must refuse with the same status and store nothing. What differs must be in
the list of `DIFFERENCES`; what is in the list must still differ.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from inspect import signature
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import connexion
import pytest
import yaml
from connexion.lifecycle import ConnexionResponse
from connexion.middleware import MiddlewarePosition
from connexion.resolver import Resolver
from connexion.security import (
    NO_VALUE,
    ApiKeySecurityHandler,
    BasicSecurityHandler,
    BearerSecurityHandler,
)
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from greenroom.emulator.discovery import Found, names
from greenroom.emulator.engine.exchange import KEY, Exchange, Mount
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.mounting import mount_apis, operations
from greenroom.emulator.engine.names import python_name
from greenroom.emulator.engine.operation import merged_parameters
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.kit import Kit
from greenroom.emulator.scenarios import load_scenario
from greenroom.emulator.toolkit import (
    ApiError,
    Call,
    Caller,
    ConflictError,
    Credentials,
    Json,
    Key,
    NotFoundError,
    Operation,
    Reply,
    Request,
    Wire,
)
from greenroom.emulator.world import Beginning, World
from greenroom.state import RecordConflictError, RecordNotFoundError, Store

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:8800"
FIXTURES = Path(__file__).parents[3] / "contract-tests" / "fixtures"
JSON, FORM, PROBLEM = (
    "application/json",
    "application/x-www-form-urlencoded",
    "application/problem+json",
)
BROKEN = {"cut off": b"{", "empty": b"", "a list": b"[]", "nothing": b"null"}


@dataclass
class Visit:
    """What the stock side knows of the request it is answering."""

    mount: Mount
    store: Store
    request: Request
    operation: Operation | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    caller: Caller | None = None

    @property
    def call(self) -> Call:
        """The call a provider's function is given."""
        return Call(
            self.mount.name,
            self.store,
            self.request.options,
            self.request,
            operation=self.operation,
            caller=self.caller,
            path=self.path,
            check=self.mount.checker,
        )


VISIT: ContextVar[Visit] = ContextVar("visit")


@dataclass(frozen=True)
class Sent:
    """One request to an operation, below the provider's own address."""

    operation: str
    what: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    type: str | None = None
    content: bytes = b""

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as a server hands them on."""
        own = [("host", "127.0.0.1:8800"), *self.headers]
        own += [("content-type", self.type)] if self.type else []
        own += [("content-length", str(len(self.content)))] if self.content else []
        return [(name.lower().encode(), value.encode()) for name, value in own]


@dataclass
class Answer:
    """What came of a request: what was sent back, and the state after it."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    state: str = ""
    refusal: ApiError | None = None

    async def send(self, message: Message) -> None:
        """Take a part of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): text.decode() for name, text in message["headers"]}
        self.content += message.get("body", b"")

    @property
    def is_stock(self) -> bool:
        """Whether the stock application refused by itself; the providers never speak so."""
        return self.headers.get("content-type") == PROBLEM or self.status == 307

    def refuses_like(self, theirs: Answer, untouched: str) -> bool:
        """Whether it is the provider's refusal of what the stock application refused by itself."""
        return self.refusal is not None and theirs.is_stock and self.state == untouched

    @property
    def compared(self) -> tuple[Any, ...]:
        """Everything about it that must be the same on both sides."""
        return self.status, self.headers, self.content, self.state


@dataclass
class Stage:
    """A provider, its starting world, and the two applications that serve it."""

    found: Found
    refusals: list[ApiError] = field(default_factory=list)

    @cached_property
    def mount(self) -> Mount:
        """The provider, its refusals overheard."""
        provider = self.found.provider
        wire = replace(provider.wire, write_error=self.overheard(provider.wire))
        return Mount(
            name=self.found.name,
            provider=replace(provider, wire=wire),
            spec=self.found.spec,
            handlers=self.found.handlers,
            source=self.found.source,
        )

    def overheard(self, wire: Wire) -> Callable[[ApiError, Request], Reply]:
        """What writes refusals, and keeps what was refused."""

        def write_error(error: ApiError, request: Request) -> Reply:
            self.refusals.append(error)
            return wire.write_error(error, request)

        return write_error

    @cached_property
    def world(self) -> Store:
        """The starting world."""
        collections = self.found.provider.collections
        declared = {(self.found.name, name): each for name, each in collections.items()}
        store = Store(seed=7, at=START, frozen=True, collections=declared)
        load_scenario(self.found, "default").furnish(store)
        return store

    @cached_property
    def ours(self) -> ASGIApp:
        """The provider on our engine."""
        return mount_apis([self.mount], Limits())

    @cached_property
    def theirs(self) -> ASGIApp:
        """The provider on Connexion as it comes."""
        return stock(self.mount)

    async def answer(self, app: ASGIApp, sent: Sent) -> Answer:
        """What an application makes of a request in a world that nobody has touched."""
        store, query = self.world.fork(), urlencode(sent.query)
        path, options = sent.path, self.found.provider.options.items()
        exchange = Exchange(
            store=store,
            options={
                self.found.name: {
                    **{name: option.default for name, option in options},
                    **self.found.chosen_by,
                }
            },
            origin=ORIGIN,
            base=f"{ORIGIN}/{self.found.name}",
            name=self.found.name,
            path=path,
            query=query,
            target=f"/{self.found.name}{path}?{query}",
            id="the-same",
            world=World("main", store, Beginning(store, {}, "default"), Kit()),
        )
        scope: Scope = scope_of(exchange, sent.method, path, query, sent.raw_headers)
        answer = Answer()
        self.refusals.clear()
        await app(scope, receiving(sent.content), answer.send)
        answer.state = store.digest()
        answer.refusal = self.refusals[-1] if self.refusals else None
        return answer


def scope_of(
    exchange: Exchange, method: str, path: str, query: str, headers: list[tuple[bytes, bytes]]
) -> Scope:
    """What a server tells an application of a request below a provider's address."""
    whole = f"/{exchange.name}{path}"
    return {
        KEY: exchange,
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(whole),
        "raw_path": whole.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "server": ("127.0.0.1", 8800),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }


def receiving(content: bytes) -> Receive:
    """A body in one piece."""

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    return receive


def stock(mount: Mount) -> ASGIApp:
    """Connexion's own application around the provider's functions, and nothing of the engine's."""
    app = connexion.AsyncApp(__name__, pythonic_params=True)
    app.add_middleware(Gate, MiddlewarePosition.BEFORE_SECURITY, facts=facts_of(mount.spec))
    for kind in (ApiError, RecordNotFoundError, RecordConflictError):
        app.add_error_handler(kind, refuse)
    app.add_api(
        deepcopy(mount.spec),
        base_path=mount.base_path,
        resolver=Resolver(lambda operation_id: answering(mount, operation_id)),
        security_map=security_of(mount),
    )
    return dressing(app, mount)


def dressing(app: ASGIApp, mount: Mount) -> ASGIApp:
    """The application behind the functions with which a provider reads a request."""
    provider = mount.provider

    async def dressed(scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[KEY]
        request = Request(
            method=scope["method"],
            path=exchange.path,
            query=exchange.query,
            raw_headers=scope["headers"],
            body=(await receive())["body"],
            base=exchange.base,
            target=exchange.target,
            key=Key(exchange.id),
            clock=exchange.store.clock.now,
            options=exchange.options[mount.name],
        )
        visit = Visit(mount, exchange.store, request)
        VISIT.set(visit)
        try:
            if provider.wire.read_request is not None:
                visit.request = provider.wire.read_request(visit.request)
            if provider.receive is not None:
                visit.request = provider.receive(visit.call)
        except ApiError as error:
            await refusal(error)(scope, receive, send)
            return
        request = visit.request
        headers = [each for each in request.raw_headers if each[0] != b"content-length"]
        headers += [(b"content-length", b"%d" % len(request.body))] if request.body else []
        inner = scope_of(exchange, request.method, request.path, request.query, headers)
        await app(inner, receiving(request.body), send)

    return dressed


def facts_of(spec: Json) -> dict[str, Operation]:
    """What a provider may know of its operations, by their ids."""
    return {
        place.get("operationId"): Operation(
            place.get("operationId"),
            method.upper(),
            path,
            {key: value for key, value in place.node.items() if key.startswith("x-")},
        )
        for path, method, place in operations(spec)
    }


class Gate:
    """What a provider does between routing and sign-in, as a middleware of Connexion's."""

    def __init__(self, app: ASGIApp, facts: Mapping[str, Operation]) -> None:
        self._app = app
        self._facts = facts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the provider admit a request that has been routed."""
        if scope["type"] == "http":
            visit = VISIT.get()
            routed = scope["extensions"]["connexion_routing"].get("operation_id")
            visit.operation = self._facts.get(routed)
            visit.path = {name: str(value) for name, value in scope.get("path_params", {}).items()}
            if visit.operation is not None and visit.mount.provider.admit is not None:
                visit.mount.provider.admit(visit.call, visit.path)
        await self._app(scope, receive, send)


def security_of(mount: Mount) -> dict[str, Any]:
    """Connexion's own finders of credentials, the provider's judgement behind them."""

    def judging(scheme: str) -> Callable[..., Json | None]:
        def judge(*presented: str) -> Json | None:
            visit = VISIT.get()
            assert mount.provider.identify is not None
            credentials = Credentials(scheme, ":".join(presented), ())
            visit.caller = mount.provider.identify(visit.call, credentials)
            return {"sub": visit.caller.who} if visit.caller is not None else None

        return judge

    kinds = {"basic": BasicSecurityHandler, "bearer": BearerSecurityHandler}
    found: dict[str, Any] = {}
    for name, scheme in mount.spec["components"]["securitySchemes"].items():
        is_http = scheme["type"] == "http"
        kind = scheme["scheme"] if is_http else "apiKey"
        judge = judging(name)
        found[kind] = type(
            f"{kind}Handler",
            (kinds.get(kind, Unheard if is_http else ApiKeySecurityHandler),),
            {"_get_function": lambda self, *_, judge=judge, **__: judge},
        )
    return found


class Unheard(BearerSecurityHandler):  # type: ignore[misc]  # Connexion ships no types
    """A scheme of a provider's own, which Connexion does not know: nobody here presents it."""

    def _get_verify_func(self, _: Any) -> Callable[[Any], Any]:
        return lambda request: NO_VALUE


def answering(mount: Mount, operation_id: str) -> Callable[..., Awaitable[Response]]:
    """A handler as Connexion wants it: it takes parameters and returns a response."""
    handler = mount.handlers[operation_id]
    parameters = signature(handler)
    (place,) = (
        each for *_, each in operations(mount.spec) if each.get("operationId") == operation_id
    )
    successes = {int(code): each for code, each in place.items("responses") if code < "300"}

    async def answer(**given: Any) -> Response:
        visit = VISIT.get()
        with visit.store.transaction():
            # Connexion passes every parameter of the path, wanted or not, and casts it.
            wanted = {name: value for name, value in given.items() if name in parameters.parameters}
            if mount.provider.validation == "handler":
                texts = {python_name(name): text for name, text in visit.path.items()}
                wanted |= {name: text for name, text in texts.items() if name in wanted}
            result = handler(visit.call, **wanted)
            reply = result if isinstance(result, Reply) else Reply(result)
            reply = Reply(*result) if isinstance(result, tuple) else reply
            reply = replace(reply, status=reply.status or min(successes))
            if mount.provider.wire.write_reply is not None:
                reply = mount.provider.wire.write_reply(reply, visit.call)
            reply.headers = {**mount.provider.wire.ids(visit.request.key.text), **reply.headers}
            content = successes[reply.status].get("content") if reply.status in successes else None
            reply.media_type = reply.media_type or next(iter(content or [None]))
            return response(reply, mount)

    own = list(parameters.parameters.values())[1:]
    answer.__signature__ = parameters.replace(parameters=own)  # type: ignore[attr-defined]
    return answer


async def refuse(_: Any, error: Exception) -> ConnexionResponse:
    """What Connexion sends for a refusal that a provider's function has raised."""
    told = refusal(error)
    return ConnexionResponse(told.status_code, body=bytes(told.body), headers=dict(told.headers))


def refusal(error: Exception) -> Response:
    """A refusal in the provider's dress."""
    visit = VISIT.get()
    if isinstance(error, RecordNotFoundError):
        error = NotFoundError(str(error), subject=error.collection, identifier=error.id)
    if isinstance(error, RecordConflictError):
        error = ConflictError(str(error), code="already_exists", subject=error.field)
    assert isinstance(error, ApiError)
    return response(visit.mount.write_error(error, visit.request), visit.mount)


def response(reply: Reply, mount: Mount) -> Response:
    """The bytes of a reply."""
    content, media_type = reply.body, reply.media_type or JSON
    if content is not None and not isinstance(content, bytes):
        write = mount.provider.wire.writers.get(media_type.partition(";")[0])
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        content = write(content) if write is not None else text.encode()
    headers = dict(reply.headers) | ({"content-type": media_type} if content is not None else {})
    return Response(content, reply.status or 200, headers)


def shown(parameter: Place) -> str:
    """A text that the spec shows for a parameter, or one that its schema allows."""
    schema = parameter.child("schema").node
    kinds = {"boolean": "true", "integer": "1", "number": "1"}
    texts = [parameter.get("example"), schema.get("example"), *schema.get("enum", [])]
    text = next((each for each in texts if each is not None), kinds.get(schema.get("type"), "x"))
    return text if isinstance(text, str) else json.dumps(text)


def bodies_of(place: Place) -> Iterator[tuple[str, Any]]:
    """The bodies that the spec shows for an operation, each media type's or else the one before."""
    if "requestBody" not in place.node:
        return
    values: list[Any] = []
    for media_type, media in place.child("requestBody").items("content"):
        if "example" in media.node:
            values = [media.get("example")]
        elif "examples" in media.node:
            values = [each.get("value") for _, each in media.items("examples")]
        yield from ((media_type, value) for value in values)


def written(media_type: str, body: Any) -> bytes:
    """A body as a client writes it."""
    return urlencode(body).encode() if media_type == FORM else json.dumps(body).encode()


def requests(found: Found) -> Iterator[Sent]:
    """Every documented request, by different callers, and with something wrong."""
    cast = load_scenario(found, "default").cast
    for path, method, place in operations(found.spec):
        parameters = merged_parameters(place)
        bodies = [*bodies_of(place)]
        for who in (*cast, "nobody", "somebody unknown"):
            person = cast.get(who) or (unknown(cast["alice"]) if who != "nobody" else {})
            good = pinned(documented(place, path, method, person, parameters), path, found)
            good = replace(good, what=f"by {who}")
            for media_type, body in bodies:
                yield replace(good, type=media_type, content=written(media_type, body))
            if not bodies:
                yield good
        good = pinned(documented(place, path, method, cast["alice"], parameters), path, found)
        if bodies:
            good = replace(good, type=bodies[0][0], content=written(*bodies[0]))
        yield from with_something_wrong(good, path, parameters, cast["alice"], found)
        for media_type, body in bodies[:1]:
            for what, other in bodies_with_something_wrong(body):
                yield replace(good, what=what, content=written(media_type, other))


def pinned(sent: Sent, path: str, found: Found) -> Sent:
    """The same request with what the contract tests pin, as the examples are not of this world."""
    pins: Json = pins_of(found.name).get(sent.operation, {})
    for pin, value in pins.items():
        where, _, name = pin.partition(".")
        if where == "path":
            before = path.partition(f"{{{name}}}")[0].count("/")
            segments = sent.path.split("/")
            segments[before] = quote(str(value), safe="")
            sent = replace(sent, path="/".join(segments))
        elif where == "query":
            others = tuple(pair for pair in sent.query if pair[0] != name)
            sent = replace(sent, query=(*others, (name, str(value))))
    return sent


@cache
def fixture_of(name: str) -> Json:
    """What the contract tests know about a provider."""
    fixture: Json = yaml.safe_load((FIXTURES / f"{name}.yaml").read_text("utf-8"))
    return fixture


def pins_of(name: str) -> Json:
    """What the contract tests pin of a provider's operations."""
    pins: Json = fixture_of(name)["conformance"].get("operations", {})
    return pins


def unknown(person: Json) -> Json:
    """The credentials of a person, a little wrong."""
    wrong: Json = {
        kind: {name: f"{text}x" for name, text in person[kind].items()}
        for kind in ("headers", "query")
        if kind in person
    }
    return {**person, **wrong}


def documented(place: Place, path: str, method: str, person: Json, parameters: list[Place]) -> Sent:
    """A request with what is required, as the examples have it."""
    known = person.get("path", {})
    for each in parameters:
        if each.get("in") == "path":
            name = each.get("name")
            path = path.replace(f"{{{name}}}", quote(known.get(name, shown(each)), safe=""))
    query = [
        (each.get("name"), shown(each))
        for each in parameters
        if each.get("in") == "query" and each.get("required")
    ]
    return Sent(
        operation=place.get("operationId"),
        what="",
        method=method.upper(),
        path=path,
        query=(*person.get("query", {}).items(), *query),
        headers=tuple(person.get("headers", {}).items()),
    )


def with_something_wrong(
    good: Sent, path: str, parameters: list[Place], person: Json, found: Found
) -> Iterator[Sent]:
    """The same request with every optional parameter, and with one thing or another wrong."""
    for each in parameters:
        name, where, text = each.get("name"), each.get("in"), shown(each)
        others = tuple(pair for pair in good.query if pair[0] != name)
        if where == "query":
            yield replace(good, what=f"with {name}", query=(*others, (name, text)))
            yield replace(good, what=f"with a bad {name}", query=(*others, (name, "~é")))
            if each.get("required"):
                yield replace(good, what=f"without {name}", query=others)
        elif where == "header":
            rest = tuple(pair for pair in good.headers if pair[0].lower() != name.lower())
            yield replace(good, what=f"with {name}", headers=(*rest, (name, text)))
        elif where == "path":
            known = quote(person.get("path", {}).get(name, text), safe="")
            bad = good.path.replace(f"/{known}", "/no-such-thing")
            yield replace(good, what=f"with an unknown {name}", path=bad)
    methods = found.spec["paths"][path]
    other = next(each for each in ("delete", "patch", "put", "trace") if each not in methods)
    yield replace(good, what="by another method", method=other.upper())
    yield replace(good, what="too far down", path=f"{good.path}/further/down")
    if good.type is not None:
        for what, content in BROKEN.items():
            yield replace(good, what=f"whose body is {what}", content=content)
        yield replace(good, what="whose body is plain text", type="text/plain")


def bodies_with_something_wrong(body: Any) -> Iterator[tuple[str, Any]]:
    """The same body with a member left out, of another type, or too many."""
    for name, value in body.items():
        others = {key: each for key, each in body.items() if key != name}
        yield f"without {name}", others
        yield f"whose {name} is a list", {**body, name: [[]]}
        yield f"whose {name} is empty", {**body, name: ""}
        if isinstance(value, dict):
            for what, other in bodies_with_something_wrong(value):
                yield f"{what} in {name}", {**body, name: other}
    yield "with something else", {**body, "something": "else"}


@dataclass(frozen=True)
class Difference:
    """A kind of request that is not answered alike, and how to recognise it."""

    why: str
    explains: Callable[[Stage, Sent, Answer, Answer], bool]


def judges_for_itself(stage: Stage) -> bool:
    return stage.found.provider.validation == "handler"


def lacks_a_default(stage: Stage, sent: Sent) -> bool:
    """Whether the body leaves out a member for which its schema has a default."""
    places = {each.get("operationId"): each for *_, each in operations(stage.found.spec)}
    if sent.type != JSON or "requestBody" not in places[sent.operation].node:
        return False
    schema = places[sent.operation].child("requestBody", "content", JSON, "schema")
    defaults = {name for name, each in schema.items("properties") if "default" in each.node}
    return bool(defaults - set(json.loads(sent.content or b"{}")))


def finds_only_formats(answer: Answer) -> bool:
    found = answer.refusal.violations if answer.refusal is not None else ()
    return bool(found) and all(each.keyword == "format" for each in found)


# dossiers: labels are not looked at, an empty value counts as none, and what is not known as a
# format or a version of the answer stands for the usual one
TAKEN = re.compile("is plain text|whose .* is empty|with a bad (format|ver)|whose (ver) is a list")

DIFFERENCES = [
    Difference(
        "A provider says no to what does not fit with a status of its own.",
        lambda stage, sent, ours, theirs: (
            theirs.status in (400, 415) and ours.refuses_like(theirs, stage.world.digest())
        ),
    ),
    Difference(
        "A provider that judges for itself takes what its spec does not offer.",
        lambda stage, sent, ours, theirs: (
            judges_for_itself(stage)
            and ours.refusal is None
            and theirs.is_stock
            and theirs.status in (400, 415)
            and TAKEN.search(sent.what) is not None
        ),
    ),
    Difference(
        "The stock stack does not fill in the defaults of a body.",
        lambda stage, sent, ours, theirs: (
            ours.refusal is None
            and theirs.status in (ours.status, 500)
            and lacks_a_default(stage, sent)
        ),
    ),
    Difference(
        "The stock stack does not know the formats of a provider.",
        lambda stage, sent, ours, theirs: not theirs.is_stock and finds_only_formats(ours),
    ),
]


@dataclass(frozen=True)
class Compared:
    """A request and what both sides made of it."""

    sent: Sent
    ours: Answer
    theirs: Answer
    alike: bool
    explained: tuple[str, ...]


PROVIDERS = [
    profile for name in names() for profile in (Found(name), *Found(name).variants.values())
]
EVERYBODY = pytest.mark.parametrize(
    "found", PROVIDERS, ids=lambda each: "-".join(filter(None, (each.name, each.profile)))
)


@cache
def compared(found: Found) -> list[Compared]:
    """Everything that was asked of a provider and of the stock application beside it."""
    stage = Stage(found)
    untouched = stage.world.digest()

    async def both(sent: Sent) -> Compared:
        ours = await stage.answer(stage.ours, sent)
        theirs = await stage.answer(stage.theirs, sent)
        refused = ours.status == theirs.status and ours.refuses_like(theirs, untouched)
        alike = refused or ours.compared == theirs.compared
        found = [each.why for each in DIFFERENCES if each.explains(stage, sent, ours, theirs)]
        return Compared(sent, ours, theirs, alike, () if alike else tuple(found))

    async def everything() -> list[Compared]:
        return [await both(sent) for sent in requests(stage.found)]

    return asyncio.run(everything())


@EVERYBODY
def test_a_provider_answers_as_it_does_on_the_stock_stack(found: Found) -> None:
    assert [each for each in compared(found) if not (each.alike or each.explained)] == []


def out_of_reach(found: Found) -> set[str]:
    """The operations that the provider's fixture excuses from succeeding."""
    fixture = fixture_of(found.name)
    profiles = fixture.get("profiles", {"choices": {}})["choices"]
    excused = [
        *fixture["conformance"].get("excused", []),
        *profiles.get(found.profile, {}).get("excused", []),
    ]
    return {
        name for each in excused if each["check"] == "stock:success" for name in each["operations"]
    }


@EVERYBODY
def test_every_operation_that_is_not_excused_succeeds_on_both_stacks(found: Found) -> None:
    succeeded = {
        each.sent.operation
        for each in compared(found)
        if each.alike and each.ours.refusal is None and each.ours.status < 400
    }
    asked = {each.sent.operation for each in compared(found)}
    assert asked - succeeded == out_of_reach(found)


@EVERYBODY
def test_callers_are_told_apart_alike(found: Found) -> None:
    by_callers = [each for each in compared(found) if each.sent.what.startswith("by ")]
    strangers = [each for each in by_callers if each.sent.what.endswith(("nobody", "unknown"))]
    assert any(each.ours.refusal is not None for each in strangers)
    assert [each for each in strangers if not each.alike] == []


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.why)
def test_an_allowed_difference_is_still_there(difference: Difference) -> None:
    everything = [each for found in PROVIDERS for each in compared(found)]
    assert [each for each in everything if difference.why in each.explained]
