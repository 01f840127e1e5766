"""Skills of a server (extension `io.modelcontextprotocol/skills`): listed, read, and held against what their entries say.

A skill is its server's text, untrusted like every result; nothing in it grants anything (`allowed-tools` is not heeded). One
whose file is not what its entry says, whose content has no digest, or whose address is not its name's is not used.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import structlog

from lmbridge.mcp_host.tools.listing import Raw
from lmbridge.text import cleaned, disarmed

log = structlog.get_logger(__name__)

SKILLS = "io.modelcontextprotocol/skills"
PATIENCE = 5.0
"""Seconds for a list or a file; a run does not wait longer for help that it can do without."""
LARGEST = 2**18
"""Bytes of a `SKILL.md` that is looked at."""
MOST = 100
"""Skills of a server that are looked at, and pages of its list."""
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEAD = re.compile(r"---\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)


class Asks(Protocol):
    """A running server that can be asked anything."""

    @property
    def extensions(self) -> Mapping[str, Any]:
        """What it declares, by name."""
        ...

    async def ask(self, method: str, params: Mapping[str, Any], *, timeout: float, name: str | None = None) -> Raw:
        """The raw result of a request."""
        ...


@dataclass(frozen=True, slots=True)
class SkillEntry:
    """A skill as its server lists it.

    Attributes:
        server: The name under which the server is configured.
        uri: The address of its `SKILL.md`.
        frontmatter: What its file begins with, as the server says.
        digest: SHA-256 of the file, as `sha256:HEX`.
        size: Bytes of the file.
    """

    server: str
    uri: str
    frontmatter: Mapping[str, Any]
    digest: str
    size: int

    @property
    def name(self) -> str:
        """Its name: small letters, digits and hyphens, nothing else."""
        return str(self.frontmatter["name"])

    @property
    def description(self) -> str:
        """What it is for, in the server's words."""
        return str(self.frontmatter.get("description", ""))


async def listed(server: str, asks: Asks) -> list[SkillEntry]:
    """The skills of a server that can be used; none where it has none or cannot say.

    Args:
        server: The name under which it is configured.
        asks: The server.
    """
    if SKILLS not in asks.extensions:
        return []
    entries: list[SkillEntry] = []
    cursor: str | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in range(MOST):
                page = await asks.ask("skills/list", {"cursor": cursor} if cursor else {}, timeout=PATIENCE)
                found = page.get("skills")
                entries += [entry for each in found or () if (entry := entry_of(server, each))]
                cursor = page.get("nextCursor")
                if not isinstance(cursor, str) or not cursor or len(entries) >= MOST:
                    break
    except Exception as error:  # whatever a server makes of it, the run can do without its skills
        log.info("skills_not_listed", server=server, why=f"{type(error).__name__}: {error}"[:300])
    return entries[:MOST]


def entry_of(server: str, raw: Any) -> SkillEntry | None:
    """A listed skill; None for one that cannot be used: without a digest for its file, or with another name than its address."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("frontmatter"), Mapping):
        return None
    uri, front, files = raw.get("uri"), raw["frontmatter"], raw.get("resources")
    if not isinstance(uri, str) or not isinstance(files, Sequence) or not isinstance(front.get("name"), str):
        return None
    own = [file for file in files if isinstance(file, Mapping) and file.get("uri") == uri]
    name = front["name"]
    if len(own) != 1 or len(name) > 64 or not _NAME.fullmatch(name) or not uri.endswith(f"/{name}/SKILL.md"):
        return None
    digest, size = own[0].get("digest"), own[0].get("size")
    if not isinstance(digest, str) or not isinstance(size, int) or not 0 < size <= LARGEST:
        return None
    return SkillEntry(server, uri, dict(front), digest, size)


async def read(entry: SkillEntry, asks: Asks) -> str | None:
    """What a skill says behind its frontmatter, for a model: without hidden signs and chat tokens.

    None where it cannot be had, or is not what its entry says.
    """
    try:
        raw = await asks.ask("resources/read", {"uri": entry.uri}, timeout=PATIENCE, name=entry.uri)
        contents = raw.get("contents")
        texts = [
            each.get("text") for each in contents or () if isinstance(each, Mapping) and each.get("uri") == entry.uri
        ]
        body = verified(entry, texts[0]) if len(texts) == 1 and isinstance(texts[0], str) else None
    except Exception as error:  # as above
        log.info("skill_not_read", server=entry.server, uri=entry.uri, why=f"{type(error).__name__}: {error}"[:300])
        return None
    return None if body is None else disarmed(cleaned(body)).strip()


def verified(entry: SkillEntry, text: str) -> str | None:
    """What a `SKILL.md` says behind its frontmatter; None where size, digest or frontmatter are not those of its entry."""
    raw = text.encode("utf-8", "surrogatepass")
    head = _HEAD.match(text)
    if len(raw) != entry.size or f"sha256:{hashlib.sha256(raw).hexdigest()}" != entry.digest or head is None:
        return None
    import yaml  # not for runs without skills

    try:
        front = orjson.loads(orjson.dumps(yaml.safe_load(head[1])))  # dates as JSON has them
    except (yaml.YAMLError, orjson.JSONEncodeError, RecursionError):
        return None
    return text[head.end() :] if front == entry.frontmatter else None
