"""Writes a GGUF model with random weights: half a megabyte that starts in a blink and babbles letters.

It is a real llama-architecture model for a real engine, so everything but sense can be tested with it: streams, slots,
prefix cache, grammars, tool-call parsing. Written by hand (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md),
so that tests need no other package.
"""

from __future__ import annotations

import random
import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

END = "<|im_end|>"
CONTROL = ("<|endoftext|>", "<|im_start|>", END)
MARKERS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>")
ALIGNMENT = 32

CHAT_TEMPLATE = """\
{%- if tools -%}
{{- '<|im_start|>system\\n' -}}
{%- if messages[0].role == 'system' -%}{{- messages[0].content + '\\n\\n' -}}{%- endif -%}
{{- '# Tools\\nCall functions as <tool_call>{"name": <name>, "arguments": <object>}</tool_call>\\n<tools>' -}}
{%- for tool in tools -%}{{- '\\n' -}}{{- tool | tojson -}}{%- endfor -%}
{{- '\\n</tools><|im_end|>\\n' -}}
{%- elif messages[0].role == 'system' -%}
{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' -}}
{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'user' -%}
{{- '<|im_start|>user\\n' + message.content + '<|im_end|>\\n' -}}
{%- elif message.role == 'assistant' -%}
{{- '<|im_start|>assistant\\n' -}}
{%- if message.content -%}{{- message.content -}}{%- endif -%}
{%- if message.tool_calls -%}{%- for call in message.tool_calls -%}
{{- '<tool_call>{"name": "' + call.function.name + '", "arguments": ' -}}
{%- if call.function.arguments is string -%}
{{- call.function.arguments -}}
{%- else -%}
{{- call.function.arguments | tojson -}}
{%- endif -%}
{{- '}</tool_call>' -}}
{%- endfor -%}{%- endif -%}
{{- '<|im_end|>\\n' -}}
{%- elif message.role == 'tool' -%}
{{- '<|im_start|>user\\n<tool_response>' + message.content + '</tool_response><|im_end|>\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a random model; wider and deeper is slower, which some tests want."""

    width: int = 64
    layers: int = 2
    heads: int = 2
    hidden: int = 128
    context: int = 65_536


def write_random_model(
    path: Path, *, seed: int = 0, shape: Shape | None = None, name: str = "random", decides: bool = False
) -> Path:
    """Writes the model; the same seed and shape give the same bytes. Returns `path`.

    Args:
        path: The file.
        seed: Of the weights.
        shape: Its size.
        name: What it calls itself.
        decides: Whether it is a decision model, which answers typed questions at random.
    """
    shape = shape or Shape()
    tokens = _tokens()
    metadata = [*_metadata(shape, tokens, name), *(_decision_metadata() if decides else ())]
    tensors = list(_tensors(shape, tokens, random.Random(seed)))  # noqa: S311  # noise, not secrets
    header, offset = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))), 0
    for entry in metadata:
        header += entry
    for label, dims, values in tensors:
        header += _text(label) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, 0, offset)
        offset += _padded(len(values) * 4)
    with path.open("wb") as file:
        file.write(bytes(header) + bytes(-len(header) % ALIGNMENT))
        for _, _, values in tensors:
            data = values.tobytes()
            file.write(data + bytes(_padded(len(data)) - len(data)))
    return path


def _tokens() -> list[str]:
    """Control tokens, markers, the 256 bytes in GPT-2's spelling, and one merge for the tokenizer's sake."""
    return [*CONTROL, *MARKERS, *_byte_letters(), "ĠĠ"]


def _byte_letters() -> list[str]:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


def _metadata(shape: Shape, tokens: list[str], name: str) -> Iterable[bytes]:
    kinds = [3 if token in CONTROL else 4 if token in MARKERS else 1 for token in tokens]
    yield _entry("general.architecture", "llama")
    yield _entry("general.name", name)
    yield _entry("llama.context_length", shape.context)
    yield _entry("llama.embedding_length", shape.width)
    yield _entry("llama.block_count", shape.layers)
    yield _entry("llama.feed_forward_length", shape.hidden)
    yield _entry("llama.attention.head_count", shape.heads)
    yield _entry("llama.attention.head_count_kv", shape.heads)
    yield _entry("llama.attention.layer_norm_rms_epsilon", 1e-5)
    yield _entry("llama.rope.dimension_count", shape.width // shape.heads)
    yield _entry("llama.vocab_size", len(tokens))
    yield _entry("tokenizer.ggml.model", "gpt2")
    yield _entry("tokenizer.ggml.pre", "qwen2")
    yield _array("tokenizer.ggml.tokens", 8, (_text(token) for token in tokens), len(tokens))
    yield _array("tokenizer.ggml.token_type", 5, (struct.pack("<i", kind) for kind in kinds), len(kinds))
    yield _array("tokenizer.ggml.merges", 8, (_text("Ġ Ġ"),), 1)
    yield _entry("tokenizer.ggml.eos_token_id", tokens.index(END))
    yield _entry("tokenizer.ggml.bos_token_id", 0)
    yield _entry("tokenizer.ggml.add_bos_token", False)
    yield _entry("tokenizer.chat_template", CHAT_TEMPLATE)


DECISION_TEMPLATE = (
    "<|im_start|>user\n{{ state if state is string else state | tojson }}\n{{ instructions }}\n"
    "{%- for option in options %}{{ '\\n' + option.label + ' ' + option.key }}{% endfor -%}<|im_end|>\n<|im_start|>assistant\n"
)


def _decision_metadata() -> Iterable[bytes]:
    """What makes llama.cpp (b11370 and later) read options from the letters A to Z, in the manner of OpenJev."""
    yield _entry("llama.decision.type", "openjev")
    yield _entry("tokenizer.chat_template.systemone", DECISION_TEMPLATE)


def _entry(key: str, value: str | float | bool) -> bytes:
    if isinstance(value, bool):
        return _text(key) + struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return _text(key) + struct.pack("<II", 4, value)
    if isinstance(value, float):
        return _text(key) + struct.pack("<If", 6, value)
    return _text(key) + struct.pack("<I", 8) + _text(value)


def _array(key: str, kind: int, items: Iterable[bytes], count: int) -> bytes:
    return _text(key) + struct.pack("<IIQ", 9, kind, count) + b"".join(items)


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def _padded(length: int) -> int:
    return length + -length % ALIGNMENT


Tensor = tuple[str, tuple[int, ...], "array[float]"]


def _tensors(shape: Shape, tokens: list[str], dice: random.Random) -> Iterable[Tensor]:
    """All tensors; dimension 0 of the residual stream stays constant and carries each token's likelihood."""
    width, hidden, vocabulary = shape.width, shape.hidden, len(tokens)
    embedding = _noise(dice, width * vocabulary, 1.0)
    output = _noise(dice, width * vocabulary, 0.35)
    for index, token in enumerate(tokens):
        embedding[index * width] = 8.0
        output[index * width] = _liking(token)
    yield "token_embd.weight", (width, vocabulary), embedding
    yield "output.weight", (width, vocabulary), output
    yield "output_norm.weight", (width,), array("f", [1.0] * width)
    for layer in range(shape.layers):
        for part in ("attn_norm", "ffn_norm"):
            yield f"blk.{layer}.{part}.weight", (width,), array("f", [1.0] * width)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"blk.{layer}.{part}.weight", (width, width), _noise(dice, width * width, 0.05)
        for part in ("ffn_gate", "ffn_up"):
            yield f"blk.{layer}.{part}.weight", (width, hidden), _noise(dice, width * hidden, 0.05)
        yield f"blk.{layer}.ffn_down.weight", (hidden, width), _noise(dice, width * hidden, 0.05)


def _noise(dice: random.Random, count: int, scale: float) -> array[float]:
    return array("f", (dice.gauss(0.0, scale) for _ in range(count)))


def _liking(letter: str) -> float:
    """How much a token is favoured: letters, spaces and quotes (which end strings) over punctuation; no stray bytes."""
    if letter == END:
        return -0.2
    if len(letter) > 1:
        return -4.0
    if letter.isascii() and letter.isalnum():
        return 1.0
    return 0.8 if letter in {"Ġ", '"'} else 0.0 if letter.isascii() and letter not in "<>" else -4.0
