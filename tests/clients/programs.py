"""The real client programs, as `scripts/clients` installs them: how each lists its servers, how it is asked one thing without
a terminal, and how its model is put on loopback. All of it is the programs' own documented way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clients.mocked_api import MODEL

PROMPT = "Ask lmbridge what a.txt says."
KEY = "sk-mock"


@dataclass(frozen=True, slots=True)
class Client:
    """A client program.

    Attributes:
        name: As `lmbridge install` takes it.
        program: Its executable in its folder of `.cache/clients`.
        asked: The arguments with which it answers one prompt and ends.
        listed: The arguments with which it lists its servers; empty where it has no such command.
        shown: What its list says behind lmbridge's name, as a pattern.
        variables: Its environment, by the address of the mocked API.
        files: Files of its user's home folder, by that address, that stand there before lmbridge comes.
        offered: The name of the delegating tool, as its model sees it.
        beside: Whether its files stand in the folder where it is started.
    """

    name: str
    program: str
    asked: tuple[str, ...]
    offered: str
    listed: tuple[str, ...] = ()
    shown: str = ""
    variables: Callable[[str], Mapping[str, str]] = lambda url: {}
    files: Callable[[str], Mapping[str, str]] = lambda url: {}
    beside: bool = False


def _npm(name: str) -> str:
    return f"node_modules/.bin/{name}"


def _claude(url: str) -> Mapping[str, str]:
    return {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": KEY,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "MCP_TIMEOUT": "300000",  # milliseconds that a server has to start; its default of 30 s is short on a busy machine
        "MCP_CONNECTION_NONBLOCKING": "0",  # docs/TROUBLESHOOTING.md: else `claude -p` does not wait for its servers
    }


def _codex(url: str) -> Mapping[str, str]:
    provider = f'name = "Mock"\nbase_url = "{url}/v1"\nwire_api = "responses"\nenv_key = "MOCK_KEY"\n'
    text = f'model = "{MODEL}"\nmodel_provider = "mock"\n\n[model_providers.mock]\n{provider}'
    return {".codex/config.toml": text}


def _gemini(url: str) -> Mapping[str, str]:
    return {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": url, "GEMINI_CLI_TRUST_WORKSPACE": "true"}


def _key_of_gemini(url: str) -> Mapping[str, str]:
    settings = {"security": {"auth": {"selectedType": "gemini-api-key"}}, "privacy": {"usageStatisticsEnabled": False}}
    return {".gemini/settings.json": json.dumps(settings)}


def _openai(url: str) -> Mapping[str, str]:
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_MODEL": MODEL}


def _opencode(url: str) -> Mapping[str, str]:
    models = {MODEL: {"name": "Mock", "limit": {"context": 200_000, "output": 8_192}}}
    options = {"baseURL": f"{url}/v1", "apiKey": KEY}
    provider = {"npm": "@ai-sdk/openai-compatible", "name": "Mock", "options": options, "models": models}
    config = {
        "provider": {"mock": provider},
        "model": f"mock/{MODEL}",
        "small_model": f"mock/{MODEL}",
        "autoupdate": False,
    }
    return {".config/opencode/opencode.jsonc": json.dumps(config, indent=2)}


def _copilot(url: str) -> Mapping[str, str]:
    return {
        "COPILOT_PROVIDER_BASE_URL": f"{url}/v1",
        "COPILOT_PROVIDER_API_KEY": KEY,
        "COPILOT_MODEL": MODEL,
        "COPILOT_OFFLINE": "true",
        "COPILOT_AUTO_UPDATE": "false",
    }


def _continue(url: str) -> Mapping[str, str]:
    model = f"  - name: mock\n    provider: openai\n    model: {MODEL}\n    apiBase: {url}/v1\n    apiKey: {KEY}\n"
    more = "    capabilities: [tool_use]\n    roles: [chat]\n"
    return {".continue/config.yaml": f"name: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n{model}{more}"}


def _cline(url: str) -> Mapping[str, str]:
    settings = {"provider": "openai-compatible", "apiKey": KEY, "model": MODEL, "baseUrl": f"{url}/v1"}
    entry = {"settings": settings, "updatedAt": "2026-11-28T00:00:00.000Z", "tokenSource": "manual"}
    providers = {"version": 1, "lastUsedProvider": "openai-compatible", "providers": {"openai-compatible": entry}}
    return {".cline/data/settings/providers.json": json.dumps(providers)}


def _fast_agent(url: str) -> Mapping[str, str]:
    return {
        "fastagent.config.yaml": f"default_model: generic.{MODEL}\ngeneric:\n  api_key: {KEY}\n  base_url: {url}/v1\n"
    }


CLIENTS = (
    Client(
        "claude-code",
        _npm("claude"),
        ("-p", PROMPT, "--allowedTools", "mcp__lmbridge"),
        "mcp__lmbridge__autonomous_with_mcp",
        ("mcp", "list"),
        "Connected",
        _claude,
    ),
    Client(
        "codex",
        _npm("codex"),
        ("exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", PROMPT),
        "mcp__lmbridge / autonomous_with_mcp",
        ("mcp", "list"),
        "enabled",
        lambda url: {"MOCK_KEY": KEY},
        _codex,
    ),
    Client(
        "gemini",
        _npm("gemini"),
        ("-p", PROMPT, "--yolo", "--model", "gemini-2.5-pro"),
        "mcp_lmbridge_autonomous_with_mcp",
        ("mcp", "list"),
        "Connected",
        _gemini,
        _key_of_gemini,
    ),
    Client(
        "qwen",
        _npm("qwen"),
        ("-p", PROMPT, "--yolo", "--auth-type", "openai"),
        "mcp__lmbridge__autonomous_with_mcp",
        ("mcp", "list"),
        "Connected",
        _openai,
    ),
    Client(
        "opencode",
        _npm("opencode"),
        ("run", PROMPT),
        "lmbridge_autonomous_with_mcp",
        ("mcp", "list"),
        "connected",
        files=_opencode,
    ),
    Client(
        "copilot",
        _npm("copilot"),
        ("-p", PROMPT, "--allow-all-tools"),
        "lmbridge-autonomous_with_mcp",
        ("mcp", "list"),
        "local",
        _copilot,
    ),
    Client(
        "cline",
        _npm("cline"),
        (PROMPT,),
        "lmbridge__autonomous_with_mcp",
        ("config", "mcp"),
        r"\[stdio\]",
        variables=lambda url: {"CLINE_SESSION_BACKEND_MODE": "local"},
        files=_cline,
    ),
    Client(
        "continue",
        _npm("cn"),
        ("-p", PROMPT, "--auto"),
        "autonomous_with_mcp",
        files=_continue,
    ),
    Client(
        "fast-agent",
        "venv/bin/fast-agent",
        ("go", "--servers", "lmbridge", "--message", PROMPT),
        "lmbridge__autonomous_with_mcp",
        ("check",),
        "lmbridge",
        files=_fast_agent,
        beside=True,
    ),
)
