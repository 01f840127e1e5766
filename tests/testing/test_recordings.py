"""The fake's answers have the shape of recorded ones.

LMBRIDGE_RECORDINGS names a folder of bodies of real answers, one JSON file each; their names end in the path's words
(`…_api_v1_models.json`, `…_v1_responses-….json`). They belong to others and are not kept here.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lmbridge.testing import FakeLMStudio, FakeModel

FOLDER = os.environ.get("LMBRIDGE_RECORDINGS", "")
GEMMA = FakeModel("google/gemma-3-1b", format="mlx", quantization="4bit", context_length=4096, tool_use=False)
NOMIC = FakeModel("nomic/embed", type="embedding", loaded=False)
REQUESTS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "_api_v1_models_download": ("POST", "/api/v1/models/download", {"model": "google/gemma-3-1b"}),
    "_api_v1_models_load": ("POST", "/api/v1/models/load", {"model": "google/gemma-3-1b"}),
    "_api_v1_models_unload": ("POST", "/api/v1/models/unload", {"instance_id": "google/gemma-3-1b"}),
    "_api_v1_models": ("GET", "/api/v1/models", None),
    "_v1_responses": ("POST", "/v1/responses", {"model": "google/gemma-3-1b", "input": "hi"}),
}
# What a real answer may hold beside: values that only some models and requests have.
OPTIONAL = {"architecture", "parallel", "logprobs", "reasoning", "capabilities", "loaded_instances"}


def missing(real: Any, fake: Any, place: str = "") -> list[str]:
    """Return the places where the recorded answer has a key, or a kind of value, that the fake's has not."""
    if isinstance(real, dict) and isinstance(fake, dict):
        lost = [f"{place}.{key}" for key in real if key not in fake and key not in OPTIONAL]
        both = [key for key in real if key in fake]
        return lost + [problem for key in both for problem in missing(real[key], fake[key], f"{place}.{key}")]
    if isinstance(real, list) and isinstance(fake, list):
        return missing(real[0], fake[0], f"{place}[0]") if real and fake else []
    alike = type(real) is type(fake) or None in (real, fake) or {type(real), type(fake)} <= {int, float}
    return [] if alike else [f"{place}: {type(real).__name__}, not {type(fake).__name__}"]


def recordings() -> list[tuple[Path, Any]]:
    return [(path, json.loads(path.read_text())) for path in sorted(Path(FOLDER).glob("*.json"))]


async def test_answers_have_the_shape_of_recorded_ones(http: aiohttp.ClientSession) -> None:
    if not FOLDER:
        pytest.skip("LMBRIDGE_RECORDINGS is not set: no recorded answers to compare with")
    seen, problems = set(), {}
    for path, recorded in recordings():
        kind = max((name for name in REQUESTS if name in path.stem), key=len, default=None)
        if kind is None:
            continue
        method, place, body = REQUESTS[kind]
        async with FakeLMStudio([GEMMA, NOMIC]) as fake, http.request(method, fake.url + place, json=body) as response:
            lost = missing(recorded, await response.json())
        seen.add(kind)
        problems |= {path.name: lost} if lost else {}
    assert seen == set(REQUESTS)
    assert not problems
