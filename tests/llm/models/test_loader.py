"""Loading and unloading: each model once, never against one at work, by REST or by the optional `lms` command."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from lmbridge.errors import (
    LLMResponseError,
    LLMValidationError,
    ModelLoadError,
    ModelNotFoundError,
    ModelNotUsableError,
)
from lmbridge.events import ModelLoaded, Warned
from lmbridge.llm.models.lms_cli import Lms, safe_name
from lmbridge.llm.pinning import pin
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, fault, gate, say
from lmbridge.testing.lms_stub import install_lms
from support.llm import NO_LMS, Bench, Told, asked, within

A, B = "qwen/qwen3-4b", "google/gemma-3-1b"
ON_DISK = (FakeModel(A), FakeModel(B, loaded=False))


def lms_for(folder: Path, fake: FakeLMStudio, mood: str = "well") -> Lms:
    return Lms(install_lms(folder, fake.url, mood=mood))  # type: ignore[arg-type]


async def test_many_who_want_a_model_load_it_once(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        backend = await bench.backend(fake.base_url)
        hold = fake.hold_loads()
        tasks = [asyncio.ensure_future(backend.load(B, emit=told)) for _ in range(20)]
        await hold.reached()
        tasks[0].cancel()
        hold.open()
        results = await within(5, asyncio.gather(*tasks, return_exceptions=True))
        assert isinstance(results[0], asyncio.CancelledError)
        assert {each.target.id for each in results[1:]} == {B}  # type: ignore[union-attr]
        assert fake.loads == [B]


async def test_a_loaded_model_is_not_loaded_again_and_idle_is_loaded(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        loaded = await (await bench.backend(fake.base_url)).load(A, emit=told)
        assert not loaded.loaded_now
        assert fake.loads == []
    assert told.facts == []


async def test_a_model_loaded_by_somebody_else_meanwhile_is_not_loaded_a_second_time(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        backend = await bench.backend(fake.base_url)
        await backend.catalogue()
        await fake.load(B)
        assert not (await backend.load(B)).loaded_now
        assert [each.identifier for each in fake.loaded].count(B) == 1


async def test_a_context_length_can_be_asked_for_by_call_and_by_setting(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        assert (await (await bench.backend(fake.base_url)).load(B, context_length=2048)).target.context_length == 2048
        fake.unload(B)
        model = await pin(await bench.backend(fake.base_url, context_length=1024), B)
        assert model.context_length == 1024


async def test_a_loaded_model_is_never_reloaded_for_another_context_but_that_is_told(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        loaded = await (await bench.backend(fake.base_url)).load(A, context_length=2048)
        assert not loaded.loaded_now
        assert "8192" in (loaded.warning or "")
        assert fake.loads == []


async def test_a_time_to_live_is_set_through_lms_where_it_is_installed(bench: Bench, tmp_path: Path) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        backend = await bench.backend(fake.base_url, lms=lms_for(tmp_path, fake))
        loaded = await backend.load(B, ttl=300, context_length=2048)
        assert (loaded.loaded_now, loaded.warning) == (True, None)
        [instance] = [each for each in fake.loaded if each.identifier == B]
        assert (instance.ttl_s, instance.context_length) == (300, 2048)


async def test_without_lms_a_time_to_live_is_told_as_not_set(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        await (await bench.backend(fake.base_url)).load(B, ttl=300, emit=told)
    assert "time to live" in told.of(Warned)[0].text
    assert len(told.of(ModelLoaded)) == 1


async def test_a_time_to_live_of_the_settings_goes_along_with_requests_for_a_load_they_may_cause(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        await asked(await pin(await bench.backend(fake.base_url, model_ttl=90), A))
        assert fake.chats[0].body["ttl"] == 90
        await asked(await pin(await bench.backend(fake.base_url), A))
        assert "ttl" not in fake.chats[1].body


async def test_a_failed_load_tells_what_the_backend_said(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(A), FakeModel(B, loaded=False, load_error="no memory")]) as fake:
        with pytest.raises(ModelLoadError, match="Failed to load model") as caught:
            await (await bench.backend(fake.base_url)).load(B)
        assert "Free memory" in (caught.value.hint or "")


async def test_an_idle_model_is_unloaded(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        backend = await bench.backend(fake.base_url)
        assert (await backend.unload(A)).id == A
        assert fake.loaded == []
        assert not any(model.loaded for model in await backend.catalogue())


async def test_a_model_that_works_for_us_is_never_unloaded(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        silence = gate()
        fake.script(say("done").after(silence))
        backend = await bench.backend(fake.base_url)
        task = asyncio.ensure_future(asked(await pin(backend, A)))
        await silence.reached()
        with pytest.raises(ModelNotUsableError, match="at work"):
            await backend.unload(A)
        silence.open()
        assert (await task).text == "done"
        await backend.unload(A)


@pytest.mark.parametrize("phase", ["processingPrompt", "generating"])
async def test_a_model_that_works_for_somebody_else_is_never_unloaded_where_lms_can_tell(
    phase: str, bench: Bench, tmp_path: Path
) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        stop = gate()
        fake.script(say("one two").after(stop) if phase == "processingPrompt" else say("one two").paced(stop))
        other = await bench.backend(fake.base_url)
        task = asyncio.ensure_future(asked(await pin(other, A)))
        await stop.reached()
        assert fake.loaded[0].status == phase
        backend = await bench.backend(fake.base_url, lms=lms_for(tmp_path, fake))
        with pytest.raises(ModelNotUsableError, match="at work"):
            await backend.unload(A)
        assert fake.loads == []
        stop.open()
        await task


async def test_loads_and_looks_are_counted_and_the_breaker_is_shown(bench: Bench) -> None:
    from lmbridge.observe.metrics import Metrics

    async with FakeLMStudio([*ON_DISK, FakeModel("broken", loaded=False, load_error="no")]) as fake:
        backend, metrics = await bench.backend(fake.base_url), Metrics()
        backend.count_into(metrics)
        await backend.load(B)
        with pytest.raises(ModelLoadError):
            await backend.load("broken")
        await backend.validator.validate(A)
        with pytest.raises(ModelNotFoundError):
            await backend.validator.validate("nope")
    shown = metrics.exposition().decode()
    assert f'lms_model_load_attempts_total{{model="{B}",outcome="ok"}} 1.0' in shown
    assert 'lms_model_load_attempts_total{model="broken",outcome="failed"} 1.0' in shown
    assert 'lms_model_verification_attempts_total{outcome="ok"} 1.0' in shown
    assert 'lms_model_verification_attempts_total{outcome="failed"} 1.0' in shown
    assert f'lms_circuit_breaker_state{{backend="{fake.base_url}"}} 0.0' in shown


async def test_what_is_not_loaded_cannot_be_unloaded(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        backend = await bench.backend(fake.base_url)
        for name in (B, "nope"):
            with pytest.raises(ModelNotFoundError):
                await backend.unload(name)


async def test_an_lm_studio_of_old_loads_through_its_requests_or_through_lms(bench: Bench, tmp_path: Path) -> None:
    async with FakeLMStudio(ON_DISK, native_v1=False) as fake:
        old = await bench.backend(fake.base_url)
        assert (await asked(await pin(old, B))).model == B
        with pytest.raises(LLMResponseError, match="Unexpected endpoint"):
            await old.unload(B)
        with_lms = await bench.backend(fake.base_url, lms=lms_for(tmp_path, fake))
        await with_lms.unload(B)
        await with_lms.load(B)
        assert B in [each.identifier for each in fake.loaded]


async def test_a_download_is_started_followed_and_found_done(bench: Bench) -> None:
    async with FakeLMStudio(ON_DISK, remote=[FakeModel("new/model", loaded=False)]) as fake:
        backend = await bench.backend(fake.base_url)
        assert (await backend.download(A)).status == "already_downloaded"
        started = await backend.download("new/model")
        assert started.status == "downloading"
        assert started.job_id
        for _ in range(10):
            state = await backend.client.download_status(started.job_id)
            if state.over:
                break
        assert state.status == "completed"
        assert await backend.validator.validate("new/model") == "new/model"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the command")
async def test_no_second_generation_is_begun_while_lms_says_that_the_first_still_runs(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmbridge.llm.models.loader.POLL_S", 0.01)
    async with FakeLMStudio(ON_DISK) as fake:
        looks = tmp_path / "looks"
        row = f'[{{"identifier": "{A}", "modelKey": "{A}", "status": "$status", "queued": 1}}]'
        program = tmp_path / "lms"
        program.write_text(
            f"""#!/bin/sh
if [ "$1" = server ]; then echo '{{"running": true, "port": {fake.port}}}'; exit; fi
echo x >> {looks}; status=generating
[ $(wc -l < {looks}) -gt 3 ] && status=idle
cat <<END
{row}
END
"""
        )
        program.chmod(0o755)
        fake.script(say("one two").broken(fault.cut(1)), say("whole"))
        backend = await bench.backend(fake.base_url, lms=Lms(program))
        assert (await within(10, asked(await pin(backend, A)))).text == "whole"
        assert len(looks.read_text().splitlines()) == 4


async def test_a_model_that_is_free_at_once_is_asked_again_at_once(bench: Bench, tmp_path: Path) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        fake.script(say("one two").broken(fault.cut(1)), say("whole"))
        backend = await bench.backend(fake.base_url, lms=lms_for(tmp_path, fake))
        assert (await within(10, asked(await pin(backend, A)))).text == "whole"


# --- the command


@pytest.mark.parametrize("name", ["-y", "--all", "--help", "", "-rf /", "a\nb"])
async def test_what_looks_like_a_flag_is_never_given_to_the_command(name: str, tmp_path: Path) -> None:
    lms = Lms(tmp_path / "never-started")
    with pytest.raises(LLMValidationError):
        safe_name(name)
    for act in (lms.load, lms.unload):
        with pytest.raises(LLMValidationError):
            await act(name)


@pytest.mark.parametrize("name", ["a&calc", "a|b", "%PATH%", 'a"b', "a^b", "a>b"])
def test_what_the_shell_of_windows_would_read_is_refused_there(name: str) -> None:
    with pytest.raises(LLMValidationError):
        safe_name(name, windows=True)
    assert safe_name("lmstudio-community/Qwen3 4B@q4_k_m:2", windows=True)


@pytest.mark.parametrize("name", ["qwen3@q4_k_m", "model:2", "lmstudio-community/Qwen3 4B", "a;rm -rf /", "$(id)"])
async def test_legal_names_reach_the_command_as_one_word(name: str, tmp_path: Path) -> None:
    """No shell ever sees them."""
    program = tmp_path / "lms"
    program.write_text(f'#!/bin/sh\nfor a in "$@"; do echo "$a" >> "{tmp_path}/words"; done\n')
    program.chmod(0o755)
    if sys.platform == "win32":
        pytest.skip("a shell script stands in for the command")
    await Lms(program).load(name, ttl=5)
    assert (tmp_path / "words").read_text().splitlines() == ["load", name, "--yes", "--ttl", "5"]


async def test_the_command_unloading_nothing_is_told_though_it_exits_with_zero(tmp_path: Path) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        with pytest.raises(ModelNotFoundError, match="Model Not Found"):
            await lms_for(tmp_path, fake).unload("nope")


async def test_a_failing_command_tells_what_it_said(tmp_path: Path) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        with pytest.raises(ModelLoadError, match="something went wrong"):
            await lms_for(tmp_path, fake, "fails").load(A)


@pytest.mark.parametrize("mood", ["fails", "babbles", "hangs"])
async def test_a_command_in_a_bad_mood_is_as_good_as_none(
    mood: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmbridge.llm.models.lms_cli.LOOK_S", 0.5)
    async with FakeLMStudio(ON_DISK) as fake:
        lms = lms_for(tmp_path, fake, mood)
        assert await within(5, lms.ps()) is None
        backend = await bench.backend(fake.base_url, lms=lms)
        assert (await within(10, backend.load(B, ttl=60))).loaded_now


async def test_ps_tells_who_works(tmp_path: Path) -> None:
    async with FakeLMStudio(ON_DISK) as fake:
        [working] = await lms_for(tmp_path, fake).ps() or ()
        assert (working.id, working.busy, working.parallel, working.ttl_s) == (A, False, 4, None)


async def test_the_command_is_only_asked_about_the_lm_studio_that_it_serves(bench: Bench, tmp_path: Path) -> None:
    async with FakeLMStudio(ON_DISK) as fake, FakeLMStudio(ON_DISK) as other:
        backend = await bench.backend(fake.base_url, lms=lms_for(tmp_path, other))
        await backend.load(B, ttl=60)
        assert B in [each.identifier for each in fake.loaded]
        assert B not in [each.identifier for each in other.loaded]


def test_the_command_is_found_only_in_absolute_folders_and_in_lm_studios_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_lms(tmp_path, "http://x:1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", "relative"]))
    assert Lms.found(tmp_path / "home") is None
    own = tmp_path / "home" / ".lmstudio" / "bin"
    own.mkdir(parents=True)
    in_own_folder = install_lms(own, "http://x:1")
    assert (found := Lms.found(tmp_path / "home")) is not None
    assert found.path == in_own_folder
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (found := Lms.found(tmp_path / "home")) is not None
    assert found.path == tmp_path / "lms"


async def test_a_command_that_does_not_exist_is_no_command() -> None:
    assert await NO_LMS.ps() is None
    assert not await NO_LMS.serves(1234)
