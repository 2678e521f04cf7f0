"""Connexion's middleware stack around our routing and our compiled operations."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import jsonschema_rs
from connexion.middleware.abstract import SpecMiddleware
from connexion.middleware.main import ConnexionMiddleware
from connexion.resolver import Resolver
from connexion.spec import OpenAPISpecification
from jsonschema import Draft4Validator
from jsonschema.exceptions import best_match
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.lint import Operations, lint
from greenroom.emulator.engine.operation import CompiledOperation, OperationMiddleware
from greenroom.emulator.engine.pointers import Place, dangling, token
from greenroom.emulator.engine.refusals import Refusals
from greenroom.emulator.engine.router import Router
from greenroom.emulator.toolkit import Json, SpecMismatchError

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@cache
def _meta_validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(OpenAPISpecification.openapi_schema)


class QuickSpecification(OpenAPISpecification):  # type: ignore[misc]  # Connexion ships no types
    """Connexion's specification without its slow validation; `_validate` has judged it already."""

    @classmethod
    def _validate_spec(cls, spec: dict[str, Any]) -> None:
        """Believe it."""


def _worst(spec: Json) -> tuple[Iterable[str | int], str]:
    """Where a spec is no OpenAPI, and why; the slow validator says it best, but for formats."""
    error = best_match(Draft4Validator(OpenAPISpecification.openapi_schema).iter_errors(spec))
    if error is not None:
        return error.absolute_path, error.message
    first = next(iter(_meta_validator().iter_errors(spec)))
    return first.instance_path, "a pattern, an address or the like has not the form it must have"


def _validate(mount: Mount) -> None:
    """Hold a spec to Connexion's own meta-schema, and its references to what they refer to."""
    if not _meta_validator().is_valid(mount.spec):
        path, problem = _worst(mount.spec)
        place = "".join(f"/{token(part)}" for part in path)
        raise SpecMismatchError(f"{mount.source} is not OpenAPI 3.0 at {place}: {problem}")
    for pointer in dangling(mount.spec):
        raise SpecMismatchError(f"{mount.source} at {pointer} refers to what is not there")


def operations(spec: dict[str, Any]) -> list[tuple[str, str, Place]]:
    """Path, method and place of every operation of a spec, in order."""
    root = Place(spec, "")
    return [
        (path, method, item.child(method))
        for path, item in root.items("paths")
        for method in METHODS
        if method in item.node
    ]


def compile_api(mount: Mount, found: Operations, limits: Limits) -> dict[str, CompiledOperation]:
    """The operations of one API by operation id."""
    return {
        place.get("operationId"): CompiledOperation(mount, place, path, method, limits)
        for path, method, place in found
    }


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError(f"No operation took {scope['path']}")


def mount_apis(
    mounts: Sequence[Mount], limits: Limits, options: Mapping[str, Mapping[str, Any]] | None = None
) -> ASGIApp:
    """One stack that answers for all of these APIs; what does not fit together is raised here.

    An API with several profiles begins with the one that these options choose. Another one is
    compiled when it is first asked for, and held to the same.
    """
    for chatty in ("connexion", "python_multipart"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)

    def join(mount: Mount) -> None:
        _join(stack.middleware_stack, mount, limits)

    stack = ConnexionMiddleware(
        _nowhere,
        middlewares=[
            Refusals,
            partial(Router, mounts=mounts, limits=limits, join=join),
            OperationMiddleware,
        ],
    )
    stack.app, stack.middleware_stack = stack._build_middleware_stack()
    for mount in mounts:
        join(mount.serving((options or {}).get(mount.name, {})))
    app: ASGIApp = stack.app
    return app


def _outline(spec: Json, found: Operations) -> Json:
    """Which operations there are: what Connexion mounts by, and copies several times."""
    paths: Json = {}
    for path, method, place in found:
        paths.setdefault(path, {})[method] = {"operationId": place.get("operationId")}
    return {"openapi": spec["openapi"], "info": spec["info"], "paths": paths}


def _join(stack: Iterable[ASGIApp], mount: Mount, limits: Limits) -> None:
    """Let the parts of a stack know one more API, provided that all of it fits together."""
    _validate(mount)
    found = operations(mount.spec)
    lint(mount, found)
    specification = QuickSpecification(_outline(mount.spec, found))
    facts = {
        "base_path": mount.key,
        "resolver": Resolver(mount.handlers.__getitem__),
        "mount": mount,
        "compiled": compile_api(mount, found, limits),
    }
    for part in stack:
        if isinstance(part, SpecMiddleware):
            part.add_api(specification, **facts)
