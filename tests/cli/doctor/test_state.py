"""The state folder as runs will find it: what they would refuse is told beforehand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lmbridge.cli.doctor.checks import diagnose
from lmbridge.settings import Settings


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
async def test_a_state_folder_that_runs_would_refuse_is_a_problem(tmp_path: Path):
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    for folder in (state, elsewhere):
        folder.mkdir(mode=0o700)
    (state / "runs").symlink_to(elsewhere)
    settings = Settings(base_url="http://127.0.0.1:9/v1", state_dir=state, mcp_json_path=tmp_path / "none.json")
    found = {finding.code: finding for finding in await diagnose(settings, start_servers=False)}
    assert found["state_dir_unwritable"].level == "problem"
    assert "'runs' in it is a link" in found["state_dir_unwritable"].text
    (state / "runs").unlink()
    assert "state_dir_unwritable" not in {each.code for each in await diagnose(settings, start_servers=False)}
