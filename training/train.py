"""Train the demo model: endless fresh conversations, Muon and AdamW, bf16, a schedule by wall time, resumable checkpoints.

The rate rises, stays, and falls over the last part of the time. The state just before the fall is kept beside the output, so
that a longer run can go on from there.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import generate
import tokenizer as tokens
import torch
from model import Model, Shape
from render import parts, render
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

WARM_UP_STEPS = 100


def learn_tokenizer(path: Path, size: int, seed: int) -> Tokenizer:
    """Learn the tokenizer from generated conversations and keep it."""
    conversations = islice(generate.stream(seed, ["a"], 0.0), 4000)
    pairs = [" ".join(f"{number:02d}" for number in range(100))] * 4000  # so that every pair of digits is one token
    tokenizer = tokens.learn(chain((render(*conversation) for conversation in conversations), pairs), size)
    tokenizer.save(str(path))
    return tokenizer


def copyable(tokenizer: Tokenizer) -> list[str]:
    """Pieces of the vocabulary that may stand in a line of text."""
    plain = {text for text in tokens.known_strings() if "\n" not in text}
    learnt = (tokenizer.decode([index]) for index in range(tokenizer.get_vocab_size()))
    return [text for text in learnt if text.isprintable() and text.strip() and text.isascii() and text not in plain]


def encode(tokenizer: Tokenizer, conversation: generate.Conversation) -> tuple[list[int], list[bool]]:
    """Token ids, and which of them the model has to learn."""
    ids: list[int] = []
    wanted: list[bool] = []
    for text, learn in parts(*conversation):
        piece = tokenizer.encode(text).ids
        ids += piece
        wanted += [learn] * len(piece)
    return ids, wanted


def batches(
    tokenizer: Tokenizer, options: argparse.Namespace, seed: int, progress: Progress
) -> Iterator[tuple[Tensor, Tensor]]:
    """Conversations of like length together, about `options.tokens` tokens a batch."""
    pieces = copyable(tokenizer)
    weights = json.loads(options.weights) if options.weights else None
    order = random.Random(seed)
    while True:
        source = generate.stream(order.getrandbits(32), pieces, progress.drill_share(), weights)
        pool = sorted((encode(tokenizer, c) for c in islice(source, 512)), key=lambda item: len(item[0]))
        groups: list[list[tuple[list[int], list[bool]]]] = [[]]
        for item in pool:
            if len(item[0]) > options.longest:
                continue
            if groups[-1] and (len(groups[-1]) + 1) * len(item[0]) > options.tokens:
                groups.append([])
            groups[-1].append(item)
        order.shuffle(groups)
        yield from (padded(group) for group in groups)


def padded(group: list[tuple[list[int], list[bool]]]) -> tuple[Tensor, Tensor]:
    """One batch, filled up to its longest conversation."""
    longest = max(len(ids) for ids, _ in group)
    ids = torch.zeros(len(group), longest, dtype=torch.long)
    wanted = torch.zeros(len(group), longest, dtype=torch.bool)
    for row, (some, marks) in enumerate(group):
        ids[row, : len(some)] = torch.tensor(some)
        wanted[row, : len(marks)] = torch.tensor(marks)
    return ids, wanted


@dataclass
class Progress:
    """Where the run stands in its time; the rate and the share of drills follow from it."""

    seconds: float
    decay: float
    spent: float = 0.0
    steps: int = 0
    seen: int = 0
    drills_until: float = 900.0

    def rate(self) -> float:
        """The share of the full learning rate now."""
        left = max(0.0, self.seconds - self.spent)
        return min(1.0, (self.steps + 1) / WARM_UP_STEPS) * min(1.0, 0.01 + left / max(self.decay, 1.0))

    def decaying(self) -> bool:
        """Whether the rate is falling."""
        return self.spent > self.seconds - self.decay

    def drill_share(self) -> float:
        """How many conversations are drills: many at first."""
        early = max(0.0, 1 - self.spent / self.drills_until)
        return 0.12 + 0.6 * early

    def done(self) -> bool:
        """Whether the time is over."""
        return self.spent >= self.seconds


def optimizers(model: Model, options: argparse.Namespace) -> list[torch.optim.Optimizer]:
    """Muon for the matrices, AdamW for the rest."""
    matrices = [w for name, w in model.named_parameters() if w.dim() == 2 and "embedding" not in name]
    others = [w for name, w in model.named_parameters() if w.dim() != 2 or "embedding" in name]
    muon = torch.optim.Muon(matrices, lr=options.muon_rate, weight_decay=0.01, momentum=0.95)
    return [muon, torch.optim.AdamW(others, lr=options.adam_rate, betas=(0.9, 0.98), weight_decay=0.0)]


def learn(model: Model, ids: Tensor, wanted: Tensor, device: str) -> Tensor:
    """One step's loss, with its gradients."""
    ids, wanted = ids.to(device), wanted.to(device)
    with torch.autocast(device, dtype=torch.bfloat16):
        chosen = wanted[:, 1:]
        logits = model.logits(model.hidden(ids[:, :-1], chosen))
    loss = functional.cross_entropy(logits.float(), ids[:, 1:][chosen])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    return loss.detach()


def save(path: Path, model: Model, optimizers: list[torch.optim.Optimizer], progress: Progress) -> None:
    """Write a checkpoint that a run can go on from."""
    saved: dict[str, Any] = {
        "shape": model.shape.as_dict(),
        "weights": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "progress": {"spent": progress.spent, "steps": progress.steps, "seen": progress.seen},
    }
    temporary = path.with_suffix(".part")
    torch.save(saved, temporary)
    temporary.replace(path)


def resume(path: Path, model: Model, optimizers: list[torch.optim.Optimizer], progress: Progress) -> None:
    """Take everything up from a checkpoint."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(saved["weights"])
    for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
        optimizer.load_state_dict(state)
    for name, value in saved["progress"].items():
        setattr(progress, name, value)


def grow(path: Path, model: Model) -> None:
    """Start from a shallower model of the same width: its layers are spread over the new ones, which at first add nothing.

    Stacking layers that begin as the identity keeps what was learnt (Chen et al. 2016, "Net2Net").
    """
    saved = torch.load(path, map_location="cpu", weights_only=True)
    old, new = int(saved["shape"]["layers"]), model.shape.layers
    places = [round(index * (new - 1) / (old - 1)) for index in range(old)]
    moved = {
        ".".join(["blocks", str(places[int(name.split(".")[1])]), *name.split(".")[2:]])
        if name.startswith("blocks.")
        else name: weight
        for name, weight in saved["weights"].items()
    }
    model.load_state_dict(moved, strict=False)
    with torch.no_grad():
        for index in set(range(new)) - set(places):
            model.blocks[index].attn_output.weight.zero_()
            model.blocks[index].ffn_down.weight.zero_()


def run(model: Model, tokenizer: Tokenizer, options: argparse.Namespace) -> None:
    """Train until the time is over."""
    steppers, progress = optimizers(model, options), Progress(options.minutes * 60, options.decay_minutes * 60)
    progress.drills_until = options.drill_minutes * 60
    bases = [stepper.param_groups[0]["lr"] for stepper in steppers]
    if options.resume:
        resume(options.resume, model, steppers, progress)
    source = batches(tokenizer, options, options.seed + progress.steps, progress)
    clock, average, kept, saved_at = time.monotonic(), None, progress.decaying(), progress.spent
    while not progress.done():
        ids, wanted = next(source)
        for stepper, base in zip(steppers, bases, strict=True):
            for group in stepper.param_groups:
                group["lr"] = base * progress.rate()
        loss = learn(model, ids, wanted, options.device).item()
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad(set_to_none=True)
        average = loss if average is None else 0.98 * average + 0.02 * loss
        now = time.monotonic()
        progress.spent, clock = progress.spent + now - clock, now
        progress.steps, progress.seen = progress.steps + 1, progress.seen + ids.numel()
        if progress.steps % 50 == 0:
            print(
                json.dumps(
                    {
                        "s": round(progress.spent),
                        "step": progress.steps,
                        "tokens": progress.seen,
                        "loss": round(average, 4),
                    }
                ),
                flush=True,
            )
        if progress.decaying() and not kept:
            save(options.output.with_suffix(".stable.pt"), model, steppers, progress)
            kept = True
        if progress.spent - saved_at > 120:
            save(options.output, model, steppers, progress)
            saved_at = progress.spent
    save(options.output, model, steppers, progress)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("output", type=Path, help="checkpoint to write")
    parser.add_argument("--tokenizer", type=Path, required=True, help="read, or learnt where it is missing")
    parser.add_argument("--vocabulary", type=int, default=944)
    parser.add_argument("--resume", type=Path, help="checkpoint whose run goes on")
    parser.add_argument("--grow-from", type=Path, help="checkpoint of a shallower model to start a new run from")
    parser.add_argument(
        "--minutes", type=float, default=40, help="wall time of the whole schedule, resumed parts included"
    )
    parser.add_argument("--decay-minutes", type=float, default=15)
    parser.add_argument("--drill-minutes", type=float, default=15, help="time over which the share of drills falls")
    parser.add_argument("--tokens", type=int, default=3072, help="tokens a batch")
    parser.add_argument("--longest", type=int, default=700, help="longer conversations are left out")
    parser.add_argument("--weights", default="", help="JSON object: how often each family comes")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--muon-rate", type=float, default=0.015)
    parser.add_argument("--adam-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Train a model."""
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    missing = not options.tokenizer.exists()
    tokenizer = learn_tokenizer(options.tokenizer, options.vocabulary, 7) if missing else tokens.load(options.tokenizer)
    shape = Shape(tokenizer.get_vocab_size(), options.width, options.layers, options.heads, options.hidden)
    model = Model(shape).to(options.device)
    if options.grow_from and not options.resume:
        grow(options.grow_from, model)
    print(json.dumps({"parameters": model.size(), **shape.as_dict()}), flush=True)
    run(model, tokenizer, options)


if __name__ == "__main__":
    main()
