"""The official server suites against our server, both eras, without a baseline: nothing is expected to fail."""

import re
from pathlib import Path

import pytest

from conformance.conftest import NEXT, RELEASED, suite

pytestmark = [pytest.mark.npm, pytest.mark.slow]


def failing(printed: str) -> list[str]:
    return re.findall(r"^✗ ([\w-]+)", printed, re.MULTILINE)


async def test_the_released_suite_passes_whole(fixture_url: str, tmp_path: Path):
    code, printed = await suite(RELEASED).run("server", "--url", fixture_url, "-o", str(tmp_path / "out"))
    assert failing(printed) == []
    assert len(re.findall(r"^✓ ", printed, re.MULTILINE)) >= 30
    assert code == 0


@pytest.mark.parametrize(("revision", "scenarios"), [("2025-11-25", 30), ("2026-07-28", 47)])
async def test_all_required_scenarios_of_a_revision_pass(revision: str, scenarios: int, warm_url: str, tmp_path: Path):
    """The scenarios of the tasks extension, which the suite runs and does not score, are among those of 2026-07-28."""
    code, printed = await suite(NEXT).run(
        "server", "--url", warm_url, "--requirements", revision, "-o", str(tmp_path / "out")
    )
    assert failing(printed) == []
    assert len(re.findall(r"^✓ ", printed, re.MULTILINE)) >= scenarios
    assert code == 0


@pytest.mark.parametrize("scenario", ["json-schema-2020-12", "server-sse-polling", "dns-rebinding-protection"])
async def test_scenarios_outside_the_active_suite_pass_too(scenario: str, fixture_url: str):
    code, printed = await suite(RELEASED).run("server", "--url", fixture_url, "--scenario", scenario)
    assert "0 failed" in printed
    assert code == 0
