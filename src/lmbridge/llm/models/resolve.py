"""Which model a name means. Keys, instances, variants and short forms; decided from the list alone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lmbridge.errors import LLMValidationError, ModelNotFoundError, ModelNotUsableError
from lmbridge.llm.models.listing import Instance, ModelInfo

MAX_NAME_CHARS = 256
DEFAULTS = {"", "default"}
NEAREST = 5
ENGINE_MODELS = (
    "The embedded engine runs what LMBRIDGE_ENGINE_MODEL names (several with commas); `lmbridge engine pull NAME` fetches "
    "a model, `lmbridge engine list` shows them."
)
ENGINE_EMBEDDINGS = (
    "The embedded engine makes none. `lmbridge engine serve --embedding --model FILE` serves an embedding model; use it "
    "with LMBRIDGE_BACKEND=lmstudio and LMSTUDIO_BASE_URL."
)
_GGUF = ".gguf"
_PART = re.compile(r"-\d{5}-of-\d{5}$")
_NUMBERED = re.compile(r"^(.+):(\d+)$")


@dataclass(frozen=True, slots=True)
class Target:
    """A model that a name was resolved to.

    Attributes:
        id: What requests ask for.
        model: What is known of it.
        instance: The instance in memory that answers, where one does.
    """

    id: str
    model: ModelInfo
    instance: Instance | None = None

    @property
    def context_length(self) -> int | None:
        """Tokens with which the answering instance is loaded."""
        return self.instance.context_length if self.instance else None


def checked_name(name: object) -> str:
    """A model name in usable form.

    Raises:
        LLMValidationError: It is no text, too long, or holds control characters.
    """
    if not isinstance(name, str):
        raise LLMValidationError(f"A model name must be text, not {type(name).__name__}.")
    name = name.strip()
    if len(name) > MAX_NAME_CHARS or any(ord(char) < 32 or ord(char) == 127 for char in name):
        raise LLMValidationError(
            f"The model name {name[:40]!r}… cannot be one: names have at most {MAX_NAME_CHARS} printable characters.",
            hint="`lmbridge models` lists the names.",
        )
    return name


def find(name: str, models: Sequence[ModelInfo]) -> Target | None:
    """The model of a name; None where there is none.

    In this order: an instance's identifier, a key, a variant (`key@q4_k_m`); all of them in any case; then the part of
    a key after its publisher, or of a path its file with and without `.gguf`, where only one model has it; then a numbered
    instance (`key:2`) that is gone.
    """
    return (
        _by_instance(name, models) or _by_key(name, models) or _by_short_name(name, models) or _by_number(name, models)
    )


def _by_instance(name: str, models: Sequence[ModelInfo]) -> Target | None:
    for model in models:
        for instance in model.instances:
            if instance.id == name:
                return Target(instance.id, model, instance)
    return None


def _by_key(name: str, models: Sequence[ModelInfo]) -> Target | None:
    wanted = name.lower()
    exact = [model for model in models if model.id == name]
    similar = [model for model in models if wanted in _names(model)]
    return _target((exact or similar)[0], name) if exact or similar else None


def _names(model: ModelInfo) -> set[str]:
    names = {model.id.lower(), *(variant.lower() for variant in model.variants)}
    if model.quantization:
        names.add(f"{model.id}@{model.quantization}".lower())
    return names


def _by_short_name(name: str, models: Sequence[ModelInfo]) -> Target | None:
    wanted = _file(name) if name.lower().endswith(_GGUF) else name.lower()
    fitting = [model for model in models if wanted in {_file(each) for each in _names(model)}]
    return _target(fitting[0], fitting[0].id) if len(fitting) == 1 else None


def _file(name: str) -> str:
    """A key without its publisher, or a file's path without folder, ending and number of its part."""
    return _PART.sub("", name.lower().replace("\\", "/").rpartition("/")[2].removesuffix(_GGUF))


def _by_number(name: str, models: Sequence[ModelInfo]) -> Target | None:
    numbered = _NUMBERED.match(name)
    found = _by_key(numbered.group(1), models) if numbered else None
    return found if found and found.model.loaded else None


def _target(model: ModelInfo, name: str) -> Target:
    """Asks by the instance's identifier where one is in memory, since a key may mean a load."""
    if not model.instances:
        return Target(name if name.lower() in _names(model) else model.id, model)
    instance = next((each for each in model.instances if each.id == model.id), model.instances[0])
    return Target(instance.id, model, instance)


def choose(
    name: str | None,
    models: Sequence[ModelInfo],
    *,
    default: str | None,
    purpose: str,
    url: str,
    embedded: bool = False,
) -> Target:
    """The model for a call.

    Args:
        name: What the caller asked for; None, "" or "default" mean the default model.
        models: The catalogue.
        default: `DEFAULT_MODEL`; not for embeddings.
        purpose: `agent`, `chat` or `embedding`.
        url: Where the catalogue came from, for errors.
        embedded: Whether lmbridge itself runs the backend, for their hints.

    Raises:
        LLMValidationError: The name cannot be one.
        ModelNotFoundError: There is no such model; names the nearest.
        ModelNotUsableError: The model cannot do what it is wanted for.
    """
    wanted = "" if name is None else checked_name(name)
    if wanted.lower() in DEFAULTS:
        wanted = (default or "").strip() if purpose != "embedding" else ""
    if wanted.lower() in DEFAULTS:
        return _default(models, purpose, url, embedded)
    target = find(wanted, models)
    if target is None:
        raise not_found(wanted, models, url, embedded=embedded)
    _check_kind(target.model, purpose)
    return target


def _default(models: Sequence[ModelInfo], purpose: str, url: str, embedded: bool) -> Target:
    """A loaded model of the right kind, tool-trained first where tools are the purpose; else the first there is."""
    fitting = [model for model in models if (model.kind == "embedding" if purpose == "embedding" else model.chats)]
    if not fitting:
        what = "embedding model" if purpose == "embedding" else "language model"
        engine_hint = ENGINE_EMBEDDINGS if purpose == "embedding" else ENGINE_MODELS
        raise ModelNotFoundError(
            f"The backend at {url} has no {what}.",
            available_models=[model.id for model in models],
            hint=engine_hint if embedded else "Download one in LM Studio, or with lms_download_model.",
            url=url,
        )
    best = min(fitting, key=lambda model: (not model.loaded, purpose == "agent" and model.tool_use is False))
    return _target(best, best.id)


def _check_kind(model: ModelInfo, purpose: str) -> None:
    if purpose == "embedding" and model.kind != "embedding" and model.tool_use is not None:
        raise ModelNotUsableError(
            f"{model.id} is a language model, and embeddings need an embedding model.",
            hint="`lmbridge models` lists the embedding models.",
        )
    if purpose != "embedding" and model.kind == "decision":
        raise ModelNotUsableError(
            f"{model.id} is a decision model: it answers typed questions with probabilities and cannot write or use tools.",
            hint="Name a language model; `lmbridge models` lists them. LMBRIDGE_JUDGE lets this one judge runs.",
        )
    if purpose != "embedding" and model.kind == "embedding":
        raise ModelNotUsableError(
            f"{model.id} is an embedding model: it makes vectors and cannot answer or use tools.",
            hint="Name a language model; `lmbridge models` lists them.",
        )


def not_found(name: str, models: Sequence[ModelInfo], url: str, *, embedded: bool = False) -> ModelNotFoundError:
    """The error for an unknown name: the nearest names first, then all others."""
    close = nearest(name, models)
    others = [model.id for model in models if model.id not in close]
    did_you_mean = f" Nearest: {', '.join(close[:NEAREST])}." if close else ""
    available = ", ".join([*close, *others][:10]) or "none"
    return ModelNotFoundError(
        f"There is no model {name!r} at {url}.{did_you_mean} Available: {available}.",
        available_models=[*close, *others],
        hint="Name one of the available models, or leave the model out for the default one."
        + (f" {ENGINE_MODELS}" if embedded else ""),
        url=url,
    )


def nearest(name: str, models: Sequence[ModelInfo], count: int = NEAREST) -> list[str]:
    """Ids that look like a name, best first; the part after the publisher counts as well as the whole."""
    forms = {form: model.id for model in models for form in (model.id.lower().rpartition("/")[2], model.id.lower())}
    wanted = [name.lower(), name.lower().rpartition("/")[2]]
    close = [hit for each in wanted for hit in difflib.get_close_matches(each, list(forms), n=count, cutoff=0.5)]
    contained = [form for form in forms if len(wanted[1]) >= 3 and wanted[1] in form]
    return list(dict.fromkeys(forms[form] for form in [*contained, *close]))[:count]


def is_same(reply_id: str, asked: Target, models: Sequence[ModelInfo]) -> bool | None:
    """Whether the `model` field of a reply means the model that was asked for; None where nobody knows that name."""
    if reply_id in {asked.id, asked.model.id}:
        return True
    found = _by_instance(reply_id, models) or _by_key(reply_id, models)
    if found is not None:
        return found.model.id == asked.model.id
    if _base(reply_id) == _base(asked.model.id):
        return True
    found = find(reply_id, models)
    return None if found is None else found.model.id == asked.model.id


def _base(name: str) -> str:
    """A name without instance number, quantisation, folder and file ending."""
    numbered = _NUMBERED.match(name)
    name = (numbered.group(1) if numbered else name).lower()
    return name.partition("@")[0].replace("\\", "/").rpartition("/")[2].removesuffix(".gguf")
