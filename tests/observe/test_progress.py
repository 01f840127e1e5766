"""The line that tells where a run is, and the run as text: folds of its facts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmbridge.events import Progressed, RunStarted, TurnStarted, Warned
from lmbridge.messages import Delta, ToolCall
from lmbridge.observe.journal.transcript import transcript
from lmbridge.observe.progress import LINE_CHARS, ProgressFold
from support.runs import READ, asks, every_fact, failed_run


def lines_of(facts: list) -> list[str]:
    fold, lines = ProgressFold(), []
    for second, fact in enumerate(facts):
        fold.add(fact, float(second))
        lines.append(fold.line(float(second)))
    return lines


def test_the_line_says_round_tool_tokens_and_time() -> None:
    lines = lines_of(every_fact())
    assert "started on tiny · 0 s" in lines[0]
    assert "round 1 · waiting for approval of files__write_file · 100 tokens in, 20 out" in lines[7]
    assert "round 1 · files__read_file +1 · 100 tokens in, 20 out" in lines[8]
    assert "trying again in 1 s after llm_timeout" in lines[3]
    assert lines[-1].startswith("round 2 · done · 200 tokens in, 40 out · 23 s")


def test_pieces_change_the_words_but_are_no_step_of_their_own() -> None:
    fold = ProgressFold()
    fold.add(TurnStarted(1, 2000), 0.0)
    assert "reading 2,000 tokens" in fold.line(1.0)
    fold.add(Delta("reasoning", "hm"), 2.0)
    step = fold.step
    for _ in range(50):
        fold.add(Delta("reasoning", "hm"), 3.0)
    assert fold.step == step
    assert "thinking · 0 tokens in, 51 out" in fold.line(3.0)
    fold.add(Delta("reasoning", "hm and hm", pieces=3), 4.0)
    assert "thinking · 0 tokens in, 54 out" in fold.line(4.0)


def test_waits_outside_of_rounds_are_told_too() -> None:
    fold = ProgressFold()
    fold.add(Progressed("loading", "a model", 0.25), 5.0)
    assert fold.line(5.0) == "loading a model 25% · 5 s"


def test_a_warning_of_several_lines_becomes_one() -> None:
    fold = ProgressFold()
    fold.add(Warned("Tools are held back.\n- old\n+ new\n"))
    assert fold.line(5.0) == "Tools are held back. - old + new · 5 s"


@given(st.text(max_size=400), st.floats(0, 1e6))
def test_no_line_is_longer_than_clients_show(text: str, elapsed: float) -> None:
    fold = ProgressFold()
    fold.add(Progressed(text or "x", text), elapsed)
    assert len(fold.line(elapsed)) <= LINE_CHARS


def test_a_transcript_holds_the_task_each_turn_each_call_with_its_result_and_the_end() -> None:
    text = transcript(every_fact())
    started = every_fact()[0]
    assert isinstance(started, RunStarted)
    for part in (f"# Run {started.run_id}", started.task, "## Round 2", "### Call of write_file", "done: answered"):
        assert part in text
    assert "Result of files__read_file: ok (8 ms)" in text
    assert "> Mind the gap." in text
    assert "from here on large answers instead of tiny" in text


def test_a_failed_run_s_transcript_says_what_to_do() -> None:
    assert "model_load_failed: The backend could not load it. — Free memory." in transcript(failed_run())


def test_a_result_cannot_break_out_of_its_block() -> None:
    call = ToolCall("1", "x", "```\n# Not a heading of ours")
    text = transcript([asks(1, READ, call), Warned("after")])
    assert "````\n```\n# Not a heading of ours\n````" in text
