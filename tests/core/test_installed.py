"""How the engine is added to an installation: by the tool that made it, from where it came."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmbridge import installed


@pytest.mark.parametrize(
    ("note", "checkout", "command"),
    [
        ("uv-receipt.toml", "", "uv tool install 'lmbridge["),
        ("uv-receipt.toml", "/src/lmbridge", "uv tool install '/src/lmbridge["),
        ("pipx_metadata.json", "", "pipx install --force 'lmbridge["),
        ("pyvenv.cfg", "", "pip install 'lmbridge[engine]'"),
    ],
)
def test_the_command_is_that_of_the_tool_that_installed_lmbridge(
    tmp_path: Path, note: str, checkout: str, command: str
):
    (tmp_path / note).write_text("")
    told = installed.how_to_add(prefix=tmp_path, checkout=checkout)
    assert told.startswith(command)
    assert told.endswith("engine]'")


def test_what_is_here_already_is_asked_for_again_where_the_tool_makes_the_environment_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if name == "smg" else None)
    (tmp_path / "uv-receipt.toml").write_text("")
    assert installed.how_to_add(prefix=tmp_path, checkout="") == "uv tool install 'lmbridge[fleet,engine]'"


def test_what_lmbridge_always_needs_is_no_sign_of_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    always = {"opentelemetry", "pydantic", "mcp"}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if name in always else None)
    (tmp_path / "pipx_metadata.json").write_text("")
    assert installed.how_to_add(prefix=tmp_path, checkout="") == "pipx install --force 'lmbridge[engine]'"


def test_within_the_cache_of_uvx_the_command_is_uvx(tmp_path: Path):
    folder = tmp_path / "archive-v0" / "x"
    folder.mkdir(parents=True)
    assert installed.how_to_add(prefix=folder, checkout="") == "uvx --from 'lmbridge[engine]' lmbridge"
