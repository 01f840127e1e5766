"""One frozen `Settings`, parsed once at the edge: defaults < settings file < environment < flags.

Nothing below the edge reads the environment. Every value remembers where it came from, so that `lmbridge doctor` can
show it, and every bad value is refused with its name, its origin and what would be right.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from lmbridge import platform
from lmbridge.errors import SettingsError
from lmbridge.settings import problems, strangers
from lmbridge.settings.addresses import (
    UnusableUrlError,
    bracketed,
    normalise_base_url,
    usable_base_url,
    usable_host,
)
from lmbridge.settings.backends import NamedBackend, UnusableBackendsError, named, usable_backends, usable_keys

DEFAULT_MAX_ROUNDS = 10_000
"""Rounds of a run when the caller names none."""

Access = Literal["read", "ask", "write"]
Backend = Literal["lmstudio", "embedded"]
ToolGroup = Literal["agent", "models", "llm", "runs", "qualify", "map"]

Guard = Literal["on", "note", "off"]

ACCESS_ORDER: tuple[Access, ...] = ("read", "ask", "write")
"""The levels of access, the strictest first."""


def strictest(*levels: Access | None) -> Access:
    """The strictest of these levels; None is no opinion."""
    return min((level for level in levels if level is not None), key=ACCESS_ORDER.index, default="write")


_EDGE_NAMES = {
    "host": "LMSTUDIO_HOST",
    "port": "LMSTUDIO_PORT",
    "base_url": "LMSTUDIO_BASE_URL",
    "api_token": "LM_API_TOKEN",
    "backend": "LMBRIDGE_BACKEND",
    "default_model": "DEFAULT_MODEL",
    "fallback_model": "FALLBACK_MODEL",
    "mcp_json_path": "MCP_JSON_PATH",
    "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
}


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Optional = BeforeValidator(_none_if_blank)


def _sendable(token: SecretStr | None) -> SecretStr | None:
    """Refuses a token that no header can carry, such as one with a line end in it."""
    if token and any(ord(character) < 32 or ord(character) == 127 for character in token.get_secret_value()):
        raise ValueError("control characters")
    return token


def environment_name(field_name: str) -> str:
    """The environment variable of a setting: an established name, or `LMBRIDGE_` and the field's name."""
    return _EDGE_NAMES.get(field_name, f"LMBRIDGE_{field_name.upper()}")


def environment_names() -> dict[str, str]:
    """The environment variable of every setting, by the setting's name."""
    return {name: environment_name(name) for name in Settings.model_fields if name != "origins"}


class Settings(BaseModel):
    """All settings. Times are seconds. `origins` tells where each given value came from."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    host: Annotated[str, AfterValidator(usable_host)] = Field("localhost", description="Host of LM Studio.")
    port: int = Field(1234, ge=1, le=65535, description="Port of LM Studio.")
    base_url: str = Field("", description="Base URL of the OpenAI-compatible endpoint; from host and port when empty.")
    api_token: Annotated[SecretStr | None, Optional, AfterValidator(_sendable)] = Field(
        None, description="API token, sent as Bearer to that host only."
    )
    backend: Backend = Field("lmstudio", description="`lmstudio` (any OpenAI-compatible endpoint) or `embedded`.")
    backends: tuple[str, ...] = Field(
        (),
        description="Several backends, `mac=http://mac.local:1234/v1,pc=…`, in place of the base URL; in the file also a "
        "table of URLs by name.",
    )
    backend_keys: Annotated[SecretStr | None, Optional] = Field(
        None, description="Their keys, `mac=KEY,pc=KEY`, each sent to its own backend only; in the file also a table."
    )
    default_model: Annotated[str | None, Optional] = Field(
        None,
        description="Model for calls that name none; `auto`: the loaded one that did best in finished tasks of the kind.",
    )
    fallback_model: Annotated[str | None, Optional] = Field(
        None, description="Model tried when the asked-for one is missing, before the first turn only."
    )
    mcp_json_path: Annotated[Path | None, Optional] = Field(
        None, description="The one mcp.json to read; else the known places."
    )
    state_dir: Path = Field(
        default_factory=platform.state_dir, description="Folder of journals, pins, tokens and caches."
    )
    access: Access = Field("write", description="The most a run may do: `read`, `ask` or `write`.")
    guard: Guard = Field(
        "on",
        description="The gate between strangers' words and writing or sending: `on`, `note` (only warns) or `off`.",
    )
    engine_model: Annotated[str | None, Optional] = Field(
        None,
        description="GGUF file or known name for the embedded engine, or several with commas; the demo model when empty.",
    )
    engine_threads: int | None = Field(
        None,
        ge=1,
        description="CPU threads of the embedded engine; one for a small model, else llama.cpp's choice when empty.",
    )
    engine_context: int | None = Field(
        None,
        ge=256,
        description="Context of the embedded engine, in tokens, shared by all slots; when empty each slot gets 16,384 of its "
        "own, or less where the model or the free memory allows no more.",
    )
    engine_repeatable: bool = Field(
        False,
        description="Whether the embedded engine leaves weights as they are, so that its replies at temperature 0 depend less on "
        "what else is at work; costs speed, most with models in Q4_K.",
    )
    engine_prefix_mb: int = Field(
        1024,
        ge=0,
        description="MiB on disk for what the embedded engine has read of instructions and tools, so that a later start need "
        "not read it again; 0 keeps nothing.",
    )
    http_token: Annotated[SecretStr | None, Optional, AfterValidator(_sendable)] = Field(
        None, description="Bearer token of `serve --http`, required off loopback; on it one is made when empty."
    )
    soft_limit: float | None = Field(
        None, gt=0, description="After so long a call answers `running` and its run goes on; off when empty."
    )
    connect_timeout: float = Field(5.0, gt=0, description="To connect to the backend.")
    first_byte_timeout: float | None = Field(
        None, gt=0, description="To the first byte of a reply; 30 + prompt tokens / 20, at most 600, when empty."
    )
    stall_timeout: float | None = Field(
        None, gt=0, description="Between two pieces of a reply; 60, or 300 where tools were offered, when empty."
    )
    start_timeout: float = Field(30.0, gt=0, description="To start an MCP server.")
    tool_timeout: float = Field(60.0, gt=0, description="For one tool call.")
    run_timeout: float = Field(3600.0, gt=0, description="For one run.")
    idle_timeout: float = Field(300.0, gt=0, description="After which an unused MCP server is closed.")
    max_result_chars: int = Field(16_000, ge=200, description="Characters of one tool result shown to the model.")
    max_message_bytes: int = Field(8 * 2**20, ge=1024, description="Bytes of one message read from a server.")
    slots: int | None = Field(None, ge=1, description="Requests at once; what the backend says when empty.")
    max_attempts: int = Field(3, ge=1, le=10, description="Attempts of one request, the first included.")
    model_cache_seconds: float = Field(60.0, ge=0, description="How long the list of models is believed.")
    model_ttl: int | None = Field(None, ge=1, description="Idle seconds after which a model loaded by us is unloaded.")
    context_length: int | None = Field(None, ge=256, description="Context length of models loaded by us, in tokens.")
    tool_mode: Literal["auto", "native", "action"] = Field(
        "auto", description="How tools are offered: found out once (`auto`), natively, or by forced JSON."
    )
    profile: str = Field(
        "auto",
        min_length=1,
        description="How a model is spoken to: as measured (`auto`), as a profile's file says, or `off`.",
    )
    judge: str = Field(
        "off",
        min_length=1,
        description="A decision model as the outside judge of runs (which tools, is it done?): `off`, `auto` for one that is "
        "loaded, or its name.",
    )
    skill_tokens: int = Field(
        0, ge=0, description="Tokens of its servers' skills that a model is given before it begins; 0: none."
    )
    accept_commands: tuple[str, ...] = Field(
        (), description="Commands that an `accept` check may run; none unless listed."
    )
    journal: bool = Field(True, description="Whether runs are journaled on disk.")
    journal_days: float = Field(30.0, gt=0, description="Age in days after which journals are removed.")
    journal_mib: float = Field(
        500.0, gt=0, description="Total size in MiB above which the oldest journals are removed."
    )
    tool_groups: tuple[ToolGroup, ...] = Field(
        ("agent", "models", "llm", "runs"),
        description="Groups of tools that `serve` offers; `map` is offered only where it is named.",
    )
    otlp_endpoint: Annotated[str | None, Optional] = Field(
        None, description="OTLP endpoint that OpenTelemetry spans are sent to (the `otel` extra); none when empty."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level of log lines.")
    log_format: Literal["console", "json"] = Field("console", description="Form of the log lines on stderr.")
    origins: Mapping[str, str] = Field(default_factory=dict, exclude=True, repr=False)

    @property
    def chooses_model(self) -> bool:
        """Whether the default model is chosen among those that are loaded."""
        return (self.default_model or "").lower() == "auto"

    @property
    def named_model(self) -> str | None:
        """The default model, where one is named."""
        return None if self.chooses_model else self.default_model

    @property
    def url(self) -> str:
        """The base URL of the endpoint, ending in `/v1`; the first one where several are named."""
        if self.backends:
            return self.named_backends[0].url
        return self.base_url or normalise_base_url(f"http://{bracketed(self.host)}:{self.port}/v1")

    @property
    def token(self) -> str | None:
        """The API token in the clear; that of the only backend where one is named."""
        if self.backends:
            only = self.named_backends[0].token if len(self.backends) == 1 else None
            return only or (self.api_token.get_secret_value() if self.api_token and len(self.backends) == 1 else None)
        return self.api_token.get_secret_value() if self.api_token else None

    @property
    def named_backends(self) -> tuple[NamedBackend, ...]:
        """The backends by name, with their keys; empty where only the base URL counts."""
        return named(self.backends, self.backend_keys.get_secret_value() if self.backend_keys else None)


def load(
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
) -> Settings:
    """Reads the settings from all their places.

    Args:
        environment: Variables; the process's own when None.
        flags: Values from the command line by field name; None values are ignored.
        file: The settings file; else `LMBRIDGE_CONFIG`, else `config.toml` in the config folder where it exists.

    Returns:
        The settings, with `origins` filled. A misspelt variable of the process's own is told in the log.

    Raises:
        SettingsError: A value or a key cannot be used; the message names it and its origin.
    """
    variables = os.environ if environment is None else environment
    layers = [_from_file(file, variables), _from_environment(variables), _from_flags(flags or {})]
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for name, (value, origin) in layer.items():
            values[name], origins[name] = _tidied(name, value), origin
    found = _validated(values, origins)
    if environment is None and found.log_level != "error":
        strangers.log(strangers.strangers(variables, environment_names()))
    return found


Layer = dict[str, tuple[Any, str]]
_MEND = "Mend them where they stand, or take them out there for their defaults."


def _from_file(file: Path | None, variables: Mapping[str, str]) -> Layer:
    named = file or (Path(variables["LMBRIDGE_CONFIG"]) if variables.get("LMBRIDGE_CONFIG") else None)
    path = named or platform.config_dir() / "config.toml"
    if not path.exists():
        if named:
            raise SettingsError(
                f"The settings file {path} does not exist.", hint="Mend LMBRIDGE_CONFIG or make the file."
            )
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error}", hint="It must be valid TOML."
        ) from error
    return {name: (value, str(path)) for name, value in table.items()}


def _from_environment(variables: Mapping[str, str]) -> Layer:
    layer: Layer = {}
    for name, info in Settings.model_fields.items():
        variable = environment_name(name)
        text = variables.get(variable, "")
        if name == "origins" or not text.strip():
            continue
        layer[name] = (_words(text) if get_origin(info.annotation) is tuple else text.strip(), variable)
    return layer


def _tidied(name: str, value: object) -> object:
    """Words that are chosen from a few may be written large."""
    info = Settings.model_fields.get(name)
    if isinstance(value, str) and info is not None and get_origin(info.annotation) is Literal:
        word = value.strip().lower()
        return "warning" if (name, word) == ("log_level", "warn") else word
    if name == "tool_groups" and isinstance(value, list):
        return [word.strip().lower() if isinstance(word, str) else word for word in value]
    return value


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _from_flags(flags: Mapping[str, Any]) -> Layer:
    return {name: (value, "command line") for name, value in flags.items() if value is not None}


def _validated(values: Mapping[str, Any], origins: dict[str, str]) -> Settings:
    """The settings of these values; every fault is told, not only the first."""
    variables = environment_names()
    faults = [problems.unknown(name, origins[name], variables) for name in values if name not in variables]
    usable = {name: value for name, value in values.items() if name in variables}
    faults += _told_backends(usable, origins)
    faults += _told_booleans(usable, origins)
    url = usable.get("base_url")
    try:
        if url and isinstance(url, str):
            usable["base_url"] = usable_base_url(url)
    except UnusableUrlError as error:
        why = f"not a usable base URL: {error.why}; an example is {problems.EXAMPLE}"
        faults.append(problems.about("base_url", error.shown, origins["base_url"], why))
        del usable["base_url"]
    try:
        settings = Settings(**usable, origins=origins)
    except ValidationError as error:
        faults += problems.of_validation(error, origins, Settings.model_fields)
    else:
        if not faults:
            return settings
    raise SettingsError("Invalid settings: " + "; ".join(faults) + ".", hint=_MEND)


def _told_backends(usable: dict[str, Any], origins: Mapping[str, str]) -> list[str]:
    """Puts backends and their keys into their one form, takes out what cannot be used, and says why."""
    faults = []
    try:
        if "backends" in usable:
            embedded = str(usable.get("backend", "")).lower() == "embedded"
            usable["backends"] = usable_backends(usable["backends"], embedded=embedded)
    except UnusableBackendsError as error:
        faults.append(f"backends (from {origins['backends']}): {error}")
        del usable["backends"]
    try:
        if usable.get("backend_keys"):
            names = [each.partition("=")[0] for each in usable.get("backends", ())]
            usable["backend_keys"] = usable_keys(usable["backend_keys"], names)
    except UnusableBackendsError as error:
        if not faults:  # without the backends no key has one
            faults.append(f"backend_keys (from {origins['backend_keys']}): {error}")
        del usable["backend_keys"]
    return faults


def _told_booleans(usable: dict[str, Any], origins: Mapping[str, str]) -> list[str]:
    """Takes out `true` and `false` where something else belongs, which pydantic would read as 1 and 0."""
    fields = Settings.model_fields
    wrong = [name for name, value in usable.items() if isinstance(value, bool) and fields[name].annotation is not bool]
    return [
        problems.about(name, usable.pop(name), origins[name], f"must be {problems.wanted(name, fields[name])}")
        for name in wrong
    ]


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as `doctor` and the documents show it; secrets are never in `value`."""

    name: str
    variable: str
    value: str
    origin: str
    description: str = field(default="")


def rows(settings: Settings) -> list[SettingRow]:
    """Every setting with its value and where it came from."""
    table = []
    for name, info in Settings.model_fields.items():
        if name == "origins":
            continue
        value = getattr(settings, name)
        shown = "" if value is None else ("‹set›" if isinstance(value, SecretStr) else str(value))
        origin = settings.origins.get(name, "default")
        table.append(SettingRow(name, environment_name(name), shown, origin, info.description or ""))
    return table
