"""Names the tests that failed beside others and passed alone; in CI, fails unless `tests/retried.toml` allows them.

    python scripts/retried.py FIRST.txt AGAIN.txt

Both files hold names of failed tests, a line each, as `scripts/test` takes them from pytest's cache.
"""

from __future__ import annotations

import fnmatch
import os
import sys
import tomllib
from pathlib import Path

ALLOWED = Path(__file__).parents[1] / "tests" / "retried.toml"


def passed_alone(first: set[str], again: set[str]) -> list[str]:
    """Tests that failed in the first run and not in the second."""
    return sorted(first - again)


def unexcused(names: list[str], patterns: list[str]) -> list[str]:
    """Those of the names that no pattern allows."""
    return [name for name in names if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]


def main(arguments: list[str]) -> int:
    """Prints what passed only alone; 1 in CI where that is not allowed, else 0."""
    first, again = (set(Path(name).read_text(encoding="utf-8").split("\n")) - {""} for name in arguments)
    names = passed_alone(first, again)
    for name in names:
        print(f"failed beside other tests, passed alone: {name}")
    entries = tomllib.loads(ALLOWED.read_text(encoding="utf-8")).get("test", [])
    left = unexcused(names, [entry["name"] for entry in entries])
    for name in left:
        print(f"not in tests/retried.toml: {name}")
    return 1 if left and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
