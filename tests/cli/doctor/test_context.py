"""Whether the context with which the model is loaded is told when the servers' tools take much of it."""

import json
import sys
from pathlib import Path

import pytest

from lmbridge.cli.doctor.checks import diagnose
from lmbridge.settings import Settings

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(("context", "told"), [(2048, True), (None, False)])
async def test_an_engine_whose_context_is_small_for_the_servers_is_told(
    random_model: Path, tmp_path: Path, context: int | None, told: bool
) -> None:
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    configured = tmp_path / "mcp.json"
    entry = {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(tmp_path)]}
    configured.write_text(json.dumps({"mcpServers": {"files": entry}}))
    settings = Settings(
        backend="embedded",
        engine_model=str(random_model),
        engine_threads=1,
        engine_context=context,
        slots=1,
        state_dir=tmp_path / "state",
        mcp_json_path=str(configured),
    )
    found = {finding.code: finding for finding in await diagnose(settings)}
    assert ("context_small" in found) is told
    if told:
        assert "is loaded with 2048 tokens; the 14 tools of all servers take about" in found["context_small"].text
        assert "LMBRIDGE_ENGINE_CONTEXT" in (found["context_small"].hint or "")
