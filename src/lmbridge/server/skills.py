"""The Skills extension (`io.modelcontextprotocol/skills`, SEP-2640): how to delegate well, told to hosts that load skills.

A skill is a folder of this package with a `SKILL.md`. Its files are resources; `skills/list` and `skills/get` give its
frontmatter and the digests of its files, to which a host binds what its user approves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

Context = ServerRequestContext[Any, Any]

SKILLS = "io.modelcontextprotocol/skills"
SCHEME = "skill://"
_NAMES = ("delegate-well",)
_CACHED = {"ttlMs": 3_600_000, "cacheScope": "public"}


class GetSkillParams(types.RequestParams):
    """The parameters of `skills/get`."""

    uri: str


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill of a single file.

    Attributes:
        uri: The address of its `SKILL.md`.
        text: That file.
    """

    uri: str
    text: str

    @property
    def frontmatter(self) -> dict[str, str]:
        """What stands at the head of the file: lines of a name and a text, which is all that these have."""
        head = self.text.split("---\n", 2)[1]
        return dict(line.split(": ", 1) for line in head.splitlines())

    def entry(self) -> dict[str, Any]:
        """The skill as `skills/list` and `skills/get` show it."""
        raw = self.text.encode()
        digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        file = {"uri": self.uri, "digest": digest, "size": len(raw)}
        return {"uri": self.uri, "frontmatter": self.frontmatter, "resources": [file]}

    def resource(self) -> types.Resource:
        """The skill's file as `resources/list` shows it."""
        told = self.frontmatter
        return types.Resource(
            uri=self.uri, name=told["name"], description=told["description"], mime_type="text/markdown"
        )


@cache
def skills() -> tuple[Skill, ...]:
    """The skills of this package."""
    folder = resources.files("lmbridge.server") / "skill"
    return tuple(
        Skill(f"{SCHEME}lmbridge/{name}/SKILL.md", (folder / name / "SKILL.md").read_bytes().decode())
        for name in _NAMES
    )


def skill(uri: str) -> Skill:
    """The skill of this address.

    Raises:
        MCPError: There is none.
    """
    for each in skills():
        if each.uri == uri:
            return each
    raise MCPError(types.INVALID_PARAMS, f"Resource not found: no skill is at {uri[:300]}", {"uri": uri[:300]})


def serve_skills(server: Server[Any]) -> None:
    """Puts the methods of the extension on a server."""
    server.add_request_handler("skills/list", types.PaginatedRequestParams, _listed)
    server.add_request_handler("skills/get", GetSkillParams, _got)
    server.extensions[SKILLS] = {}


async def _listed(ctx: Context, params: types.PaginatedRequestParams) -> dict[str, Any]:
    _in_its_era(ctx)
    if params.cursor is not None:
        raise MCPError(types.INVALID_PARAMS, "skills/list has one page; no cursor leads on")
    return {"skills": [each.entry() for each in skills()], **_CACHED}


async def _got(ctx: Context, params: GetSkillParams) -> dict[str, Any]:
    _in_its_era(ctx)
    return {"skill": skill(params.uri).entry(), **_CACHED}


def _in_its_era(ctx: Context) -> None:
    """The extension is one of the stateless era; before it, nobody is told of its methods."""
    if ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        raise MCPError(types.METHOD_NOT_FOUND, "Method not found", ctx.method)
