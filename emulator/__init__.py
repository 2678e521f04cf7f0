"""Everything that is the same for every provider; a spec and a folder of handlers go in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greenroom.emulator.app import Emulator, create_app

__all__ = ["Emulator", "create_app"]


def __getattr__(name: str) -> Any:
    """Import the application when it is first asked for: handlers and plugins need only parts."""
    if name in __all__:
        from greenroom.emulator import app

        return getattr(app, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
