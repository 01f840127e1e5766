"""Finds the sections of Markdown files that fit a question best, by embeddings of a local model.

    python examples/search_markdown.py /project/docs "how do I get my money back"
    EMBEDDING_MODEL=text-embedding-nomic-embed-text-v1.5 python examples/search_markdown.py …

No database: a few thousand sections are compared in a blink. The chat model is not needed.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmbridge import LLMClient

BATCH = 64
SHOWN = 3


@dataclass(frozen=True)
class Section:
    file: Path
    heading: str
    text: str


def sections(folder: Path) -> Iterator[Section]:
    """Each heading of each file with what stands under it."""
    for file in sorted(folder.rglob("*.md")):
        for part in re.split(r"^(?=#+ )", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            if part.strip():
                yield Section(file, part.splitlines()[0].lstrip("# "), part.strip())


async def vectors(client: LLMClient, texts: Sequence[str], model: str | None) -> list[tuple[float, ...]]:
    """The vector of each text, some texts at a time."""
    found: list[tuple[float, ...]] = []
    for start in range(0, len(texts), BATCH):
        found += (await client.embed(texts[start : start + BATCH], model=model)).vectors
    return found


def closeness(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of the angle between two vectors."""
    length = (sum(a * a for a in one) * sum(b * b for b in other)) ** 0.5
    return sum(a * b for a, b in zip(one, other, strict=True)) / length


async def main(folder: Path, question: str) -> int:
    known = list(sections(folder))
    if not known:
        print(f"There are no Markdown files in {folder}.", file=sys.stderr)
        return 1
    model = os.environ.get("EMBEDDING_MODEL")
    async with LLMClient() as client:
        *found, asked = await vectors(client, [*(each.text for each in known), question], model)
    best = sorted(zip(known, found, strict=True), key=lambda pair: closeness(pair[1], asked), reverse=True)
    for section, vector in best[:SHOWN]:
        print(f"{closeness(vector, asked):.2f}  {section.file.relative_to(folder)}: {section.heading}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(Path(sys.argv[1]), sys.argv[2])))
