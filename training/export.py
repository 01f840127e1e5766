"""Write a trained checkpoint as a GGUF file: architecture llama, byte-level BPE, our chat template inside."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import tokenizer as tokens
import torch
from model import Model, Shape
from tokenizers import Tokenizer

TEMPLATE = Path(__file__).with_name("chat_template.jinja")
CONTEXT = 8192  # what engines may give it; conversations of the training end at some 700 tokens
FILE_TYPES = {
    "F32": gguf.LlamaFileType.ALL_F32,
    "F16": gguf.LlamaFileType.MOSTLY_F16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
}


def load_checkpoint(path: Path) -> Model:
    """The model of a checkpoint, ready to be used."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = Model(Shape(**saved["shape"]))
    model.load_state_dict(saved["weights"])
    return model.eval()


def _add_shape(writer: gguf.GGUFWriter, shape: Shape, kind: str) -> None:
    writer.add_name("lmbridge-demo")
    writer.add_description("A small tool-use model trained from scratch on synthetic tasks, for demonstrations")
    writer.add_license("mit")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.vocab)
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_sampling_temp(0.0)  # greedy, unless a request asks for something else
    writer.add_sampling_top_k(1)


def _token_type(text: str, whole: set[str]) -> gguf.TokenType:
    if text in tokens.CONTROL:
        return gguf.TokenType.CONTROL
    return gguf.TokenType.USER_DEFINED if text in whole else gguf.TokenType.NORMAL


def _add_tokens(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    ordered = sorted(vocabulary, key=lambda text: vocabulary[text])
    described = json.loads(tokenizer.to_str())
    whole = {added["content"] for added in described["added_tokens"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("dbrx")
    writer.add_token_list(ordered)
    writer.add_token_types([_token_type(text, whole) for text in ordered])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in described["model"]["merges"]])
    for add in (writer.add_eos_token_id, writer.add_bos_token_id, writer.add_pad_token_id):
        add(vocabulary["<|end|>"])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE.read_text(encoding="utf-8"))


def _tensors(model: Model) -> dict[str, torch.Tensor]:
    named = {"token_embd": model.embedding.weight, "output_norm": model.norm.weight}
    for index, block in enumerate(model.blocks):
        q, k, v = block.qkv.weight.chunk(3)
        gate, up = block.gate_up.weight.chunk(2)
        parts = {
            "attn_norm": block.attn_norm.weight, "attn_q": q, "attn_k": k, "attn_v": v,
            "attn_output": block.attn_output.weight, "ffn_norm": block.ffn_norm.weight,
            "ffn_gate": gate, "ffn_up": up, "ffn_down": block.ffn_down.weight,
        }  # fmt: skip
        named |= {f"blk.{index}.{name}": weight for name, weight in parts.items()}
    return named


def _add_tensor(writer: gguf.GGUFWriter, name: str, weight: torch.Tensor, kind: str) -> None:
    values = np.ascontiguousarray(weight.detach().float().numpy())
    if values.ndim == 1 or kind == "F32":
        writer.add_tensor(name, values)
    elif kind == "F16":
        writer.add_tensor(name, values.astype(np.float16))
    else:
        quantized = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(values, quantized), raw_dtype=quantized)


def export(model: Model, tokenizer: Tokenizer, path: Path, kind: str = "F16") -> None:
    """Write the model, its tokenizer and the template to one file."""
    writer = gguf.GGUFWriter(path, "llama")
    _add_shape(writer, model.shape, kind)
    _add_tokens(writer, tokenizer)
    for name, weight in _tensors(model).items():
        _add_tensor(writer, f"{name}.weight", weight, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Export a checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--type", choices=list(FILE_TYPES), default="F16", dest="kind")
    options = parser.parse_args()
    model = load_checkpoint(options.checkpoint)
    export(model, tokens.load(options.tokenizer), options.output, options.kind)
    print(f"{options.output}: {model.size():,} parameters, {options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
