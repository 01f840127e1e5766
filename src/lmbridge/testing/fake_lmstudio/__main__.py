"""`python -m lmbridge.testing.fake_lmstudio`: a fake LM Studio in a process of its own.

Prints one line of JSON with its addresses on stdout and serves until it is interrupted, or until its stdin is closed
where `--until-stdin-closes` is given.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import threading

from .faults import Fault
from .models import FakeModel
from .scripting.jsonscript import read_script
from .scripting.turns import Turn
from .server import DEFAULT_MODEL, FakeLMStudio


def main() -> None:
    """Run the command."""
    parser = _parser()
    args = parser.parse_args()
    try:
        script = read_script(args.script) if args.script else []
        fake = _fake(args)
    except (OSError, ValueError, TypeError) as error:
        parser.error(str(error))
    asyncio.run(_serve(fake, script, until_stdin_closes=args.until_stdin_closes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lmbridge.testing.fake_lmstudio", description="A fake LM Studio.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (0: a free one)")
    parser.add_argument("--model", action="append", metavar="KEY[,loaded|,embedding]", help="a downloaded model")
    parser.add_argument("--script", metavar="FILE", help="turns as JSON")
    parser.add_argument("--record", action="append", default=[], metavar="FILE", help="a recording to replay")
    parser.add_argument("--token", help="ask for this API token")
    parser.add_argument("--load-seconds", type=float, default=0.0, help="how long a load takes")
    parser.add_argument("--no-jit", action="store_true", help="requests do not load models")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when stdin is closed")
    return parser


def _fake(args: argparse.Namespace) -> FakeLMStudio:
    models = [_model(text) for text in args.model or [f"{DEFAULT_MODEL},loaded"]]
    fake = FakeLMStudio(
        models, port=args.port, api_token=args.token, load_seconds=args.load_seconds, jit=not args.no_jit
    )
    for path in args.record:
        fake.replay(path)
    return fake


def _model(text: str) -> FakeModel:
    key, *words = text.split(",")
    unknown = set(words) - {"loaded", "embedding", "vlm"}
    if unknown:
        raise ValueError(f"--model {text}: unknown word {', '.join(sorted(unknown))}")
    kind = "embedding" if "embedding" in words else "vlm" if "vlm" in words else "llm"
    return FakeModel(key, type=kind, loaded="loaded" in words)


async def _serve(fake: FakeLMStudio, script: list[Turn | Fault], *, until_stdin_closes: bool) -> None:
    stopped = asyncio.Event()
    _stop_on_signals(stopped)
    fake.script(*script)
    async with fake:
        sys.stdout.write(json.dumps({"url": fake.url, "base_url": fake.base_url, "port": fake.port}) + "\n")
        sys.stdout.flush()
        if until_stdin_closes:
            _stop_at_end_of_stdin(stopped)
        await stopped.wait()


def _stop_on_signals(stopped: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows: Ctrl-C ends the event loop by itself
            return


def _stop_at_end_of_stdin(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def read() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(stopped.set)

    # A daemon, so that a signal ends the process while stdin is still open.
    threading.Thread(target=read, daemon=True).start()


if __name__ == "__main__":
    main()
