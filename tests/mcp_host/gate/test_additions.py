"""What only adds is free where the task wants a change, and told where it only asks about what is added to."""

from __future__ import annotations

import pytest

from lmbridge.mcp_host.gate.aim import Aimed
from lmbridge.mcp_host.gate.judge import judge
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.targets import targets
from lmbridge.mcp_host.gate.verdicts import Free, Note, Run
from lmbridge.messages import ToolSpec

ADD = ToolSpec("add_observations", server="memory", tool="add_observations", open_world=False, destructive=False)
FACT = {"observations": [{"entityName": "Rafael", "contents": ["must not eat strawberries"]}]}


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("Rafael comes to dinner. Check your memory for what Rafael must not eat.", Note),
        ("What do we know of Rafael?", Note),
        ("Was darf Rafael nicht essen?", Note),
        ("Remember that Rafael must not eat strawberries.", Free),
        ("Note down for Rafael: no strawberries.", Free),
        ("Merk dir: Rafael isst nur gekochte Erdbeeren.", Free),
        ("Retiens que Rafael ne mange que des fraises cuites.", Free),
    ],
)
def test_an_addition_to_what_a_question_names_is_told(task: str, kind: type) -> None:
    memory = Memory()
    memory.tainted = True
    verdict = judge(Aimed(ADD, ADD.name, FACT, targets(ADD, FACT)), Run(UserWords((task,)), memory))
    assert isinstance(verdict, kind), verdict
