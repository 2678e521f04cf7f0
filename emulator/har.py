"""Exchanges as an HTTP archive, version 1.2."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote

from greenroom.emulator.frames import CLOSE, IN, SEND
from greenroom.emulator.journal import Entry, Side
from greenroom.emulator.toolkit import Json

_MESSAGES = (SEND, CLOSE)  # they are no HTTP; the exchange that opened the socket has them
_SAFE = "%/:?@!$&'()*+,;=-._~"  # what may stand in an address as it is


def archive(entries: Sequence[Entry], *, version: str, origin: str) -> Json:
    """The archive of these exchanges; `origin` is put before each request target."""
    creator = {"name": "greenroom", "version": version}
    return {
        "log": {
            "version": "1.2",
            "creator": creator,
            "entries": [_entry(each, origin) for each in entries if each.method not in _MESSAGES],
        }
    }


def _entry(entry: Entry, origin: str) -> Json:
    milliseconds = max(0.0, (entry.ended - entry.began) / 1000)
    return {
        "startedDateTime": datetime.fromtimestamp(entry.began / 1_000_000, UTC).isoformat(),
        "time": milliseconds,
        "request": _request(entry, origin),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": entry.why,
        "_exchange": entry.id,
        "_operation": entry.operation,
        **_messages(entry),
    }


def _messages(entry: Entry) -> Json:
    """What went over the socket that the exchange opened, as browsers archive it."""
    if entry.frames is None:
        return {}
    return {
        "_resourceType": "websocket",
        "_webSocketMessages": [
            {
                "type": "send" if each.direction == IN else "receive",
                "time": each.at / 1_000_000,
                "opcode": 1 if isinstance(each.data, str) else 2,
                "data": each.data if isinstance(each.data, str) else _base64(each.data),
            }
            for each in entry.frames
        ],
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _request(entry: Entry, origin: str) -> Json:
    side = entry.request
    found: Json = {
        "method": entry.method,
        "url": origin + quote(entry.target, safe=_SAFE),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(side),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(
                entry.target.partition("?")[2], keep_blank_values=True, errors="replace"
            )
        ],
        "headersSize": -1,
        "bodySize": len(side.body),
    }
    if side.body:
        text, encoding = _text(side.body)
        media_type = side.headers().get("content-type", "")
        found["postData"] = {"mimeType": media_type, "text": text}
        if encoding:
            found["postData"]["comment"] = encoding
    return found


def _response(entry: Entry) -> Json:
    side = entry.answer
    headers = side.headers()
    text, encoding = _text(side.body)
    content: Json = {
        "size": len(side.body),
        "mimeType": headers.get("content-type", ""),
        "text": text,
    }
    if encoding:
        content["encoding"] = encoding
    return {
        "status": entry.status,
        "statusText": _phrase(entry.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(side),
        "content": content,
        "redirectURL": headers.get("location", ""),
        "headersSize": -1,
        "bodySize": len(side.body),
    }


def _headers(side: Side) -> list[dict[str, Any]]:
    return [
        {"name": name.decode("latin-1"), "value": value.decode("latin-1")}
        for name, value in side.raw_headers
    ]


def _text(body: bytes) -> tuple[str, str]:
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
