#!/usr/bin/env bash
# llama.cpp b11549 (xllamacpp 2026.10.11549, PyPI): who pins a conversation to a slot by `id_slot` finds its prompt cache empty.
#
# What one guesses: a server with two slots and one KV cache for both, and the prompt cache in RAM on (what llama-server does
# without options), keeps two conversations warm; to be sure, each is pinned to its slot with `id_slot`, and comes back to its cached prompt.
# What happens: with each new request idle slots are written to the cache in RAM and emptied, and a pinned request does not look there:
# red, blue, red, blue are read whole each time. Left to the server's choice, the two that come back read one token each; so they do
# when pinned with the cache in RAM turned off (`cache_ram_mib = 0`), which looks like less caching and is more.
# Seen: pinned, RAM 512 MiB: [0, 0, 0, 0] · chosen, RAM 512 MiB: [0, 0, 903, 1053] · pinned, RAM 0: [0, 0, 903, 1053]
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
"""Prompt tokens that four requests, of two conversations in turn, find cached: MODEL MiB-in-RAM pinned|chosen."""
import json
import os
import sys
import urllib.request

import xllamacpp

model, ram, how = sys.argv[1:]
chosen = xllamacpp.CommonParams()
chosen.model.path = model
chosen.n_ctx, chosen.n_parallel, chosen.kv_unified = 4096, 2, True
chosen.cache_ram_mib, chosen.ui = int(ram), False
server = xllamacpp.Server(chosen)


def cached(word: str, slot: int) -> int:
    body = {"prompt": f"{word} " * 150, "n_predict": 1, "cache_prompt": True}
    body |= {"id_slot": slot} if how == "pinned" else {}
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.listening_address}/completion", json.dumps(body).encode(), head)
    return json.load(urllib.request.urlopen(request))["timings"]["cache_n"]


print(json.dumps([cached("red", 0), cached("blue", 1), cached("red", 0), cached("blue", 1)]), flush=True)
os._exit(0)
PY
"$work/venv/bin/python" "$work/model.py" "$work/random.gguf"
seen() { "$work/venv/bin/python" "$work/ask.py" "$work/random.gguf" "$@" 2>/dev/null | tail -1; }
pinned=$(seen 512 pinned) chosen=$(seen 512 chosen) without=$(seen 0 pinned)
echo "pinned, RAM 512 MiB: $pinned · chosen, RAM 512 MiB: $chosen · pinned, RAM 0: $without"
python3 - "$pinned" "$chosen" "$without" <<'PY'
import json
import sys

pinned, chosen, without = map(json.loads, sys.argv[1:])
assert pinned == [0, 0, 0, 0], "a pinned conversation finds its prompt again"
assert chosen[:2] == without[:2] == [0, 0], "the first prompts were cached"
assert min(*chosen[2:], *without[2:]) > 400, "a conversation that comes back is read anew"
PY
