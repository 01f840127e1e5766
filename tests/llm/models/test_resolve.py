"""Which model a name means, and what is said where it means none."""

from __future__ import annotations

import pytest

from lmbridge.errors import LLMValidationError, ModelNotFoundError, ModelNotUsableError
from lmbridge.llm.models.listing import Instance, ModelInfo, parse_openai, parse_v0, parse_v1
from lmbridge.llm.models.resolve import choose, find, is_same

URL = "http://h:1234/v1"


def model(key: str, *instances: str, **more: object) -> ModelInfo:
    held = tuple(Instance(name, 8192, 4) for name in instances)
    return ModelInfo(key, loaded=bool(held), instances=held, **more)  # type: ignore[arg-type]


QWEN = model(
    "qwen/qwen3-4b", "qwen/qwen3-4b", "qwen/qwen3-4b:2", quantization="Q4_K_M", variants=("qwen/qwen3-4b@q4_k_m",)
)
ALIASED = model("mistral/devstral", "my-coder")
GEMMA = model("google/gemma-3-1b", tool_use=False)
EMBED = model("nomic/text-embed", kind="embedding", tool_use=False)
ALL = (EMBED, GEMMA, QWEN, ALIASED)


@pytest.mark.parametrize(
    ("name", "asked", "key"),
    [
        ("qwen/qwen3-4b", "qwen/qwen3-4b", "qwen/qwen3-4b"),
        ("qwen/qwen3-4b:2", "qwen/qwen3-4b:2", "qwen/qwen3-4b"),
        ("qwen/qwen3-4b:7", "qwen/qwen3-4b", "qwen/qwen3-4b"),
        ("Qwen/Qwen3-4B", "qwen/qwen3-4b", "qwen/qwen3-4b"),
        ("qwen/qwen3-4b@q4_k_m", "qwen/qwen3-4b", "qwen/qwen3-4b"),
        ("qwen3-4b", "qwen/qwen3-4b", "qwen/qwen3-4b"),
        ("qwen3-4b@Q4_K_M", "qwen/qwen3-4b", "qwen/qwen3-4b"),
        ("my-coder", "my-coder", "mistral/devstral"),
        ("mistral/devstral", "my-coder", "mistral/devstral"),
        ("google/gemma-3-1b", "google/gemma-3-1b", "google/gemma-3-1b"),
    ],
)
def test_a_name_in_any_of_its_forms_means_its_model(name: str, asked: str, key: str) -> None:
    found = find(name, ALL)
    assert found is not None
    assert (found.id, found.model.id) == (asked, key)


@pytest.mark.parametrize("name", ["nope", "qwen", "google/gemma-3-1b:2", "qwen/qwen3-4b@q8_0"])
def test_an_unknown_name_means_nothing(name: str) -> None:
    assert find(name, ALL) is None


def test_a_short_name_that_two_models_share_means_neither() -> None:
    assert find("x", (model("a/x"), model("b/x"))) is None


@pytest.mark.parametrize(
    ("key", "names"),
    [
        (
            "/models/Qwen3-4B-Q4_K_M.gguf",
            ("Qwen3-4B-Q4_K_M.gguf", "qwen3-4b-q4_k_m", "/elsewhere/Qwen3-4B-Q4_K_M.gguf"),
        ),
        ("C:\\models\\Qwen3-4B.gguf", ("Qwen3-4B.gguf", "Qwen3-4B")),
        ("/models/Big-00001-of-00003.gguf", ("Big", "big.gguf", "Big-00001-of-00003.gguf")),
        ("Qwen3-4B", ("Qwen3-4B.gguf", "/models/qwen3-4b.gguf")),
    ],
)
def test_a_model_that_is_a_file_is_found_by_the_file_s_name(key: str, names: tuple[str, ...]) -> None:
    models = (model("other/one"), model(key))
    for name in names:
        found = find(name, models)
        assert found is not None, name
        assert found.model.id == key
    assert find("someone/Qwen3-4B", models) is None


@pytest.mark.parametrize("name", [None, "", "default", " Default "])
def test_no_name_means_the_default_model(name: str | None) -> None:
    assert choose(name, ALL, default="google/gemma-3-1b", purpose="agent", url=URL).id == "google/gemma-3-1b"
    assert choose(name, ALL, default=None, purpose="agent", url=URL).model is QWEN


def test_without_a_loaded_model_the_default_is_one_that_the_backend_would_load() -> None:
    assert choose(None, (EMBED, GEMMA), default=None, purpose="agent", url=URL).model is GEMMA


def test_the_default_embedding_model_is_an_embedding_model_whatever_the_default_is() -> None:
    assert choose("default", ALL, default="qwen/qwen3-4b", purpose="embedding", url=URL).model is EMBED


def test_a_backend_without_a_fitting_model_says_so() -> None:
    with pytest.raises(ModelNotFoundError, match="no language model"):
        choose(None, (EMBED,), default=None, purpose="agent", url=URL)


@pytest.mark.parametrize("purpose", ["agent", "chat"])
def test_an_embedding_model_is_refused_for_language_in_a_clear_sentence(purpose: str) -> None:
    with pytest.raises(ModelNotUsableError, match="nomic/text-embed is an embedding model"):
        choose("nomic/text-embed", ALL, default=None, purpose=purpose, url=URL)


def test_a_language_model_is_refused_for_embeddings() -> None:
    with pytest.raises(ModelNotUsableError):
        choose("google/gemma-3-1b", ALL, default=None, purpose="embedding", url=URL)


@pytest.mark.parametrize("name", ["qwen3-4", "qwen/qwen3-4", "qwen3-4b-instruct", "Qwen3"])
def test_an_unknown_name_is_refused_with_the_nearest_first(name: str) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        choose(name, ALL, default=None, purpose="agent", url=URL)
    assert caught.value.available_models[0] == "qwen/qwen3-4b"
    assert len(caught.value.available_models) == 4
    assert "qwen/qwen3-4b" in str(caught.value)


@pytest.mark.parametrize("name", ["a\nb", "x" * 300, "a\x00"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(LLMValidationError):
        choose(name, ALL, default=None, purpose="agent", url=URL)


@pytest.mark.parametrize("name", [7, ["x"], {"a": 1}])
def test_a_name_that_is_no_text_is_refused(name: object) -> None:
    with pytest.raises(LLMValidationError, match="must be text"):
        choose(name, ALL, default=None, purpose="agent", url=URL)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "same"),
    [
        ("qwen/qwen3-4b", True),
        ("qwen/qwen3-4b:2", True),
        ("qwen3-4b", True),
        ("qwen/qwen3-4b@q4_k_m", True),
        ("/models/Qwen3-4B.gguf", True),
        ("google/gemma-3-1b", False),
        ("my-coder", False),
        ("gpt-4o", None),
    ],
)
def test_the_model_of_a_reply_is_compared_after_its_aliases(reply: str, same: bool | None) -> None:
    asked = find("qwen/qwen3-4b", ALL)
    assert asked is not None
    assert is_same(reply, asked, ALL) is same


def test_the_same_name_of_two_publishers_is_not_the_same_model() -> None:
    models = (model("a/x", "a/x"), model("b/x", "b/x"))
    asked = find("a/x", models)
    assert asked is not None
    assert is_same("b/x", asked, models) is False


# --- listings

V1 = {
    "models": [
        {
            "type": "llm",
            "key": "qwen/qwen3-4b-2507",
            "quantization": {"name": "4bit", "bits_per_weight": 4},
            "loaded_instances": [
                {"id": "q", "config": {"context_length": 8192, "parallel": 4, "reasoning_budget_message": ""}}
            ],
            "max_context_length": 262144,
            "capabilities": {"vision": True, "trained_for_tool_use": True},
            "variants": ["qwen/qwen3-4b-2507@4bit"],
        },
        {
            "type": "embedding",
            "key": "nomic",
            "quantization": None,
            "loaded_instances": [{"id": "nomic", "config": {"context_length": 2048}}],
        },
        {"type": "llm"},
        "junk",
    ]
}


def test_the_native_listing_is_read_leniently() -> None:
    qwen, nomic = parse_v1(V1)
    assert (qwen.kind, qwen.loaded, qwen.context_length, qwen.slots, qwen.quantization) == (
        "vlm",
        True,
        8192,
        4,
        "4bit",
    )
    assert (nomic.kind, nomic.loaded, nomic.slots, nomic.tool_use) == ("embedding", True, None, None)


def test_the_older_native_listing_is_read() -> None:
    rows = [
        {
            "id": "a",
            "type": "vlm",
            "state": "loaded",
            "loaded_context_length": 4096,
            "quantization": "Q4_K_M",
            "capabilities": ["tool_use"],
        },
        {"id": "b", "type": "embeddings", "state": "not-loaded", "max_context_length": 2048},
    ]
    a, b = parse_v0({"data": rows})
    assert (a.kind, a.loaded, a.context_length, a.tool_use, a.vision) == ("vlm", True, 4096, True, True)
    assert (b.kind, b.loaded, b.max_context_length) == ("embedding", False, 2048)


def test_the_openai_listing_is_read_with_what_vllm_and_llama_cpp_add() -> None:
    rows = [
        {"id": "Qwen/Q", "max_model_len": 4096},
        {"id": "m.gguf", "meta": {"n_ctx_train": 32768}},
        {"id": "nomic-embed-text"},
    ]
    q, m, nomic = parse_openai({"data": rows})
    assert (q.loaded, q.context_length, m.max_context_length, nomic.kind) == (True, 4096, 32768, "embedding")
