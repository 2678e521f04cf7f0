"""How values are written down: JSON as bytes, instants as texts."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import orjson


def json_bytes(value: Any) -> bytes:
    """The value as JSON, also with numbers that only Python can write."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def instant_text(at: datetime) -> str:
    """The instant as RFC 3339 spells it, with a Z where it is in UTC."""
    return at.isoformat().replace("+00:00", "Z")
