"""All MCP servers that the user has configured anywhere, merged, and fresh at every call."""

from __future__ import annotations

import difflib
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from lmbridge.errors import McpConfigError, UnknownServerError
from lmbridge.mcp_host.config import self_detection
from lmbridge.mcp_host.config.entry import Grant, GrantAccess, ServerEntry, Transport
from lmbridge.mcp_host.config.programs import (
    LMSTUDIO_POINTER,
    Place,
    System,
    in_home,
    known_places,
    pointed_lmstudio,
    sole_place,
    switch_places,
)
from lmbridge.mcp_host.config.source import ConfigFile, ConfigSource, Signature, signature
from lmbridge.mcp_host.config.trust import TrustStore, Untrusted

if TYPE_CHECKING:  # the settings need pydantic, and `lmbridge mcps` is to be quick
    from lmbridge.settings import Settings

__all__ = [
    "ConfigFile",
    "ConfigSet",
    "Configs",
    "Grant",
    "GrantAccess",
    "ServerEntry",
    "Shadowed",
    "Transport",
]


_OF_PROJECTS = "disabledMcpjsonServers"
"""The key of Claude Code that is about the servers of a project's `.mcp.json` alone."""


@dataclass(frozen=True, slots=True)
class Shadowed:
    """An entry that does not count, because a place that is believed earlier has one of the same name."""

    entry: ServerEntry
    by: Path

    @property
    def name(self) -> str:
        """The name both bear."""
        return self.entry.name


@dataclass(frozen=True, slots=True)
class ConfigSet:
    """The servers as they stand at one moment.

    Attributes:
        servers: By name, in the order of their files; those that cannot be used among them.
        shadowed: Entries that an earlier file's entry of the same name hides.
        files: Every file that is there or has a problem.
    """

    servers: Mapping[str, ServerEntry] = field(default_factory=dict)
    shadowed: tuple[Shadowed, ...] = ()
    files: tuple[ConfigFile, ...] = ()

    @property
    def usable(self) -> tuple[str, ...]:
        """Names of the servers that may be started."""
        return tuple(name for name, entry in self.servers.items() if entry.usable)

    @property
    def problem(self) -> McpConfigError | None:
        """The first broken file's error, where no server at all could be read because of it."""
        errors = (file.as_error() for file in self.files)
        return next((error for error in errors if error), None) if not self.servers else None

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret of every server, by label; labels that two servers use differently bear the server's name."""
        labelled: dict[str, str] = {}
        for entry in self.servers.values():
            for label, value in entry.secrets.items():
                known = labelled.setdefault(label, value)
                if known != value:
                    labelled[f"{entry.name} {label}"] = value
        return labelled

    def waiting(self, name: str | None = None) -> list[Untrusted]:
        """Entries of the opened folder that the user has not let start, those hidden by others included.

        Raises:
            UnknownServerError: No entry has this name.
        """
        entries = [*self.servers.values(), *(each.entry for each in self.shadowed)]
        if name is not None and all(entry.name != name for entry in entries):
            self.get(name)
        return [e.untrusted for e in entries if e.untrusted and not e.disabled and name in (None, e.name)]

    def get(self, name: str) -> ServerEntry:
        """The entry of this name, usable or not.

        Raises:
            McpConfigError: No file could be read, so that nobody knows.
            UnknownServerError: There is none; with the nearest names.
        """
        entry = self.servers.get(name)
        if entry is not None:
            return entry
        if self.problem is not None:
            raise self.problem
        raise self._unknown(name)

    def _unknown(self, name: str) -> UnknownServerError:
        lowered = {known.lower(): known for known in self.servers}
        nearest = [lowered[near] for near in difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)]
        broken = [str(file.path) for file in self.files if file.problem]
        hints = [f"Nearest: {', '.join(nearest)}."] if nearest else [f"Configured: {self._listed()}."]
        if not self.servers:
            hints = ["None is configured at all; `lmbridge mcps` shows where lmbridge looks."]
        if broken:
            hints.append(f"It may stand in a file that cannot be read: {', '.join(broken)}.")
        message = f"No MCP server {name!r} is configured."
        return UnknownServerError(message, nearest=nearest, hint=" ".join(hints))

    def _listed(self) -> str:
        names = list(self.servers)
        return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "") or "none"


class Configs:
    """The configured servers, read from their files and read again whenever one changes.

    Args:
        settings: For `mcp_json_path`: where it is set, that file alone is read.
        cwd: The working folder; the process's own when None.
        home: The home folder; the user's own when None.
        environment: Variables for `${VAR}`; the process's own, as they are now, when None.
        own_urls: Addresses under which this process serves MCP itself.
        system: As in `sys.platform`, for the places of programs.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        cwd: Path | None = None,
        home: Path | None = None,
        environment: Mapping[str, str] | None = None,
        own_urls: Sequence[str] = (),
        system: str = sys.platform,
    ) -> None:
        self._cwd = cwd or Path.cwd()
        self._home = home or Path.home()
        self._environment = dict(os.environ if environment is None else environment)
        self._place_variables = self._environment if environment is not None or home is None else {}
        self._own_urls = tuple(own_urls)
        self._system = cast("System", system if system in {"darwin", "win32"} else "linux")
        self._sole = settings.mcp_json_path
        self.trust = TrustStore(settings.state_dir)
        self._pointer = str(self._home / LMSTUDIO_POINTER)
        self._pointer_seen: Signature | bool = False
        self._sources: tuple[ConfigSource, ...] = ()
        self._switches: tuple[ConfigSource, ...] = ()
        self._set: ConfigSet | None = None
        self._roots: tuple[Path, ...] = ()
        self._looked_at = 0.0

    def current(self, *, within: float = 0.0) -> ConfigSet:
        """The servers as the files say now; the same object as long as nothing changes.

        Costs one `stat` for each place: tens of microseconds.

        Args:
            within: Seconds for which an earlier look is good enough.
        """
        now = time.monotonic()
        if self._set is not None and now - self._looked_at < within:
            return self._set
        self._looked_at = now
        moved = self._place_sources()
        changed = [source.refresh() for source in (*self._sources, *self._switches) if source.changed()]
        if self._set is None or moved or any(changed):
            self._set = self._merged()
        return self._set

    @property
    def places(self) -> tuple[Path, ...]:
        """Every file that is looked for, the earlier believed first."""
        self._place_sources()
        return tuple(source.place.path for source in self._sources)

    def open_roots(self, folders: Sequence[Path]) -> None:
        """Looks into folders that a client has opened as well, from now on: their servers are trusted one by one."""
        if tuple(folders) != self._roots:
            self._roots = tuple(folders)
            self._pointer_seen = False

    def serve_at(self, url: str) -> None:
        """Notes an address under which this process serves, so that entries pointing there are refused."""
        self._own_urls = (*self._own_urls, url)
        self._set = None

    def _place_sources(self) -> bool:
        """Sets up the places; again when LM Studio's pointer changes. True where they are other ones now."""
        if self._sole is not None:
            if self._sources:
                return False
            path = self._cwd / in_home(self._sole, self._home)
            self._sources = (self._source(sole_place(path, cwd=self._cwd), required=True),)
            return True
        seen = signature(self._pointer)
        if seen == self._pointer_seen:
            return False
        self._pointer_seen = seen
        known = {source.place: source for source in self._sources}
        places = known_places(
            system=self._system,
            cwd=self._cwd,
            home=self._home,
            environment=self._place_variables,
            lmstudio_home=pointed_lmstudio(self._home),
            roots=self._roots,
        )
        self._sources = tuple(known.get(place) or self._source(place) for place in places)
        switching = {source.place: source for source in self._switches}
        switches = switch_places(cwd=self._cwd, home=self._home, roots=self._roots)
        self._switches = tuple(switching.get(place) or self._source(place) for place in switches)
        return True

    def _source(self, place: Place, *, required: bool = False) -> ConfigSource:
        return ConfigSource(place, self._environment, self._home, required, self.trust)

    def _merged(self) -> ConfigSet:
        servers: dict[str, ServerEntry] = {}
        shadowed = []
        for entry in sorted(self._judged(), key=lambda entry: entry.untrusted is not None):  # which shadows nothing
            if entry.name in servers:
                shadowed.append(Shadowed(entry, servers[entry.name].origin))
            else:
                servers[entry.name] = entry
        files = tuple(source.file for source in self._sources if source.file.exists or source.file.problem)
        files += tuple(source.file for source in self._switches if source.file.problem)
        return ConfigSet(MappingProxyType(servers), tuple(shadowed), files)

    def _judged(self) -> Iterator[ServerEntry]:
        above = self_detection.depth(self._environment)
        for source in self._sources:
            for entry in source.entries:
                entry = self._switched(entry, source)
                reason = self_detection.refusal(entry, above=above, own_urls=self._own_urls)
                yield replace(entry, problem=reason, own=True) if reason else entry

    def _switched(self, entry: ServerEntry, source: ConfigSource) -> ServerEntry:
        """The entry, off where its own file or its program's settings switch it off by name."""
        of_claude = entry.scope.startswith("Claude Code")
        others = (*self._sources, *self._switches) if of_claude else ()
        for other in (source, *(each for each in others if each.place.program.startswith("Claude Code"))):
            key = other.switched_off.get(entry.name)
            if key is None or (of_claude and key == _OF_PROJECTS and source.place.path.name != ".mcp.json"):
                continue
            remark = f"switched off by `{key}` in {other.place.path}"
            return replace(entry, disabled=True, remarks=(*entry.remarks, remark))
        denied = [rule for other in others for rule in other.denied]
        return replace(entry, limits=entry.limits.denying(denied, "permissions.deny")) if denied else entry
