"""A stand-in for the `lms` command that looks at, and acts on, a fake LM Studio.

`install_lms(folder, fake.url)` puts an executable `lms` into a folder for PATH. It copies the real one's habits: JSON goes
to stdout and everything else to stderr; `unload` of an unknown model says so and exits 0; `unload` with nothing loaded
exits 1 but `unload --all` 0; `load` matches parts of names and, where several match and `-y` is missing, asks and waits.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

Mood = Literal["well", "hangs", "babbles", "fails"]

_MOODS = ("well", "hangs", "babbles", "fails")


def install_lms(folder: str | Path, url: str, *, mood: Mood = "well", python: str = sys.executable) -> Path:
    """Write an executable `lms` (`lms.cmd` on Windows) for the fake at `url` into a folder and return its path.

    In other moods than `well` it never answers, prints text where JSON belongs, or fails with exit code 1.
    """
    command = [python, "-m", "lmbridge.testing.lms_stub", "--fake", url, "--mood", mood]
    if sys.platform == "win32":
        path = Path(folder) / "lms.cmd"
        path.write_text(f'@"{python}" ' + " ".join(command[1:]) + " %*\r\n", encoding="utf-8")
        return path
    path = Path(folder) / "lms"
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def main() -> None:
    """Run the command."""
    args = _parser().parse_args()
    if args.mood != "well":
        sys.exit(_in_a_mood(args.mood))
    act: Callable[[argparse.Namespace], int] = args.act
    try:
        sys.exit(act(args))
    except urllib.error.URLError as error:
        _say(f"Error: cannot reach LM Studio: {error.reason}")
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lms")
    parser.add_argument("--fake", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--mood", choices=_MOODS, default="well", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True)
    for name, act in (("ps", _ps), ("ls", _ls)):
        command = _command(commands, name, act)
        command.add_argument("--json", action="store_true")
    _load_command(commands)
    unload = _command(commands, "unload", _unload)
    unload.add_argument("identifier", nargs="?")
    unload.add_argument("-a", "--all", action="store_true")
    server = _command(commands, "server", _server)
    server.add_argument("what", choices=("status", "start", "stop"))
    server.add_argument("--json", action="store_true")
    _command(commands, "version", _version)
    return parser


def _command(commands: Any, name: str, act: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    command = commands.add_parser(name)
    command.set_defaults(act=act)
    for flag in ("--host", "--port", "--log-level"):
        command.add_argument(flag, help=argparse.SUPPRESS)
    command.add_argument("--quiet", action="store_true", help=argparse.SUPPRESS)
    return command


def _load_command(commands: Any) -> None:
    load = _command(commands, "load", _load)
    load.add_argument("model", nargs="?")
    load.add_argument("-y", "--yes", action="store_true")
    load.add_argument("-c", "--context-length", type=int)
    load.add_argument("--parallel", type=int)
    load.add_argument("--ttl", type=int)
    load.add_argument("--identifier")
    load.add_argument("--gpu")


def _ps(args: argparse.Namespace) -> int:
    loaded = _ask(args, "GET", "ps")
    if args.json:
        _print(loaded)
    for each in [] if args.json else loaded:
        sys.stdout.write(f"{each['identifier']}  {each['modelKey']}  {each['status'].upper()}\n")
    return 0


def _ls(args: argparse.Namespace) -> int:
    models = _ask(args, "GET", "ls")
    if args.json:
        _print(models)
    for each in [] if args.json else models:
        sys.stdout.write(f"{each['modelKey']}  {each.get('paramsString')}  {each['architecture']}\n")
    return 0


def _load(args: argparse.Namespace) -> int:
    fitting = [
        each["modelKey"] for each in _ask(args, "GET", "ls") if (args.model or "").lower() in each["modelKey"].lower()
    ]
    if len(fitting) > 1 and args.model not in fitting and not args.yes:
        _say(f"Select a model: {', '.join(fitting)}")
        sys.stdin.read()  # the real one opens a prompt here, and waits for ever where there is no terminal
        return 1
    wish = {
        "model": args.model,
        "identifier": args.identifier,
        "context_length": args.context_length,
        "parallel": args.parallel,
        "ttl_s": args.ttl,
    }
    answer = _ask(args, "POST", "load", {key: value for key, value in wish.items() if value is not None})
    if "error" in answer:
        error = answer["error"]
        _say(f"Error: {error if isinstance(error, str) else error['message']}")
        return 1
    _say(f'Model loaded successfully. To use the model in the API/SDK, use the identifier "{answer["identifier"]}".')
    return 0


def _unload(args: argparse.Namespace) -> int:
    loaded = [each["identifier"] for each in _ask(args, "GET", "ps")]
    if not loaded:
        _say("No models to unload.")
        return 0 if args.all else 1
    if not args.all and args.identifier not in loaded:
        _say(f'Model Not Found: cannot find a model with the identifier "{args.identifier}".')
        return 0
    _ask(args, "POST", "unload", {} if args.all else {"identifier": args.identifier})
    _say("Model unloaded.")
    return 0


def _server(args: argparse.Namespace) -> int:
    port = int(args.fake.rpartition(":")[2])
    try:
        _ask(args, "GET", "ps")
        running = True
    except urllib.error.URLError:
        running = False
    if args.what == "status" and args.json:
        _print({"running": running, "port": port})
    elif args.what == "status":
        _say(f"The server is running on port {port}." if running else "The server is not running.")
    return 0 if args.what == "status" or running else 1


def _version(args: argparse.Namespace) -> int:
    sys.stdout.write("lms - LM Studio CLI - v0.0.0 (a stand-in)\n")
    return 0


def _in_a_mood(mood: Mood) -> int:
    if mood == "hangs":
        time.sleep(3600)
    if mood == "babbles":
        sys.stdout.write("I 12:00:00 Waking up LM Studio service...\n[{ not json\n")
        return 0
    _say("Error: something went wrong.")
    return 1


def _ask(args: argparse.Namespace, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{args.fake}/__fake__/{what}", data=data, method=method)  # noqa: S310  # http only
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as refused:
        return json.load(refused)


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
