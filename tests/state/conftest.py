"""What several tests of the state room share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest

from greenroom.state.transaction import Transaction

Undone = Callable[[Transaction], AbstractContextManager[Transaction]]


@pytest.fixture
def undone() -> Undone:
    """Enters a transaction that ends with an exception, whatever happens in it."""

    @contextmanager
    def undo(transaction: Transaction) -> Iterator[Transaction]:
        with suppress(ZeroDivisionError), transaction:
            yield transaction
            raise ZeroDivisionError

    return undo
