"""Who and what a request names besides the schema's say: addresses, and documents of their size."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from greenroom.emulator.toolkit import Call, Json, Violation
from greenroom.handlers.hoot.errors import FieldsError, broken

ADDRESS = re.compile(r"[a-zA-Z0-9.!#$%&'*+-/=?^_`{|}~]+@[a-zA-Z0-9]+\.[a-zA-Z]+")
TEMPORARY = "temporary_users"


@dataclass(frozen=True, slots=True)
class People:
    """The addresses of one request by field, each once; and those that come for a time."""

    listed: dict[str, list[str]]
    temporary: list[str]
    epoch_end: int

    def __getitem__(self, field: str) -> list[str]:
        return self.listed[field]


def read_people(call: Call, body: Json, *fields: str) -> People:
    """The people of a body; everything that is no address, or too large, is refused at once."""
    features = body.get("features", {})
    invitation = features.get("invitation", {})
    wrong: list[Violation] = []
    listed = {field: _addresses(body[field], (field,), wrong) for field in fields}
    place = ("features", "invitation", TEMPORARY)
    temporary = _addresses(invitation.get(TEMPORARY, []), place, wrong)
    wrong += _documents(features, call.option("pdf_limit"))
    if wrong:
        raise FieldsError(*wrong)
    return People(listed, temporary, invitation.get("epoch_end", 0))


def _addresses(items: list[str], place: tuple[str, ...], wrong: list[Violation]) -> list[str]:
    found: dict[str, str] = {}
    for index, item in enumerate(items):
        for address in map(str.strip, _expanded(item)):
            if ADDRESS.match(address):
                found.setdefault(address.lower(), address)
            else:
                wrong.append(broken("must be an e-mail address.", *place, index))
    return list(found.values())


def _expanded(item: str) -> list[str]:
    """The item, or those in it: the vendor's sample has a JSON list inside a text."""
    if item.lstrip().startswith("["):
        try:
            inside = json.loads(item)
        except (ValueError, RecursionError):
            return [item]
        if isinstance(inside, list) and all(isinstance(each, str) for each in inside):
            return inside
    return [item]


def _documents(features: Json, limit: int) -> Iterator[Violation]:
    for index, each in enumerate(features.get("documents", {}).get("pdf_list", [])):
        problem = _problem(each.get("base64_representation", ""), limit)
        if problem:
            place = ("features", "documents", "pdf_list", index, "base64_representation")
            yield broken(problem, *place)


def _problem(encoded: str, limit: int) -> str:
    try:
        size = len(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        return "is not base64."
    return f"holds {size} bytes; a PDF may have {limit}." if size > limit else ""


def without(addresses: Iterable[str], *others: Iterable[str]) -> list[str]:
    """The addresses that are not among the others, in whatever case."""
    known = {each.lower() for group in others for each in group}
    return [each for each in addresses if each.lower() not in known]
