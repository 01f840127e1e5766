"""The document around every view, and pieces that several views share."""

from __future__ import annotations

from typing import Any

from lmbridge._version import __version__
from lmbridge.server.page.html import Markup, joined, tag

HTMX = '{"includeIndicatorCSS":false,"history":false,"morphIgnore":["data-htmx-powered","open"]}'
"""No styles of its own, and what a reader has unfolded stays so when news come in."""
NAVIGATION = (("/", "Now"), ("/runs", "History"))


def document(title: str, here: str, *body: Any, live: str | None = None) -> Markup:
    """A whole page.

    Args:
        title: Of the window.
        here: The path of the navigation's entry that is shown as the current one.
        body: The content.
        live: The address of the stream of news that the content is kept up to date by.
    """
    stream = {"hx_sse__connect": live, "hx_swap": "innerMorph"} if live else {}
    main = tag("main", *body, id="content", tabindex="-1", **stream)
    skip = tag("a", "To the content", href="#content", class_="skip")
    lost = tag(
        "p", "The connection is lost: what stands here is no longer up to date.", id="lost", role="alert", hidden=True
    )
    html = tag(
        "html",
        tag("head", *_head(title, refresh=live is not None)),
        tag("body", skip, _header(here), lost, main, _footer()),
        lang="en",
    )
    return joined(Markup("<!doctype html>"), html)


def _head(title: str, *, refresh: bool) -> list[Markup]:
    version = f"?v={__version__}"
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="htmx-config", content=HTMX),
        tag("title", f"{title} · lmbridge"),
        tag("link", rel="icon", href=f"/page/icon.svg{version}"),
        tag("link", rel="stylesheet", href=f"/page/page.css{version}"),
    ]
    if refresh:
        scripts = [tag("script", src=f"/page/{name}{version}", defer=True) for name in ("htmx.js", "page.js")]
        head += [*scripts, tag("noscript", tag("meta", http_equiv="refresh", content="5"))]
    return head


def _header(here: str) -> Markup:
    links = [tag("a", label, href=path, aria_current="page" if path == here else None) for path, label in NAVIGATION]
    return tag("header", tag("a", "lmbridge", href="/", class_="brand"), tag("nav", *links, aria_label="Views"))


def _footer() -> Markup:
    return tag("footer", f"lmbridge {__version__} · looks only; nothing is sent anywhere")


def badge(status: str, words: str | None = None) -> Markup:
    """How something stands, in a word and a colour."""
    known = status if status in _STATUSES else "other"
    return tag("span", words or status, class_=f"badge {known}")


_STATUSES = frozenset(
    {"done", "partial", "failed", "cancelled", "running", "interrupted", "ok", "error", "rejected", "unknown"}
)


def section(title: str, *body: Any, name: str) -> Markup:
    """A part of a page with its heading."""
    return tag("section", tag("h2", title, id=f"{name}-title"), *body, id=name, aria_labelledby=f"{name}-title")


def facts(*pairs: tuple[str, Any]) -> Markup:
    """Names and values; those without a value are left out."""
    shown = [(name, value) for name, value in pairs if value not in (None, "", False)]
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in shown), class_="facts")


def table(caption: str, head: tuple[str, ...], rows: list[tuple[Any, ...]], *, keys: list[str] | None = None) -> Markup:
    """A table; on narrow screens each row becomes a block, whose cells say what they are.

    Args:
        caption: What it is about; read out, and shown.
        head: The columns.
        rows: The cells.
        keys: An id for each row, so that it stays the same row when news come in.
    """
    heads = tag("tr", *(tag("th", name, scope="col") for name in head))
    body = [
        tag(
            "tr",
            *(tag("td", cell, data_label=name) for name, cell in zip(head, row, strict=True)),
            id=keys[number] if keys else None,
        )
        for number, row in enumerate(rows)
    ]
    return tag("table", tag("caption", caption), tag("thead", heads), tag("tbody", *body))


def run_link(run_id: str, text: str | None = None) -> Markup:
    """The way to one run; ids are letters, digits and hyphens."""
    return tag("a", text or run_id, href=f"/runs/{run_id}", class_=None if text else "id")
