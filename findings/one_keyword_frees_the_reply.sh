#!/usr/bin/env bash
# xllamacpp 2026.10.11549 (PyPI, llama.cpp b11549): `json_schema` at /completion is passed over as a whole where its engine lacks one keyword.
#
# What one guesses: the wheel makes a grammar of a schema as llama.cpp's documents say, at both endpoints alike: keywords that a grammar cannot say
# are passed over, the rest holds, and a schema that cannot be compiled is refused with status 400.
# What happens: the wheel is built with llguidance. At /completion the schema goes to that; where it does not compile it, the log has a line, the status
# is 200, and the reply is free text. `propertyNames` (zod writes it for each record), `uniqueItems` (even false), `not`, `if`, `contains`, a
# `oneOf` whose branches overlap and any `format` it does not know do that. At /v1/chat/completions the same schemas go to llama.cpp's
# own grammar, which passes these words over and holds the rest.
# Seen: plain: held, held in a chat · propertyNames: free, held in a chat · uniqueItems: free, held in a chat · format: free, held in a chat
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check xllamacpp==2026.10.11549 gguf==0.19.0 numpy==2.3.5
cat >"$work/model.py" <<'PY'
"""A llama of random weights: two layers, 64 wide, with the bytes of GPT-2's vocabulary for its words."""
import sys

import numpy as np
from gguf import GGUFWriter, TokenType

WIDE, HIDDEN, LAYERS, HEADS = 64, 128, 2, 4
shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
hidden = [byte for byte in range(256) if byte not in shown]
words = ["<s>", "</s>", *map(chr, shown), *(chr(256 + number) for number in range(len(hidden))), "th"]
made = GGUFWriter(sys.argv[1], "llama")
made.add_context_length(4096)
made.add_embedding_length(WIDE)
made.add_block_count(LAYERS)
made.add_feed_forward_length(HIDDEN)
made.add_head_count(HEADS)
made.add_head_count_kv(HEADS)
made.add_layer_norm_rms_eps(1e-5)
made.add_rope_dimension_count(WIDE // HEADS)
made.add_vocab_size(len(words))
made.add_tokenizer_model("gpt2")
made.add_tokenizer_pre("gpt-2")
made.add_token_list(words)
made.add_token_types([TokenType.CONTROL] * 2 + [TokenType.NORMAL] * (len(words) - 2))
made.add_token_merges(["t h"])
made.add_bos_token_id(0)
made.add_eos_token_id(1)
made.add_add_bos_token(False)
chance = np.random.default_rng(7)


def weights(name: str, *shape: int) -> None:
    made.add_tensor(name, (chance.standard_normal(shape) * 0.1).astype(np.float32))


weights("token_embd.weight", len(words), WIDE)
weights("output.weight", len(words), WIDE)
made.add_tensor("output_norm.weight", np.ones(WIDE, np.float32))
for layer in range(LAYERS):
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        weights(f"blk.{layer}.{part}.weight", WIDE, WIDE)
    weights(f"blk.{layer}.ffn_gate.weight", HIDDEN, WIDE)
    weights(f"blk.{layer}.ffn_up.weight", HIDDEN, WIDE)
    weights(f"blk.{layer}.ffn_down.weight", WIDE, HIDDEN)
    for norm in ("attn_norm", "ffn_norm"):
        made.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(WIDE, np.float32))
made.write_header_to_file()
made.write_kv_data_to_file()
made.write_tensors_to_file()
made.close()
PY
cat >"$work/ask.py" <<'PY'
"""Whether replies follow a schema, at both endpoints."""
import json
import os
import sys
import urllib.request
from typing import Any

import xllamacpp

chosen = xllamacpp.CommonParams()
chosen.model.path = sys.argv[1]
chosen.n_ctx, chosen.n_parallel, chosen.ui = 1024, 1, False
chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = 1
chosen.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
server = xllamacpp.Server(chosen)
BLANKS = [[190 + byte, False] for byte in b"\t\n\r "]  # random weights like blanks, which JSON may have anywhere
BOOLEAN = {"type": "boolean"}
OBJECT = {"type": "object", "properties": {"on": BOOLEAN}, "required": ["on"], "additionalProperties": False}
SCHEMAS: dict[str, tuple[dict[str, Any], type]] = {
    "plain": (OBJECT, dict),
    "propertyNames": ({**OBJECT, "propertyNames": {"type": "string"}}, dict),
    "uniqueItems": ({"type": "array", "items": BOOLEAN, "maxItems": 2, "uniqueItems": False}, list),
    "format": ({"type": "string", "enum": ["a", "b"], "format": "phone"}, str),
}


def posted(path: str, **body: object) -> Any:
    asked = json.dumps({**body, "temperature": 1, "logit_bias": BLANKS}).encode()
    request = urllib.request.Request(server.listening_address + path, asked, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:  # an error if the status is another than 200
        return json.load(answer)


def is_one(text: str, kind: type) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except ValueError:
        return False


def held(texts: list[str], kind: type) -> str:
    fitting = sum(is_one(text, kind) for text in texts)
    return {0: "free", len(texts): "held"}.get(fitting, f"{fitting} of {len(texts)} held")


told = []
for name, (schema, kind) in SCHEMAS.items():
    plain = [posted("/completion", prompt="Hi", n_predict=60, json_schema=schema, seed=seed)["content"] for seed in range(4)]
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    asked = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 60, "response_format": form}
    chats = [posted("/v1/chat/completions", **asked, seed=seed)["choices"][0]["message"]["content"] for seed in range(4)]
    told.append(f"{name}: {held(plain, kind)}, {held(chats, kind)} in a chat")
print(" · ".join(told), flush=True)
os._exit(0)
PY
"$work/venv/bin/python" "$work/model.py" "$work/model.gguf" 2>/dev/null
found=$("$work/venv/bin/python" "$work/ask.py" "$work/model.gguf" 2>"$work/log") || { tail -30 "$work/log" | cut -c1-1500; exit 1; }
echo "$found"
grep -a "failed to compile JSON schema" "$work/log" | cut -c1-120 | sort -u -k5 || { echo "changed"; exit 1; }
[ "$found" = "plain: held, held in a chat · propertyNames: free, held in a chat · uniqueItems: free, held in a chat · format: free, held in a chat" ] || { echo "changed"; exit 1; }
