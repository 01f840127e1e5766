#!/usr/bin/env bash
# llama.cpp b11549 (xllamacpp 2026.10.11549, PyPI): `logprobs` of a reply that a grammar or a JSON schema holds to its form are those before the grammar.
#
# What one guesses: at temperature 0 the token that stands in a reply is the likeliest of its `top_logprobs`, and where the schema leaves
# few tokens, their probabilities come near one: a confidence in the value that was chosen, which programs read off and compare with a threshold.
# What happens: probabilities are those of the model alone, before the grammar left anything out. The likeliest tokens are mostly ones that the reply could
# not have had, the one that stands there is often not among them, and its probability says how much the model wanted it, not how sure the choice was:
# a reply that the grammar fixes word for word has tokens of under two per cent. For a confidence, divide by what the allowed tokens have
# together. (It has its use: what the model would rather have said is told with it.)
# Seen: tokens: 5 · the likeliest of its place: 0 · among the four likeliest: 0 · largest probability: under 0.02
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
"""A reply whose every token a grammar fixes, with the likelihoods of its tokens."""
import json
import math
import os
import sys
import urllib.request

import xllamacpp

chosen = xllamacpp.CommonParams()
chosen.model.path = sys.argv[1]
chosen.n_ctx, chosen.n_parallel, chosen.ui = 1024, 1, False
chosen.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
server = xllamacpp.Server(chosen)
asked = {
    "messages": [{"role": "user", "content": "Is it there?"}],
    "temperature": 0,
    "max_tokens": 32,
    "grammar": 'root ::= "there"',
    "logprobs": True,
    "top_logprobs": 4,
}
request = urllib.request.Request(
    f"{server.listening_address}/v1/chat/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"}
)
with urllib.request.urlopen(request, timeout=60) as answer:
    (choice,) = json.load(answer)["choices"]
assert choice["message"]["content"] == "there", choice["message"]
tokens = choice["logprobs"]["content"][:5]
assert "".join(token["token"] for token in tokens) == "there", tokens
first = sum(token["token"] == token["top_logprobs"][0]["token"] for token in tokens)
among = sum(token["token"] in [other["token"] for other in token["top_logprobs"]] for token in tokens)
largest = max(math.exp(token["logprob"]) for token in tokens)
print(f"tokens: {len(tokens)} · the likeliest of its place: {first} · among the four likeliest: {among} · largest probability: ", end="")
print("under 0.02" if largest < 0.02 else f"{largest:.3f}", flush=True)
os._exit(0)
PY
"$work/venv/bin/python" "$work/model.py" "$work/model.gguf" 2>/dev/null
found=$("$work/venv/bin/python" "$work/ask.py" "$work/model.gguf" 2>"$work/log") || { tail -30 "$work/log" | cut -c1-1500; exit 1; }
echo "$found"
[ "$found" = "tokens: 5 · the likeliest of its place: 0 · among the four likeliest: 0 · largest probability: under 0.02" ] || { echo "changed"; exit 1; }
