"""How the pages' examples are found. The convention is told in CONTRIBUTING.md, under *Documents*."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
APART = {"API_REFERENCE.md": "generated", "TESTING.md": "run by tests/testing/test_testing_page.py"}
PAGES = [ROOT / "README.md", *(page for page in sorted(ROOT.glob("docs/**/*.md")) if page.name not in APART)]

REASONS = {
    "installs software",
    "runs until stopped",
    "takes minutes",
    "downloads a model",
    "needs LM Studio itself",
    "needs a program that is not here",
}
"""Why an example may be left out, as `<!-- not run: REASON -->` on the line before its block."""

_BLOCK = re.compile(
    r"^(?P<indent> *)(?:<!-- (?P<remark>[^\n]*?) -->\n\s*)?```(?P<kind>\w*)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its page, line, language, text, and the remark before it (`not run: …`, `exits 1`)."""

    page: Path
    line: int
    kind: str
    text: str
    remark: str = ""

    @property
    def left_out(self) -> str | None:
        """Why it is not run."""
        return self.remark.removeprefix("not run: ") if self.remark.startswith("not run: ") else None

    @property
    def exit_code(self) -> int:
        """What its last command is to exit with."""
        told = re.fullmatch(r"exits (\d+)", self.remark)
        return int(told[1]) if told else 0

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block, and the lines that the page shows under it."""

    text: str
    shown: list[str] = field(default_factory=list)


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, match.start()) + 1,
            match["kind"],
            re.sub(f"^{match['indent']}", "", match["text"], flags=re.MULTILINE),
            match["remark"] or "",
        )
        for match in _BLOCK.finditer(text)
    ]


def commands(text: str) -> Iterator[Command]:
    """The commands of a console block: lines that begin with `$ `, gone on with after a backslash."""
    current: Command | None = None
    for line in text.replace("\\\n", "").splitlines():
        if line.startswith("$ "):
            if current:
                yield current
            current = Command(line.removeprefix("$ "))
        elif current:
            current.shown.append(line)
    if current:
        yield current


def differs(shown: list[str], output: str) -> str | None:
    """What a page shows that did not come, or None. `…` stands for anything on a line, and alone for any lines."""
    if not shown:
        return None
    pattern = "".join("(?:.*\n)*?" if line.strip() == "…" else _line(line) + "\n" for line in shown)
    actual = "".join(line.rstrip() + "\n" for line in output.splitlines())
    return None if re.fullmatch(pattern, actual) else f"shown:\n{chr(10).join(shown)}\n\ncame:\n{actual}"


def _line(line: str) -> str:
    return ".*".join(" +".join(map(re.escape, part.split(" "))) for part in re.sub(" +", " ", line.rstrip()).split("…"))
