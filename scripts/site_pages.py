"""What mkdocs needs to know beside mkdocs.yml: pages that lie outside docs/, and where their links lead in the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
OUTSIDE = {"index.md": "README.md", "CONTRIBUTING.md": "CONTRIBUTING.md", "CHANGELOG.md": "CHANGELOG.md"}
SOURCE = "https://github.com/lmbridge/lmbridge/blob/main/"


def on_config(config: Any) -> Any:
    """The decisions, and pages that mkdocs.yml does not name, are listed by themselves."""
    docs = ROOT / "docs"
    decisions = sorted(path.relative_to(docs).as_posix() for path in (docs / "decisions").glob("0*.md"))
    named = set(re.findall(r"[\w/]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    built = next(section["How it is built"] for section in config["nav"] if "How it is built" in section)
    for entry in built:
        if "Decisions" in entry:
            entry["Decisions"] = ["decisions/README.md", *decisions]
    built += sorted(path.name for path in docs.glob("*.md") if path.name not in named)
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages of the repository's root."""
    for name, source in OUTSIDE.items():
        files.append(File.generated(config, name, content=_moved((ROOT / source).read_text(encoding="utf-8"))))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Links out of docs/ lead to the page of that name here, or to the source."""
    up = "../" * (page.file.src_uri.count("/") + 1)
    for name, source in OUTSIDE.items():
        markdown = markdown.replace(f"]({up}{source}", f"]({up[3:]}{name}")
    return re.sub(rf"\]\({re.escape(up)}(?!\.\.)([^)#]+)", rf"]({SOURCE}\1", markdown)


def _moved(text: str) -> str:
    """A root page's text as it reads from within docs/."""
    text = text.replace("](docs/", "](")
    return re.sub(r"\]\((examples/|training/|benchmarks/|scripts/|LICENSE)", rf"]({SOURCE}\1", text)
