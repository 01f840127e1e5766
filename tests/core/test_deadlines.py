"""Limits of time that share one timer: they end a wait as `asyncio.timeout` does, whoever else cancels beside them."""

import asyncio

import pytest

from lmbridge.deadlines import Deadlines

SOON_S = 0.01
FAR_S = 1000.0


@pytest.fixture
def deadlines() -> Deadlines:
    return Deadlines()


def after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_wait_that_is_too_long_ends_in_a_timeout(deadlines: Deadlines):
    limit = deadlines.until(after(SOON_S))
    with pytest.raises(TimeoutError):
        async with limit:
            await forever()
    assert limit.expired
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_wait_that_ends_in_time_leaves_nothing_behind(deadlines: Deadlines):
    async with deadlines.until(after(SOON_S)) as limit:
        await asyncio.sleep(0)
    await asyncio.sleep(3 * SOON_S)  # the timer fires, and finds nobody
    assert not limit.expired


async def test_a_later_wait_with_an_earlier_end_runs_out_first(deadlines: Deadlines):
    async def far() -> str:
        async with deadlines.until(after(FAR_S)):
            await forever()
        return "never"

    waiting = asyncio.create_task(far())
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        async with deadlines.until(after(SOON_S)):
            await forever()
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_each_of_many_waits_runs_out(deadlines: Deadlines):
    async def one(seconds: float) -> bool:
        try:
            async with deadlines.until(after(seconds)):
                await forever()
        except TimeoutError:
            return True
        return False

    assert all(await asyncio.gather(*(one(SOON_S * number) for number in (3, 1, 2, 0, -1))))


async def test_who_is_cancelled_from_outside_stays_cancelled(deadlines: Deadlines):
    async def wait() -> None:
        async with deadlines.until(after(FAR_S)):
            await forever()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_beside_one_that_runs_out_is_not_swallowed(deadlines: Deadlines):
    async def wait() -> None:
        async with deadlines.until(after(FAR_S)) as limit:
            limit.run_out()
            task.cancel()
            await forever()

    task = asyncio.create_task(wait())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_other_errors_pass(deadlines: Deadlines):
    with pytest.raises(ValueError, match="its own"):
        async with deadlines.until(after(FAR_S)):
            raise ValueError("its own")


async def test_a_wait_can_be_postponed_and_brought_forward(deadlines: Deadlines):
    async with deadlines.until(after(SOON_S)) as limit:
        limit.postpone(after(FAR_S))
        await asyncio.sleep(3 * SOON_S)
    assert not limit.expired
    limit.postpone(after(SOON_S))  # it is over
    await asyncio.sleep(3 * SOON_S)
    assert not limit.expired
    with pytest.raises(TimeoutError):
        await brought_forward(deadlines)


async def brought_forward(deadlines: Deadlines) -> None:
    async with deadlines.until(after(FAR_S)) as limit:
        limit.postpone(after(SOON_S))
        await forever()


async def test_limits_within_limits(deadlines: Deadlines):
    outer, inner = deadlines.until(after(FAR_S)), deadlines.until(after(SOON_S))
    with pytest.raises(TimeoutError):
        async with outer, inner:
            await forever()
    assert inner.expired
    assert not outer.expired


def test_they_work_on_one_event_loop_after_another():
    deadlines = Deadlines()

    async def run_out() -> None:
        with pytest.raises(TimeoutError):
            async with deadlines.until(after(SOON_S)):
                await forever()

    async def leave() -> None:
        async with deadlines.until(after(FAR_S)):
            await asyncio.sleep(0)

    asyncio.run(leave())
    asyncio.run(run_out())


async def test_a_wait_that_is_over_is_not_kept(deadlines: Deadlines):
    async with deadlines.until(after(FAR_S)) as limit:
        await asyncio.sleep(0)
    assert not deadlines.leave(limit)
