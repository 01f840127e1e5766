"""The wheel: built from the checkout and installed into an empty environment."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lmbridge.server.page.app import FILES

ROOT = Path(__file__).parent.parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.first]  # built and installed once


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    venv = tmp_path_factory.mktemp("empty") / "venv"
    run(sys.executable, "-m", "venv", venv)
    run(venv / "bin" / "python", "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", wheel)
    return venv


def test_the_wheel_holds_the_types_marker_the_demo_model_and_no_tests(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    assert "lmbridge/py.typed" in names
    assert any(name.startswith("lmbridge/engine/demo/") and name.endswith(".gguf") for name in names)
    page = {name.rpartition("/")[2] for name in names if name.startswith("lmbridge/server/page/static/")}
    assert page == {*FILES, "app.js"}
    assert not [name for name in names if name.startswith(("tests/", "training/", "benchmarks/"))]
    assert wheel.stat().st_size < 25 * 2**20


def test_every_command_explains_itself_without_the_extras(installed: Path):
    assert "Commands" in run(installed / "bin" / "lmbridge", "--help", cwd=installed)
    for command in ("serve", "run", "mcps", "models", "doctor", "runs", "install", "uninstall", "engine"):
        assert "Usage" in run(installed / "bin" / "lmbridge", command, "--help", cwd=installed)


def test_the_engine_extra_is_asked_for_by_name_where_it_is_missing(installed: Path, tmp_path: Path):
    environment = {
        **os.environ,
        "LMBRIDGE_BACKEND": "embedded",
        "LMBRIDGE_STATE_DIR": str(tmp_path),
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [str(installed / "bin" / "lmbridge"), "run", "hello"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert "lmbridge[engine]" in done.stderr
    assert "Traceback" not in done.stderr
