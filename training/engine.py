"""llama.cpp's server in a child process, and a plain conversation loop over it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

Json = dict[str, Any]


class Engine:
    """The server of one GGUF file; use it as a context manager."""

    def __init__(self, model: Path, context: int = 4096) -> None:
        command = [sys.executable, __file__, str(model), "--context", str(context)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http"):
            raise RuntimeError(f"the engine did not start with {model}")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)

    def post(self, path: str, body: Json) -> Json:
        """Ask the server; an error is raised."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            answer: Json = json.load(response)
        return answer

    def reply(self, messages: list[Json], tools: list[Json]) -> Json:
        """The model's next message, greedily."""
        body: Json = {"messages": messages, "temperature": 0, "max_tokens": 500}
        if tools:
            body |= {"tools": tools}
        message: Json = self.post("/v1/chat/completions", body)["choices"][0]["message"]
        return message


@dataclass
class Outcome:
    """What came of a task: the answer, and the calls with their results."""

    answer: str = ""
    calls: list[tuple[str, Json]] = field(default_factory=list)
    results: list[str] = field(default_factory=list)


def converse(
    engine: Engine, task: str, tools: list[Json], call: Callable[[str, Json], str], rounds: int = 8
) -> Outcome:
    """Call tools until the model answers."""
    outcome = Outcome()
    messages: list[Json] = [
        {"role": "system", "content": "Do the task with the tools."},
        {"role": "user", "content": task},
    ]
    for _ in range(rounds):
        message = engine.reply(messages, tools)
        messages.append(
            {"role": "assistant", "content": message.get("content"), "tool_calls": message.get("tool_calls") or []}
        )
        if not message.get("tool_calls"):
            outcome.answer = message.get("content") or ""
            return outcome
        for wanted in message["tool_calls"]:
            name, arguments = wanted["function"]["name"], json.loads(wanted["function"]["arguments"])
            outcome.calls.append((name, arguments))
            outcome.results.append(call(name, arguments))
            messages.append(
                {"role": "tool", "tool_call_id": wanted.get("id") or "call", "content": outcome.results[-1]}
            )
    return outcome


def serve(model: str, context: int) -> None:
    """Run the server in this process until stdin closes."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.n_ctx, parameters.n_parallel = context, 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--context", type=int, default=4096)
    options = parser.parse_args()
    serve(options.model, options.context)
