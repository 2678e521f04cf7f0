"""Connexion's middleware stack around our routing and our compiled operations."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any

import jsonschema_rs
from connexion.middleware.main import API, ConnexionMiddleware
from connexion.resolver import Resolver
from connexion.spec import OpenAPISpecification
from jsonschema import Draft4Validator
from jsonschema.exceptions import best_match
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.lint import lint
from greenroom.emulator.engine.operation import CompiledOperation, OperationMiddleware
from greenroom.emulator.engine.pointers import Place, dangling, token
from greenroom.emulator.engine.refusals import Refusals
from greenroom.emulator.engine.router import Router
from greenroom.emulator.toolkit import SpecMismatchError

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@cache
def _meta_validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(OpenAPISpecification.openapi_schema)


class QuickSpecification(OpenAPISpecification):  # type: ignore[misc]  # Connexion ships no types
    """Connexion's specification without its slow validation; `_validate` has judged it already."""

    @classmethod
    def _validate_spec(cls, spec: dict[str, Any]) -> None:
        """Believe it."""


def _validate(mount: Mount) -> None:
    """Hold a spec to Connexion's own meta-schema, and its references to what they refer to."""
    if not _meta_validator().is_valid(mount.spec):
        schema = OpenAPISpecification.openapi_schema
        error = best_match(Draft4Validator(schema).iter_errors(mount.spec))
        place = "".join(f"/{token(part)}" for part in error.absolute_path) if error else ""
        problem = error.message if error else "see its document"
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


def compile_api(mount: Mount, limits: Limits) -> dict[str, CompiledOperation]:
    """The operations of one API by operation id."""
    return {
        place.get("operationId"): CompiledOperation(mount, place, path, method, limits)
        for path, method, place in operations(mount.spec)
    }


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError(f"No operation took {scope['path']}")


def mount_apis(mounts: Sequence[Mount], limits: Limits) -> ASGIApp:
    """One stack that answers for all of these APIs; what does not fit together is raised here."""
    for chatty in ("connexion", "python_multipart"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    stack = ConnexionMiddleware(
        _nowhere,
        middlewares=[Refusals, Router, OperationMiddleware],
    )
    for mount in mounts:
        _validate(mount)
        lint(mount, operations(mount.spec))
        api = API(
            QuickSpecification(mount.spec),
            base_path=mount.base_path,
            resolver=Resolver(mount.handlers.__getitem__),
            mount=mount,
            compiled=compile_api(mount, limits),
            limits=limits,
        )
        stack.apis.append(api)
    stack.app, stack.middleware_stack = stack._build_middleware_stack()
    app: ASGIApp = stack.app
    return app
