"""What the store refuses; none of it knows HTTP.

LookupError
└── RecordNotFoundError   no record has this id
ValueError
└── RecordConflictError   another record has this id, or this value of a unique field
Exception
└── DataFolderError       a data folder cannot be read, written or shared
"""

from __future__ import annotations

from typing import Any


class RecordNotFoundError(LookupError):
    """No record of the collection has this id."""

    def __init__(self, collection: str, id: str) -> None:
        super().__init__(f"There is no {id!r} in {collection}.")
        self.collection = collection
        self.id = id


class RecordConflictError(ValueError):
    """Another record of the collection holds this value of a field that must be unique."""

    def __init__(self, collection: str, field: str, value: Any) -> None:
        super().__init__(f"There is a record in {collection} whose {field} is {value!r} already.")
        self.collection = collection
        self.field = field
        self.value = value


class DataFolderError(Exception):
    """A data folder cannot be read, written or shared; the message says which and what to do."""
