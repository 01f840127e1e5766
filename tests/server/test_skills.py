"""The one skill that is served: listed with its digests, read as a resource, true to what the tools take."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields

import mcp_types as types
import pytest
import yaml
from mcp.client.extension import advertise

from lmbridge.agent.task.assignment import Assignment
from lmbridge.server.tools.agent import Bounds
from lmbridge.server.tools.registry import ALL
from lmbridge.testing import FakeLMStudio
from server.conftest import ERAS, Bench, Mode
from server.test_tasks import asked, refused

SKILLS = "io.modelcontextprotocol/skills"
URI = "skill://lmbridge/delegate-well/SKILL.md"


async def test_the_skill_is_listed_with_what_its_file_says_of_itself(bench: Bench):
    async with bench.local("2026-07-28") as client:
        assert SKILLS in (await asked(client.session, "server/discover"))["capabilities"]["extensions"]
        listed = await asked(client.session, "skills/list")
        got = await asked(client.session, "skills/get", uri=URI)
        (content,) = (await client.read_resource(URI)).contents
    (entry,) = listed["skills"]
    assert got["skill"] == entry
    assert (listed["ttlMs"] > 0, listed["cacheScope"]) == (True, "public")
    assert isinstance(content, types.TextResourceContents)
    raw = content.text.encode()
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    assert entry == {
        "uri": URI,
        "frontmatter": yaml.safe_load(content.text.split("---\n")[1]),
        "resources": [{"uri": URI, "digest": digest, "size": len(raw)}],
    }
    assert URI.split("/")[-2] == entry["frontmatter"]["name"]
    assert len(entry["frontmatter"]["description"]) <= 1024
    assert content.mime_type == "text/markdown"


@pytest.mark.parametrize(
    "uri", ["", "skill://lmbridge/delegate-well", "skill://lmbridge/../SKILL.md", "file:///etc/passwd"]
)
async def test_other_addresses_are_no_skill(uri: str, bench: Bench):
    async with bench.local("2026-07-28") as client:
        assert (await refused(asked(client.session, "skills/get", uri=uri))).code == types.INVALID_PARAMS
        assert (await refused(asked(client.session, "skills/list", cursor="2"))).code == types.INVALID_PARAMS
        assert (await refused(client.read_resource(uri or "skill://"))).code == types.INVALID_PARAMS


@pytest.mark.parametrize("mode", ERAS)
async def test_only_who_declares_skills_finds_it_among_the_resources(mode: Mode, bench: Bench):
    async with bench.local(mode) as client:
        assert URI not in [str(each.uri) for each in (await client.list_resources()).resources]
        assert (await client.read_resource(URI)).contents
    async with bench.local(mode, extensions=[advertise(SKILLS)]) as client:
        (found,) = [each for each in (await client.list_resources()).resources if str(each.uri) == URI]
    assert found.name == "delegate-well"


async def test_the_handshake_era_knows_no_such_methods(bench: Bench, fake: FakeLMStudio):
    async with bench.local("legacy") as client:
        for method in ("skills/list", "skills/get"):
            assert (await refused(asked(client.session, method, uri=URI))).code == types.METHOD_NOT_FOUND


async def test_what_the_skill_names_is_there(bench: Bench):
    async with bench.local("2026-07-28") as client:
        (content,) = (await client.read_resource(URI)).contents
    assert isinstance(content, types.TextResourceContents)
    tools = {tool.name: tool.schema for tool in ALL}
    parameters = {name for schema in tools.values() for name in schema["properties"]} | {
        field.name for field in fields(Bounds)
    }
    said = set(re.findall(r"`(\w+)(?:\(|:|`)", content.text))
    told = {"done", "partial", "failed", "status", "writes", "warnings", "stop_reason", "output", "needs_grant"}
    assert said - set(tools) - parameters - told == set()
    for check in re.findall(r"`(\[\{.*?\}\])`", content.text):
        assert Assignment("Do it.", accept=tuple(json.loads(check))).accept, check
    assert len(content.text) < 5000
