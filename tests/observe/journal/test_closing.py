"""Journals of runs that end in the same moment are closed together: each is closed, and each is told how it went."""

from __future__ import annotations

import asyncio
import threading

import pytest

from lmbridge import platform
from lmbridge.observe.journal.closing import MOST_TOGETHER, Closing
from lmbridge.observe.journal.folder import is_live
from lmbridge.observe.journal.journal import Journals, new_run_id


async def test_those_that_end_together_are_closed_by_few_threads_and_none_is_forgotten() -> None:
    closing, turns = Closing(), []
    many = 2 * MOST_TOGETHER + 1

    def close() -> None:
        turns.append(threading.get_ident())

    await asyncio.gather(*(closing.close(close) for _ in range(many)))
    assert len(turns) == many
    assert len(set(turns)) <= 3
    assert threading.get_ident() not in turns


async def test_one_that_fails_is_told_to_its_own_run_alone() -> None:
    closing, closed = Closing(), []

    def fails() -> None:
        raise OSError("the disk is gone")

    outcomes = await asyncio.gather(
        closing.close(lambda: closed.append(1)),
        closing.close(fails),
        closing.close(lambda: closed.append(2)),
        return_exceptions=True,
    )
    assert closed == [1, 2]
    assert outcomes[0] is None
    assert str(outcomes[1]) == "the disk is gone"
    assert outcomes[2] is None


async def test_a_journal_is_closed_where_the_waiting_is_cancelled(journals: Journals) -> None:
    journal = journals.open(new_run_id())
    assert platform.WINDOWS or is_live(journal.path)
    waiting = asyncio.create_task(journal.aclose())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    other = journals.open(new_run_id())
    await other.aclose()
    await asyncio.to_thread(journal.close)  # waits for the thread that has it, and does nothing more
    assert not is_live(journal.path)
