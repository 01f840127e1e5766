"""A finding of `lmbridge doctor`. Each has a code, and each code an entry in docs/TROUBLESHOOTING.md."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["ok", "note", "warning", "problem"]

FINDINGS = {
    "no_setting": "A variable of the environment is named like a setting and is none.",
    "state_dir_unwritable": "Journals, pins and caches cannot be written.",
    "http_token": "Where the bearer token of `serve --http` is, and how a client sends it.",
    "http_token_unusable": "The file of the token of `serve --http` cannot be read, or others may write to it.",
    "backend_ok": "The backend answers.",
    "backend_silent": "One of several backends does not answer; the others serve.",
    "router_missing": "Several backends share a model, and the router that stands before them is not installed.",
    "backend_unreachable": "Nothing usable answers at the base URL.",
    "backend_elsewhere": "The configured address is silent, but LM Studio answers at its usual one.",
    "no_models": "The backend has no model.",
    "no_llm_loaded": "The backend has models, but none that can chat is loaded.",
    "default_model_missing": "DEFAULT_MODEL, FALLBACK_MODEL or LMBRIDGE_JUDGE is not among the backend's models.",
    "places_taken": "Other programs have the backend at work at this moment.",
    "model_without_tools": "The default model was not trained to call tools.",
    "context_small": "The tools of all servers take much of the loaded context.",
    "model_unmeasured": "Nobody has measured how the model works best on this backend.",
    "profile_stale": "The model was measured, but its file or the backend's build has changed since.",
    "profile_unusable": "LMBRIDGE_PROFILE names a file that holds no profile.",
    "profile_ok": "The model is spoken to as it was measured.",
    "model_chosen": "DEFAULT_MODEL is `auto`: which model a kind of task gets.",
    "demo_model": "The embedded engine runs the demo model, which knows a handful of task families only.",
    "engine_missing": "The embedded engine is asked for but not installed.",
    "no_servers": "No MCP server is configured.",
    "config_broken": "An mcp.json cannot be read.",
    "server_shadowed": "An entry does not count, because an earlier file has one of the same name.",
    "server_untrusted": "An entry of the opened folder has not been let start by the user.",
    "server_unusable": "An entry cannot work as it stands.",
    "launcher_missing": "The program that starts a server is not on the PATH.",
    "server_failed": "A server did not start.",
    "server_ok": "A server starts and lists its tools.",
}
"""Every finding and what it means."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        code: Key of `FINDINGS`.
        level: How bad it is.
        text: What was found.
        hint: What to do about it.
    """

    code: str
    level: Level
    text: str
    hint: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)
