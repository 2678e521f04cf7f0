"""A look into the records."""

from __future__ import annotations

from collections.abc import Iterator

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.scripts import ANSWERS
from greenroom.emulator.toolkit import (
    ConflictError,
    InvalidError,
    Json,
    NotFoundError,
    Reply,
    Violation,
)
from greenroom.emulator.toolkit.outbox import OUTBOX
from greenroom.emulator.toolkit.writing import json_bytes
from greenroom.emulator.world import LABEL
from greenroom.state import Collection


def list_collections(call: ControlCall) -> list[Json]:
    """Count the records of every collection, tenant by tenant."""
    return [
        {
            "provider": provider,
            "collection": name,
            "tenant": tenant,
            "records": len(call.store.collection(provider, name, tenant)),
        }
        for provider, name in call.store.collections()
        if (provider, name) not in (ANSWERS, LABEL)
        for tenant in call.store.tenants(provider, name) or [""]
    ]


def list_records(
    call: ControlCall,
    provider: str,
    collection: str,
    limit: int,
    offset: int,
    q: str | None = None,
    tenant: str | None = None,
) -> Reply:
    """Show the records of one collection in order of insertion."""
    found = [
        record for _, record in _records(call, provider, collection, tenant) if _holds(record, q)
    ]
    return Reply(found[offset : offset + limit], headers={"X-Total-Count": str(len(found))})


def get_record(
    call: ControlCall, provider: str, collection: str, id_: str, tenant: str | None = None
) -> Json:
    """Show one record."""
    for _, record in _records(call, provider, collection, tenant):
        if record["id"] == id_:
            return record
    raise NotFoundError(f"There is no {id_} in {collection} of {provider}.")


def put_record(
    call: ControlCall,
    provider: str,
    collection: str,
    id_: str,
    body: Json,
    tenant: str | None = None,
) -> Reply:
    """Write a record as it shall be stored; nothing but JSON is demanded of it."""
    if body.get("id", id_) != id_:
        detail = "differs from the id in the address."
        raise InvalidError(
            f"id {detail}",
            violations=[Violation("body", ("id",), "enum", id_, body["id"], detail)],
        )
    if provider == OUTBOX[0]:
        raise ConflictError(f"{collection} is written by what happens; it can be emptied only.")
    record, before = {**body, "id": id_}, call.store.snapshot()
    with call.store.transaction():
        table = _table(call, provider, collection, id_, tenant)
        old = id_ in table
        kept = table.save(record) if old else table.add(record)
    call.tell("edit", before)
    return Reply(kept, 200 if old else 201)


def delete_record(
    call: ControlCall, provider: str, collection: str, id_: str, tenant: str | None = None
) -> None:
    """Remove a record, and nothing that belongs to it."""
    before = call.store.snapshot()
    _table(call, provider, collection, id_, tenant).remove(id_)
    call.tell("edit", before)


def _table(
    call: ControlCall, provider: str, collection: str, id_: str, tenant: str | None
) -> Collection:
    """Where a record is, or where a new one goes: no tenant unless one is named."""
    if (provider, collection) not in call.store.collections():
        raise NotFoundError(f"{provider} keeps no collection {collection}.")
    if tenant is None:
        tenant = call.store.everywhere(provider, collection).locate(id_) or ""
    return call.store.collection(provider, collection, tenant)


def _records(
    call: ControlCall, provider: str, collection: str, tenant: str | None
) -> Iterator[tuple[str, Json]]:
    if (provider, collection) not in call.store.collections():
        raise NotFoundError(f"{provider} keeps no collection {collection}.")
    if tenant is None:
        yield from call.store.everywhere(provider, collection)
    elif tenant in call.store.tenants(provider, collection):
        for record in call.store.collection(provider, collection, tenant):
            yield tenant, record


def _holds(record: Json, text: str | None) -> bool:
    return text is None or text.lower() in json_bytes(record).decode().lower()
