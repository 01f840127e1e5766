"""The same conversations through torch and through llama.cpp: prompts, tokens and greedy output have to agree."""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import generate
import tokenizer as tokens
import torch
from export import load_checkpoint
from model import Model
from names import Names
from render import Said, render
from tokenizers import Tokenizer

import schemas
from engine import Engine

Json = dict[str, Any]


@dataclass
class Agreement:
    """How many conversations were compared, and how many agreed."""

    conversations: int = 0
    prompts: int = 0
    tokens: int = 0
    outputs: int = 0


def as_messages(said: list[Said]) -> list[Json]:
    """In the form of the chat completions API."""
    messages: list[Json] = [{"role": "system", "content": "Left out by the template."}]
    for one in said:
        if one.arguments is not None:
            function = {"name": one.tool, "arguments": render_arguments(one.arguments)}
            call = {"id": "call", "type": "function", "function": function}
            messages.append({"role": "assistant", "content": one.text or None, "tool_calls": [call]})
        elif one.role == "tool":
            messages.append({"role": "tool", "tool_call_id": "call", "content": one.text})
        else:
            messages.append({"role": one.role, "content": one.text})
    return messages


def render_arguments(arguments: dict[str, str]) -> str:
    """Arguments as the API carries them."""
    return json.dumps(arguments, ensure_ascii=False)


def prefix(said: list[Said], names: Names) -> list[Said]:
    """The conversation up to one of the model's turns."""
    turns = [index for index, one in enumerate(said) if one.role == "assistant"]
    return said[: names.rng.choice(turns)]


@torch.no_grad()
def continued(model: Model, ids: list[int], end: int, limit: int) -> list[int]:
    """What torch says next, greedily."""
    output: list[int] = []
    while len(output) < limit:
        best = int(model(torch.tensor([ids + output]))[0, -1].argmax())
        if best == end:
            break
        output.append(best)
    return output


def compare(
    engine: Engine, model: Model, tokenizer: Tokenizer, names: Names, count: int, *, limit: int = 120
) -> Agreement:
    """Compare some conversations, each up to a random turn."""
    agreement, end = Agreement(), tokenizer.token_to_id("<|end|>")
    for _ in range(count):
        tools, said = generate.conversation(names)
        asked = prefix(said, names)
        text = render(tools, asked, ask=True)
        ids = tokenizer.encode(text).ids
        body = {"messages": as_messages(asked), "tools": [schemas.tool(tool) for tool in tools]}
        agreement.conversations += 1
        agreement.prompts += engine.post("/apply-template", body)["prompt"] == text
        found = engine.post("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]
        agreement.tokens += found == ids
        request = {"prompt": ids, "n_predict": limit, "temperature": 0, "return_tokens": True, "cache_prompt": False}
        spoken = [token for token in engine.post("/completion", request)["tokens"] if token != end]
        agreement.outputs += spoken == continued(model, ids, end, limit)
    return agreement


def main() -> None:
    """Compare a checkpoint with its GGUF file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("gguf", type=Path)
    parser.add_argument("--count", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load_checkpoint(options.checkpoint), tokens.load(options.tokenizer)
    with Engine(options.gguf) as engine:
        print(compare(engine, model, tokenizer, Names(random.Random(5), held_out=True), options.count))


if __name__ == "__main__":
    main()
