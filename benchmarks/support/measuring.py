"""What the benchmarks share: the backend's process, runs of contestants in processes of their own, medians, results."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent
RESULTS = HERE / "results"
ENVIRONMENTS = HERE.parent / ".cache" / "benchmarks"
ENVIRONMENT = {
    "PYTHONPATH": str(HERE),  # for `support`, also in the frameworks' own environments
    "OPENAI_API_KEY": "none",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "MCP_USE_ANONYMIZED_TELEMETRY": "false",
}
ECHO = [sys.executable, "-m", "lmbridge.testing.faulty_server", "ok"]


@contextmanager
def backend(rounds: int, tokens_per_second: float = 0.0) -> Iterator[str]:
    """The endpoint's base URL while the block runs."""
    arguments = [sys.executable, str(HERE / "support" / "backend.py"), str(rounds), str(tokens_per_second)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        assert process.stdin
        process.stdin.close()


def run(python: str | Path, script: str, *arguments: Any, timeout: float = 300.0) -> Any:
    """What a contestant's script prints as JSON on its last line."""
    command = [
        str(python),
        str(HERE / script),
        *(each if isinstance(each, str) else json.dumps(each) for each in arguments),
    ]
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{script} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def environment_python(name: str) -> Path | None:
    """The interpreter of a framework's environment; None where it was not made (see environments.py)."""
    path = ENVIRONMENTS / name / "bin" / "python"
    return path if path.exists() else None


def median(values: list[float]) -> float:
    return statistics.median(values)


def save(name: str, result: Mapping[str, Any]) -> None:
    """Keeps a result with what it was made on; no machine's name or path."""
    about = {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"benchmark": name, "machine": about, **result}, indent=2, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
