"""All records of one kind of one provider, whoever has them, to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from greenroom.state.collection import Collection
from greenroom.state.entries import Json
from greenroom.state.errors import RecordNotFoundError


class Everywhere:
    """A read-only view of a kind of record over all tenants, in order of the tenants' first use."""

    __slots__ = ("_collections", "name", "provider")

    def __init__(
        self, collections: Callable[[str, str], list[Collection]], provider: str, name: str
    ) -> None:
        self._collections = collections
        self.provider = provider
        self.name = name

    def locate(self, id: str) -> str | None:
        """The first tenant that has a record with that id, if any has."""
        for part in self._parts():
            if id in part:
                return part.tenant
        return None

    def get(self, id: str) -> tuple[str, Json]:
        """The tenant and the record with that id; none raises `RecordNotFoundError`."""
        for part in self._parts():
            if id in part:
                return part.tenant, part.get(id)
        raise RecordNotFoundError(self.name, id)

    def find(self, **equals: Any) -> list[tuple[str, Json]]:
        """The tenants and records that have these values at these dotted paths."""
        return [(part.tenant, record) for part in self._parts() for record in part.find(**equals)]

    def count(self, **equals: Any) -> int:
        """How many records have these values."""
        return sum(part.count(**equals) for part in self._parts())

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[tuple[str, Json]]:
        return ((part.tenant, record) for part in self._parts() for record in part)

    def _parts(self) -> list[Collection]:
        return self._collections(self.provider, self.name)
