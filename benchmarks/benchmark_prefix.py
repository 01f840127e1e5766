"""How much of each prompt the real engine finds in its cache over ten rounds.

The history is append-only and the tools are byte-stable, so nearly all of it. The model's words do not matter for this;
its weights are random.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from support.measuring import save

from lmbridge import Settings
from lmbridge.engine.engine import Engine
from lmbridge.llm.backend import Backend
from lmbridge.llm.pinning import pin
from lmbridge.messages import Message, ReplyOptions, ToolSpec
from lmbridge.testing.random_model import write_random_model

ROUNDS = 10
TOOLS = tuple(
    ToolSpec(
        f"tool_{n}",
        f"Does the thing number {n} to a file and says what came of it.",
        {
            "type": "object",
            "properties": {"path": {"type": "string"}, "text": {"type": "string"}},
            "required": ["path"],
        },
    )
    for n in range(8)
)


async def measure(model: Path) -> list[dict[str, float]]:
    rows = []
    engine = Engine.started(model, threads=1, context=16_384)
    async with engine, Backend(Settings(), base_url=engine.base_url, token=engine.token) as backend:
        pinned = await pin(backend, None)
        conversation = [Message("system", "You work with tools. " * 20), Message("user", "Work through the files.")]
        for number in range(1, ROUNDS + 1):
            turn = await pinned.reply(conversation, TOOLS, ReplyOptions(max_tokens=24), on_delta=lambda _: None)
            usage = turn.usage
            rows.append({"round": number, "prompt": usage.prompt_tokens, "cached": usage.cached_tokens})
            result = f"Result {number}: " + "some words of a file " * 4
            conversation += [Message("assistant", turn.text), Message("user", result)]
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(write_random_model(Path(folder, "random.gguf"))))
    for row in rows:
        row["share"] = round(row["cached"] / row["prompt"], 3)
        print(row)
    save("prefix", {"rounds": rows, "least_share_from_round_2": min(row["share"] for row in rows[1:])})


if __name__ == "__main__":
    main()
