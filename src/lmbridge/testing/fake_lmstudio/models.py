"""The models a fake LM Studio has on its disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .replies import ReasoningField

DEFAULT_CONTEXT = 4096
DEFAULT_PARALLEL = 4
JIT_TTL_S = 3600.0


@dataclass(frozen=True, slots=True)
class FakeModel:
    """One downloaded model. Only the key is needed; the rest has the values of a small tool-calling GGUF.

    `loaded` says whether an instance exists when the fake starts (under `identifier`, if given, with `context_length`).
    `reasoning` is where thoughts go: `reasoning_content`, `reasoning`, or `think` (tags inside the content).
    `load_error` makes every load fail with that text. A `decision` model answers typed questions alone; it is listed like any
    other, since LM Studio's documents name no type of its own for it.
    """

    key: str
    type: Literal["llm", "vlm", "embedding", "decision"] = "llm"
    loaded: bool = True
    identifier: str | None = None
    context_length: int = 8192
    max_context_length: int = 32768
    parallel: int = DEFAULT_PARALLEL
    format: Literal["gguf", "mlx"] = "gguf"
    quantization: str = "Q4_K_M"
    bits: int = 4
    architecture: str = "qwen3"
    params: str = "4B"
    size_bytes: int = 2_497_280_000
    tool_use: bool = True
    reasoning: ReasoningField = "reasoning_content"
    can_reason: bool = False
    dimensions: int = 8
    load_error: str | None = None
    variants: tuple[str, ...] = ()

    @property
    def publisher(self) -> str:
        """The part of the key before the slash."""
        return self.key.partition("/")[0] if "/" in self.key else "unknown"

    @property
    def is_embedding(self) -> bool:
        """Whether it makes vectors and cannot chat."""
        return self.type == "embedding"

    @property
    def decides(self) -> bool:
        """Whether it answers typed questions and writes nothing."""
        return self.type == "decision"

    @property
    def vision(self) -> bool:
        """Whether it takes images."""
        return self.type == "vlm"

    def is_called(self, name: str) -> bool:
        """Whether `name` means this model: its key, in any case, or one of its variants (`key@quantization`)."""
        wanted = name.lower()
        return wanted == self.key.lower() or wanted in (variant.lower() for variant in self.all_variants)

    @property
    def all_variants(self) -> tuple[str, ...]:
        """The variants, with the one that is named after its quantization."""
        return self.variants or (f"{self.key}@{self.quantization.lower()}",)
