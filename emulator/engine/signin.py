"""Who is calling: Connexion's security checks, answered by the provider's `identify`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from connexion.lifecycle import ConnexionRequest
from connexion.security import NO_VALUE

from greenroom.emulator.engine.exchange import KEY, Exchange
from greenroom.emulator.engine.parameters import MalformedError, Sources, decoded
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.toolkit import Credentials, Json, Request, UnauthorizedError

Check = Callable[[ConnexionRequest], Awaitable[Any]]
Extract = Callable[[Request], str | None]


def _header(name: str) -> Extract:
    return lambda request: request.headers.get(name) or None


def _query(name: str) -> Extract:
    def extract(request: Request) -> str | None:
        if name not in request.query:
            return None
        return next((value for key, value in request.query_pairs() if key == name), None)

    return extract


def _cookie(name: str) -> Extract:
    def extract(request: Request) -> str | None:
        cookies = Sources({}, "", request.headers).cookies
        value = next((value for key, value in cookies if key == name), None)
        try:
            return value and decoded(value)
        except MalformedError:
            return value

    return extract


def _authorization(wanted: str) -> Extract:
    def extract(request: Request) -> str | None:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        return value.strip() or None if kind.lower() == wanted else None

    return extract


def _basic(request: Request) -> str | None:
    encoded = _authorization("basic")(request)
    if encoded is None:
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def extractor(scheme: Mapping[str, Any]) -> Extract:
    """A function that finds what a request presents for this security scheme."""
    kind = scheme["type"]
    if kind == "apiKey":
        place = {"header": _header, "query": _query, "cookie": _cookie}[scheme["in"]]
        return place(scheme["name"].lower() if scheme["in"] == "header" else scheme["name"])
    if kind == "http" and scheme["scheme"].lower() == "basic":
        return _basic
    return _authorization(scheme["scheme"].lower() if kind == "http" else "bearer")


_NAME = "x-greenroom-name"


def with_named_schemes(spec: Json) -> Json:
    """The spec with every security scheme saying its name, which Connexion does not pass on."""
    root = Place(spec, "")
    components = root.child("components") if "components" in spec else None
    if components is None or "securitySchemes" not in components.node:
        return spec
    schemes = {
        name: {**place.node, _NAME: name} for name, place in components.items("securitySchemes")
    }
    return {**spec, "components": {**components.node, "securitySchemes": schemes}}


class SignIn:
    """The security handler of an API; Connexion asks it for a check per scheme."""

    def __call__(self) -> SignIn:
        """Stand in for the class that Connexion expects to instantiate."""
        return self

    def get_fn(self, security_scheme: Json, required_scopes: list[str]) -> Check:
        """The check of one scheme of one operation."""
        name = security_scheme[_NAME]
        extract = extractor(security_scheme)

        async def check(request: ConnexionRequest) -> Any:
            exchange: Exchange = request.scope[KEY]
            if exchange.refusal is not None:
                raise exchange.refusal
            assert exchange.request is not None
            value = extract(exchange.request)
            if value is None:
                exchange.caller = None  # one half of a pair is nobody
                return NO_VALUE
            try:
                identify(exchange, Credentials(name, value, tuple(required_scopes)))
            except Exception as error:
                exchange.refusal = error  # or Connexion would try the next alternative
                raise
            return {}

        return check

    def security_map(self, spec: Json) -> dict[str, SignIn]:
        """What Connexion looks its handlers up in: this one for every scheme of the spec."""
        schemes = spec.get("components", {}).get("securitySchemes", {}).values()
        kinds = {"basic", "bearer", "apiKey", "oauth2", "openIdConnect"}
        kinds |= {each["scheme"].lower() for each in schemes if "scheme" in each}
        return dict.fromkeys(kinds, self)


def identify(exchange: Exchange, credentials: Credentials) -> None:
    """Ask the provider who presents these; nobody: `UnauthorizedError`."""
    assert exchange.mount is not None
    ask = exchange.mount.provider.identify
    caller = ask(exchange.call(exchange.operation.facts), credentials) if ask else None
    if caller is None:
        raise UnauthorizedError("The credentials are not valid.", subject="credentials")
    exchange.caller = caller
