"""Makes an environment for each framework that `benchmark_rounds.py` compares with: `.cache/benchmarks/NAME`."""

from __future__ import annotations

import subprocess
import sys
import venv

from support.measuring import ENVIRONMENTS

PACKAGES = {
    "pydantic-ai": ["pydantic-ai-slim[openai,mcp]==2.68.0", "fastmcp==4.1.2"],
    "openai-agents": ["openai-agents==0.24.0"],
    "mcp-use": ["mcp-use==1.7.1", "langchain-openai==1.7.3"],
}


def main() -> int:
    for name, packages in PACKAGES.items():
        folder = ENVIRONMENTS / name
        if not folder.exists():
            venv.create(folder, with_pip=True)
        print(f"== {name}: {', '.join(packages)}", flush=True)
        subprocess.run([str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *packages], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
