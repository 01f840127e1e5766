"""A profile is kept for one model, file and build; it goes stale when one of them changes, and each way of choosing is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lmbridge.agent.profiles import Profiles
from lmbridge.errors import SettingsError
from lmbridge.llm.models.backend_kind import Abilities
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.models.resolve import Target
from lmbridge.profile import FORCED, Profile, Sampling
from lmbridge.qualify import families
from lmbridge.qualify.choose import Chosen, advice, chosen
from lmbridge.qualify.families import ADVICE
from lmbridge.qualify.known import Known, Mark
from lmbridge.qualify.record import Key, Qualified, file_mark, key_of
from lmbridge.qualify.store import ProfileStore
from lmbridge.settings import Settings

MODEL = ModelInfo("vendor/brand-new-2b", size_bytes=1000, quantization="Q4_K_M")
KEY = Key("vendor/brand-new-2b", "llama.cpp", "b1", 1000, "Q4_K_M")


def outcome(key: Key = KEY, *, at: str = "2026-11-28T10:00:00+00:00") -> Qualified:
    marks = (Mark("native", "tools_2", True), Mark("native", "end", True))
    known = (
        Known(marks=marks, parsed=True)
        .found("answers", True)
        .found("native_tools_2", True)
        .found("cancel", False, "taken")
    )
    return Qualified.of(known, key, seconds=12.5, measured_at=at, quick=False, ended=None)


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "profiles")


def choice(store: ProfileStore, key: Key = KEY, setting: str = "auto") -> Chosen:
    return chosen(setting, key, MODEL, store)


def test_what_was_measured_is_used(store: ProfileStore) -> None:
    store.keep(outcome())
    got = choice(store)
    assert (got.origin, got.profile.mode, got.profile.source) == ("measured", "native", "measured")
    assert got.told == "measured 2026-11-28: its own tool calls"
    assert not got.worth_measuring


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"build": "b2"}, "its build was b1 and is b2"),
        ({"size_bytes": 1001}, "its size was 1000 and is 1001"),
        ({"file": "0123"}, "its file changed"),
        ({"quantization": "Q8_0"}, "its quantisation was Q4_K_M and is Q8_0"),
        ({"backend": "vLLM"}, "its backend was llama.cpp and is vLLM"),
    ],
)
def test_a_change_of_file_or_build_makes_it_stale(store: ProfileStore, change: dict[str, Any], said: str) -> None:
    store.keep(outcome())
    now = replace(KEY, **change)
    got = choice(store, now)
    assert (got.origin, got.stale) == ("guess", (said,))
    assert said in advice(MODEL.id, got)
    store.keep(outcome(now))
    assert choice(store, now).origin == "measured"
    assert choice(store).origin == "measured", "both are kept"


def test_another_model_is_not_taken_for_it(store: ProfileStore) -> None:
    store.keep(outcome())
    other = Key("vendor/brand-new-2b-instruct", "llama.cpp", "b1", 1000, "Q4_K_M")
    got = chosen("auto", other, replace(MODEL, id=other.model), store)
    assert (got.origin, got.stale) == ("guess", ())


def test_off_uses_nothing_that_was_measured(store: ProfileStore) -> None:
    store.keep(outcome())
    got = choice(store, setting="off")
    assert (got.origin, got.profile.mode) == ("off", "forced")


def test_a_guess_is_cautious_and_says_that_measuring_helps(store: ProfileStore) -> None:
    got = choice(store)
    assert (got.profile.mode, got.worth_measuring) == ("forced", True)
    assert advice(MODEL.id, got) == (
        "No profile of vendor/brand-new-2b was measured: a minute of `lmbridge qualify vendor/brand-new-2b` would show how it "
        "works best."
    )


def test_a_run_gets_what_was_measured_since_the_last_one(tmp_path: Path) -> None:
    profiles, elsewhere = Profiles(Settings(state_dir=tmp_path)), ProfileStore(tmp_path / "profiles")
    target, abilities = Target(MODEL.id, MODEL), Abilities("llama.cpp", version="b1")
    key = profiles.key(target, abilities)
    unmeasured = profiles.of(target, abilities).origin
    assert unmeasured != "measured"
    path = elsewhere.keep(outcome(key))
    assert profiles.of(target, abilities).told.startswith("measured 2026-11-28")
    elsewhere.keep(outcome(key, at="2026-11-29T10:00:00+00:00"))
    assert profiles.of(target, abilities).told.startswith("measured 2026-11-29")
    path.unlink()
    assert profiles.of(target, abilities).origin == unmeasured


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_names_the_profile(store: ProfileStore, tmp_path: Path, whole: bool) -> None:
    record = outcome().as_json()
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(record if whole else {"mode": "action_first", "most_tools": 5}))
    got = choice(store, setting=str(file))
    assert (got.origin, got.profile.source) == ("file", "file")
    assert got.profile.mode == ("native" if whole else "action_first")
    assert str(file) in got.told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file"),
        ("{", "unexpected end"),
        ("[1]", "Unexpected keyword"),
        ('{"mode": "telepathy"}', "mode"),
        ('{"profile": {"mode": "native"}}', "not a profile of version 1"),
        ('{"version": 2, "key": {"model": "m"}, "profile": {}}', "not a profile of version 1"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_with_what_is_wrong(
    store: ProfileStore, tmp_path: Path, text: str | None, why: str
) -> None:
    file = tmp_path / "mine.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError) as refused:
        choice(store, setting=str(file))
    assert str(file) in refused.value.message
    assert why.lower() in refused.value.message.lower()
    assert "lmbridge qualify --json" in (refused.value.hint or "")


def test_a_damaged_file_hides_nothing_else(store: ProfileStore, tmp_path: Path) -> None:
    path = store.keep(outcome())
    path.write_text("{ torn")
    assert choice(store).origin == "guess"
    store.keep(outcome())
    assert choice(store).origin == "measured"
    assert [each.name for each in path.parent.iterdir()] == [path.name], "nothing half written stays"


def test_that_measuring_would_help_is_said_once_for_each_model(store: ProfileStore) -> None:
    other = replace(KEY, model="other")
    assert not store.was_advised(KEY)
    store.advised(KEY)
    store.advised(KEY)
    assert (store.was_advised(KEY), store.was_advised(other)) == (True, False)
    store.advised(other)
    assert store.was_advised(KEY)
    assert store.was_advised(other)


def test_another_file_of_the_same_size_is_another_model(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(3 << 20))
    before = file_mark(file)
    file.write_bytes(b"GGUF" + bytes((3 << 20) - 1) + b"x")
    assert before != file_mark(file)
    assert file_mark(tmp_path / "none.gguf") is None
    target = Target(MODEL.id, MODEL)
    assert key_of(target, Abilities("llama.cpp", "llama.cpp"), file=file, build="1.0").build == "1.0"


def test_what_the_makers_advise_is_for_answers_and_names_its_page() -> None:
    found = families.advice("unsloth/Qwen3.5-4B-GGUF")
    assert found is not None
    assert (found.sampling, found.source) == (Sampling(1.0, 0.95, 20, 0.0), "https://huggingface.co/Qwen/Qwen3.5-27B")
    assert all(each.source.startswith("https://") for each in ADVICE)
    assert families.advised(Profile(), "granite-4.1-3b").answers == Sampling(0.0, 1.0, 0)
    assert families.advice("vendor/brand-new-2b") is None


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("qwen/qwen3-4b-2507", "Qwen3 Instruct 2507"),
        ("qwen3-4b-thinking-2507", "Qwen3"),
        ("Qwen3-0.6B-Q8_0.gguf", "Qwen3"),
        ("qwen/qwen3-coder-30b", "Qwen3-Coder"),
        ("qwen2.5-coder-1.5b-instruct-q4_k_m", "Qwen2.5"),
        ("mistralai/ministral-3-8b-reasoning", "Ministral 3 Reasoning"),
        ("google/gemma-3n-e4b", "Gemma 3"),
        ("LFM2.5-1.2B-Instruct", "LFM2.5"),
        ("lfm2-1.2b", "LFM2"),
        ("openai/gpt-oss-20b:2", "gpt-oss"),
    ],
)
def test_a_family_is_known_by_the_names_of_its_models(model: str, family: str) -> None:
    found = families.advice(model)
    assert found is not None
    assert found.family == family


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("qwen2.5-coder-1.5b-instruct-q4_k_m", "Qwen2.5-Coder 1.5B"),
        ("models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "Qwen2.5-Coder 0.5B"),
        ("lmbridge-demo", "lmbridge's demo model"),
        ("qwen2.5-coder-7b-instruct", None),
        ("qwen2.5-0.5b-instruct", None),
    ],
)
def test_what_was_measured_here_is_used_where_nobody_measured(
    store: ProfileStore, tmp_path: Path, model: str, family: str | None
) -> None:
    told = ModelInfo(model)
    got = chosen("auto", replace(KEY, model=model), told, store)
    if family is None:
        assert got.origin == "guess"
        return
    assert (got.origin, got.worth_measuring) == ("built-in", False)
    assert family in got.told
    assert got.profile.source == "measured"
    store.keep(outcome(replace(KEY, model=model)))
    assert chosen("auto", replace(KEY, model=model), told, store).origin == "measured", (
        "measured on this backend goes before"
    )
    later = chosen("auto", replace(KEY, model=model, build="b2"), told, store)
    assert (later.origin, later.worth_measuring) == ("built-in", True)
    assert later.stale == ("its build was b1 and is b2",)


def test_every_built_in_profile_says_when_and_with_what_it_was_measured() -> None:
    for each in families.MEASURED:
        assert each.date.startswith("2026-")
        assert "twice with the same verdicts" in each.evidence
        assert each.profile.source == "measured"


def test_a_small_model_that_was_measured_is_laid_out_as_one_that_was_not_where_nothing_better_was_seen() -> None:
    marks = tuple(Mark("forced", about, True) for about in ("tools_2", "arguments", "after_result", "end"))
    known = Known(marks=marks, billions=1.5, context=16_384)
    measured = Qualified.of(known, KEY, seconds=1, measured_at="2026-11-28", quick=False, ended=None).profile
    assert replace(measured, source="guess", answers=FORCED.answers) == FORCED
