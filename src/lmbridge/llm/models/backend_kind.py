"""What kind of backend answers, and what it can do: asked once, told plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lmbridge.errors import LLMConnectionError, LLMError, LLMTimeoutError
from lmbridge.llm.http.endpoint import Endpoint

Kind = Literal["lmstudio", "llama.cpp", "other"]
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class BackendKind:
    """What holds for all backends of a kind.

    Attributes:
        slots: Requests that it usually works on at once.
        takes_ttl: Whether it unloads a model after the idle seconds that a request names.
        tells_loading: Whether it says which models are in memory, so that a request is known to find its model there.
        queues_by_model: Whether each model has its own slots.
        reprints_numbers: Whether its templates print the numbers of earlier calls anew: llama.cpp's floats in six
            significant digits, and integers from 2**63 on wrapped negative.
        tells_likelihoods: Whether it says how likely each token of a streamed reply was, by the model alone: llama.cpp takes
            these before the grammar (`logprobs`; read off build 11549). Others refuse the field, or say nothing.
    """

    slots: int = 1
    takes_ttl: bool = False
    tells_loading: bool = True
    queues_by_model: bool = False
    reprints_numbers: bool = True
    tells_likelihoods: bool = False


KINDS: Mapping[Kind, BackendKind] = {
    "lmstudio": BackendKind(slots=4, takes_ttl=True, queues_by_model=True),
    "llama.cpp": BackendKind(tells_likelihoods=True),
    "other": BackendKind(tells_loading=False),
}
"""The one table of backend kinds."""
_EXACT_NUMBERS = frozenset({"vLLM", "Ollama"})
"""Other backends that are known to print numbers as they were written."""
_TELL_VERSION = (("/api/version", "Ollama"), ("/version", "vLLM"))
_NO_BUILD = "b0-unknown"  # what llama.cpp calls itself where it was built outside a checkout, as xllamacpp's wheels are


@dataclass(frozen=True, slots=True)
class Abilities:
    """A backend.

    Attributes:
        kind: What it is.
        name: For people: `LM Studio`, `llama.cpp`, `vLLM`, ….
        version: Where it says so.
        slots: Requests that it works on at once, where it says so; per model for LM Studio.
        context_length: Tokens of each slot, where the backend itself says so.
        vision: Whether its model sees pictures, where the backend itself says so.
        manages_models: Whether it loads, unloads and downloads models.
        counts_tokens: Whether its own tokenizer can be asked.
    """

    kind: Kind = "other"
    name: str = "an OpenAI-compatible server"
    version: str | None = None
    slots: int | None = None
    context_length: int | None = None
    vision: bool | None = None
    manages_models: bool = False
    counts_tokens: bool = False

    @property
    def usual_slots(self) -> int:
        """Requests at once: what it says, else what is usual for its kind."""
        return self.slots or self.traits.slots

    @property
    def traits(self) -> BackendKind:
        """What holds for its kind."""
        return KINDS[self.kind]

    @property
    def reprints_numbers(self) -> bool:
        """Whether numbers of earlier calls must go back as text to stay what they are."""
        return self.traits.reprints_numbers and self.name not in _EXACT_NUMBERS

    @property
    def missing(self) -> tuple[str, ...]:
        """What it cannot do, in plain sentences."""
        sentences = []
        if not self.manages_models:
            sentences.append(f"{self.name} does not load, unload or download models on request.")
        if not self.counts_tokens and self.kind != "lmstudio":
            sentences.append(f"{self.name} does not count tokens; prompts are estimated.")
        return tuple(sentences)


async def identified(endpoint: Endpoint) -> Abilities:
    """What answers at the client's endpoint.

    Raises:
        LLMConnectionError: Nobody.
        LLMTimeoutError: Nobody in time.
    """
    greeting = await _look(endpoint, "/lmstudio-greeting")
    if greeting.get("lmstudio") is True:
        return Abilities("lmstudio", "LM Studio", manages_models=True)
    props = await _look(endpoint, "/props")
    if isinstance(props.get("total_slots"), int) or "default_generation_settings" in props:
        return _llama_cpp(props)
    for path, name in _TELL_VERSION:
        version = (await _look(endpoint, path)).get("version")
        if isinstance(version, str):
            return Abilities("other", name, version)
    return Abilities()


def _llama_cpp(props: Mapping[str, Any]) -> Abilities:
    generation = props.get("default_generation_settings")
    context = generation.get("n_ctx") if isinstance(generation, dict) else None
    modalities, build = props.get("modalities"), props.get("build_info")
    return Abilities(
        kind="llama.cpp",
        name="llama.cpp",
        version=str(build) if build and build != _NO_BUILD else None,
        slots=props.get("total_slots"),
        context_length=context if isinstance(context, int) and context > 0 else None,
        vision=modalities.get("vision") is True if isinstance(modalities, dict) else None,
        counts_tokens=True,
    )


async def _look(endpoint: Endpoint, path: str) -> Mapping[str, Any]:
    """A JSON object at a path; {} where the backend has none there."""
    try:
        body = await endpoint.ask("GET", path, root=True, within=_SECONDS, guarded=False)
    except (LLMConnectionError, LLMTimeoutError):
        raise
    except LLMError:
        return {}
    return body if isinstance(body, dict) else {}
