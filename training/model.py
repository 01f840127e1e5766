"""A small llama-architecture transformer: RMSNorm, rotary positions (llama.cpp's interleaved form), SwiGLU, tied embeddings."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """The measures of a model."""

    vocab: int
    width: int = 192
    layers: int = 4
    heads: int = 6
    hidden: int = 512
    context: int = 2048
    rope_base: float = 10000.0

    def as_dict(self) -> dict[str, float | int]:
        """As plain values, for checkpoints."""
        return asdict(self)


def rotations(shape: Shape) -> tuple[Tensor, Tensor]:
    """Cosines and sines of every position."""
    size = shape.width // shape.heads
    speed = 1.0 / (shape.rope_base ** (torch.arange(0, size, 2).float() / size))
    angles = torch.arange(shape.context).float()[:, None] * speed[None]
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn pairs of neighbours by their position's angle."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Norm(nn.Module):
    """RMS normalisation, computed in full precision."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimension."""
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight).type_as(x)


class Block(nn.Module):
    """Attention, then a gated feed-forward part, each on top of the residual stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, self.heads, self.size = shape.width, shape.heads, shape.width // shape.heads
        self.attn_norm, self.ffn_norm = Norm(width), Norm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * shape.hidden, bias=False)
        self.ffn_down = nn.Linear(shape.hidden, width, bias=False)

    def attend(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None) -> Tensor:
        """Causal attention, before its output is mixed into the residual stream."""
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, self.size).permute(2, 0, 3, 1, 4)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if mask is None:
            mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:  # on a CPU the plain form is faster, backward above all
            mixed = ((q * self.size**-0.5) @ k.transpose(-1, -2) + mask).softmax(-1) @ v
        return mixed.transpose(1, 2).reshape(batch, length, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None, chosen: Tensor | None = None) -> Tensor:
        """One layer; with `chosen`, only those positions' states come out."""
        mixed = self.attend(self.attn_norm(x), cos, sin, mask)
        if chosen is not None:
            x, mixed = x[chosen], mixed[chosen]
        x = x + self.attn_output(mixed)
        gate, up = self.gate_up(self.ffn_norm(x)).chunk(2, -1)
        return x + self.ffn_down(functional.silu(gate) * up)


class Model(nn.Module):
    """The whole transformer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocab, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)
        cos, sin = rotations(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self._start()

    def _start(self) -> None:
        nn.init.normal_(self.embedding.weight, std=0.02)
        for name, weight in self.blocks.named_parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=weight.shape[1] ** -0.5)
            if name.endswith(("attn_output.weight", "ffn_down.weight")):
                weight.data.mul_(1 / math.sqrt(2 * self.shape.layers))

    def hidden(self, ids: Tensor, chosen: Tensor | None = None) -> Tensor:
        """The last layer's states; with `chosen` (a mask of positions) those of them alone, which saves work."""
        x = self.embedding(ids)
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        mask = None
        if not x.is_cuda:
            low = torch.bfloat16 if torch.is_autocast_enabled("cpu") else x.dtype
            x = x.to(low)
            cos, sin = cos.to(low), sin.to(low)
            mask = torch.full((length, length), float("-inf"), dtype=low).triu(1)
        for block in self.blocks[:-1]:
            x = block(x, cos, sin, mask)
        return self.norm(self.blocks[-1](x, cos, sin, mask, chosen))

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of the next token; the embedding serves again."""
        return functional.linear(hidden, self.embedding.weight)

    def forward(self, ids: Tensor) -> Tensor:
        """Scores of the next token at every position."""
        return self.logits(self.hidden(ids))

    def size(self) -> int:
        """The number of parameters."""
        return sum(weight.numel() for weight in self.parameters())
