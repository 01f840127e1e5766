"""Names what pyproject.toml asks for and this environment does not have, with one line a requirement; nothing where all is there.

scripts/lib.sh asks it before it installs lmbridge again: a new dependency is then added by itself, which takes seconds, in
place of building and resolving everything anew, which takes minutes on a busy machine.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def asked(extras: set[str]) -> Iterator[Requirement]:
    """Every requirement of the project with these extras, those that extras take from each other included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = list(project["dependencies"])
    seen: set[str] = set()
    while extras - seen:
        extra = (extras - seen).pop()
        seen.add(extra)
        texts += project["optional-dependencies"][extra]
        own = (Requirement(text) for text in project["optional-dependencies"][extra] if text.startswith("lmbridge["))
        extras |= {each for requirement in own for each in requirement.extras}
    yield from (Requirement(text) for text in texts if not text.startswith("lmbridge["))


def pinned() -> dict[str, Requirement]:
    """The exact versions of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = (Requirement(line) for line in lines if line.strip() and not line.startswith("#"))
    return {requirement.name.lower(): requirement for requirement in found}


def main() -> None:
    """Prints what is missing."""
    pins = pinned()
    for requirement in asked(set(sys.argv[1:])):
        if requirement.marker and not requirement.marker.evaluate():
            continue
        wanted = pins.get(requirement.name.lower(), requirement)
        try:
            there = wanted.specifier.contains(version(requirement.name), prereleases=True)
        except PackageNotFoundError:
            there = False
        if not there:
            print(f"{requirement.name}{requirement.specifier}")


if __name__ == "__main__":
    main()
