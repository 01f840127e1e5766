"""What `lmbridge doctor` looks at."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace

from lmbridge import installed, platform
from lmbridge.agent.bridge import connected, refuse_unsafe
from lmbridge.cli.doctor.environment import of_environment
from lmbridge.cli.doctor.finding import Finding, Level
from lmbridge.cli.doctor.model import of_model
from lmbridge.cli.launchers import missing_launcher
from lmbridge.engine.demo.scope import KNOWS
from lmbridge.errors import LmbridgeError
from lmbridge.llm.backend import Backend, Health
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.models.resolve import Target, find
from lmbridge.mcp_host.config.configs import Configs, ConfigSet, ServerEntry
from lmbridge.mcp_host.gate.labels import Labels, grouped
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.messages import ToolSpec
from lmbridge.server.transport.http_token import kept_token, token_file
from lmbridge.settings import Settings

USUAL_URL = "http://localhost:1234/v1"
SMALL_SHARE = 0.25
"""Share of the loaded context that tool schemas may take before it is worth a word."""

_CHARS_PER_TOKEN = 4
_MARKS: dict[Level, int] = {"ok": 0, "note": 1, "warning": 2, "problem": 3}


@dataclass(frozen=True, slots=True)
class AtWork:
    """The model that tasks would get, with how many tokens of context it is loaded (None: not known), and by whom."""

    id: str
    context: int | None
    embedded: bool = False


def worst(findings: Sequence[Finding]) -> Level:
    """The worst level among the findings."""
    return max((finding.level for finding in findings), key=_MARKS.__getitem__, default="ok")


async def diagnose(settings: Settings, *, start_servers: bool = True) -> list[Finding]:
    """Looks at everything, the backend and the servers at the same time.

    Args:
        settings: The settings to be held against the world.
        start_servers: Whether each usable server is started, which is the only way to know that it works.
    """
    configured = Configs(settings).current()
    backend, servers = await asyncio.gather(
        _collected(_of_backend(settings)), _of_servers(settings, configured, start=start_servers)
    )
    server_findings, specs = servers
    loaded, backend_findings = backend
    fit = [_context_fit(loaded, specs)] if loaded and specs else []
    return [
        *of_environment(os.environ),
        *_of_state(settings),
        *_of_http(settings),
        *backend_findings,
        *_of_config(configured),
        *server_findings,
        *filter(None, fit),
    ]


async def _collected(found: AsyncIterator[Finding | AtWork]) -> tuple[AtWork | None, list[Finding]]:
    """Splits what the look at the backend yields: the model that tasks would get, and the findings."""
    model, findings = None, []
    async for item in found:
        if isinstance(item, Finding):
            findings.append(item)
        else:
            model = item
    return model, findings


def _of_state(settings: Settings) -> Iterator[Finding]:
    try:
        refuse_unsafe(settings.state_dir)
        folder = platform.private_folder(settings.state_dir)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_text("x")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "state_dir_unwritable",
            "problem",
            f"{settings.state_dir}: {error.strerror}",
            "Set LMBRIDGE_STATE_DIR to a folder of yours.",
        )
    except LmbridgeError as error:
        yield Finding("state_dir_unwritable", "problem", error.message, error.hint)


def _of_http(settings: Settings) -> Iterator[Finding]:
    file = token_file(settings.state_dir)
    sent = 'Clients send it as a header: "Authorization": "Bearer TOKEN".'
    if settings.http_token is not None:
        yield Finding("http_token", "ok", "`serve --http` asks for the token in LMBRIDGE_HTTP_TOKEN.", sent)
    elif not os.path.lexists(file):
        text = f"`serve --http` asks for a token, which its first start makes and keeps in {file}."
        yield Finding("http_token", "ok", text, sent)
    else:
        try:
            kept_token(settings.state_dir)
        except LmbridgeError as error:
            yield Finding("http_token_unusable", "problem", error.message, error.hint)
            return
        text = f"`serve --http` asks for the token in {file}, which only you may read."
        yield Finding("http_token", "ok", text, sent)


_REQUEST = re.compile(r"\b(?:GET|POST) (https?://[^\s/]+)\S*?(?=:?\s)")
"""A request as errors name it, and the address in it: who wanted no more than a look knows that, and no path below it."""


def _unreachable(settings: Settings, message: str, hint: str | None) -> Finding:
    message = _REQUEST.sub(r"\1", message)
    hint = (hint or "").removesuffix(" `lmbridge doctor` looks.")  # which is what it does
    if settings.backend == "lmstudio":
        hint += " Or do without it: LMBRIDGE_BACKEND=embedded."
    return Finding("backend_unreachable", "problem", message, hint.strip() or None)


async def _of_backend(settings: Settings) -> AsyncIterator[Finding | AtWork]:
    if settings.backend == "embedded":
        for finding in _of_engine(settings):
            yield finding
            if finding.level == "problem":
                return
    try:
        async with connected(settings) as backend:
            health = await backend.health()
            if not health.reachable:
                yield _unreachable(settings, health.error or backend.url, health.hint)
            else:
                each = await backend.healths()
                for name, one in (each or {"": health}).items():
                    yield _one_of(name, one) if name else _answering(one)
                for finding in await _of_each(backend) if each else ():
                    yield finding
                for item in await _of_models(settings, backend):
                    yield item
                return
    except LmbridgeError as error:
        yield _unreachable(settings, error.message, error.hint)
    if (
        settings.backend == "lmstudio"
        and not settings.backends
        and settings.url != USUAL_URL
        and await _answers(settings, USUAL_URL)
    ):
        yield Finding(
            "backend_elsewhere",
            "warning",
            f"LM Studio answers at {USUAL_URL}, not at {settings.url}.",
            "Mend LMSTUDIO_BASE_URL.",
        )


def _answering(health: Health) -> Finding:
    version = f" {health.version}" if health.version else ""
    lacking = "".join(f" {sentence}" for sentence in health.missing)
    text = (
        f"{health.name or 'The backend'}{version} at {health.url} answers in {health.latency_ms or 0:.0f} ms.{lacking}"
    )
    return Finding("backend_ok", "ok", text)


def _one_of(name: str, health: Health) -> Finding:
    """What is told of one of several backends."""
    if not health.reachable:
        return Finding("backend_silent", "warning", f"{name} at {health.url}: {health.error}", health.hint)
    told = _answering(health)
    return replace(told, text=f"{name}: {told.text}")


async def _of_each(backend: Backend) -> list[Finding]:
    """Which backend has which model in memory, with places and speed; whether a router is there where one is needed."""
    rows = [model for model in await backend.catalogue() if model.loaded and model.kind != "embedding"]
    found = [Finding("backend_ok", "ok", _row(model)) for model in rows]
    shared = {model.id for model in rows if sum(other.id == model.id for other in rows) > 1}
    if shared and importlib.util.find_spec("smg") is None:
        text = f"{', '.join(sorted(shared))}: several backends have it, and no router (smg) is installed."
        found.append(
            Finding("router_missing", "problem", text, f"{installed.how_to_add('fleet')}, or ask for model@backend.")
        )
    return found


def _row(model: ModelInfo) -> str:
    context = f", {model.context_length:,} tokens of context" if model.context_length else ""
    speed = f", {model.tokens_per_s:g} tokens/s lately" if model.tokens_per_s else ""
    return f"{model.id}@{model.backend}: {model.places} at once{context}{speed}."


async def _answers(settings: Settings, url: str) -> bool:
    elsewhere = settings.model_copy(update={"base_url": url, "connect_timeout": 1.0})
    try:
        async with Backend(elsewhere) as backend:
            return (await backend.health()).reachable
    except LmbridgeError:
        return False


def _of_engine(settings: Settings) -> Iterator[Finding]:
    if (module := installed.missing()) is not None:
        yield Finding("engine_missing", "problem", f"{module} is not installed.", installed.how_to_add())
    elif settings.engine_model is None:
        yield Finding(
            "demo_model",
            "note",
            f"The embedded engine runs the demo model, which knows a handful of tasks: {KNOWS}.",
            "For real work install LM Studio, or `lmbridge engine pull qwen3.5-4b` and LMBRIDGE_ENGINE_MODEL=qwen3.5-4b.",
        )


async def _of_models(settings: Settings, backend: Backend) -> list[Finding | AtWork]:
    models = await backend.catalogue()
    chatting = [model for model in models if model.chats]
    if not chatting:
        return [
            Finding(
                "no_models",
                "problem",
                f"{backend.url} has no model that can chat.",
                "Download one: `lms get`, or in LM Studio.",
            )
        ]
    found: list[Finding | AtWork] = []
    for variable, name in (("DEFAULT_MODEL", settings.named_model), ("FALLBACK_MODEL", settings.fallback_model)):
        if name and not await _known(backend, name):
            listed = ", ".join(model.id for model in models[:8])
            found.append(
                Finding("default_model_missing", "problem", f"{variable}={name} is not there.", f"Available: {listed}")
            )
    if settings.judge not in ("off", "auto") and find(settings.judge, models) is None:
        text = f"LMBRIDGE_JUDGE={settings.judge} is not there: nothing is judged."
        found.append(Finding("default_model_missing", "problem", text, "Name a decision model, or `auto`."))
    loaded = [model for model in chatting if model.loaded]
    if not loaded:
        found.append(
            Finding(
                "no_llm_loaded",
                "warning",
                "No model is loaded; the first task waits for one.",
                f"`lms load {chatting[0].id}`",
            )
        )
        return found
    model = next((each for each in chatting if each.id == settings.named_model), loaded[0])
    if model.tool_use is False:
        found.append(
            Finding(
                "model_without_tools",
                "note",
                f"{model.id} was not trained to call tools; calls are forced as JSON.",
                "A tool-trained model is quicker.",
            )
        )
    context = (await backend.abilities()).context_length or model.context_length
    if not settings.backends and (others := await _others(backend, model.id)):
        text = f"Other programs hold {others} of the {await backend.slots_of(model.id)} places of {model.id} now."
        found.append(Finding("places_taken", "note", text, "Runs wait in the backend while all are taken."))
    found += [finding async for finding in of_model(settings, backend, Target(model.id, model))]
    return [*found, AtWork(model.id, context, settings.backend == "embedded")]


async def _others(backend: Backend, model: str) -> int:
    """Places that other programs hold at this moment, as far as the backend tells."""
    return await backend.slots_of(model) - await backend.free_slots(model)


async def _known(backend: Backend, name: str) -> bool:
    try:
        await backend.validator.validate(name)
    except LmbridgeError:
        return False
    return True


def _of_config(configured: ConfigSet) -> Iterator[Finding]:
    for file in configured.files:
        if file.problem:
            place = f", line {file.line}, column {file.column}" if file.line else ""
            yield Finding(
                "config_broken",
                "problem",
                f"{file.path}{place}: {file.problem}",
                "Mend the file; its last good set counts meanwhile.",
            )
    others = [each for each in configured.shadowed if not each.entry.own]  # ourselves, installed into several clients
    for shadowed in others:
        yield Finding(
            "server_shadowed",
            "note",
            f"{shadowed.name!r} of {shadowed.entry.origin} is hidden by {shadowed.by}.",
            "Rename one of them.",
        )
    if not configured.servers:
        yield Finding(
            "no_servers",
            "warning",
            "No MCP server is configured.",
            f"Add one to {platform.config_dir() / 'mcp.json'}, which only lmbridge reads, or to LM Studio's mcp.json.",
        )


async def _of_servers(
    settings: Settings, configured: ConfigSet, *, start: bool
) -> tuple[list[Finding], list[ToolSpec]]:
    findings, startable = [], []
    for entry in configured.servers.values():
        if entry.untrusted:
            state = "has changed since it was trusted" if entry.untrusted.changed else "is not trusted"
            hint = f"See what it would start, and let it: lmbridge mcps trust {entry.name}"
            findings.append(Finding("server_untrusted", "note", f"{entry.name!r} of {entry.origin} {state}.", hint))
        elif entry.problem and not entry.own:
            findings.append(
                Finding("server_unusable", "problem", f"{entry.name!r}: {entry.problem}", f"Mend it in {entry.origin}.")
            )
        elif entry.usable and (missing := _missing_launcher(entry)):
            findings.append(missing)
        elif entry.usable:
            startable.append(entry)
    if not start or not startable:
        return findings, []
    async with ServerPool(Configs(settings), settings) as pool:
        peeked = await asyncio.gather(*(_peek(pool, entry) for entry in startable))
    return findings + [finding for finding, _ in peeked], [spec for _, specs in peeked for spec in specs]


def _missing_launcher(entry: ServerEntry) -> Finding | None:
    missing = missing_launcher(entry)
    return Finding("launcher_missing", "problem", f"{entry.name!r}: {missing[0]}.", missing[1]) if missing else None


async def _peek(pool: ServerPool, entry: ServerEntry) -> tuple[Finding, Sequence[ToolSpec]]:
    seen = await pool.peek(entry.name)
    if seen.health.status == "failed":
        hint = f"Run it by hand: its entry stands in {entry.origin}."
        return Finding("server_failed", "problem", f"{entry.name!r}: {seen.health.error}", hint), ()
    odd = f" {' '.join(seen.warnings)}" if seen.warnings else ""
    told = f"{entry.name!r} starts and has {len(seen.specs)} tools{_labels(seen.specs)}.{odd}"
    return Finding("server_ok", "ok", told), seen.specs


def _labels(specs: Sequence[ToolSpec]) -> str:
    """How many of a server's tools bear which label, and which of them may change something or reach outside."""
    groups = grouped(
        {spec.tool or spec.name: Labels(spec.read_only, spec.destructive, spec.open_world) for spec in specs}
    )
    counted = {
        "only read": sum(spec.read_only for spec in specs),
        "only add": sum(not spec.read_only and spec.destructive is False for spec in specs),
        "may change": sum(not spec.read_only and spec.destructive is not False for spec in specs),
        "reach outside": sum(spec.open_world is True for spec in specs),
    }
    names = {"may change": groups.get("may_change", ()), "reach outside": groups.get("open_world", ())}
    told = [
        f"{count} {label}{': ' + ', '.join(names[label]) if names.get(label) else ''}"
        for label, count in counted.items()
        if count
    ]
    return f" ({'; '.join(told)})" if told else ""


def _context_fit(model: AtWork, specs: Sequence[ToolSpec]) -> Finding | None:
    """A warning where the schemas of all tools together would take much of the loaded context."""
    context = model.context
    if not context:
        return None
    chars = sum(len(json.dumps(dict(spec.parameters))) + len(spec.description) + len(spec.name) for spec in specs)
    tokens = chars // _CHARS_PER_TOKEN
    if tokens < SMALL_SHARE * context:
        return None
    return Finding(
        "context_small",
        "warning",
        f"{model.id} is loaded with {context} tokens; the {len(specs)} tools of all servers take about {tokens}.",
        "Set LMBRIDGE_ENGINE_CONTEXT (for all slots together), or name the servers a task needs."
        if model.embedded
        else "Load it with a larger context, or name the servers a task needs.",
    )
