"""Models as a caller names them: fallbacks that are told, conversations that are gone, several models at once."""

import asyncio

from e2e.conftest import Bench
from lmbridge.testing import FakeLMStudio, FakeModel, gate, say
from support.servers import python_server


async def test_a_fallback_names_the_default_model_that_is_missing(bench: Bench, fake: FakeLMStudio):
    bench.environment |= {"DEFAULT_MODEL": "gone/model", "FALLBACK_MODEL": "qwen/qwen3-4b-2507"}
    code, report = await bench.report("Hi.")
    assert (code, report["status"], report["model"]) == (0, "done", "qwen/qwen3-4b-2507")
    assert len(report["warnings"]) == 1
    assert "'gone/model'" in report["warnings"][0]


async def test_a_conversation_that_the_backend_does_not_know_is_refused_with_what_to_do(
    bench: Bench, fake: FakeLMStudio
):
    async with bench.client() as client:
        result = await bench.call(client, "create_response", input_text="And?", previous_response_id="resp_gone")
    assert result.is_error
    assert result.structured_content["error"]["code"] == "invalid_arguments"
    assert "previous_response_id" in result.structured_content["error"]["hint"]


async def test_runs_on_two_models_side_by_side_never_mix(bench: Bench):
    bench.configure({"clock": python_server("mcp_server_time")})
    async with FakeLMStudio([FakeModel("a/one"), FakeModel("b/two")]) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        doors = {"a/one": gate(), "b/two": gate()}
        for model, door in doors.items():
            fake.script(
                say(f"I am {model}").after(door), when=lambda request, model=model: request.body["model"] == model
            )
        async with bench.client() as client, asyncio.TaskGroup() as tasks:
            runs = {
                model: tasks.create_task(
                    bench.call(client, "autonomous_with_mcp", mcp_name="clock", task="Who are you?", model=model)
                )
                for model in doors
            }
            for door in doors.values():
                await door.reached(within=100)
            for door in doors.values():
                door.open()
        for model, run in runs.items():
            report = run.result().structured_content
            assert (report["model"], report["answer"]) == (model, f"I am {model}")
