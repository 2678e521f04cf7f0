"""Query parameters that are held to the schemas which document them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from greenroom.emulator.toolkit import Call, InvalidError


def asked(call: Call, name: str, schema: str, otherwise: Any) -> Any:
    """The value of a query parameter; what is wrong with it is told under its name."""
    query = dict(call.request.query_pairs())
    if name not in query:
        return otherwise
    try:
        return call.check(schema, query[name])
    except InvalidError as error:
        named = [replace(each, where="query", path=(name,)) for each in error.violations]
        raise InvalidError(error.detail, violations=named) from None
