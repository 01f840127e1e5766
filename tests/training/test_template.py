"""llama.cpp renders the GGUF's template to what the generator trains on, and splits it into the same tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is for training only (training/README.md) and not installed")
pytest.importorskip("gguf", reason="gguf is for training only (training/README.md) and not installed")
pytest.importorskip("tokenizers", reason="tokenizers is for training only (training/README.md) and not installed")
pytest.importorskip("xllamacpp", reason="the embedded engine is not installed")

import generate
import torch
import train
from export import export
from model import Model, Shape
from names import Names
from parity import as_messages, compare
from render import render
from tokenizers import Tokenizer

import schemas
from engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train.learn_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json", 512, 1)


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> Model:
    torch.manual_seed(0)
    return Model(Shape(tokenizer.get_vocab_size(), width=64, layers=2, heads=2, hidden=96)).eval()


@pytest.fixture(scope="module")
def engine(model: Model, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path: Path = tmp_path_factory.mktemp("gguf") / "random.gguf"
    export(model, tokenizer, path, "F32")
    with Engine(path) as engine:
        yield engine


def test_prompts_tokens_and_greedy_output_agree_with_torch(engine: Engine, model: Model, tokenizer: Tokenizer) -> None:
    found = compare(engine, model, tokenizer, Names(random.Random(2), held_out=True), 12, limit=8)
    assert (found.prompts, found.tokens) == (12, 12)
    assert found.outputs >= 11  # two tokens may be equally likely to the last bit


def test_the_system_message_is_left_out_and_the_user_message_stays_as_it_is(engine: Engine) -> None:
    tools, said = generate.conversation(Names(random.Random(3)))
    body = {"messages": as_messages(said[:1]), "tools": [schemas.tool(name) for name in tools]}
    assert engine.post("/apply-template", body)["prompt"] == render(tools, said[:1], ask=True)


@pytest.mark.parametrize("quantized", ["F16", "Q8_0"])
def test_smaller_files_load_as_well(model: Model, tokenizer: Tokenizer, tmp_path: Path, quantized: str) -> None:
    path = tmp_path / "small.gguf"
    export(model, tokenizer, path, quantized)
    with Engine(path) as engine:
        assert engine.post("/tokenize", {"content": "hello"})["tokens"] == tokenizer.encode("hello").ids


def test_text_that_looks_like_a_marker_is_split_as_in_training(engine: Engine, tokenizer: Tokenizer) -> None:
    text = '{"path": "a", "content": "b"}\n[FILE] x read_text_file |write_file naïve  \t 123'
    found = engine.post("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]
    assert found == tokenizer.encode(text).ids


def test_chosen_positions_have_the_states_that_they_have_among_all(model: Model) -> None:
    ids = torch.randint(0, model.shape.vocab, (3, 20))
    chosen = torch.rand(3, 20) < 0.4
    assert torch.allclose(model.hidden(ids, chosen), model.hidden(ids)[chosen], atol=1e-5)


def test_a_model_that_has_grown_says_what_the_smaller_one_said(model: Model, tmp_path: Path) -> None:
    smaller = {"shape": model.shape.as_dict(), "weights": model.state_dict()}
    torch.save(smaller, tmp_path / "small.pt")
    deeper = Model(Shape(model.shape.vocab, width=64, layers=5, heads=2, hidden=96)).eval()
    train.grow(tmp_path / "small.pt", deeper)
    ids = torch.randint(0, model.shape.vocab, (2, 15))
    assert torch.allclose(deeper(ids), model(ids), atol=1e-4)
