"""Runs benchmarks by name, each in a process of its own: `python benchmarks/run.py [NAME…] [--list]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    return sorted(path.stem.removeprefix("benchmark_") for path in HERE.glob("benchmark_*.py"))


def main(asked: list[str]) -> int:
    if "--list" in asked:
        for name in names():
            print(name)
        return 0
    failed = []
    for name in asked or names():
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, str(HERE / f"benchmark_{name}.py")], check=False)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
