"""What makes a start quick: garbage waits, and so do modules that a server hardly needs."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

# Connexion imports the last two to fetch schemas and the meaning of tokens from elsewhere, which
# it is never asked to do here; and of itself, before any part of it, all there is, down to a
# test client.
UNHURRIED = ("connexion", "httpx", "requests")


class _Later(ModuleType):
    """A module that is executed once something of it is asked for, its own parts excepted."""

    def __getattr__(self, name: str) -> Any:
        part = f"{self.__name__}.{name}"
        if "__path__" in self.__dict__ and find_spec(part) is not None:
            return import_module(part)
        self.__class__ = ModuleType  # type: ignore[assignment]  # like any other from here on
        if self.__spec__ is not None and self.__spec__.loader is not None:
            self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def put_off(name: str) -> None:
    """Let a module be imported only when something of it is asked for.

    Nothing else about it changes. (`importlib.util.LazyLoader` would execute it at the second
    import already.)
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None:
        module = sys.modules[name] = module_from_spec(spec)
        module.__class__ = _Later


def hurry() -> None:
    """Begin a start; for a process that does nothing but serve."""
    gc.disable()
    for name in UNHURRIED:
        put_off(name)


def settle_memory() -> None:
    """Take what start-up made out of the garbage collector's sight: it stays to the end.

    It is not looked through before: that would take longer than the little garbage is worth.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()
