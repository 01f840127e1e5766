"""What the registry, the container and the README say of lmbridge is what lmbridge is."""

import json
import re
from pathlib import Path

from lmbridge._version import __version__
from lmbridge.cli.installing.clients import deep_links
from lmbridge.settings import Settings, environment_name

ROOT = Path(__file__).parents[2]
VARIABLES = {environment_name(name) for name in Settings.model_fields} | {"LMBRIDGE_CONFIG"}


def test_the_registry_entry_fits_the_package():
    entry = json.loads((ROOT / "server.json").read_text())
    (package,) = entry["packages"]
    assert entry["$schema"].endswith("/server.schema.json")
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", entry["name"])
    assert 0 < len(entry["description"]) <= 100
    assert entry["version"] == package["version"] == __version__
    assert (package["registryType"], package["identifier"]) == ("pypi", "lmbridge")
    assert package["transport"] == {"type": "stdio"}
    assert [argument["value"] for argument in package["packageArguments"]] == ["serve"]
    assert {variable["name"] for variable in package["environmentVariables"]} <= VARIABLES
    assert f"<!-- mcp-name: {entry['name']} -->" in (ROOT / "README.md").read_text(), "PyPI's proof of ownership"


def test_secrets_are_marked_as_such():
    entry = json.loads((ROOT / "server.json").read_text())
    secret = {each["name"] for each in entry["packages"][0]["environmentVariables"] if each.get("isSecret")}
    assert secret == {"LM_API_TOKEN"}


def test_the_container_sets_variables_that_exist():
    text = (ROOT / "Dockerfile").read_text()
    named = set(re.findall(r"\b(?:LMBRIDGE|LMSTUDIO|MCP_JSON)_[A-Z_]+\b", text))
    assert named
    assert named <= VARIABLES
    assert '"serve", "--http"' in text


def test_links_in_the_documents_are_the_ones_that_install_lmbridge():
    texts = [(ROOT / name).read_text() for name in ("README.md", "docs/QUICKSTART.md")]
    found = {
        link for text in texts for link in re.findall(r"(?:cursor|vscode|lmstudio):[^\s)\"'`]+\?[^\s)\"'`]+", text)
    }
    assert found == set(deep_links().values())
