"""What a caller sends: gathered once from wherever it may stand, read by one table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from greenroom.emulator.toolkit import Call, Json, Request
from greenroom.handlers.boomstream.errors import (
    ParameterInvalidError,
    ParameterRequiredError,
    UnreadableError,
)

FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 1000
LONGEST_TIMEOUT = 31_536_000
# RFC 5321 leaves no room for longer ones
LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")


def text(value: Any) -> str:
    """Any text; a JSON value that is no scalar has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise ValueError("neither text, number nor boolean")
    return value


def at_most(length: int) -> Callable[[Any], str]:
    """A reader of texts that are not longer than this."""

    def read(value: Any) -> str:
        found = text(value)
        if len(found) > length:
            raise ValueError("too long")
        return found

    return read


def title(value: Any) -> str:
    """A text of 1 to 255 characters, without the blanks around it."""
    found = text(value).strip()
    if not 1 <= len(found) <= 255:
        raise ValueError("too short or too long")
    return found


def email(value: Any) -> str:
    """Something that looks like an address."""
    found = text(value)
    if len(found) > LONGEST_EMAIL or not _EMAIL.fullmatch(found):
        raise ValueError("not an address")
    return found


def seconds(value: Any) -> int:
    """A whole number of seconds, up to a year."""
    if not re.fullmatch("[0-9]{1,8}", text(value), re.ASCII):
        raise ValueError("not whole seconds")
    found = int(value)
    if not 1 <= found <= LONGEST_TIMEOUT:
        raise ValueError("out of range")
    return found


def yes_or_no(value: Any) -> bool:
    """Yes or no in any case; a JSON boolean says the same."""
    if isinstance(value, bool):
        return value
    found = text(value).lower()
    if found not in ("yes", "no"):
        raise ValueError("neither yes nor no")
    return found == "yes"


def web_address(value: Any) -> str:
    """An absolute address of the web."""
    found = text(value)
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname or _BLANK.search(found):
        raise ValueError("not an absolute http(s) URL")
    return found


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one parameter is called in Python, and how its value is read."""

    name: str
    read: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Method:
    """The parameters of one method, in the order in which they are checked."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


PARAMETERS: Mapping[str, Parameter] = {
    "code": Parameter("code", text),
    "title": Parameter("title", title),
    "description": Parameter("description", at_most(4000)),
    "folderCode": Parameter("folder", text),
    "email": Parameter("email", email),
    "name": Parameter("name", at_most(255)),
    "timeout": Parameter("timeout", seconds),
    "notifyEmail": Parameter("notify_email", yes_or_no),
    "moderator": Parameter("moderator", yes_or_no),
    "avatarUrl": Parameter("avatar_url", web_address),
}

METHODS: Mapping[str, Method] = {
    "/api/conference/info": Method(("code",)),
    "/api/conference/list": Method(),
    "/api/conference/create": Method(("title",), ("folderCode", "description")),
    "/api/conference/update": Method(("code",), ("title", "description", "folderCode")),
    "/api/conference/invite": Method(
        ("code", "email"), ("name", "timeout", "notifyEmail", "moderator", "avatarUrl")
    ),
    "/api/conference/client/list": Method(("code",)),
    "/api/conference/client/info": Method(("code",)),
    "/api/conference/client/update": Method(("code",), ("email", "name", "moderator")),
    "/api/conference/client/delete": Method(("code",)),
    "/api/conference/delete": Method(("code",)),
}


def parameters(call: Call) -> Json:
    """What was sent for this method, read and under the names of the records."""
    assert call.operation is not None
    method, sent = METHODS[call.operation.path], call.request.given["sent"]
    for name in method.required:
        if name not in sent:
            raise ParameterRequiredError(name)
    names = (*method.required, *method.optional)
    return {PARAMETERS[name].name: _read(name, sent[name]) for name in names if name in sent}


def _read(name: str, value: Any) -> Any:
    try:
        return PARAMETERS[name].read(value)
    except ValueError:
        raise ParameterInvalidError(name) from None


def in_query(request: Request) -> Json:
    """The parameters of the query."""
    return _pairs(request.query)


def in_body(request: Request) -> Json:
    """The parameters of a POST's body: a form, or else a JSON object."""
    if request.method != "POST" or not request.body:
        return {}
    if request.media_type == FORM:
        return _pairs(request.body.decode(errors="replace"))
    return _object(request.body)


def is_json(request: Request) -> bool:
    """Whether the parameters come as JSON, which is then how the answer goes back."""
    if request.method != "POST" or request.media_type == FORM:
        return False
    return bool(request.body) or request.media_type == "application/json"


def _pairs(encoded: str) -> Json:
    try:
        pairs = parse_qsl(encoded, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise UnreadableError("Too many parameters") from None
    return dict(pairs)


def _object(body: bytes) -> Json:
    try:
        # a number is taken as its text, so it must keep the form it was sent in
        found = json.loads(
            body.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=_refuse
        )
        # half a surrogate pair is no text
        "".join(value for value in found.values() if isinstance(value, str)).encode()
    except (ValueError, AttributeError, RecursionError):
        raise UnreadableError("Invalid JSON") from None
    return {name: value for name, value in found.items() if value not in ("", None)}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
