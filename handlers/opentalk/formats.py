"""What an address is, where a schema cannot be asked."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

_EMAIL = re.compile(r"[^\s@\"<>(),:;\[\]\\]{1,64}@[^\s@\"<>(),:;\[\]\\]{1,190}")


def is_email(value: Any) -> bool:
    """Whether this is an e-mail address, as far as one can tell by looking at it."""
    return isinstance(value, str) and _EMAIL.fullmatch(value) is not None


def is_uuid(text: str) -> bool:
    """Whether this is a UUID in its usual form."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
