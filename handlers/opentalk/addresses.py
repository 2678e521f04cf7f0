"""Addresses of streaming services, in their normal form."""

from __future__ import annotations

from urllib.parse import urlsplit


def normal_url(text: str) -> str:
    """The address as it comes back: a host without a path gets the shortest one."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    return parts._replace(path="/").geturl() if parts.netloc and not parts.path else text
