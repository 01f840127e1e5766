"""A server as mcp.json describes it: where it is, what it may do, and why it cannot be used if it cannot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import orjson

from lmbridge.mcp_host.config.trust import Untrusted

Transport = Literal["stdio", "http", "sse"]
GrantAccess = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What the user allows a server's tools: the `lmbridge` object of its entry.

    Attributes:
        access: The most its tools may do; None leaves it to the run and the settings.
        allow: Globs of tool names; empty allows all.
        deny: Globs of tool names that are never called, whatever `allow` says.
        timeout: Seconds for one call; None leaves it to the settings.
        pin: Whether its tools' definitions are pinned: strictly where True, with edits of the entry told where None, not where False.
        annotations: The user's own words about tools: a glob, a hint of the protocol, and what it is.
        scope: Paths, hosts and addresses that every task may aim this server's tools at.
    """

    access: GrantAccess | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    timeout: float | None = None
    pin: bool | None = None
    annotations: tuple[tuple[str, str, bool], ...] = ()
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """Which of a server's tools the keys of other programs in its entry leave.

    Attributes:
        allow: Lists of names or globs, each of which a tool must be in.
        deny: Names or globs of tools that are switched off.
        keys: The entry's keys that say so.
    """

    allow: tuple[tuple[str, ...], ...] = ()
    deny: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def denying(self, rules: Sequence[str], key: str) -> ToolLimits:
        """The same with Claude Code's rules: `mcp__server__tool`, or `mcp__server` for all of a server's tools."""
        return replace(self, deny=(*self.deny, *rules, *(f"{rule}__*" for rule in rules)), keys=(*self.keys, key))

    def admits(self, server: str, tool: str) -> bool:
        """Whether a tool is left.

        Args:
            server: The server's name.
            tool: Its own name for the tool; limits may also name it `server__tool`, `mcp__server__tool` or `server/tool`.
        """
        spellings = (tool, f"{server}__{tool}", f"mcp__{server}__{tool}", f"{server}/{tool}", f"mcp_{server}_{tool}")
        if any(_named(spellings, self.deny)) or any(_named(_folded(spellings), _folded(self.deny))):
            return False
        return all(any(_named(spellings, names)) for names in self.allow)


def _folded(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names without their case, and with one kind of hyphen: a tool is rather off too often than on although it was switched off."""
    return tuple(name.casefold().replace("-", "_") for name in names)


def _named(spellings: tuple[str, ...], names: tuple[str, ...]) -> Iterator[bool]:
    """Whether each name means the tool; Gemini CLI's may end in arguments in parentheses."""
    for name in names:
        plain = name.partition("(")[0].strip()
        yield any(spelling == plain or fnmatchcase(spelling, plain) for spelling in spellings)


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """One entry of an mcp.json with its variables filled in.

    Attributes:
        name: The key in the file.
        origin: The file it stands in.
        scope: What kind of place that is, in words ("LM Studio", "Claude Code (user)").
        transport: How it is spoken to; None where an entry that cannot be used does not tell.
        command: Program of a stdio server.
        args: Its arguments.
        env: Variables named in the entry, `envFile` included.
        cwd: Working folder of a stdio server.
        url: Address of an HTTP or SSE server.
        headers: Headers sent with every request to it.
        oauth: The client's OAuth registration (`client_id`, `client_secret`, `scopes`), where the entry has one.
        sse_fallback: Whether SSE is tried where the server refuses streamable HTTP.
        disabled: Switched off by the user.
        problem: Why it cannot be used; None where nothing speaks against it.
        own: Whether it is lmbridge itself, which is never offered to a model.
        grant: What its tools may do.
        secrets: Values that must never be shown, by the label that replaces them.
        limits: Which of its tools other programs' keys leave.
        timeout: Seconds for one call by another program's key; None where there is none.
        remarks: What of the entry lmbridge does not heed, or had to guess; the ends of sentences.
        untrusted: The entry as an opened folder's file has it, where the user has not let it start; nothing else of it is
            read then.
        written: A hash of each value in the file that decides how it is started, as it is written there, variables and all.
    """

    name: str
    origin: Path
    scope: str = ""
    transport: Transport | None = "stdio"
    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    oauth: Mapping[str, str] = field(default_factory=dict, repr=False)
    sse_fallback: bool = False
    disabled: bool = False
    problem: str | None = None
    own: bool = False
    grant: Grant = Grant()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: ToolLimits = ToolLimits()
    timeout: float | None = None
    remarks: tuple[str, ...] = ()
    untrusted: Untrusted | None = field(default=None, repr=False)
    written: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def call_timeout(self) -> float | None:
        """Seconds for one call as the entry has them; lmbridge's own key before another program's."""
        return self.grant.timeout or self.timeout

    @property
    def usable(self) -> bool:
        """Whether it may be started: neither disabled nor broken."""
        return not self.disabled and self.problem is None

    @property
    def offered(self) -> bool:
        """Whether a task that names no servers gets it; a broken one is, so that its failure is told."""
        return not self.disabled and not self.own and self.untrusted is None

    @property
    def fingerprint(self) -> str:
        """Changes when anything changes that a running server would have to be restarted or judged anew for."""
        return hashlib.sha256(orjson.dumps([*self._launch(), *self._rights()], option=orjson.OPT_SORT_KEYS)).hexdigest()

    def _launch(self) -> list[object]:
        local = [self.command, list(self.args), dict(self.env), self.cwd]
        return [self.name, self.transport, *local, self.url, dict(self.headers), dict(self.oauth), self.sse_fallback]

    def _rights(self) -> list[object]:
        grant = self.grant
        return [
            grant.access,
            list(grant.allow),
            list(grant.deny),
            grant.timeout,
            grant.pin,
            [list(each) for each in grant.annotations],
            list(grant.scope),
            self.disabled,
            self.problem,
            [list(names) for names in self.limits.allow],
            list(self.limits.deny),
            self.timeout,
        ]
