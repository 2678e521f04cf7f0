"""How what a spec names is called in Python; one rule for handlers and for parameters."""

from __future__ import annotations

from connexion.decorators.parameter import pythonic


def python_name(name: str) -> str:
    """Snake case, with an underscore behind it where the name shadows a builtin."""
    return str(pythonic(name))
