"""Documents are held against the program: nothing exists that they do not tell, and no link leads nowhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lmbridge.cli.doctor.finding import FINDINGS
from lmbridge.errors import LmbridgeError
from lmbridge.report import PARTIAL_STOPS
from lmbridge.settings import rows

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md"), *ROOT.glob("training/*.md")]
)
TROUBLES = (ROOT / "docs" / "TROUBLESHOOTING.md").read_text(encoding="utf-8")


def every_code() -> set[str]:
    codes, queue = set(), [LmbridgeError]
    while queue:
        cls = queue.pop()
        codes.add(cls.code)
        queue += cls.__subclasses__()
    return codes


def test_the_reference_is_what_the_program_says_now():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "reference.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", sorted(every_code()))
def test_every_error_code_has_its_entry(code: str):
    assert f"### `{code}`" in TROUBLES


@pytest.mark.parametrize("code", sorted(FINDINGS))
def test_every_finding_of_doctor_has_its_entry(code: str):
    assert f"### `{code}`" in TROUBLES


@pytest.mark.parametrize("reason", sorted(PARTIAL_STOPS))
def test_every_stop_reason_that_is_no_error_is_explained(reason: str):
    assert f"`{reason}`" in TROUBLES


def test_every_setting_is_in_the_reference():
    reference = (ROOT / "docs" / "API_REFERENCE.md").read_text(encoding="utf-8")
    assert [row.variable for row in rows_of_defaults() if f"`{row.variable}`" not in reference] == []


def rows_of_defaults():
    from lmbridge.settings import Settings

    return rows(Settings())


def anchor(heading: str) -> str:
    """A heading's anchor, by GitHub's rule."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_leads_somewhere(page: Path):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            broken.append(target)
        elif fragment and file.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
            if fragment not in {anchor(heading) for heading in headings}:
                broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_path_of_some_machine(page: Path):
    assert not re.search(
        r"/(?:root|work|home/[a-z]+)/(?!project)", page.read_text(encoding="utf-8").replace("/home/ana", "")
    )
