"""What is asked about a commit on another branch than the task names, before it is made; with the call that has to come first."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.calls.write import AskedOnce, WriteCall
from lmbridge.agent.held.branches import CHECKS_OUT, MAKES, checked_out, commits, elsewhere
from lmbridge.agent.reading import tool_names
from lmbridge.messages import ToolSpec

_BRANCH_NAMES = ("branch", "name", "target", "ref")
_REPOSITORY = ("repo", "path", "dir", "folder", "cwd", "project")


class BranchDoubts:
    """What speaks against a commit.

    Args:
        specs: The run's tools.
        told: The run's ledger.
        task: What the caller asked for.
        look: Looks at what is there.
        asked: What was asked already.
    """

    def __init__(self, specs: Sequence[ToolSpec], told: Told, task: str, look: LookUps, asked: AskedOnce) -> None:
        self._specs, self._told, self._task, self._look, self._asked = specs, told, task, look, asked

    async def about(self, write: WriteCall) -> str:
        """What to say in place of the commit; empty where nothing speaks against it. That it was made elsewhere is told at the end."""
        beside = [spec for spec in self._specs if spec.server == write.spec.server]
        checking = self._with_words(beside, CHECKS_OUT)
        if not commits(write.spec.tool or write.spec.name) or not checking:
            return ""
        current = checked_out(self._told.results, write.arguments, write.spec.server)
        current = current or await self._looked_up(write, beside)
        found = elsewhere(self._task, write.arguments, current, self._told.results, write.spec.server)
        making = None if found is None or found.known else self._with_words(beside, MAKES, "branch")
        kind = f"branch {'made' if making else 'checked out'}"
        if found is None or self._asked.has(kind):
            return ""
        first = _spelled_out(making or checking, write, found.wanted)
        then = (
            f"It is not there yet: make it, check it out with {checking.name}, then commit"
            if making
            else "Check that out, then commit"
        )
        return self._asked.ask(
            kind,
            f"{found.current} is checked out, so this would commit there, and the task speaks of the branch {found.wanted}. If {found.current} is meant, "
            f"make the same call again. {then}. The call to make first: {first}",
        )

    async def _looked_up(self, write: WriteCall, beside: Sequence[ToolSpec]) -> str:
        """The branch that is checked out, asked of the tool that tells it."""
        status = next((spec for spec in beside if spec.read_only and "status" in tool_names.name_words(spec)), None)
        required = [str(name) for name in (status.parameters.get("required") or ())] if status else []
        place = next(
            (value for name, value in write.arguments.items() if name in required and isinstance(value, str)), ""
        )
        if status is None or len(required) != 1 or not place:
            return ""
        await self._look.ask(status, required[0], place, write.call)
        return checked_out(self._told.results, write.arguments, write.spec.server)

    @staticmethod
    def _with_words(specs: Sequence[ToolSpec], words: frozenset[str], also: str = "") -> ToolSpec | None:
        return next(
            (
                spec
                for spec in specs
                if not spec.read_only
                and tool_names.name_words(spec) & words
                and (not also or also in tool_names.name_words(spec))
            ),
            None,
        )


def _spelled_out(spec: ToolSpec, write: WriteCall, branch: str) -> str:
    """A call with the branch and the commit's own repository; the tool's name alone where it wants more than that."""
    properties = [str(name) for name in spec.parameters.get("properties") or ()]
    given = {
        name: value
        for name, value in write.arguments.items()
        if name in properties and isinstance(value, str) and any(part in name.lower() for part in _REPOSITORY)
    }
    wanted = [
        name for name in properties if name not in given and not name.lower().startswith(("base", "from", "source"))
    ]
    argument = next((name for part in _BRANCH_NAMES for name in wanted if part in name.lower()), "")
    call = {**given, argument: branch} if argument else given
    if not argument or not set(spec.parameters.get("required") or ()) <= set(call):
        return f"{spec.name}, for {branch}"
    return f"{spec.name} {json.dumps(call, ensure_ascii=False)}"
