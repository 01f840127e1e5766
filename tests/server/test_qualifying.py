"""The tool that measures a model: off unless asked for, with progress, harmless."""

from lmbridge.testing import FakeLMStudio
from server.conftest import MODEL, Bench
from support.capable import capable


async def test_the_tool_is_off_until_its_group_is_named(bench: Bench):
    async with FakeLMStudio(models=[MODEL]) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        bench.configure({})
        async with bench.local() as client:
            assert "qualify_model" not in {tool.name for tool in (await client.list_tools()).tools}
        bench.environment["LMBRIDGE_TOOL_GROUPS"] = "models,qualify"
        async with bench.local() as client:
            assert "qualify_model" in {tool.name for tool in (await client.list_tools()).tools}


async def test_it_measures_with_progress_and_answers_with_the_profile(bench: Bench):
    async with FakeLMStudio(models=[MODEL]) as fake:
        fake.script(capable)
        bench.environment |= {"LMSTUDIO_BASE_URL": fake.base_url, "LMBRIDGE_TOOL_GROUPS": "qualify"}
        bench.configure({})
        async with bench.client() as client:
            result = await bench.call(client, "qualify_model", quick=True)
            again = await bench.call(client, "qualify_model", model="no-such-model")
    assert not result.is_error, result.content
    assert result.structured_content is not None
    assert (result.structured_content["model"], result.structured_content["mode"]) == (MODEL, "native")
    assert any("native_tools" in line for _, line in bench.progress)
    assert again.is_error
    assert "model_not_found" in again.content[0].text
