"""Addresses of streaming services, in their normal form."""

from __future__ import annotations

import re

_HOST_ALONE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^/?#]+)([?#].*)?")


def normal_url(text: str) -> str:
    """The address as it comes back: a host without a path gets the shortest one."""
    alone = _HOST_ALONE.fullmatch(text)
    return text if alone is None else f"{alone[1]}/{alone[2] or ''}"
