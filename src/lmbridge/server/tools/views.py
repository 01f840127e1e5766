"""What clients are shown of servers, models and the backend: small plain objects without secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from pathlib import Path

    from lmbridge.errors import McpConfigError
    from lmbridge.llm.backend import Health
    from lmbridge.llm.models.listing import ModelInfo
    from lmbridge.mcp_host.config.configs import ConfigSet
    from lmbridge.mcp_host.config.entry import ServerEntry
    from lmbridge.mcp_host.config.source import ConfigFile


def servers_body(found: ConfigSet, state_dir: Path) -> dict[str, Any]:
    """Every configured server, usable or not, the shadowed ones, and files that cannot be read.

    Args:
        found: What the files say.
        state_dir: The state folder, where the tools of servers that were used are known with their labels.
    """
    labels = _labels(state_dir)
    body: dict[str, Any] = {"servers": [_server(entry) | labels(entry) for entry in found.servers.values()]}
    if found.shadowed:
        body["shadowed"] = [
            {"name": each.name, "origin": str(each.entry.origin), "by": str(each.by)}
            | ({"own": True} if each.entry.own else {})
            for each in found.shadowed
        ]
    problems = [_problem(file, error) for file in found.files if (error := file.as_error())]
    return body | ({"problems": problems} if problems else {})


def _labels(state_dir: Path) -> Callable[[ServerEntry], dict[str, Any]]:
    """What the tools of a server that was used may do, as far as they say."""
    if not (state_dir / "pins").is_dir():
        return lambda entry: {}
    from lmbridge.mcp_host.gate.labels import grouped  # here: the first answers need neither
    from lmbridge.mcp_host.tools.pins import Pins

    pins = Pins(state_dir)

    def of(entry: ServerEntry) -> dict[str, Any]:
        groups = grouped(pins.known(entry)) if entry.usable else {}
        return {"labels": groups} if groups else {}

    return of


def _problem(file: ConfigFile, error: McpConfigError) -> dict[str, Any]:
    place = {"line": file.line, "column": file.column} if file.line else {}
    return {"code": error.code, "file": str(file.path), **place, "problem": file.problem, "hint": error.hint}


def _server(entry: ServerEntry) -> dict[str, Any]:
    target = bare_url(entry.url) if entry.url else entry.command
    problem = entry.problem
    if entry.disabled and not problem:
        problem = next(
            (remark for remark in entry.remarks if remark.startswith("switched off")), "switched off in its file"
        )
    remarks = [remark for remark in entry.remarks if remark != problem]
    if entry.limits.keys:
        remarks.append(f"{', '.join(f'`{key}`' for key in entry.limits.keys)} limits its tools")
    return (
        {
            "name": entry.name,
            "usable": entry.usable,
            "transport": entry.transport or "unknown",
            "target": target,
            "origin": str(entry.origin),
        }
        | ({"trusted": False} if entry.untrusted else {})
        | {key: value for key, value in (("problem", problem), ("remarks", remarks)) if value}
    )


def health_body(health: Health) -> dict[str, Any]:
    """The backend's health; what went wrong and what to do where it is not well."""
    body: dict[str, Any] = {
        "reachable": health.reachable,
        "url": health.url,
        "backend": health.name,
        "version": health.version,
        "latency_ms": health.latency_ms,
        "models": health.models,
        "loaded": list(health.loaded),
        "breaker": health.breaker,
    }
    if health.missing:
        body["missing"] = list(health.missing)
    if health.error:
        body["problem"] = {"code": health.code, "message": health.error, "hint": health.hint}
    return body


def bare_url(url: str) -> str:
    """An address without user, query and fragment, where secrets may stand."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "‹not a URL›"
    return urlunsplit((parts.scheme, (f"[{host}]" if ":" in host else host) + port, parts.path, "", ""))


def models_body(models: Iterable[ModelInfo]) -> dict[str, Any]:
    """Every model of the backend, the loaded ones first."""
    return {"models": [model_body(model) for model in sorted(models, key=lambda m: (not m.loaded, m.kind, m.id))]}


def model_body(model: ModelInfo) -> dict[str, Any]:
    """One model; what the backend does not tell is left out."""
    optional: Mapping[str, Any] = {
        "context_loaded": model.context_length,
        "context_max": model.max_context_length,
        "tool_use": model.tool_use,
        "quantization": model.quantization,
        "backend": model.backend,
        "slots": model.places,
        "tokens_per_s": model.tokens_per_s,
    }
    known = {name: value for name, value in optional.items() if value is not None}
    return {"id": model.id, "kind": model.kind, "loaded": model.loaded, "vision": model.vision} | known
