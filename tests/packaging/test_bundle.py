"""The bundle for a double click: its manifest says what lmbridge is, and what is packed is the package, nothing else, and starts."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lmbridge._version import __version__
from lmbridge.settings import Settings, environment_name, load

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("bundle", ROOT / "scripts" / "bundle.py")
assert _spec
assert _spec.loader
bundle: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bundle)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return bundle.manifest()


def test_the_manifest_says_what_the_package_is(manifest: dict[str, Any]):
    assert (manifest["name"], manifest["version"]) == ("lmbridge", __version__)
    assert (manifest["manifest_version"], manifest["server"]["type"]) == ("0.4", "uv")
    assert (ROOT / manifest["server"]["entry_point"]).is_file()
    first = json.loads((ROOT / "src/lmbridge/server/transport/first_answers.json").read_text())
    assert {tool["name"] for tool in manifest["tools"]} == {tool["name"] for tool in bundle._lists_of_tools(first)[0]}
    assert all(tool["description"].endswith(".") for tool in manifest["tools"])


def test_each_field_of_the_form_is_a_setting_and_has_a_default(manifest: dict[str, Any], tmp_path: Path):
    environment = manifest["server"]["mcp_config"]["env"]
    assert set(environment) <= {environment_name(name) for name in Settings.model_fields}
    assert set(environment.values()) == {f"${{user_config.{key}}}" for key in manifest["user_config"]}
    assert all("default" in option for option in manifest["user_config"].values())
    assert {key for key, option in manifest["user_config"].items() if option.get("sensitive")} == {"token"}
    _, variables = bundle.command_of(tmp_path, manifest)
    assert load(environment={**variables, "HOME": str(tmp_path)}).soft_limit == 50


def test_only_what_git_tracks_of_the_package_comes_into_the_clean_folder(tmp_path: Path):
    names = bundle.clean(tmp_path)
    there = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert there == set(names)
    assert all(name.startswith(("src/lmbridge/", "pyproject", "README", "LICENSE", "manifest")) for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.npm
@pytest.mark.slow  # packs four megabytes and starts the server once
def test_the_packer_takes_it_and_its_server_starts(tmp_path: Path):
    program = Path(os.environ.get("LMBRIDGE_TEST_NPM_BIN", ROOT / ".cache/npm/node_modules/.bin")) / "mcpb"
    if not program.exists():
        pytest.skip("the packer mcpb is not installed (scripts/test installs it)")
    packed = bundle.build(tmp_path / "out", program)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "unpacked")
    _, variables = bundle.command_of(
        tmp_path / "unpacked", json.loads((tmp_path / "unpacked/manifest.json").read_text())
    )
    places = {
        "PYTHONPATH": str(tmp_path / "unpacked/src"),
        "LMBRIDGE_STATE_DIR": str(tmp_path / "state"),
        "HOME": str(tmp_path),
    }
    assert (
        bundle.started([sys.executable, "-m", "lmbridge", "serve"], {**variables, **places})
        == f"lmbridge {__version__}"
    )
