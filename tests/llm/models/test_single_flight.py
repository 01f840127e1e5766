"""Of many who want the same at the same time one fetches it, whoever is cancelled meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from lmbridge.llm.models.single_flight import SingleFlight


async def turns(number: int) -> None:
    """Lets everything that is ready go on, so many times."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_a_cancelled_flight_that_lands_late_takes_no_newer_one_away() -> None:
    flights, started, ended = SingleFlight(), [], asyncio.Event()

    async def load() -> int:
        number = len(started)
        started.append(number)
        try:
            await ended.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # cleaning up takes a moment, in which the next one asks
            raise
        return number

    first = asyncio.create_task(flights.run("model", load))
    await turns(3)
    first.cancel()
    second = asyncio.create_task(flights.run("model", load))
    await turns(10)
    third = asyncio.create_task(flights.run("model", load))
    await turns(10)
    ended.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await second, await third) == (1, 1)
    assert started == [0, 1]
