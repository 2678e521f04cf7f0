"""Who is calling: what a request presents, and the provider's answer to it.

Connexion's own security middleware is left out: it hides the names of the schemes, lets a bad
credential pass where signing in is optional, and took a fifth of the time of a read by id.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from greenroom.emulator.engine.casting import MalformedError, decoded
from greenroom.emulator.engine.parameters import Sources
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.toolkit import Call, Caller, Credentials, Request, UnauthorizedError

Identify = Callable[[Call, Credentials], Caller | None]
Extract = Callable[[Request], str | None]
Scheme = tuple[str, Extract, tuple[str, ...]]


def _header(name: str) -> Extract:
    raw = name.encode("latin-1")
    return lambda request: request.header(raw) or None


def _query(name: str) -> Extract:
    def extract(request: Request) -> str | None:
        if not request.query:
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
        presented = request.header(b"authorization")
        if presented is None:
            return None
        kind, _, value = presented.partition(" ")
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


class SignIn:
    """The security requirements of one operation.

    The first alternative that a request presents in full decides; nobody is let through for
    having shown something bad, even where showing nothing would do.
    """

    def __init__(self, place: Place) -> None:
        root = Place(place.document, "")
        required = place.get("security", root.get("security")) or [{}]
        self._optional = {} in required
        self._alternatives: list[list[Scheme]] = [
            [
                (
                    name,
                    extractor(root.child("components", "securitySchemes", name).node),
                    tuple(scopes),
                )
                for name, scopes in alternative.items()
            ]
            for alternative in required
            if alternative
        ]

    def __call__(self, call: Call, identify: Identify | None) -> Caller | None:
        """Who is calling, as the provider's `identify` has it; None where nobody needs to say."""
        request = call.request
        for alternative in self._alternatives:
            presented = []
            for name, extract, scopes in alternative:
                value = extract(request)
                if value is None:
                    break
                presented.append(Credentials(name, value, scopes))
            else:
                for each in presented:
                    caller = _identified(call, identify, each)
                return caller
        if self._optional:
            return None
        raise UnauthorizedError("No credentials were presented.")


def _identified(call: Call, identify: Identify | None, credentials: Credentials) -> Caller:
    caller = identify(call, credentials) if identify is not None else None
    if caller is None:
        raise UnauthorizedError("The credentials are not valid.", subject="credentials")
    return caller
