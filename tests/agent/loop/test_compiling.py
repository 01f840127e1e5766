"""A backend that cannot compile one tool's schema costs that schema, not the tools."""

from __future__ import annotations

import json

from lmbridge.errors import GrammarError
from lmbridge.events import TurnDiscarded, Warned
from lmbridge.testing.fake_lmstudio import Turn, call, say
from lmbridge.testing.scripted import Asked, ScriptedModel, ScriptedTool, ScriptedToolbox, tool
from support.loops import ran

OTHERS = [tool(f"other_{n}", read_only=True) for n in range(6)]


def reading(argument: dict[str, object]) -> ScriptedTool:
    """The tool `read` with one argument of this schema."""
    return tool("read", "alpha", read_only=True, schema={"type": "object", "properties": {"path": argument}})


def choking_on(*words: str, then: list[Turn]) -> ScriptedModel:
    """A model whose backend cannot compile tools that hold one of these words; probes are answered with a word."""

    def reply(asked: Asked) -> Turn | Exception:
        text = json.dumps([[spec.name, spec.parameters] for spec in asked.tools])
        if any(word in text for word in words):
            return GrammarError("Failed to initialize samplers: failed to parse grammar", status=400)
        return say("Hi") if asked.options.max_tokens == 1 else then.pop(0)

    return ScriptedModel(then=reply)


async def test_the_one_schema_that_does_not_compile_is_simplified_and_the_run_goes_on() -> None:
    bad = reading({"type": "string", "pattern": "^a$"})
    model = choking_on('"^a$"', then=[call("read", path="a"), say("alpha")])

    run = await ran(model, ScriptedToolbox(bad, *OTHERS))

    assert run.report.answer == "alpha"
    sent = {spec.name: spec for spec in model.asked[-1].tools}
    assert {"read", "other_0", "other_5"} <= sent.keys()
    assert sent["read"].parameters["properties"] == {"path": {"type": "string"}}
    assert sent["read"].schema == bad.spec.schema
    assert [fact.reason for fact in run.all(TurnDiscarded)] == ["grammar"]
    assert ["schema of read:" in fact.text for fact in run.all(Warned)] == [True]


async def test_a_tool_that_compiles_in_no_form_is_left_out_and_told() -> None:
    bad = reading({"type": "string"})
    model = choking_on('"read"', then=[say("done")])

    run = await ran(model, ScriptedToolbox(bad, *OTHERS))

    assert run.report.answer == "done"
    assert "read" not in {spec.name for spec in model.asked[-1].tools}
    assert any("read: the tool is left out" in warning for warning in run.report.warnings)
