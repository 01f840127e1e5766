"""Scripts as JSON, for fakes that run in a process of their own.

Each line is an object with one of `say`, `call` (with `arguments`), `calls` (a list of such lines), `raw`, `think` (with
`then`), `nothing`, or `fault` (with its parameters; `turn` holds the turn it happens to). `when` is text that the request's
messages must contain. `finish_reason`, `model` and `id` may stand beside.

    [{"call": "list_directory", "arguments": {"path": "/x"}}, {"fault": "cut", "after": 2}, {"say": "Done.", "when": "x"}]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lmbridge.testing.fake_lmstudio import faults
from lmbridge.testing.fake_lmstudio.faults import Fault

from .turns import Call, Turn, calls, nothing, raw, say, think

_FAULTS: dict[str, Callable[..., Fault]] = {
    "status": faults.status,
    "refuse": faults.refuse,
    "html": faults.html,
    "hang_headers": faults.hang_headers,
    "hang_up": faults.hang_up,
    "reset": faults.reset,
    "stall": faults.stall,
    "cut": faults.cut,
    "error": faults.error,
    "garbage": faults.garbage,
    "dribble": faults.dribble,
}


def read_script(path: str | Path) -> list[Turn | Fault]:
    """Return the turns of a JSON file.

    Raises:
        ValueError: a line is not understood; the message says which.
    """
    lines = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(lines, list):
        raise TypeError(f"{path}: a script is a list of turns")
    return lines_of(lines)


def lines_of(lines: Iterable[Mapping[str, Any]]) -> list[Turn | Fault]:
    """Return the turns of parsed lines (raises ValueError)."""
    return [_line(number, line) for number, line in enumerate(lines, start=1)]


def _line(number: int, line: Mapping[str, Any]) -> Turn | Fault:
    try:
        return _understood(line)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"line {number} of the script: {error}") from error


def _understood(line: Mapping[str, Any]) -> Turn | Fault:
    made = _fault_or_turn(line)
    if not isinstance(made, Turn):
        return made
    made = replace(made, finish_reason=line.get("finish_reason"), model=line.get("model"))
    wanted = line.get("when")
    return made.when(lambda request: wanted in request.text) if wanted else made


def _fault_or_turn(line: Mapping[str, Any]) -> Turn | Fault:
    if "fault" not in line:
        return _turn(line)
    given = {key: value for key, value in line.items() if key not in ("fault", "turn", "when")}
    if line["fault"] not in _FAULTS:
        raise ValueError(f"unknown fault {line['fault']!r}; known: {', '.join(_FAULTS)}")
    fault = _FAULTS[line["fault"]](**given)
    return _turn(line["turn"]).broken(fault) if "turn" in line else fault


def _turn(line: Mapping[str, Any]) -> Turn:
    if "say" in line:
        return say(line["say"])
    if "raw" in line:
        return raw(line["raw"])
    if "think" in line:
        return think(line["think"], then=_turn(line["then"]) if "then" in line else None)
    if "calls" in line:
        return calls(*(_turn(each) for each in line["calls"]))
    if "nothing" in line:
        return nothing()
    arguments = line.get("arguments", {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return Turn(calls=(Call(line["call"], text, line.get("id")),))
