"""A tiny API of a test's own: a spec spelled in the test, plain functions, and requests to it."""

from __future__ import annotations

import asyncio
import json as json_text
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from starlette.types import ASGIApp, Message

from greenroom.emulator.app import Emulator
from greenroom.emulator.discovery import Found
from greenroom.emulator.dispatch import Dispatcher
from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.mounting import mount_apis
from greenroom.emulator.engine.names import python_name
from greenroom.emulator.kit import Kit
from greenroom.emulator.toolkit import ApiError, Json, Provider, Reply, Request, Wire
from greenroom.emulator.world import Beginning
from greenroom.emulator.worlds import Worlds
from greenroom.state import Store, wall

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
REFUSALS = (400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429)
Handler = Callable[..., Any]
Headers = Mapping[str, str] | Iterable[tuple[str, str]]
Chunks = Iterable[bytes | None]


def refuse(error: ApiError, _: Request) -> Reply:
    """The dress of a tiny API's refusals: nothing in it depends on anybody's wording."""
    wrong = [f"{each.where}{each.pointer} {each.keyword}" for each in error.violations]
    return Reply({"refused": error.status, "code": error.code, "wrong": wrong})


@dataclass
class Tiny:
    """One API of one test: declare operations first, then send requests."""

    name: str = "tiny"
    provider: Provider = field(default_factory=lambda: Provider(wire=Wire(write_error=refuse)))
    limits: Limits = field(default_factory=Limits)
    components: Json = field(default_factory=dict)
    security: list[Json] | None = None
    title: str = "Tiny"
    description: str = ""
    mounted: dict[str, Any] = field(default_factory=dict)
    served: dict[str, Any] = field(default_factory=dict)
    cap: int = 100
    paths: dict[str, Json] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    store: Store = field(default_factory=lambda: Store(seed=7, at=START, frozen=True))
    neighbours: list[Mount] = field(default_factory=list)
    _app: ASGIApp | None = None
    _worlds: Worlds | None = None
    _emulator: Emulator | None = None
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def answer(
        self,
        route: str,
        handler: Handler,
        *,
        name: str = "",
        parameters: Iterable[Json] = (),
        body: Json | None = None,
        responses: Json | None = None,
        **more: Any,
    ) -> None:
        """Let the handler answer `METHOD /path`; path parameters are texts unless declared."""
        method, _, path = route.partition(" ")
        operation_id = name or f"operation{len(self.handlers) + 1}"
        declared = list(parameters)
        known = {(each.get("name"), each.get("in")) for each in declared}
        for part in path.split("{")[1:]:
            if (part.partition("}")[0], "path") not in known:
                declared.append(self.parameter("path", part.partition("}")[0], type="string"))
        operation: Json = {"operationId": operation_id, **more}
        operation["responses"] = {"200": {"description": "Done.", **self.content({})}}
        refused = {"type": "object", "required": ["refused", "code", "wrong"]}
        for status in REFUSALS:
            operation["responses"][str(status)] = {"description": "No.", **self.content(refused)}
        operation["responses"].update(responses or {})
        if declared:
            operation["parameters"] = declared
        if body is not None:
            operation["requestBody"] = body
        self.paths.setdefault(path, {})[method.lower()] = operation
        self.handlers[operation_id] = handler

    @staticmethod
    def refusal(status: int, code: str, *wrong: str) -> Json:
        """What a tiny API answers when it says no."""
        return {"refused": status, "code": code, "wrong": list(wrong)}

    @staticmethod
    def content(schema: Json, media_type: str = "application/json", **more: Any) -> Json:
        """A body of this schema, as a request or a response has it."""
        return {"content": {media_type: {"schema": schema, **more}}}

    @staticmethod
    def parameter(where: str, name: str, **schema: Any) -> Json:
        """A parameter with this schema; `style`, `explode` and `required` are its own."""
        words = ("style", "explode", "required")
        own: Json = {key: schema.pop(key) for key in words if key in schema}
        if where == "path":
            own["required"] = True
        return {"name": name, "in": where, "schema": schema, **own}

    @property
    def spec(self) -> Json:
        """The document as declared so far."""
        document: Json = {
            "openapi": "3.0.3",
            "info": {"title": self.title, "version": "1", "description": self.description},
            "paths": self.paths,
            "components": self.components,
        }
        return document if self.security is None else {**document, "security": self.security}

    def mount(self) -> Mount:
        """The API, ready to be mounted."""
        return Mount(
            name=self.name,
            provider=self.provider,
            spec=self.spec,
            handlers=self.handlers,
            source=f"specs/{self.name}.yaml",
            **self.mounted,
        )

    def found(self, folder: Path) -> Found:
        """The API as discovery would find it, with its scenarios in the folder."""
        return Folder(self.name, self, folder)

    def stage(self, folder: Path, scenarios: Mapping[str, str], **settings: Any) -> Emulator:
        """Serve the API from a whole emulator, with these scenario files in the folder."""
        for name, text in scenarios.items():
            (folder / f"{name}.yaml").write_text(text, "utf-8")
        settings = {"seed": 7, "at": START, "frozen": True, **settings}
        self._emulator = Emulator([self.found(folder)], **settings)
        self._app, self._worlds = self._emulator.app, self._emulator.worlds
        return self._emulator

    @property
    def worlds(self) -> Worlds:
        """The worlds it is served in."""
        if self._worlds is None:
            options = {key: each.default for key, each in self.provider.options.items()}
            beginning = Beginning(self.store, {self.name: options}, "default")
            self._worlds = Worlds(beginning, make_kit=Kit, wall=wall, cap=self.cap)
        return self._worlds

    @property
    def main(self) -> Store:
        """What is true in the main world."""
        return self.worlds.get("main").store

    @property
    def app(self) -> ASGIApp:
        """The application, put together when first asked for."""
        if self._app is None:
            mounts = [self.mount(), *self.neighbours]
            self._app = Dispatcher(
                mount_apis(mounts, self.limits),
                self.worlds,
                {each.name: each for each in mounts},
                control="_greenroom",
                **self.served,
            )
        return self._app

    def send(self, line: str, **request: Any) -> httpx.Response:
        """Send `METHOD /path?query` to the API; the line goes as it is, nothing is encoded."""
        method, _, target = line.partition(" ")
        return self.send_to(f"{method} /{self.name}{target}", **request)

    def send_to(
        self,
        line: str,
        *,
        headers: Headers = (),
        json: Any = None,
        content: bytes | Chunks = b"",
        type_: str | None = None,
        host: str = "127.0.0.1:8800",
        app: ASGIApp | None = None,
    ) -> httpx.Response:
        """Send to the application itself, or to another one beside it.

        Content in chunks comes without a length; a chunk that is None hangs up.
        """
        method, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        fields = [("host", host)]
        if json is not None:
            content, type_ = json_text.dumps(json).encode(), type_ or "application/json"
        if type_ is not None:
            fields.append(("content-type", type_))
        chunks: Iterator[bytes | None]
        if isinstance(content, bytes):
            chunks = iter([content])
            fields += [("content-length", str(len(content)))] if content else []
        else:
            chunks = iter(content)
            fields.append(("transfer-encoding", "chunked"))
        fields += headers.items() if isinstance(headers, Mapping) else headers
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "headers": [(each.lower().encode(), value.encode("latin-1")) for each, value in fields],
            "server": ("127.0.0.1", 8800),
            "client": ("127.0.0.1", 0),
            "root_path": "",
        }
        return self._runner.run(converse(app or self.app, scope, chunks))

    def close(self) -> None:
        """Let go of the loop and the worlds."""
        self._runner.close()
        if self._emulator is not None:
            self._emulator.close()
        elif self._worlds is not None:
            self._worlds.close()


@dataclass(frozen=True)
class Folder(Found):
    """A tiny API as a provider, its scenarios in a folder of the test's."""

    tiny: Tiny
    folder: Path

    @cached_property
    def spec(self) -> Json:
        """The document."""
        return self.tiny.spec

    @property
    def provider(self) -> Provider:
        """What the test declared."""
        return self.tiny.provider

    @property
    def functions(self) -> Mapping[str, Handler]:
        """The test's own functions."""
        return {python_name(name): handler for name, handler in self.tiny.handlers.items()}

    def patch(self, choice: str) -> Traversable:
        """The file of another profile, which stands beside the scenarios."""
        return self.folder / "profiles" / f"{self.name}.{choice}.yaml"

    @property
    def scenarios(self) -> dict[str, Traversable]:
        """The scenario files by name."""
        return {path.stem: path for path in sorted(self.folder.glob("*.yaml"))}


async def converse(app: ASGIApp, scope: Json, chunks: Iterator[bytes | None]) -> httpx.Response:
    """One request through an ASGI application."""
    sent: list[Message] = []
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # the client stays and has no more to say
        body = next(chunks, b"")
        asked = body == b""
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": body != b""}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    content = b"".join(part.get("body", b"") for part in parts)
    return httpx.Response(start["status"], headers=start["headers"], content=content)


@pytest.fixture
def tiny() -> Iterator[Tiny]:
    """An API with no operations yet."""
    api = Tiny()
    yield api
    api.close()


@pytest.fixture
def another_tiny() -> Iterator[Callable[[], Tiny]]:
    """Makes as many tiny APIs as a test needs."""
    made: list[Tiny] = []

    def make() -> Tiny:
        made.append(Tiny())
        return made[-1]

    yield make
    for api in made:
        api.close()
