"""`lmbridge runs watch` and `runs cancel`: runs of any process of this user, by their journals and a few small files."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lmbridge.cli.common import echo
from lmbridge.errors import InvalidArgumentsError, JournalError, UnknownRunError
from lmbridge.events import Fact, RunEnded, decode
from lmbridge.observe.console import Console
from lmbridge.observe.journal.controls import POLL_S, Controls
from lmbridge.observe.journal.folder import is_live
from lmbridge.text import one_line

if TYPE_CHECKING:
    from lmbridge.observe.journal.journal import Journals

PATIENCE_S = 10.0
"""Seconds that a run may take to end once it was asked to."""
WORDS_EVERY_S = 2.0
"""Without a terminal, the model's latest words are shown at most so often."""
_NOT_RUNNING = "`lmbridge runs list` shows what is at work."


class _Followed:
    """One run as it is read from its journal.

    Args:
        journals: Where it is.
        run_id: Which.
        as_json: Each record as it stands there, one a line, in place of words.
        alone: Whether no other run is followed; else each line begins with the run's id.
    """

    def __init__(self, journals: Journals, controls: Controls, run_id: str, *, as_json: bool, alone: bool) -> None:
        self._journals, self._controls, self.run_id, self._as_json = journals, controls, run_id, as_json
        self._console = Console(stream=sys.stdout, live=False, prefix="" if alone else f"{run_id} ")
        self._path = journals.path(run_id)
        self._read = 0
        self._words, self._worded_at = "", 0.0
        self.ended = False

    def look(self) -> None:
        """Shows what is new; `ended` once there is nothing more to come."""
        live = is_live(self._path)  # before reading: its end may come in between
        self._controls.watch(self.run_id)
        self._show_records()
        self._show_words()
        if not self.ended and not live:
            self.ended = True
            if not self._as_json:
                echo(f"{self.run_id} was interrupted: no process works at it any more.")
        if self.ended:
            self._controls.clear(self.run_id)

    def _show_records(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            fact = self._fact(line)
            self.ended = self.ended or isinstance(fact, RunEnded)
            if self._as_json:
                echo(line.strip().decode("utf-8", "replace"))
            else:
                self._console(fact)

    def _fact(self, line: bytes) -> Fact:
        try:
            return decode(line).fact
        except ValueError as error:
            raise JournalError(
                f"{self._path}: {error}.", hint="It may be damaged, or written by another version of lmbridge."
            ) from None

    def _show_words(self) -> None:
        words, now = one_line(self._controls.shown(self.run_id)), time.monotonic()
        if self._as_json or self.ended or not words or words == self._words or now - self._worded_at < WORDS_EVERY_S:
            return
        self._words, self._worded_at = words, now
        self._console.aside(words)


def watch(journals: Journals, folder: Path, run_id: str | None, *, as_json: bool) -> int:
    """Follows a run, or all that are at work when it begins, until they are over.

    Args:
        journals: The runs.
        folder: Of the controls.
        run_id: Which one; all that are at work when None.
        as_json: Records in place of words.

    Raises:
        InvalidArgumentsError: It is no run id.
        UnknownRunError: There is no such run.
        JournalError: A journal is damaged, or of another version.
    """
    controls = Controls(folder)
    ids = [run_id] if run_id else [each.run_id for each in journals.list(limit=1000) if each.status == "running"]
    if run_id and not journals.path(run_id).exists():
        raise UnknownRunError(f"There is no run {run_id}.", hint="`lmbridge runs list` shows what is kept.")
    if not ids and not as_json:
        echo("No run is at work.")
    followed = [_Followed(journals, controls, each, as_json=as_json, alone=len(ids) == 1) for each in ids]
    while followed:
        for each in followed:
            each.look()
        followed = [each for each in followed if not each.ended]
        if followed:
            time.sleep(POLL_S)
    return 0


def cancel(journals: Journals, folder: Path, run_id: str) -> int:
    """Ends a run and waits until it is over.

    Args:
        journals: The runs.
        folder: Of the controls.
        run_id: Which one.

    Raises:
        InvalidArgumentsError: It is no run id, or the run is not at work.
        UnknownRunError: There is no such run.
    """
    if run_id.startswith("m-"):
        raise InvalidArgumentsError(
            f"{run_id} is a map.",
            hint="End it with Ctrl-C where it runs, or with the tool cancel_run; --resume goes on with it.",
        )
    if not journals.path(run_id).exists():
        raise UnknownRunError(f"There is no run {run_id}.", hint="`lmbridge runs list` shows what is kept.")
    status = journals.summary(run_id).status
    if status != "running":
        raise InvalidArgumentsError(f"Run {run_id} is not at work: it is {status}.", hint=_NOT_RUNNING)
    controls = Controls(folder)
    controls.cancel(run_id)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        time.sleep(POLL_S / 5)
        if (status := journals.summary(run_id).status) != "running":
            echo(f"{run_id} is {status}.")
            return 0
    controls.clear(run_id)
    echo(f"{run_id} was asked to end and still runs; its process may be one of an older lmbridge, or hang.", err=True)
    return 1
