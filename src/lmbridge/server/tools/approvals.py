"""Questions of a run to the user: may this call be made? Denied unless somebody says yes; worded so that none misleads."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from lmbridge.mcp_host.tools.gated import Request
from lmbridge.text import both_ends, looks_alike, one_line, quoted

PATIENCE = 300.0
"""Seconds that a question waits for its answer."""
TARGET_CHARS = 400
VALUE_CHARS = 120
NAME_CHARS = 40
MOST_VALUES = 12
MOST_STEPS, STEP_CHARS = 8, 60
_STEPS = re.compile(r";|&&|\|\||\||\n")

APPROVAL: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "allow": {
            "type": "string",
            "title": "Allow",
            "enum": ["once", "all"],
            "enumNames": ["This call", "This tool, in this folder or to this address, for the rest of this run"],
            "default": "once",
        }
    },
}
"""Accepting the form allows the call; declining and cancelling do not."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One open question: its text, and the future of its answer (None: not answered with yes or no)."""

    key: str
    message: str
    answer: asyncio.Future[Mapping[str, Any] | None]

    def settle(self, content: Mapping[str, Any] | None) -> None:
        """Answers it; the first answer counts."""
        if not self.answer.done():
            self.answer.set_result(content)


class Questions:
    """The questions of one run, asked one after another, or all at once where whoever is asked sees them side by side.

    Args:
        can_ask: Whether anybody can be asked; else every answer is no.
        patience: Seconds that a question waits.
        at_once: Whether several may be open at a time; those that one "all" would answer still wait for each other.
    """

    def __init__(self, *, can_ask: bool, patience: float = PATIENCE, at_once: bool = False) -> None:
        self._open = can_ask
        self._patience = patience
        self._at_once = at_once
        self._allowed: set[tuple[str, str]] = set()
        self._turns: defaultdict[tuple[str, str] | None, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._asked = 0
        self._queue: asyncio.Queue[Question] = asyncio.Queue()
        self._unanswered: dict[str, Question] = {}

    @property
    def pending(self) -> Question | None:
        """The oldest question that waits for its answer."""
        return next(iter(self._unanswered.values()), None)

    @property
    def outstanding(self) -> Mapping[str, Question]:
        """All that wait for their answers, by key, oldest first."""
        return {key: question for key, question in self._unanswered.items() if not question.answer.done()}

    async def next(self) -> Question:
        """The next question that still wants an answer; each is given out once."""
        while (question := await self._queue.get()).answer.done():
            pass
        return question

    async def approve(self, request: Request) -> bool | None:
        """Whether a call may be made; None where nobody can be asked, or nobody answered."""
        key = request.spec.qualified, request.kin
        async with self._turns[key if self._at_once else None]:
            if key in self._allowed:
                return True
            if not self._open:
                return None
            content = await self._ask(wording(request))
            allowed = None if content is None else content.get("allow", "once")
            if allowed == "all":
                self._allowed.add(key)
            return None if content is None else allowed in ("once", "all")

    def close(self) -> None:
        """Nobody can be asked any more; what is open is answered with no."""
        self._open = False
        for question in self._unanswered.values():
            question.settle(None)

    async def _ask(self, message: str) -> Mapping[str, Any] | None:
        self._asked += 1
        answer = asyncio.get_running_loop().create_future()
        question = Question(f"approve_{self._asked}", message, answer)
        self._unanswered[question.key] = question
        self._queue.put_nowait(question)
        try:
            async with asyncio.timeout(self._patience):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._unanswered[question.key]


def wording(request: Request) -> str:
    """A question that cannot mislead: the target first, then the reason, then the tool and each value cut by itself.

    Every part is one line without hidden characters, and what strangers may have written stands in quotation marks that it
    cannot close; so no value can push another out of sight or pass itself off as a word of lmbridge's.
    """
    spec, target = request.spec, request.target
    lines = [f"Target: {_whole(target)}"] if target else []
    lines.append(f"Why you are asked: {one_line(request.reason)}.")
    lines.append(f"Tool: {quoted(spec.qualified)}")
    shown = list(request.arguments.items())
    lines += [f"  {quoted(str(name), NAME_CHARS)}: {_value(value)}" for name, value in shown[:MOST_VALUES]]
    if len(shown) > MOST_VALUES:
        lines.append(f"  and {len(shown) - MOST_VALUES} more arguments")
    kin = f", for {_whole(request.kin)}" if request.kin else ""
    lines.append(f"(Allowing all means: this tool{kin}, until the run ends.)")
    lines.append("May the local model make this call?")
    return "\n".join(lines)


def _whole(target: str) -> str:
    """A target in full where it can be read; of a long one both ends, since either may be what matters."""
    plain = ascii(target)[1:-1] if looks_alike(target) else target
    line = quoted(plain, 10_000)
    return line if len(line) <= TARGET_CHARS else f"{line[: TARGET_CHARS // 2]} … {line[-TARGET_CHARS // 2 :]}"


def _value(value: Any) -> str:
    """A value cut by itself; of a long command or statement each step's beginning, since any of them may be what matters."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    if len(text) <= VALUE_CHARS:
        return quoted(text, VALUE_CHARS)
    steps = [step for step in map(str.strip, _STEPS.split(text)) if step]
    if len(steps) == 1 or len(steps) > MOST_STEPS:
        return f"{both_ends(text, VALUE_CHARS)} ({len(text)} characters)"
    return f"{' then '.join(quoted(step, STEP_CHARS) for step in steps)} ({len(text)} characters)"
