"""The runs inside of an MCP client that shows apps: one self-contained page, and fragments that come with tool results.

The extension `io.modelcontextprotocol/ui` of 2026-01-26 (SEP-1865). A client that declares it is told of the page with the tools
whose results it shows, and gets the same fragments as the page has in the results' `_meta`, which no model reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

import mcp_types as types

from lmbridge._version import __version__
from lmbridge.errors import LmbridgeError
from lmbridge.server.page.html import Markup, joined, tag
from lmbridge.server.tools.find_run import summaries
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.server.page.views import Views

EXTENSION = "io.modelcontextprotocol/ui"
URI = "ui://lmbridge/runs"
MIME = "text/html;profile=mcp-app"
HTML = "lmbridge/html"
"""The key of a fragment in a result's `_meta`."""
SHOWN = frozenset(
    {
        "autonomous_with_mcp",
        "autonomous_with_multiple_mcps",
        "autonomous_discover_and_execute",
        "list_runs",
        "get_run",
        "cancel_run",
    }
)
"""The tools whose results the app shows."""
ROUNDS = 10
"""Rounds of a run in a fragment; the page has all."""
META: Mapping[str, Any] = {"ui": {"resourceUri": URI}}
RESOURCE = types.Resource(
    uri=URI, name="runs", title="Runs of local models", description="A run as it goes on.", mime_type=MIME
)


def shows_apps(capabilities: types.ClientCapabilities | None) -> bool:
    """Whether a client shows apps of the kind that this one is."""
    declared = ((capabilities.extensions if capabilities else None) or {}).get(EXTENSION)
    kinds = declared.get("mimeTypes") if isinstance(declared, Mapping) else None
    return isinstance(kinds, list) and MIME in kinds


def with_app(tool: types.Tool) -> types.Tool:
    """A tool as such a client is shown it."""
    return tool.model_copy(update={"meta": dict(META)}) if tool.name in SHOWN else tool


def document() -> str:
    """The app: its style and script stand in it, since it may load nothing."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", "Runs of local models"),
        tag("style", _file("page.css")),
    )
    body = tag(
        "body",
        tag(
            "p",
            "The host does not answer: what stands here is no longer up to date.",
            id="lost",
            role="alert",
            hidden=True,
        ),
        tag("main", tag("p", "Waiting for the run …"), id="content"),
        tag("script", _file("app.js")),
        data_version=__version__,
    )
    return joined(Markup("<!doctype html>"), tag("html", head, body, lang="en"))


def _file(name: str) -> Markup:
    """A file of this package, whose text cannot end the element that it stands in."""
    text = (resources.files("lmbridge.server.page") / "static" / name).read_text(encoding="utf-8")
    return Markup(text.replace("</", "<\\/"))


class RunsApp:
    """The fragments for one server's clients; made when the first of them shows apps.

    Args:
        settings: The settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _views(self) -> Views:
        from lmbridge.server.page.views import Views  # not for clients that show no apps

        return Views(self._settings)

    def fragment(self, tool: str, told: Mapping[str, Any]) -> str | None:
        """The fragment that goes with a tool's result; None where there is nothing to show.

        Args:
            tool: The tool.
            told: Its structured result.
        """
        if tool not in SHOWN:
            return None
        try:
            if tool == "list_runs":
                from lmbridge.server.page.history import listed

                ids = [str(each["run_id"]) for each in told.get("runs", ())]
                return listed(summaries(self._views.records, ids))
            run_id = told.get("run_id")
            return self._views.run(run_id, "app", most=ROUNDS) if isinstance(run_id, str) else None
        except LmbridgeError:
            return None  # the result itself says what is the matter
