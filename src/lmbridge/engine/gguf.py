"""Reads the head of a GGUF file: enough to refuse a wrong one with a sentence before an engine is started.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lmbridge.errors import ModelLoadError

_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_METADATA_BYTES = 2**26
"""Bytes at the beginning of a file within which its metadata end."""
_LONGEST = 2**20
"""Bytes of one string; a longer one means that the file is not what it says."""


@dataclass(frozen=True, slots=True)
class GgufHead:
    """What a GGUF file says of itself.

    Attributes:
        architecture: `llama`, `qwen3`, ….
        name: The model's name; may be empty.
        context_length: Tokens that the model was trained for; None where it does not say.
        size: Bytes of the file.
        cache_width: Numbers that keys and values of one token have over all layers; 0 where it does not say.
    """

    architecture: str
    name: str
    context_length: int | None
    size: int
    cache_width: int = 0


def has_chat_template(path: Path) -> bool:
    """Whether a GGUF file brings a chat template: a model without one was trained to go on with texts, not to follow.

    llama.cpp puts a template of its own in place of a missing one, and its server does not say so. The key stands among the
    metadata, which vocabularies of 260,000 words make 8 MB long.

    Raises:
        ModelLoadError: No such file, or it cannot be read.
    """
    return _mentions(path, b"tokenizer.chat_template")


def only_decides(path: Path) -> bool:
    """Whether a GGUF file is a decision model's: it answers typed questions, at llama.cpp's `/v1/systemone`, and cannot chat.

    Raises:
        ModelLoadError: No such file, or it cannot be read.
    """
    return _mentions(path, b".decision.type")


def _mentions(path: Path, key: bytes) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(key, 0, _METADATA_BYTES) >= 0
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"{path} cannot be read: {error}.", hint="Name another file.") from error


def read_head(path: Path) -> GgufHead:
    """Reads what stands before the vocabulary.

    Raises:
        ModelLoadError: No such file, not a GGUF file, or cut short.
    """
    try:
        with path.open("rb") as file:
            entries = _entries(file)
    except FileNotFoundError:
        raise ModelLoadError(
            f"There is no model file {path}.", hint="`lmbridge engine list` shows the known ones."
        ) from None
    except (OSError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise ModelLoadError(
            f"{path} is not a usable GGUF file: {error}.", hint="Fetch it again, or name another file."
        ) from None
    architecture = str(entries.get("general.architecture", ""))
    context = entries.get(f"{architecture}.context_length")
    length = context if isinstance(context, int) else None
    name = str(entries.get("general.name", ""))
    return GgufHead(architecture, name, length, path.stat().st_size, _cache_width(entries, architecture))


def _cache_width(entries: Mapping[str, Any], architecture: str) -> int:
    """Layers x heads of keys and values x the length of both; a list of heads has one entry for each layer."""

    def whole(name: str) -> int:
        value = entries.get(f"{architecture}.{name}")
        return value if isinstance(value, int) else 0

    layers, heads = whole("block_count"), entries.get(f"{architecture}.attention.head_count_kv")
    in_all = sum(heads) if isinstance(heads, list) else layers * (heads or whole("attention.head_count"))
    usual = whole("embedding_length") // max(1, whole("attention.head_count"))
    lengths = [whole(f"attention.{part}_length") or usual for part in ("key", "value")]
    return int(in_all * sum(lengths))


def _entries(file: BinaryIO) -> dict[str, Any]:
    if file.read(4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    version, _, count = struct.unpack("<IQQ", file.read(20))
    if version not in {2, 3}:
        raise ValueError(f"version {version} of the format is not known")
    entries: dict[str, Any] = {}
    for _ in range(count):
        key = _string(file)
        if key.startswith("tokenizer."):
            break
        entries[key] = _value(file, _number(file, "<I"))
    return entries


def _number(file: BinaryIO, form: str) -> Any:
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _string(file: BinaryIO) -> str:
    length = _number(file, "<Q")
    if length > _LONGEST:
        raise ValueError(f"a string of {length} bytes in its head")
    data = file.read(length)
    if len(data) < length:
        raise ValueError("it ends within its head")
    return data.decode()


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in _NUMBERS:
        return _number(file, _NUMBERS[kind])
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        raise ValueError(f"type {kind} in its head")
    inner, count = _number(file, "<I"), _number(file, "<Q")
    if count > _LONGEST:
        raise ValueError(f"a list of {count} items in its head")
    return [_value(file, inner) for _ in range(count)]
