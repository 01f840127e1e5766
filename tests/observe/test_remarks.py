"""Whoever watches a run or reads it afterwards is told the same things in the same words."""

from __future__ import annotations

import io

from lmbridge.observe.console import Console
from lmbridge.observe.journal.transcript import transcript
from lmbridge.observe.progress import ProgressFold, remark
from support.runs import every_fact


def test_progress_console_and_transcript_tell_each_remark_in_the_same_words() -> None:
    told = {type(fact).__name__: words for fact in every_fact() if (words := remark(fact))}
    assert len(told) == 10

    fold, stream, lines = ProgressFold(), io.StringIO(), []
    with Console(stream=stream) as console:
        for fact in every_fact():
            console(fact)
            fold.add(fact)
            lines.append(fold.line(0.0))
    for name, words in told.items():
        assert any(words[:100] in line for line in lines), name
        assert f"\n  ! {words}\n" in stream.getvalue(), name
        assert f"\n> {words}" in transcript(every_fact()), name
