"""The runs as an MCP App: offered to clients that show apps and to nobody else, in both eras; and shown in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest

from lmbridge.server.page.mcp_app import EXTENSION, HTML, MIME, SHOWN, URI, RunsApp, document, shows_apps
from lmbridge.testing import FakeLMStudio, call, say
from server.conftest import Bench, Wire, bench, fake
from server.test_stdio import ENVELOPE
from support import chromium
from support.pages_of_runs import HOSTILE, Shelf, hostile, run_id

__all__ = ["bench", "fake"]
APPS = {"extensions": {EXTENSION: {"mimeTypes": [MIME]}}}
PLAIN: list[dict[str, Any]] = [
    {},
    {"extensions": {}},
    {"extensions": {EXTENSION: {}}},
    {"extensions": {EXTENSION: {"mimeTypes": ["text/html"]}}},
    {"extensions": {"other/ui": {"mimeTypes": [MIME]}}},
]
ERAS = ("handshake", "envelope")


class Speaker:
    """A client of one era that declares capabilities."""

    def __init__(self, wire: Wire, era: str, capabilities: dict[str, Any]) -> None:
        self.wire, self.era, self.capabilities = wire, era, capabilities
        self.count = 0

    async def begin(self) -> None:
        if self.era == "handshake":
            await self.wire.initialize(**self.capabilities)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.count += 1
        if self.era == "envelope":
            params["_meta"] = ENVELOPE | {"io.modelcontextprotocol/clientCapabilities": self.capabilities}
        await self.wire.send({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params})
        answer = await self.wire.answer(self.count)
        assert "result" in answer, answer
        return answer["result"]

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await self.ask("tools/call", name=tool, arguments=arguments)


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_shows_apps_is_offered_one_and_gets_its_fragments(
    era: str, bench: Bench, fake: FakeLMStudio
):
    fake.script(call("read_text_file", path=str(bench.files / "a.txt")), say("<b>alpha</b>"))
    async with bench.wire() as wire:
        client = Speaker(wire, era, APPS)
        await client.begin()
        tools = (await client.ask("tools/list"))["tools"]
        assert {tool["name"] for tool in tools if "_meta" in tool} == SHOWN
        assert all(tool["_meta"]["ui"]["resourceUri"] == URI for tool in tools if "_meta" in tool)
        listed = (await client.ask("resources/list"))["resources"]
        assert [each["mimeType"] for each in listed if each["uri"] == URI] == [MIME]
        (read,) = (await client.ask("resources/read", uri=URI))["contents"]
        assert (read["uri"], read["mimeType"], read["text"]) == (URI, MIME, document())
        done = await client.call("autonomous_with_mcp", mcp_name="files", task="Look at a.txt.")
        run = done["structuredContent"]["run_id"]
        for result in (done, await client.call("get_run", run_id=run), await client.call("cancel_run", run_id=run)):
            html = result["_meta"][HTML]
            assert "&lt;b&gt;alpha&lt;/b&gt;" in html
            assert "<b>" not in html
            assert "files__read_text_file" in html
            assert HTML not in json.dumps(result["structuredContent"])
        runs = await client.call("list_runs")
        assert run in runs["_meta"][HTML]
        assert HTML not in json.dumps(await client.call("list_available_mcps"))


@pytest.mark.parametrize("era", ERAS)
async def test_nobody_else_sees_anything_of_it(era: str, bench: Bench, fake: FakeLMStudio):
    fake.script(say("Nothing."))
    async with bench.wire() as wire:
        client = Speaker(wire, era, PLAIN[3])
        await client.begin()
        assert "_meta" not in json.dumps((await client.ask("tools/list"))["tools"])
        assert URI not in json.dumps(await client.ask("resources/list"))
        assert HTML not in json.dumps(await client.call("autonomous_discover_and_execute", task="Think."))
        assert HTML not in json.dumps(await client.call("list_runs"))


def test_an_app_is_shown_where_its_kind_is_declared_and_nowhere_else():
    assert shows_apps(types.ClientCapabilities.model_validate(APPS))
    assert not shows_apps(None)
    for capabilities in PLAIN:
        assert not shows_apps(types.ClientCapabilities.model_validate(capabilities)), capabilities


def test_the_app_loads_nothing():
    html = document()
    assert " src=" not in html
    assert " href=" not in html
    assert "http://" not in html
    assert "https://" not in html
    assert len(html.encode()) < 20_000


HOST = """<!doctype html><title>host</title><iframe id="app" sandbox="allow-scripts" width="400" height="500"></iframe><script>
const told = %s, frame = document.getElementById("app"), heard = window.heard = [];
addEventListener("message", ({ data }) => {
  heard.push(data);
  const answer = (result) => frame.contentWindow.postMessage({ jsonrpc: "2.0", id: data.id, result }, "*");
  if (data.method === "ui/initialize") answer({ protocolVersion: "2026-01-26", hostInfo: {}, hostCapabilities: {}, hostContext: { theme: "dark" } });
  if (data.method === "ui/notifications/initialized")
    frame.contentWindow.postMessage({ jsonrpc: "2.0", method: "ui/notifications/tool-result", params: told.running }, "*");
  if (data.method === "tools/call" && data.params.name === "get_run") answer(told[data.params.arguments.run_id === told.id ? "done" : "other"]);
});
frame.srcdoc = told.app;
</script>"""
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"


@chromium.NEEDED
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_host_shows_a_run_until_it_has_ended(shelf: Shelf, tmp_path: Path):
    """A host with the extension's strictest policy; what the app shows is told by itself, since no script reaches into it."""
    key = shelf.write(hostile(run_id(3)))
    fragment = RunsApp(shelf.settings).fragment("get_run", {"run_id": key})
    assert fragment is not None
    assert HOSTILE not in fragment
    telling = "<script>setInterval(() => parent.postMessage({ seen: document.body.innerText, images: document.images.length }, '*'), 50)</script>"
    told = {
        "app": f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">{document()}{telling}',
        "id": key,
        "running": {
            "content": [],
            "structuredContent": {"run_id": key, "status": "running"},
            "_meta": {HTML: "<p>at work</p>"},
        },
        "done": {"content": [], "structuredContent": {"run_id": key, "status": "failed"}, "_meta": {HTML: fragment}},
    }
    host = tmp_path / "host.html"
    host.write_text(HOST % json.dumps(told).replace("</", "<\\/"), encoding="utf-8")
    async with chromium.browser(tmp_path / "browser") as tab:
        await tab.go(host.as_uri())
        await tab.until("heard.some((each) => each.seen?.includes('at work'))")
        await tab.until("heard.some((each) => each.seen?.includes('llm_failed'))")
        assert await tab.value("heard.at(-1).images ?? 0") == 0
        assert await tab.value("heard.filter((each) => each.method === 'ui/notifications/size-changed').length > 0")
        assert await tab.value("heard.filter((each) => each.method === 'tools/call').length") == 1, "it asks no more"
        assert not [each for each in tab.complaints if "owned" in each or "Refused" in each], tab.complaints
