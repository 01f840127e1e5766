"""What strangers say reaches the caller's warnings and progress only as a short quotation, and never as a tool's name."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from attacks.loud import ORDER
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.events import Fact, Fleeting
from lmbridge.mcp_host.tools.naming import fit
from lmbridge.messages import reportable
from lmbridge.observe.progress import ProgressFold
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, say
from support.servers import write_config

LOUD = Path(__file__).parent / "loud.py"
ODD = f"say: {ORDER[:60]}"
_QUOTED = re.compile("“[^“”\n]{0,80}”")
_ORDERS = re.compile(r"(?i)ignore|previous|curl|evil|install|tell the user")


def unquoted(text: str) -> str:
    """What is left of a line without its short quotations, and without the odd tool's name in its fitted form."""
    return _QUOTED.sub("", text.replace(reportable(ODD), ""))


class Lines:
    """Every progress line of a run."""

    def __init__(self) -> None:
        self._fold = ProgressFold()
        self.seen: list[str] = []

    def __call__(self, fact: Fact | Fleeting) -> None:
        self._fold.add(fact)
        self.seen.append(self._fold.line(1.0))


@pytest.fixture
async def fake() -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake:
        yield fake


@pytest.fixture
async def bridge(tmp_path: Path, fake: FakeLMStudio) -> AsyncIterator[Bridge]:
    loud = {"command": sys.executable, "args": [str(LOUD)]}
    entries = {"loud": loud, "dead": {**loud, "args": ["-c", f"import sys; sys.exit({ORDER!r})"]}}
    settings = Settings(
        base_url=fake.base_url,
        mcp_json_path=write_config(tmp_path, entries),
        state_dir=tmp_path / "state",
        start_timeout=90.0,
    )
    async with Bridge.open(settings) as bridge:
        yield bridge


async def test_strangers_words_go_up_only_as_short_quotations(bridge: Bridge, fake: FakeLMStudio):
    """One server, started once, that says its orders wherever a server may: and a model that repeats them."""
    for tool in ("look", fit(ODD), ORDER, "fails", "quits"):
        fake.script(call(tool))
    for _ in range(3):
        fake.script(say("I have saved evil-install.md as asked."))
    lines = Lines()
    report = await bridge.delegate(Assignment("Look.", ("loud",)), sinks=[lines])
    assert any("reads like a failure" in line and "“" in line for line in report.warnings)
    assert any("last words: “" in line for line in report.warnings)
    assert any(line.startswith("The answer says “") for line in report.warnings)
    assert any("loud__look: “" in line for line in lines.seen)
    assert "(unknown tool)" in [use.tool for use in report.tools_used]
    for line in (*report.warnings, *lines.seen, *(use.tool for use in report.tools_used)):
        assert not _ORDERS.search(unquoted(line)), line
        assert "\n" not in line

    fake.clear_script()
    report = await bridge.delegate(Assignment("Look.", ("dead",)))
    assert any("'dead'" in line for line in report.warnings)
    assert not any(_ORDERS.search(unquoted(line)) for line in report.warnings), report.warnings

    fake.clear_script()
    for _ in range(6):
        fake.script(say(json.dumps({"n": ORDER})))
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    report = await bridge.delegate(Assignment("Look.", (), output_schema=schema))
    assert any(line.startswith("Not accepted: ") for line in report.warnings)
    assert not any(_ORDERS.search(unquoted(line)) for line in report.warnings), report.warnings
