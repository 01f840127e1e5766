"""The pinned versions suit every Python that the package allows, not only the one that pinned them."""

import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent.parent
PINS = [
    Requirement(line.partition(" #")[0])
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("pin", PINS, ids=str)
def test_a_pinned_version_takes_the_oldest_python_that_the_package_takes(pin: Requirement):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    if pin.marker and not pin.marker.evaluate():
        pytest.skip(f"not for this system: {pin.marker}")
    needs = ",".join(distribution(pin.name).metadata.get_all("Requires-Python") or [])
    assert SpecifierSet(needs).contains(oldest), f"{pin} needs Python {needs}"
