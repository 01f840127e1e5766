"""The official client scenarios against our MCP host; what it does not pass stands in the baseline, with its reason."""

import asyncio
import re
import sys

import pytest

from conformance.conftest import HERE, NEXT, RELEASED, Suite, suite
from conformance.fixture_client import hosting

pytestmark = [pytest.mark.npm, pytest.mark.slow]

BASELINE = set(re.findall(r"^  - (\S+)", (HERE / "client-baseline.yml").read_text(), re.MULTILINE))
AT_ONCE = 3


def required(revision: str) -> list[str]:
    """The client scenarios that conforming to a revision requires, from the suite's own frozen list."""
    listing = suite(NEXT).program.parent.parent / "requirements" / f"{revision}.yaml"
    section = listing.read_text().split("\nclient:\n")[1].split("\nnot_scored:")[0]
    return re.findall(r"^  - (\S+)", section, re.MULTILINE)


async def failed(program: Suite, scenarios: list[str], *arguments: str) -> dict[str, str]:
    """Runs scenarios, some at a time; what those printed that did not pass.

    The host waits 3 s for an answer to `server/discover`, which a node that starts beside others on a busy machine may need
    longer for: what failed unexpectedly is run once more, alone.
    """
    turn = asyncio.Semaphore(AT_ONCE)
    told: dict[str, str] = {}

    async def run(scenario: str, port: int) -> None:
        command = f"{sys.executable} -S -E {HERE / 'relay.py'} {port}"
        async with turn:
            code, printed = await program.run(
                "client", "--command", command, "--scenario", scenario, "--timeout", "90000", *arguments
            )
        told.pop(scenario, None)
        if code != 0:
            told[scenario] = printed[max(0, printed.find("Client exited")) :][:1000] + printed[-1500:]

    async with hosting() as port:
        await asyncio.gather(*(run(scenario, port) for scenario in scenarios))
        for scenario in set(told) - BASELINE:
            await run(scenario, port)
    return told


async def test_the_released_suite_s_scenarios_pass():
    scenarios = ["initialize", "tools_call", "sse-retry", "elicitation-sep1034-client-defaults"]
    told = await failed(suite(RELEASED), scenarios)
    assert set(told) == BASELINE & set(scenarios), told


@pytest.mark.timeout(600)
@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
async def test_all_required_scenarios_pass_but_those_of_the_baseline(revision: str):
    """Logging in is the same in both revisions, and is run in the later one."""
    scenarios = [name for name in required(revision) if revision == "2026-07-28" or not name.startswith("auth/")]
    assert scenarios
    told = await failed(suite(NEXT), scenarios, "--spec-version", revision)
    assert set(told) == BASELINE & set(scenarios), told
