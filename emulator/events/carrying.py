"""Attempts to deliver: so many at a time over all worlds, and what comes of each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from greenroom.emulator.events.reach import Reach
from greenroom.emulator.toolkit import Json

AT_ONCE = 200
RETRIED = (408, 429)


@dataclass(slots=True)
class Outcome:
    """What came of an attempt: a status and how the answer begins, or an error."""

    status: int | None = None
    text: str = ""
    error: str = ""
    milliseconds: float | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the endpoint took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def may_be_retried(self) -> bool:
        """Whether it went wrong in a way that another attempt may not."""
        return self.status is None or self.status in RETRIED or self.status >= 500

    def shown(self, at: str, faults: list[str]) -> Json:
        """The attempt as the outbox keeps it."""
        shown: Json = {"at": at}
        if self.status is not None:
            shown["status"] = self.status
        if self.error:
            shown["error"] = self.error
        if self.text and not self.is_delivered:
            shown["answer"] = self.text
        if self.milliseconds is not None:
            shown["milliseconds"] = self.milliseconds
        if faults:
            shown["faults"] = faults
        return shown


class Carrier:
    """Takes deliveries to their endpoints."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free = asyncio.Semaphore(AT_ONCE)

    @property
    def free(self) -> asyncio.Semaphore:
        """Held by whoever makes an attempt."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._free = loop, asyncio.Semaphore(AT_ONCE)
        return self._free

    async def carry(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Outcome:
        """What comes of one attempt; a `CapturedError` when it may not be made."""
        # with the first attempt: a server starts sooner without an HTTP client
        from greenroom.emulator.events.posting import post

        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = Outcome()
        try:
            async with asyncio.timeout_at(began + timeout):
                endpoint = await self._reach.find(url)
            answer = await post(endpoint, headers, body, began + timeout)
            outcome.status, outcome.text = answer
        except TimeoutError:
            outcome.error = f"There was no answer within {timeout:g} s."
        except OSError as error:
            outcome.error = str(error)
        outcome.milliseconds = round((loop.time() - began) * 1000, 1)
        return outcome
