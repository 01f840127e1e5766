"""What endpoints other than chat answer, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lmbridge.llm.decode import usage_of
from lmbridge.messages import ToolCall, Usage

_NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Vectors, in the order of the texts, and the model that made them."""

    vectors: tuple[tuple[float, ...], ...]
    model: str
    usage: Usage = _NO_USAGE


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of the stateful API; `id` continues the conversation.

    Attributes:
        id: Pass it as `previous_response_id` to go on.
        text: The answer.
        reasoning: The thinking, apart.
        calls: Function calls asked for.
        status: `completed`, or `incomplete` with `incomplete_reason` (`max_output_tokens`, say).
        model: The id that answered.
        usage: Tokens.
        incomplete_reason: Why it is not whole.
        previous_response_id: The response that it continues.
    """

    id: str
    text: str
    model: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    status: str = "completed"
    usage: Usage = _NO_USAGE
    incomplete_reason: str | None = None
    previous_response_id: str | None = None


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A load that succeeded: the instance's id, and how long it took in seconds."""

    id: str
    load_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Download:
    """A download.

    Attributes:
        status: As the backend says it.
        job_id: Names the download for `download_status`; None where there was nothing to do.
        total_bytes: Size of the whole.
        downloaded_bytes: What has come.
        bytes_per_second: Speed.
    """

    status: Literal["already_downloaded", "downloading", "paused", "completed", "failed"] | str
    job_id: str | None = None
    total_bytes: int | None = None
    downloaded_bytes: int | None = None
    bytes_per_second: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in {"already_downloaded", "completed", "failed"}


def embeddings_of(body: Mapping[str, Any]) -> Embeddings:
    """The vectors of an embeddings answer, sorted by index.

    Raises:
        ValueError: The body holds none, or something else than numbers.
    """
    rows = body["data"]
    ordered = sorted(rows, key=lambda row: row.get("index", 0))
    vectors = tuple(tuple(float(number) for number in row["embedding"]) for row in ordered)
    return Embeddings(vectors, str(body.get("model") or ""), usage_of(body))


def download_of(body: Mapping[str, Any]) -> Download:
    """The state of a download."""
    return Download(
        status=str(body.get("status") or "downloading"),
        job_id=body.get("job_id"),
        total_bytes=body.get("total_size_bytes"),
        downloaded_bytes=body.get("downloaded_bytes"),
        bytes_per_second=body.get("bytes_per_second"),
    )
