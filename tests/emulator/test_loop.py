"""A loop for callers that have none: who drives it, and when it moves into a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from greenroom.emulator.loop import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


async def where() -> threading.Thread:
    """The thread this runs in."""
    await asyncio.sleep(0)
    return threading.current_thread()


def test_who_asks_drives_it(loop: Loop) -> None:
    assert loop.run(where()) is threading.current_thread()
    assert loop.run(where()) is threading.current_thread()


def test_it_answers_inside_a_running_loop_from_a_thread(loop: Loop) -> None:
    async def inside() -> threading.Thread:
        return loop.run(where())

    assert asyncio.run(inside()).name == "greenroom"


def test_once_in_a_thread_it_stays_there(loop: Loop) -> None:
    thread = loop.submit(where()).result()
    assert loop.run(where()) is thread


def test_two_who_ask_at_once_are_answered_side_by_side(loop: Loop) -> None:
    begun, turn = threading.Event(), asyncio.Event()

    async def wait() -> str:
        begun.set()
        await turn.wait()
        return "waited"

    async def pass_on() -> str:
        turn.set()
        return "passed on"

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(loop.run, wait())
        begun.wait()
        assert loop.run(pass_on()) == "passed on"
        assert waiting.result() == "waited"


def test_work_that_was_left_behind_goes_on_by_itself(loop: Loop) -> None:
    done = threading.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        done.set()

    async def leave() -> asyncio.Task[None]:
        return asyncio.create_task(work())

    loop.run(leave())
    assert done.wait(5)


def test_what_the_coroutine_raises_is_raised(loop: Loop) -> None:
    async def fail() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        loop.run(fail())
    with pytest.raises(LookupError, match="not there"):
        loop.submit(fail()).result()


def test_closing_cancels_what_is_left_and_closing_twice_is_once() -> None:
    loop = Loop()
    cancelled = threading.Event()

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def leave() -> asyncio.Task[None]:
        task = asyncio.create_task(last())
        await asyncio.sleep(0)
        return task

    loop.run(leave())
    loop.close()
    assert cancelled.is_set()
    loop.close()


def test_a_loop_that_nobody_used_closes() -> None:
    Loop().close()


@pytest.mark.parametrize("moved", [False, True])
def test_it_can_be_closed_inside_a_running_loop(moved: bool) -> None:
    loop = Loop()
    thread = loop.submit(where()).result() if moved else loop.run(where())

    async def inside() -> None:
        loop.close()

    asyncio.run(inside())
    assert thread.is_alive() is not moved
