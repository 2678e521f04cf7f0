"""An event loop for callers that have none of their own, or may not block the one they have."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """Runs coroutines for plain functions: from any thread, also inside a running loop.

    Whoever asks drives it, which is quickest. It moves into a thread of its own, for good, as
    soon as that is not enough: the asker is inside a running loop, two ask at once, or an answer
    left work behind that has to go on by itself.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._is_driven = False
        self._has_to_move = False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, or raises."""
        with self._lock:
            can_drive = not (self._is_driven or self._thread or _is_inside_a_loop())
            if can_drive:
                self._is_driven = True
        return self._drive(coroutine) if can_drive else self.submit(coroutine).result()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin with the coroutine and come back at once."""
        with self._lock:
            if self._is_driven:
                self._has_to_move = True
            else:
                self._move()
            return asyncio.run_coroutine_threadsafe(coroutine, self._made())

    def close(self) -> None:
        """Cancel what is left to do and let go; closing twice is once."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
            if loop is None:
                return
            if thread is not None:
                loop.call_soon_threadsafe(loop.stop)
                thread.join()
            if _is_inside_a_loop():  # where no other can be driven
                ending = Thread(target=_end, args=(loop,), name="greenroom")
                ending.start()
                ending.join()
            else:
                _end(loop)

    def _drive(self, coroutine: Coroutine[Any, Any, T]) -> T:
        loop = self._made()
        try:
            return loop.run_until_complete(coroutine)
        finally:
            with self._lock:
                self._is_driven = False
                if self._has_to_move or asyncio.all_tasks(loop):
                    self._move()

    def _made(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop

    def _move(self) -> None:
        if self._thread is None:
            run = self._made().run_forever
            self._thread = Thread(target=run, name="greenroom", daemon=True)
            self._thread.start()


def _is_inside_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _end(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_until_complete(_cancel_the_rest())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
