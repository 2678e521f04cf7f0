"""What is refused before the first request: a spec and handlers that do not fit together."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.names import python_name
from greenroom.emulator.engine.operation import merged_parameters
from greenroom.emulator.engine.pointers import Place
from greenroom.emulator.engine.routing import Trie
from greenroom.emulator.toolkit import SpecMismatchError

Operations = Sequence[tuple[str, str, Place]]


def lint(mount: Mount, operations: Operations) -> None:
    """Raise `SpecMismatchError` with every problem, each with file and operation."""
    problems = list(_problems(mount, operations))
    if problems:
        raise SpecMismatchError("\n".join(f"{mount.source}: {each}" for each in problems))


def _problems(mount: Mount, operations: Operations) -> Iterator[str]:
    seen: dict[str, str] = {}
    trie: Trie[str] = Trie()
    for path, method, place in operations:
        where = f"{method.upper()} {path}"
        name = place.get("operationId")
        if not name:
            yield f"{where} has no operationId"
            continue
        if name in seen:
            yield f"{where} and {seen[name]} share the operationId {name}"
        seen[name] = where
        try:
            trie.add(path, method, name)
        except ValueError as error:
            yield f"{where}: {error}"
        yield from (f"{name} ({where}) {problem}" for problem in _in_operation(mount, place, path))
        if name in mount.handlers:
            yield from (f"{name} ({where}) {p}" for p in _in_signature(mount, place, path))
        else:
            yield f"{name} ({where}) has no handler; write a function {python_name(name)}"
    for name in mount.handlers:
        if name not in seen:
            yield f"the handler {python_name(name)} belongs to no operation"


def _in_operation(mount: Mount, place: Place, path: str) -> Iterator[str]:
    above = Place(place.document, place.pointer.rpartition("/")[0])
    shared = {
        (above.child("parameters", index).get("name"), above.child("parameters", index).get("in"))
        for index in range(len(above.get("parameters") or []))
    }
    for index in range(len(place.get("parameters") or [])):
        parameter = place.child("parameters", index)
        if (parameter.get("name"), parameter.get("in")) in shared:
            yield f"declares the parameter {parameter.get('name')} that its path declares too"
    parameters = merged_parameters(place)
    spelled = [python_name(each.get("name")) for each in parameters]
    for name in sorted({name for name in spelled if spelled.count(name) > 1}):
        yield f"has several parameters that a handler would know as {name}"
    declared = {each.get("name") for each in parameters if each.get("in") == "path"}
    if declared != set(_placeholders(path)):
        yield "does not declare the same path parameters as its path has"
    known = (place.document.get("components") or {}).get("securitySchemes") or {}
    for alternative in place.get("security", place.document.get("security")) or []:
        yield from (f"wants the unknown security scheme {n}" for n in alternative if n not in known)
    for code, response in place.items("responses"):
        content = response.get("content") or {}
        chosen = mount.provider.wire.write_reply or response.get("x-default-media-type") in content
        if len(content) > 1 and code < "400" and not chosen:  # a refusal's is write_error's choice
            yield f"documents several media types for {code}, and no write_reply chooses"
        if code >= "400" and not content and not response.get("x-no-body"):
            yield f"documents {code} without a body; describe it or say x-no-body: true"
        for media_type, media in response.items("content"):
            if "schema" not in media.node:
                yield f"documents {code} as {media_type} without a schema"


def _placeholders(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _in_signature(mount: Mount, place: Place, path: str) -> Iterator[str]:
    wanted = list(inspect.signature(mount.handlers[place.get("operationId")]).parameters.values())
    strict = mount.provider.validation == "strict"
    offered = {
        python_name(each.get("name")): each.get("in") == "path"
        or bool(each.get("required"))
        or "default" in (each.get("schema") or {})
        for each in merged_parameters(place)
        if strict or each.get("in") == "path"
    }
    if "requestBody" in place.node:
        offered["body"] = True
        if strict and "body" not in {each.name for each in wanted}:
            yield "has a body that its handler does not take"
    for parameter in wanted[1:]:
        if parameter.name not in offered:
            yield f"has no parameter {parameter.name}, which its handler takes"
        elif not offered[parameter.name] and parameter.default is inspect.Parameter.empty:
            yield f"may come without {parameter.name}; give it a default in the handler"
    taken = {each.name for each in wanted}
    for name in _placeholders(path):
        if strict and python_name(name) not in taken:
            yield f"has a path parameter {name} that its handler does not take"
    waits = inspect.iscoroutinefunction(mount.handlers[place.get("operationId")])
    if not wanted or (waits and mount.transactional):
        yield "needs a plain function that takes the call first"
