"""Hides secrets in what is shown of an exchange, so that it can be shown to everybody."""

from __future__ import annotations

import re
from copy import copy
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import orjson

from greenroom.emulator.frames import Frames
from greenroom.emulator.journal import Entry, Side

HIDDEN = "(hidden)"
_SECRETS = re.compile(
    "sec-websocket-protocol|(proxy-?)?authorization|(set-?)?cookies?|credentials?"
    "|pass(word|wd|phrase)|pins?|secret"
    "|(.*[-_])?(api[-_]?key|password|secret|token)",
    re.IGNORECASE,
)
_FORM = "application/x-www-form-urlencoded"


def is_secret(name: str) -> bool:
    """Whether something of that name is nobody else's business."""
    return _SECRETS.fullmatch(name) is not None


def hidden(value: Any) -> Any:
    """A JSON value, every text and number under the name of a secret replaced."""
    if isinstance(value, dict):
        return {key: _member(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [hidden(each) for each in value]
    return value


def _member(name: str, value: Any) -> Any:
    if is_secret(name) and isinstance(value, str | int | float) and not isinstance(value, bool):
        return HIDDEN
    return hidden(value)


def redacted(entry: Entry) -> Entry:
    """The same exchange without the secrets in its address, headers and bodies."""
    found = copy(entry)
    path, mark, query = entry.target.partition("?")
    found.target = path + mark + _query(query)
    found.request, found.answer = _side(entry.request), _side(entry.answer)
    if entry.frames is not None:
        found.frames = _frames(entry.frames)
    return found


def _frames(frames: Frames) -> Frames:
    found = Frames()
    for said in frames:
        if isinstance(said.data, str):
            body = _body(said.data.encode(), "json").decode()
            found.add(said._replace(data=body))
        else:
            found.add(said)
    found.dropped = frames.dropped
    return found


def _side(side: Side) -> Side:
    media_type = side.headers().get("content-type", "").partition(";")[0].strip().lower()
    headers = [
        (name, HIDDEN.encode() if is_secret(name.decode("latin-1")) else value)
        for name, value in side.raw_headers
    ]
    return Side(headers, _body(side.body, media_type))


def _body(body: bytes, media_type: str) -> bytes:
    if media_type == _FORM:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return urlencode([(k, HIDDEN if is_secret(k) else v) for k, v in pairs]).encode()
    if "json" not in media_type:
        return body
    try:
        return orjson.dumps(hidden(orjson.loads(body)))
    except orjson.JSONDecodeError:
        return body


def _query(query: str) -> str:
    return "&".join(
        f"{name}={HIDDEN}" if is_secret(unquote_plus(name)) else pair
        for pair in query.split("&")
        for name in [pair.partition("=")[0]]
    )
