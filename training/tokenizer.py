"""The demo model's tokenizer: byte-level BPE whose merges stay inside one word, plus whole tokens for the fixed strings of a call.

A name gets the same tokens whatever stands before it (space, quote or slash), which is what makes copying easy for a small
model. The pre-tokenizer is llama.cpp's "dbrx", so the export is exact; no learnt merge crosses what that one splits.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

CONTROL = ["<|end|>", "<|tools|>", "<|user|>", "<|assistant|>", "<|tool|>"]
FILE_TOOLS = [
    "read_file", "read_text_file", "read_media_file", "read_multiple_files", "write_file", "edit_file", "create_directory",
    "list_directory", "list_directory_with_sizes", "directory_tree", "move_file", "search_files", "get_file_info",
    "list_allowed_directories",
]  # fmt: skip
SQL_TOOLS = ["read_query", "write_query", "create_table", "list_tables", "describe_table", "append_insight"]
TIME_TOOLS = ["get_current_time", "convert_time"]
STRUCTURE = [
    '<tool_call>\n{"name": "', '", "arguments": {', '"}}\n</tool_call>', '}}\n</tool_call>',
    '"path": "', '", "content": "', '", "pattern": "', '"source": "', '", "destination": "', '"query": "', '"table_name": "',
    '"timezone": "', '"source_timezone": "', '", "time": "', '", "target_timezone": "', '"insight": "',
    "[FILE] ", "[DIR] ", " lines", "SELECT COUNT(*) AS n FROM [",
    "**/", "SELECT ", " UNION ALL SELECT ", ", COUNT(*) AS n FROM [",
    "] ORDER BY n DESC LIMIT 1",
]  # fmt: skip
LABELS = [f"{number:02d}: " for number in range(1, 100)]  # what stands before a line of a tool result
RUNTIME = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
ONE_KIND = r"\p{L}+|\p{N}{1,2}|\s|[^\s\p{L}\p{N}]"


def known_strings() -> list[str]:
    """The fixed strings that are one token each."""
    tools = [*FILE_TOOLS, *SQL_TOOLS, *TIME_TOOLS]
    return [*STRUCTURE, *LABELS, *tools, *(f"|{name}" for name in tools)]


def _splitting(pattern: str) -> pre_tokenizers.PreTokenizer:
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def learn(texts: Iterable[str], size: int) -> Tokenizer:
    """Learn merges from the texts, inside words only, and add the whole tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitting(ONE_KIND)
    tokenizer.decoder = decoders.ByteLevel()
    whole = known_strings()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(CONTROL) - len(whole),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer = _splitting(RUNTIME)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in CONTROL])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in whole])
    return tokenizer


def load(path: Path) -> Tokenizer:
    """The tokenizer of a file."""
    return Tokenizer.from_file(str(path))
