#!/usr/bin/env bash
# llama.cpp b11549 (xllamacpp 2026.10.11549, PyPI): a request with tools and a `response_format` can call no tool, also where `tool_choice` is "required".
#
# What one guesses: as with the API that this endpoint follows, both hold: a reply is a call, or an answer in the form of the schema; a
# server that cannot have both refuses, as this one does for `grammar` beside tools; and "required" means that a call comes.
# What happens: status 200 and no warning, the tools are in the prompt, and the grammar has only the schema: every reply is an answer,
# `tool_choice` is passed over. An agent that asks for a typed final answer in each request never makes its first call, and
# fills the form with what it has not looked up.
# Seen: auto: 8 answers in the form · required: 8 answers in the form · a grammar beside tools: status 400
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check xllamacpp==2026.10.11549 gguf==0.19.0 numpy==2.3.5
cat >"$work/model.py" <<'PY'
"""A llama of random weights: two layers, 64 wide, with bytes for its words."""
import sys

import numpy as np
from gguf import GGUFWriter, TokenType

WIDE, HIDDEN, LAYERS, HEADS = 64, 128, 2, 4
words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
kinds = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, *[TokenType.BYTE] * 256]
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
made.add_tokenizer_model("llama")
made.add_token_list(words)
made.add_token_scores([0.0] * len(words))
made.add_token_types(kinds)
made.add_bos_token_id(1)
made.add_eos_token_id(2)
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
"""Replies to a request with tools and a schema."""
import json
import os
import sys
import urllib.error
import urllib.request
from collections import Counter

import xllamacpp

chosen = xllamacpp.CommonParams()
chosen.model.path = sys.argv[1]
chosen.n_ctx, chosen.n_parallel, chosen.ui = 1024, 1, False
chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = 1
chosen.chat_template = (
    "{% for tool in tools %}{{ tool.function | tojson }}\n{% endfor %}{% for message in messages %}{{ message.content }}"
    "{% for call in message.tool_calls or [] %}"
    '<call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}</call>'
    "{% endfor %}\n{% endfor %}"
)
server = xllamacpp.Server(chosen)
NOTHING = {"type": "object", "properties": {}, "additionalProperties": False}
FORM = {"type": "object", "properties": {"open": {"type": "boolean"}}, "required": ["open"], "additionalProperties": False}
ASKED = {
    "messages": [{"role": "user", "content": "Is the shop open?"}],
    "tools": [{"type": "function", "function": {"name": "look", "parameters": NOTHING}}],
    "temperature": 1,
    "max_tokens": 100,
    "logit_bias": [[3 + ord(blank), False] for blank in " \t\n"],  # random weights like blanks, which JSON may have anywhere
}


def came(**more: object) -> str:
    data = json.dumps({**ASKED, **more}).encode()
    request = urllib.request.Request(f"{server.listening_address}/v1/chat/completions", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            (choice,) = json.load(answer)["choices"]
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    if choice["message"].get("tool_calls"):
        return "calls"
    try:
        return "answers in the form" if set(json.loads(choice["message"]["content"])) == {"open"} else "other answers"
    except ValueError:
        return "other answers"


schema = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": FORM}}
told = []
for tool_choice in ("auto", "required"):
    counted = Counter(came(tool_choice=tool_choice, response_format=schema, seed=seed) for seed in range(8))
    told.append(f"{tool_choice}: " + ", ".join(f"{times} {kind}" for kind, times in counted.items()))
told.append("a grammar beside tools: " + came(grammar='root ::= "yes"'))
print(" · ".join(told), flush=True)
os._exit(0)
PY
"$work/venv/bin/python" "$work/model.py" "$work/model.gguf" 2>/dev/null
found=$("$work/venv/bin/python" "$work/ask.py" "$work/model.gguf" 2>"$work/log") || { tail -30 "$work/log" | cut -c1-1500; exit 1; }
echo "$found"
[ "$found" = "auto: 8 answers in the form · required: 8 answers in the form · a grammar beside tools: status 400" ] || { echo "changed"; exit 1; }
