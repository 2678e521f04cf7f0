"""The console as served: its page and the files beside it, from the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from greenroom.emulator.toolkit import Reply

_ASSETS = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}


@cache
def _content(name: str) -> bytes:
    return (files("greenroom.emulator.console") / name).read_bytes()


def console(path: str, folder: str) -> Reply | None:
    """The reply for the page at `/` or for a file of it in `folder`; None for anything else."""
    if path == "/":
        return _reply("index.html", "text/html; charset=utf-8")
    name = path.removeprefix(f"{folder}/")
    return _reply(name, _ASSETS[name]) if name in _ASSETS else None


def _reply(name: str, media_type: str) -> Reply:
    return Reply(_content(name), 200, _HEADERS, media_type=media_type)
