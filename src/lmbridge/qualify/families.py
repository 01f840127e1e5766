"""Families of models: the sampling that their makers advise, and what was measured of some of them here.

Every row of `ADVICE` names the page that the values come from. A penalty on repetition is left out: LM Studio and llama.cpp
name it differently, and it harms JSON, which repeats its keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from lmbridge.profile import FORCED, GREEDY, NATIVE, Profile, Sampling

_HUB = "https://huggingface.co/"
_NAMES = 256
"""Ids of models of which the row is remembered: every run asks for that of its own."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the makers of a family advise.

    Attributes:
        family: The family's name.
        pattern: Found in the lower-cased id of its models.
        sampling: Of answers.
        source: The page that says so.
    """

    family: str
    pattern: re.Pattern[str]
    sampling: Sampling
    source: str


def _advice(family: str, pattern: str, source: str, /, *values: float, min_p: float | None = None) -> Advice:
    """`values`: temperature, top_p, top_k, as far as they are advised; 0 for top_k: all tokens."""
    temperature, top_p, top_k = (*values, None, None, None)[:3]
    whole = None if top_k is None else int(top_k)
    page = source if source.startswith("https:") else _HUB + source
    return Advice(family, re.compile(pattern), Sampling(temperature, top_p, whole, min_p), page)


ADVICE: tuple[Advice, ...] = (
    _advice("Qwen3-Coder-Next", r"qwen3-coder-next", "Qwen/Qwen3-Coder-Next", 1.0, 0.95, 40),
    _advice("Qwen3-Coder", r"qwen3-coder", "Qwen/Qwen3-Coder-30B-A3B-Instruct", 0.7, 0.8, 20),
    _advice("Qwen3.5 and 3.6", r"qwen-?3\.[56]", "Qwen/Qwen3.5-27B", 1.0, 0.95, 20, min_p=0.0),
    _advice("Qwen3 Instruct 2507", r"qwen3-(?!.*thinking)(.*instruct|\d+b.*-2507)", "Qwen/Qwen3-4B-Instruct-2507", 0.7, 0.8, 20, min_p=0.0),
    _advice("Qwen3", r"qwen-?3(?!\.)", "Qwen/Qwen3-8B", 0.6, 0.95, 20, min_p=0.0),
    _advice("Qwen2.5", r"qwen-?2\.5", "Qwen/Qwen2.5-Coder-32B-Instruct/blob/main/generation_config.json", 0.7, 0.8, 20),
    _advice("Gemma 4", r"gemma-?4", "google/gemma-4-e4b-it", 1.0, 0.95, 64),
    _advice("Gemma 3", r"gemma-?3", "https://unsloth.ai/docs/models/tutorials/gemma-3-how-to-run-and-fine-tune", 1.0, 0.95, 64, min_p=0.0),
    _advice("Devstral", r"devstral", "mistralai/Devstral-Small-2-24B-Instruct-2512", 0.15),
    _advice("Ministral 3 Reasoning", r"ministral-3.*reasoning", "mistralai/Ministral-3-8B-Reasoning-2512", 0.7),
    _advice("Ministral 3", r"ministral-3", "mistralai/Ministral-3-8B-Instruct-2512", 0.05),
    _advice("Mistral Small", r"mistral-small", "mistralai/Mistral-Small-3.2-24B-Instruct-2506", 0.15),
    _advice("Mistral Nemo", r"mistral-nemo", "mistralai/Mistral-Nemo-Instruct-2407", 0.3),
    _advice("Magistral", r"magistral", "mistralai/Magistral-Small-2509", 0.7, 0.95),
    _advice("Granite 4", r"granite-?4", "https://unsloth.ai/docs/models/tutorials/ibm-granite-4.0", 0.0, 1.0, 0),
    _advice("LFM2.5", r"lfm-?2\.5", "LiquidAI/LFM2.5-1.2B-Instruct", 0.1, 0.1, 50),
    _advice("LFM2", r"lfm-?2", "https://docs.liquid.ai/docs/key-concepts/text-generation-and-prompting", 0.3, min_p=0.15),
    _advice("GLM-4.7-Flash", r"glm-4\.7-flash", "zai-org/GLM-4.7-Flash", 1.0, 0.95),
    _advice("Nemotron 3 Nano", r"nemotron-3-nano", "https://build.nvidia.com/nvidia/nemotron-3-nano-30b-a3b/modelcard", 0.6, 0.95),
    _advice("gpt-oss", r"gpt-oss", "https://github.com/openai/gpt-oss", 1.0, 1.0),
    _advice("SmolLM3", r"smollm-?3", "HuggingFaceTB/SmolLM3-3B", 0.6, 0.95),
    _advice("DeepSeek-R1", r"deepseek-r1", "deepseek-ai/DeepSeek-R1", 0.6, 0.95),
)  # fmt: skip
"""The first row whose pattern is found in a model's id counts."""


@lru_cache(_NAMES)
def advice(model: str) -> Advice | None:
    """What the makers of a model advise; None where that is not known."""
    name = plain_id(model)
    return next((each for each in ADVICE if each.pattern.search(name)), None)


def plain_id(model: str) -> str:
    """A model's id in lower case, without folder, file ending, instance number; blanks and underlines as hyphens."""
    name = model.lower().replace("\\", "/").rpartition("/")[2].removesuffix(".gguf")
    return re.sub(r"[\s_]+", "-", re.sub(r":\d+$", "", name))


@dataclass(frozen=True, slots=True)
class Measured:
    """A profile that was measured where lmbridge is made.

    Attributes:
        family: What was measured.
        pattern: Found in the lower-cased id of the models that it is for.
        profile: What came of it.
        date: When.
        evidence: With what, and what was seen.
    """

    family: str
    pattern: re.Pattern[str]
    profile: Profile
    date: str
    evidence: str


_QWEN = replace(
    FORCED,
    answers=Sampling(0.7, 0.8, 20),
    shared_examples=False,
    thinks="in_trouble",
    idle_replies=5,
    source="measured",
)
"""What whole tasks told (docs/MULTI_MODEL_GUIDE.md): without shared examples where there are some like the task, and with thoughts only after a call that failed or an answer that went
back, as many tasks are done or more, for 31 to 40 % less. Of 110 runs that were done, none had more than four replies that brought nothing new; of 85 that were not, 15 had five to eleven.
"""
_TWICE = "each twice with the same verdicts, `lmbridge qualify` on llama.cpp (xllamacpp 2026.10.11549), file of Q4_K_M"

MEASURED: tuple[Measured, ...] = (
    Measured(
        "Qwen2.5-Coder 1.5B",
        re.compile(r"qwen-?2\.5-coder-1\.5b-instruct"),
        replace(_QWEN, change_from=0.72),
        "2026-11-28",
        f"{_TWICE}: by force the right tool of 2, 8, 14 and 30 (8 of 8), arguments, a call after a result, the end; its own calls are "
        "printed in a fence that the backend does not read, and go on after the work is done; 60 tasks of the bench: `change` had a share of "
        "0.03 to 0.68 in what questions were said to want, of 0.79 to 0.99 in orders; `wants`: 15 of 16, from 0.77 on",
    ),
    Measured(
        "Qwen2.5-Coder 0.5B",
        re.compile(r"qwen-?2\.5-coder-0\.5b-instruct"),
        replace(_QWEN, change_from=0.4),
        "2026-11-28",
        f"{_TWICE}: by force the right tool of 2 and 8 (4 of 4), of 14 (1 of 2), arguments and the end; no call after a result, "
        "not behind an example either; its own calls are printed in a fence, and go on after the work is done; 17 tasks of the bench: "
        "`change` had a share of 0.08 to 0.37 in what questions were said to want, of 0.36 to 0.69 in orders; `wants`: 15 and 13 of 16, from 0.35 on",
    ),
    Measured(
        "SmolLM2 135M",
        re.compile(r"smollm-?2-135m-instruct"),
        replace(FORCED, answers=Sampling(), source="measured"),
        "2026-11-28",
        "twice with the same verdicts, as above, file of Q4_1: by force the right tool of 2 (2 of 2), of 8 none, no call after a result; no "
        "call of its own came",
    ),
    Measured(
        "lmbridge's demo model",
        re.compile(r"^lmbridge-demo$"),
        replace(NATIVE, acts=GREEDY, parallel_calls=False, source="measured"),
        "2026-11-28",
        "twice with the same verdicts, as above: calls of its own in the backend's form; it knows no tools but those it was trained with",
    ),
)
"""The built-in profiles, used where nobody has measured the model on this very backend. A base model (Gemma 3 270M) has none: the embedded
engine refuses it for tasks."""


@lru_cache(_NAMES)
def measured(model: str) -> Measured | None:
    """The built-in profile of a model's family."""
    return next((each for each in MEASURED if each.pattern.search(plain_id(model))), None)


def advised(profile: Profile, model: str) -> Profile:
    """The profile with the makers' sampling for answers, where it leaves that to the backend."""
    found = advice(model)
    return replace(profile, answers=found.sampling) if found and profile.answers == Sampling() else profile
