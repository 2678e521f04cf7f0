"""What is true in a world: records, clock, ids, chance and timers; kept, forked and rolled back."""

from __future__ import annotations

from tinydb import where

from greenroom.state.clock import wall
from greenroom.state.collection import Collection
from greenroom.state.errors import DataFolderError, RecordConflictError, RecordNotFoundError
from greenroom.state.everywhere import Everywhere
from greenroom.state.folder import DataFolder
from greenroom.state.ids import Ids
from greenroom.state.indexes import Indexes
from greenroom.state.snapshot import Snapshot
from greenroom.state.store import Store
from greenroom.state.timers import Timer
from greenroom.state.transaction import Change

__all__ = [
    "Change",
    "Collection",
    "DataFolder",
    "DataFolderError",
    "Everywhere",
    "Ids",
    "Indexes",
    "RecordConflictError",
    "RecordNotFoundError",
    "Snapshot",
    "Store",
    "Timer",
    "wall",
    "where",
]
