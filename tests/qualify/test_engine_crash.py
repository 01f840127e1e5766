"""A real engine that is killed in the middle of being measured: the outcome says so, or what came of its next one, and nothing is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.engine


def test_an_engine_that_dies_leaves_an_outcome_and_no_process(random_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    given = {
        "LMBRIDGE_BACKEND": "embedded",
        "LMBRIDGE_ENGINE_MODEL": str(random_model),
        "LMBRIDGE_ENGINE_THREADS": "1",
        "LMBRIDGE_ENGINE_CONTEXT": "4096",
        "LMBRIDGE_SLOTS": "1",
        "LMBRIDGE_STATE_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "lmbridge", "qualify", "--quick", "--json", "--limit", "5"]
    with subprocess.Popen(
        command, env={**os.environ, **given}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as measuring:
        assert measuring.stderr is not None
        first = measuring.stderr.readline()
        for child in (below := psutil.Process(measuring.pid).children(recursive=True)):
            child.kill()
        told, _ = measuring.communicate()
    said = json.loads(told)
    assert "answers" in first
    assert below, "the engine ran"
    names = {check["name"] for check in said["checks"]}
    assert {"answers", "json_schema", "native_tools_2", "forced_tools_2", "cancel"} <= names
    assert measuring.returncode in (0, 1)
    assert not [child for child in below if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
