"""`lmbridge engine serve` and `engine list` as somebody at a terminal sees them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lmbridge.cli import engine
from lmbridge.cli.table import cells
from lmbridge.errors import SettingsError

pytest.importorskip("xllamacpp")


@pytest.mark.parametrize("width", [60, 80])
def test_each_model_is_one_line_in_a_narrow_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "terminal_width", lambda: width)
    monkeypatch.setenv("LMBRIDGE_STATE_DIR", str(tmp_path))
    shown = CliRunner().invoke(engine.engine, ["list"])
    told = CliRunner().invoke(engine.engine, ["list", "--json"])
    lines = shown.output.splitlines()
    names = [model["name"] for model in json.loads(told.output)["models"]]
    assert (shown.exit_code, len(lines)) == (0, len(names) + 1)
    assert max(map(cells, lines)) <= width
    assert [line.split()[0] for line in lines[1:]] == names


@pytest.mark.skipif(os.name == "nt", reason="ended by a signal")
def test_what_a_shell_needs_stands_beside_the_json(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("lmbridge")), "engine", "serve", "--port", "0"]
    environment = {**os.environ, "LMBRIDGE_STATE_DIR": str(tmp_path), "LMBRIDGE_ENGINE_CONTEXT": "1024"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as serving:
        assert serving.stdout
        told = json.loads(serving.stdout.readline())
        serving.send_signal(signal.SIGINT)
        _, error = serving.communicate(timeout=60)
    assert "Loading the demo model" in error
    assert f"export LMSTUDIO_BASE_URL={told['base_url']}\n" in error
    assert f"export LM_API_TOKEN={told['key']}\n" in error


def test_a_taken_port_is_told_before_a_model_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LMBRIDGE_STATE_DIR", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        served = CliRunner().invoke(engine.engine, ["serve", "--port", str(port)])
    assert isinstance(served.exception, SettingsError)
    assert f"127.0.0.1:{port}" in served.exception.message
    assert "--port" in str(served.exception.hint)
