"""A decision model on the embedded engine: told apart from models that chat, and asked in llama.cpp's own form."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.judge import judge_for
from lmbridge.agent.task.assignment import Assignment
from lmbridge.engine.gguf import only_decides
from lmbridge.llm.decisions import TypedQuestion, decided
from lmbridge.settings import Settings
from lmbridge.testing.random_model import write_random_model

pytestmark = pytest.mark.engine
ROUTE = TypedQuestion(
    "Who should handle it?", (("billing", "payments and refunds"), ("shipping", None), ("sales", "offers"))
)


@pytest.mark.parametrize("beside", [True, False], ids=["beside a model that chats", "alone"])
async def test_a_decision_model_answers_typed_questions_and_nothing_else(
    random_model: Path, tmp_path: Path, beside: bool
) -> None:
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    decider = write_random_model(tmp_path / "decider.gguf", decides=True)
    assert (only_decides(decider), only_decides(random_model)) == (True, False)
    names = f"{decider},{random_model}" if beside else str(decider)
    settings = Settings(
        backend="embedded",
        engine_model=names,
        engine_threads=1,
        engine_context=2048,
        slots=1,
        state_dir=tmp_path / "s",
        judge="auto",
    )
    async with Bridge.open(settings) as bridge:
        models = {model.id: model.kind for model in await bridge.backend.catalogue()}
        judge, why_not = await judge_for(settings, bridge.backend)
        questions = {"angry": TypedQuestion("Is the customer angry?"), "route": ROUTE}
        found = await decided(bridge.backend.client, "decider", {"said": "I was charged twice."}, questions, within=30)
        refused = await bridge.delegate(Assignment("Say something.", (), model="decider"))
    assert models["decider"] == "decision"
    assert set(models.values()) == ({"decision", "llm"} if beside else {"decision"})
    assert judge is not None
    assert why_not is None
    assert set(found["route"]) == {"billing", "shipping", "sales"}
    assert sum(found["route"].values()) == pytest.approx(1, abs=1e-3)
    assert 0 <= found["angry"]["true"] <= 1
    assert refused.error is not None
    assert refused.error.code == "model_not_usable"
