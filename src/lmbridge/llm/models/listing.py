"""What a backend tells of its models, in each of the forms in use, as one kind of value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lmbridge.errors import LLMError, LLMProtocolError, ModelNotFoundError
from lmbridge.llm.http import errors

if TYPE_CHECKING:
    from lmbridge.llm.http.endpoint import Endpoint

Kind = Literal["llm", "vlm", "embedding", "decision"]
"""`decision`: answers typed questions with probabilities and writes no text."""
_EMBEDDING_WORDS = ("embed", "bge-", "e5-", "gte-", "minilm")
_DECIDES = re.compile(
    r"(?:^|[-_/ .])(?:system-?one|decisions?|decider|openjev|jev|laya|clef(?:-flash)?|nimble)(?:[-_/ .@:]|$)"
)
"""Names of decision models, for backends that list them like any other: LM Studio's listing documents no type of its own."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A model in memory: its identifier, its context in tokens, and how many requests it works on at once."""

    id: str
    context_length: int | None = None
    parallel: int | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model of a backend.

    Attributes:
        id: The key by which it is asked for.
        kind: What it is for.
        loaded: Whether it is in memory. An idle model is loaded; a server that keeps no models apart loads all it lists.
        instances: The instances in memory.
        max_context_length: Tokens it could be loaded with.
        tool_use: Whether it was trained to call tools; None where the backend does not say.
        vision: Whether it sees pictures.
        quantization: Name of its quantisation (`Q4_K_M`).
        variants: Other names of the same model (`key@q4_k_m`).
        display_name: For people.
        publisher: Who made it.
        architecture: `qwen3`, say.
        format: `gguf`, `mlx`, ….
        params: `4B`, say.
        size_bytes: On disk.
        backend: Which backend has it, where there are several.
        places: Requests that this backend works on at once.
        tokens_per_s: Tokens a second that it wrote lately, where that was seen.
    """

    id: str
    kind: Kind = "llm"
    loaded: bool = False
    instances: tuple[Instance, ...] = ()
    max_context_length: int | None = None
    tool_use: bool | None = None
    vision: bool = False
    quantization: str | None = None
    variants: tuple[str, ...] = ()
    display_name: str | None = None
    publisher: str | None = None
    architecture: str | None = None
    format: str | None = None
    params: str | None = None
    size_bytes: int | None = None
    backend: str | None = None
    places: int | None = None
    tokens_per_s: float | None = None

    @property
    def chats(self) -> bool:
        """Whether it can be talked to."""
        return self.kind in ("llm", "vlm")

    @property
    def context_length(self) -> int | None:
        """Tokens with which it is loaded; the largest where several instances are."""
        known = [instance.context_length for instance in self.instances if instance.context_length]
        return max(known, default=None)

    @property
    def slots(self) -> int | None:
        """Requests that its first instance works on at once."""
        return self.instances[0].parallel if self.instances else None


class ModelListing:
    """Fetches the models: by LM Studio's native API of today, else by its older one, else by `{base}/models`.

    What a backend does not have is asked for once.
    """

    def __init__(self) -> None:
        self._forms = [("/api/v1/models", parse_v1), ("/api/v0/models", parse_v0)]

    @property
    def native(self) -> bool:
        """Whether the models can tell what is loaded, as far as is known."""
        return bool(self._forms)

    async def fetched(self, endpoint: Endpoint, *, guarded: bool = True) -> tuple[ModelInfo, ...]:
        """The models now.

        Raises:
            LLMError: The backend cannot be reached or answers something else.
        """
        while self._forms:
            path, parse = self._forms[0]
            told = await _told(endpoint, path, guarded=guarded)
            if told is not None:
                return parse(told)
            self._forms.pop(0)
        body = await endpoint.ask("GET", "/models", guarded=guarded)
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            raise errors.not_the_protocol(endpoint.exchange("GET", "/models"), str(body), "no list of models")
        return parse_openai(body)


async def _told(endpoint: Endpoint, path: str, *, guarded: bool) -> Mapping[str, Any] | None:
    """A native listing; None where this backend has none."""
    try:
        body = await endpoint.ask("GET", path, root=True, guarded=guarded)
    except LLMError as error:
        if not (is_missing(error) or error.status == 403 or _is_a_page(error)):
            raise
        return None
    listed = body.get("models", body.get("data")) if isinstance(body, dict) else None
    return body if isinstance(listed, list) else None


def _is_a_page(error: LLMError) -> bool:
    """Whether a web page came: some servers answer every path that they do not know with their own front page."""
    return isinstance(error, LLMProtocolError) and error.status == 200


def is_missing(error: LLMError) -> bool:
    """Whether the backend has no such endpoint: LM Studio says so with status 200, others with 404, 405 or 501."""
    if isinstance(error, ModelNotFoundError):
        return False
    said = (error.body or "").lower()
    return "unexpected endpoint" in said or error.status in {404, 405, 501}


def parse_v1(body: Mapping[str, Any]) -> tuple[ModelInfo, ...]:
    """`GET /api/v1/models` of LM Studio 0.4."""
    return tuple(
        _from_v1(row) for row in _rows(body.get("models", body.get("data"))) if row.get("key") or row.get("id")
    )


def _from_v1(row: Mapping[str, Any]) -> ModelInfo:
    abilities = _object(row.get("capabilities"))
    instances = tuple(_instance(each) for each in _rows(row.get("loaded_instances")) if each.get("id"))
    vision = abilities.get("vision") is True
    return ModelInfo(
        id=str(row.get("key") or row.get("id")),
        kind=_kind(str(row.get("type") or ""), str(row.get("key") or row.get("id")), vision=vision),
        loaded=bool(instances),
        instances=instances,
        max_context_length=_number(row.get("max_context_length")),
        tool_use=_flag(abilities.get("trained_for_tool_use")),
        vision=vision,
        quantization=_text(_object(row.get("quantization")).get("name")),
        variants=tuple(str(name) for name in row.get("variants") or ()),
        display_name=_text(row.get("display_name")),
        publisher=_text(row.get("publisher")),
        architecture=_text(row.get("architecture")),
        format=_text(row.get("format")),
        params=_text(row.get("params_string")),
        size_bytes=_number(row.get("size_bytes")),
    )


def _instance(row: Mapping[str, Any]) -> Instance:
    config = _object(row.get("config"))
    return Instance(str(row["id"]), _number(config.get("context_length")), _number(config.get("parallel")))


def parse_v0(body: Mapping[str, Any]) -> tuple[ModelInfo, ...]:
    """`GET /api/v0/models`, of LM Studio 0.3 and later."""
    return tuple(_from_v0(row) for row in _rows(body.get("data")) if row.get("id"))


def _from_v0(row: Mapping[str, Any]) -> ModelInfo:
    kind = _kind(str(row.get("type") or ""), str(row["id"]), vision=False)
    loaded = row.get("state") == "loaded"
    instance = Instance(str(row["id"]), _number(row.get("loaded_context_length")))
    able = row.get("capabilities")
    return ModelInfo(
        id=str(row["id"]),
        kind=kind,
        loaded=loaded,
        instances=(instance,) if loaded else (),
        max_context_length=_number(row.get("max_context_length")),
        tool_use="tool_use" in able if isinstance(able, list) else None,
        vision=kind == "vlm",
        quantization=_text(row.get("quantization")),
        publisher=_text(row.get("publisher")),
        architecture=_text(row.get("arch")),
        format=_text(row.get("compatibility_type")),
    )


def parse_openai(body: Mapping[str, Any]) -> tuple[ModelInfo, ...]:
    """`GET {base}/models` of any server; vLLM tells `max_model_len`, llama.cpp a `meta` object.

    Such a list says nothing of loading: what is listed can be asked for, and counts as loaded.
    """
    return tuple(_from_openai(row) for row in _rows(body.get("data")) if row.get("id"))


def _from_openai(row: Mapping[str, Any]) -> ModelInfo:
    name = str(row["id"])
    meta = _object(row.get("meta"))
    context = _number(row.get("max_model_len")) or _number(meta.get("n_ctx"))
    embedding = any(word in name.lower() for word in _EMBEDDING_WORDS)
    return ModelInfo(
        id=name,
        kind="embedding" if embedding else "decision" if _only_decides(row) else "llm",
        loaded=True,
        instances=(Instance(name, context),),
        max_context_length=_number(meta.get("n_ctx_train")) or context,
        publisher=_text(row.get("owned_by")),
        size_bytes=_number(meta.get("size")),
    )


def _only_decides(row: Mapping[str, Any]) -> bool:
    """Whether a model of an OpenAI list gives decisions alone: llama.cpp tells it by the modalities of its output."""
    told = _object(row.get("architecture")).get("output_modalities")
    return told == ["decisions"] if isinstance(told, list) and told else bool(_DECIDES.search(str(row["id"]).lower()))


def _kind(told: str, name: str, *, vision: bool) -> Kind:
    if told.startswith("embed"):
        return "embedding"
    if told.startswith(("decision", "system")) or _DECIDES.search(name.lower()):
        return "decision"
    return "vlm" if told == "vlm" or vision else "llm"


def _rows(value: Any) -> Iterable[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else ()


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
