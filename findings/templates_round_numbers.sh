#!/usr/bin/env bash
# llama.cpp b11549 (xllamacpp 2026.10.11549, PyPI): a model is shown its own earlier calls, and the tools, with numbers of six significant digits.
#
# What one guesses: the arguments of a call go back as the text that they came as, or, where a chat template wants an object, through
# `tojson` as any JSON printer writes it: 52.520008 stays 52.520008.
# What happens: the arguments are parsed, and the template's `tojson` prints floats in six digits: a place moves by fifty metres, an amount
# becomes 1.23457e+06, a time in seconds 1.7e+09. So do `default`, `maximum` and `enum` of tools, while the grammar holds the model to the
# exact number that it is not shown. `{{ value }}` of the same template shows the digits. Integers of 64 bits, and numbers in quotes, stay.
# Seen: a default: 52.52 · lat: 52.52 · francs: 1.23457e+06 · at: 1.7e+09 · id: 1234567890123456789 · text: 52.520008
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
"""A prompt in which a call of the conversation and a tool stand, both with numbers."""
import json
import os
import sys
import urllib.request

import xllamacpp

chosen = xllamacpp.CommonParams()
chosen.model.path = sys.argv[1]
chosen.n_ctx, chosen.n_parallel, chosen.ui = 1024, 1, False
chosen.chat_template = (
    "{% for tool in tools %}{{ tool.function.parameters.properties | tojson }}{% endfor %}"
    "{% for message in messages %}{{ message.content }}{% for call in message.tool_calls or [] %}"
    '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}'
    "{% endfor %}{% endfor %}"
)
server = xllamacpp.Server(chosen)
ARGUMENTS = '{"lat": 52.520008, "francs": 1234567.89, "at": 1700000000.5, "id": 1234567890123456789, "text": "52.520008"}'
call = {"id": "1", "type": "function", "function": {"name": "pin", "arguments": ARGUMENTS}}
parameters = {"type": "object", "properties": {"lat": {"type": "number", "default": 52.520008}}}
asked = {
    "messages": [
        {"role": "user", "content": "Pin it."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "done"},
    ],
    "tools": [{"type": "function", "function": {"name": "pin", "parameters": parameters}}],
}
request = urllib.request.Request(f"{server.listening_address}/apply-template", json.dumps(asked).encode(), {"Content-Type": "application/json"})
with urllib.request.urlopen(request, timeout=60) as answer:
    told = json.load(answer)["prompt"]
decoder = json.JSONDecoder(parse_float=str, parse_int=str)
offered, end = decoder.raw_decode(told)
made, _ = decoder.raw_decode(told[told.index("{", end) :])
print(f"a default: {offered['lat']['default']} · " + " · ".join(f"{name}: {value}" for name, value in made["arguments"].items()), flush=True)
os._exit(0)
PY
"$work/venv/bin/python" "$work/model.py" "$work/model.gguf" 2>/dev/null
found=$("$work/venv/bin/python" "$work/ask.py" "$work/model.gguf" 2>"$work/log") || { tail -30 "$work/log" | cut -c1-1500; exit 1; }
echo "$found"
[ "$found" = "a default: 52.52 · lat: 52.52 · francs: 1.23457e+06 · at: 1.7e+09 · id: 1234567890123456789 · text: 52.520008" ] || { echo "changed"; exit 1; }
