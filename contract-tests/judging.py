"""Judging exchanges by the spec: an independent judge, which shares no code with the emulator."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree.ElementTree import Element

import httpx
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.styles.exceptions import EmptyQueryParameterValue
from openapi_core.templating.paths.exceptions import PathError
from werkzeug.datastructures import Headers, ImmutableMultiDict

JUDGE_URL = "http://judge.test"
Json = dict[str, Any]


@pytest.fixture(scope="session")
def is_accepted(contract: Json) -> Callable[[httpx.Response], bool]:
    """Whether the provider said yes, or where to go; some refuse with a 200, in the body."""
    refusal = re.compile(contract["conformance"].get("refusal", "(?!)"))
    return lambda answer: answer.status_code < 400 and not refusal.search(answer.text)


@pytest.fixture(scope="session")
def operation_of(provider: str, spec: Json) -> Callable[[httpx.Request], str]:
    """Finds the id of the operation that a request addresses; empty when there is none."""
    return Directory(provider, spec).operation


class Directory:
    """The operations of a spec by method and path."""

    def __init__(self, provider: str, spec: Json) -> None:
        self._provider = provider
        paths = sorted(
            spec["paths"], key=lambda path: [part[:1] == "{" for part in path.split("/")]
        )
        self._items = [
            (re.compile(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))), spec["paths"][path])
            for path in paths
        ]

    def operation(self, request: httpx.Request) -> str:
        """The operation's id; empty when there is none."""
        path = below(request, self._provider)
        for pattern, item in self._items:
            if pattern.fullmatch(path):
                return str(item.get(request.method.lower(), {}).get("operationId", ""))
        return ""


def below(request: httpx.Request, provider: str) -> str:
    """The path below the provider's address, as sent."""
    raw = request.url.raw_path.decode("ascii").partition("?")[0]
    return re.sub(rf"^(/~[^/]+)?/{provider}(?=/|$)", "", raw)


def decoded(path: str) -> str:
    """The path as openapi-core wants it: decoded, but for slashes inside a segment."""
    return "/".join(unquote(part).replace("/", "%2F") for part in path.split("/"))


@pytest.fixture(scope="session")
def judge(
    provider: str,
    spec: Json,
    contract: Json,
    operation_of: Callable[[httpx.Request], str],
    is_accepted: Callable[[httpx.Response], bool],
) -> Callable[[httpx.Response], list[str]]:
    """Tells in what an exchange broke the spec; shares no code with the emulator."""
    court = Judge(provider, spec, is_accepted)
    excused = [
        (each["check"].removeprefix("judge:"), each.get("operations"))
        for each in contract["conformance"].get("excused", [])
    ]

    def violations(exchange: httpx.Response) -> list[str]:
        name = operation_of(exchange.request)
        fine = {check for check, names in excused if names is None or name in names}
        return [f"{kind}: {text}" for kind, text in court.violations(exchange) if kind not in fine]

    return violations


class Asked:
    """A request as openapi-core wants it, below the provider's address."""

    def __init__(self, request: httpx.Request, provider: str) -> None:
        self.host_url = JUDGE_URL
        self.path = decoded(below(request, provider))
        self.method = request.method.lower()
        self.body = request.content or None
        self.content_type = request.headers.get("content-type", "").lower()
        query = parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query),
            header=Headers(request.headers.multi_items()),
            cookie=ImmutableMultiDict(),
            path={},
        )


class Answered:
    """An answer as openapi-core wants it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.headers = Headers(response.headers.multi_items())
        self.content_type = response.headers.get("content-type", "").lower()
        self.data = response.content


class Judge:
    """What openapi-core says about exchanges with a provider."""

    def __init__(
        self, provider: str, spec: Json, is_accepted: Callable[[httpx.Response], bool]
    ) -> None:
        self._is_accepted = is_accepted
        readers: dict[str, Callable[[bytes], Any]] = dict.fromkeys(media_types(spec), json.loads)
        self._provider = provider
        self._api = OpenAPI.from_dict(
            {**spec, "servers": [{"url": JUDGE_URL}]},
            config=Config(extra_media_type_deserializers=readers),
        )

    def violations(self, exchange: httpx.Response) -> Iterator[tuple[str, str]]:
        """What is wrong with the answer, and with having accepted the request: kind and text."""
        asked = Asked(exchange.request, self._provider)
        with warnings.catch_warnings():  # openapi-core finds some of OpenAPI's words old-fashioned
            warnings.simplefilter("ignore", DeprecationWarning)
            errors = [*self._api.iter_response_errors(asked, Answered(exchange))]
            if self._is_accepted(exchange):
                errors += self._api.iter_request_errors(asked)
        for error in errors:
            nowhere = exchange.status_code in (401, 404, 405) or asked.method in ("head", "options")
            if not (is_a_quirk(error) or (nowhere and isinstance(error, PathError))):
                yield type(error).__name__, reason(error)


def is_a_quirk(error: Exception) -> bool:
    """Whether openapi-core demands more than OpenAPI does, or reads less.

    It wants allowEmptyValue for `?q=`, which OpenAPI leaves to the schema; and it parses XML but
    holds the element, not what is in it, against the schema.
    """
    cause = error.__cause__
    element = isinstance(getattr(cause, "value", None), Element)
    return isinstance(cause, EmptyQueryParameterValue) or element


def reason(error: Exception) -> str:
    """Why openapi-core complains, in one line; not all of its errors can be made a text."""
    cause = error.__cause__ or error
    schema_errors = getattr(cause, "schema_errors", None)
    if schema_errors:
        return "; ".join(f"{each.json_path} {each.message}"[:200] for each in schema_errors)
    return repr(cause)[:300]


def media_types(node: Any) -> Iterator[str]:
    """The JSON media types in a spec that openapi-core does not know for JSON."""
    if isinstance(node, dict):
        if isinstance(content := node.get("content"), dict):
            yield from (name for name in content if name.endswith("+json"))
        for child in node.values():
            yield from media_types(child)
    elif isinstance(node, list):
        for child in node:
            yield from media_types(child)
