"""Random weights on the real llama.cpp, through everything: they know nothing, but a grammar makes what they do valid."""

import json
import os
from pathlib import Path

import psutil
import pytest

from e2e.conftest import Bench
from support.servers import python_server

pytestmark = [pytest.mark.engine]


@pytest.fixture
def embedded(bench: Bench, random_model: Path) -> Bench:
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    (bench.folder / "files").mkdir()
    (bench.folder / "files" / "a.txt").write_text("alpha\n")
    bench.configure({"files": python_server("lmbridge.testing.files", str(bench.folder / "files"))})
    bench.environment |= {"LMBRIDGE_BACKEND": "embedded", "LMBRIDGE_ENGINE_MODEL": str(random_model)}
    return bench


async def test_forced_actions_of_random_weights_are_valid_calls_of_real_tools(embedded: Bench):
    embedded.environment["LMBRIDGE_TOOL_MODE"] = "action"
    async with embedded.client() as client:
        result = await embedded.call(
            client,
            "autonomous_with_mcp",
            mcp_name="files",
            task="List.",
            max_rounds=4,
            tools=["list_allowed_directories"],
        )
    report = result.structured_content
    assert report["status"] in {"done", "partial"}, report
    cut = report["stop_reason"] == "truncated"  # rambling inside a text to the last token: no reply that counts
    assert cut or report["rounds"] >= 1, report
    assert all(use["tool"] == "files__list_allowed_directories" for use in report["tools_used"])


async def test_rambling_ends_honestly_and_nothing_is_left_running(embedded: Bench):
    async with embedded.client() as client:
        result = await embedded.call(
            client, "autonomous_with_mcp", mcp_name="files", task="List.", max_rounds=3, max_tokens=300
        )
    report = result.structured_content
    assert report["stop_reason"] in {"answered", "max_rounds", "max_tokens", "truncated", "stuck", "llm_error"}, report
    assert report["writes"] == []
    assert left_over(embedded) == []


async def test_the_model_in_memory_is_loaded_and_hints_name_the_engine_and_not_lm_studio(embedded: Bench):
    async with embedded.client() as client:
        model = (await embedded.call(client, "get_current_model")).structured_content["model"]
        for tool in ("lms_ensure_model_loaded", "lms_load_model"):
            loaded = (await embedded.call(client, tool, model_name=model)).structured_content
            assert (loaded["loaded"], loaded["loaded_now"]) == (True, False)
        for tool, arguments, code, way in [
            ("lms_load_model", {"model_name": "another"}, "model_not_found", "lmbridge engine pull"),
            ("lms_download_model", {"model_key": "another"}, "llm_error", "LMBRIDGE_ENGINE_MODEL"),
            ("generate_embeddings", {"text": "x"}, "model_not_found", "lmbridge engine serve --embedding"),
        ]:
            result = await embedded.call(client, tool, **arguments)
            error = result.structured_content["error"]
            assert (error["code"], way in error["hint"], "LM Studio" in error["hint"]) == (code, True, False), error


async def test_a_schema_is_enforced_by_the_engine_s_grammar(embedded: Bench):
    schema = embedded.folder / "schema.json"
    shape = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "ok": {"type": "boolean"}},
        "required": ["n", "ok"],
    }
    schema.write_text(json.dumps(shape | {"additionalProperties": False}))
    code, report = await embedded.report("Give a number.", "--schema", str(schema))
    assert (code, report["status"]) == (0, "done"), report
    assert set(report["output"]) == {"n", "ok"}


def left_over(bench: Bench) -> list[str]:
    """Processes that still belong to this test: they carry its state folder in their environment."""
    mark, found = bench.environment["LMBRIDGE_STATE_DIR"], []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and mark in process.environ().get("LMBRIDGE_STATE_DIR", ""):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def without_template(model: Path, base: Path) -> Path:
    base.write_bytes(model.read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.other_entries"))
    return base


async def test_a_base_model_is_refused_before_it_is_asked_anything(embedded: Bench, random_model: Path, tmp_path: Path):
    base = without_template(random_model, tmp_path / "wordy-base.gguf")
    embedded.environment["LMBRIDGE_ENGINE_MODEL"] = str(base)
    async with embedded.client() as client:
        result = await embedded.call(client, "autonomous_with_mcp", task="Say hello.", mcp_name="files")
    assert result.is_error
    assert "wordy-base.gguf has no chat template: it is a base model" in result.content[0].text
