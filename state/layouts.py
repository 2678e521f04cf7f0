"""Which layout a table has: what the collections declare, by the name of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import orjson

from greenroom.state.contents import PLAIN, Layout, lay_out
from greenroom.state.indexes import Indexes

Kind: TypeAlias = tuple[str, str]
Schema: TypeAlias = Mapping[Kind, Indexes]

NO_COLLECTIONS: Schema = MappingProxyType({})
TIMERS = "timers"


def table_name(provider: str, collection: str, tenant: str) -> str:
    """The name of the TinyDB table that keeps a tenant's records of one kind."""
    return orjson.dumps((provider, collection, tenant)).decode()


def split_name(name: str) -> tuple[str, str, str] | None:
    """Provider, collection and tenant of a table; None: it is no collection's."""
    if not name.startswith("["):
        return None
    provider, collection, tenant = orjson.loads(name)
    return provider, collection, tenant


@dataclass(frozen=True, slots=True)
class Layouts:
    """The layouts of the declared collections; any other collection has an id and no indexes."""

    declared: Mapping[Kind, Layout] = field(default_factory=dict)

    def of(self, name: str) -> Layout:
        """The layout of the table with that name."""
        if name == TIMERS:
            return Layout(TIMERS, keyed=True)
        place = split_name(name)
        if place is None:
            return PLAIN
        provider, collection, _ = place
        return self.declared.get((provider, collection)) or Layout(collection, keyed=True)


def layouts_of(schema: Schema) -> Layouts:
    """The layouts that a schema declares."""
    return Layouts({kind: lay_out(kind[1], indexes) for kind, indexes in schema.items()})
