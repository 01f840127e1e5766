"""Lets the folder be run: `python benchmarks/real_models …`."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])
    runpy.run_module("real_models.command", run_name="__main__")
