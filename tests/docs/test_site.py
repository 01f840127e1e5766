"""The documents build to a site, and no link or anchor in it leads nowhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the docs extra is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert "Hand a task to a local model" in (tmp_path / "index.html").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert (tmp_path / f"{page.stem}.html").exists()


def test_the_picture_of_a_run_is_whole_and_fetches_nothing() -> None:
    picture = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    texts = [element.text or "" for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert any("lmbridge" in text for text in texts)
    assert "@font-face" not in picture
    assert "url(http" not in picture


def test_the_picture_of_the_whole_is_small_told_in_words_and_made_for_light_and_dark() -> None:
    file = ROOT / "docs" / "picture.svg"
    text = file.read_text(encoding="utf-8")
    picture = ElementTree.fromstring(text)
    assert file.stat().st_size < 6_000
    told = [element.text or "" for element in picture if element.tag.endswith(("title", "desc"))]
    assert [len(text) > 30 for text in told] == [True, True]
    assert "prefers-color-scheme: dark" in text
    assert "url(http" not in text
    for page in (ROOT / "README.md", ROOT / "docs" / "ARCHITECTURE.md"):
        (alt,) = re.findall(r"!\[([^]]+)\]\((?:docs/)?picture\.svg\)", page.read_text(encoding="utf-8"))
        assert len(alt) > 100, "who cannot see it is told what it shows"


def test_every_decision_is_listed_with_its_title() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    titles = {page: page.read_text(encoding="utf-8").splitlines()[0].partition(": ")[2] for page in pages}
    assert [page.name for page, title in titles.items() if f"]({page.name}) | {title} |" not in listed] == []
