"""The streamed `/v1/responses` API from bytes: deltas while it comes, one finished response. Sans-I/O.

What endpoints other than chat answer, as values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from lmbridge.llm.chat.call_parts import unique_id
from lmbridge.llm.chat.usage import usage_of
from lmbridge.llm.http import errors
from lmbridge.llm.http.json import clean, loads
from lmbridge.llm.http.request import NO_TIMES, Exchange, Times
from lmbridge.llm.http.sse import EventReader
from lmbridge.messages import Delta, JsonSchema, ToolCall, Usage

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


_TEXT = "response.output_text.delta"
_REASONING = {"response.reasoning_text.delta", "response.reasoning_summary_text.delta"}
_ARGUMENTS = "response.function_call_arguments."
_ENDS = {"response.completed", "response.incomplete"}
_FAILS = {"response.failed", "error"}


class ResponseDecoder:
    """Reads one streamed response; see `decode.TurnDecoder`."""

    def __init__(self, exchange: Exchange) -> None:
        self.done = False
        self._exchange = exchange
        self._events = EventReader()
        self._text: list[str] = []
        self._arguments: dict[str, str] = {}
        self._items: list[Mapping[str, Any]] = []
        self._final: Mapping[str, Any] = {}
        self._stray: list[bytes] = []

    @property
    def partial(self) -> str:
        """The text that has come so far."""
        return clean("".join(self._text))

    def feed(self, piece: bytes) -> list[Delta]:
        """Takes the next bytes.

        Raises:
            LLMError: The stream told an error, or is not the protocol.
        """
        if not self._text and len(self._stray) < 4096:
            self._stray.append(piece)
        return [delta for name, data in self._events.feed(piece) for delta in self._take(name, data)]

    def finish(self, _times: Times = NO_TIMES) -> Response:
        """The body is over: the response.

        Raises:
            LLMError: It is not whole, or told an error.
        """
        if not self.done:
            for name, data in self._events.close():
                if loads(data) is not None:
                    list(self._take(name, data))
        if self.done:
            return response_of(self._exchange, self._final, self._items, self._arguments)
        whole = loads(b"".join(self._stray))
        if isinstance(whole, dict):  # a whole body where a stream was asked for
            return parse_response(self._exchange, whole)
        raise errors.interrupted(self._exchange, "no response.completed came", self.partial)

    def _take(self, name: bytes, data: bytes) -> Iterator[Delta]:
        if self.done or data.strip() in (b"", b"[DONE]"):
            return
        told = loads(data)
        if not isinstance(told, dict):
            raise errors.not_the_protocol(self._exchange, data, "a stream event is not a JSON object")
        kind = str(told.get("type") or name.decode("utf-8", "replace"))
        if kind in _FAILS or ("error" in told and told["error"] and not kind.startswith("response.")):
            raise errors.from_error_object(self._exchange, _error_in(told), data)
        if kind in _ENDS:
            self._final, self.done = told.get("response") or {}, True
        yield from self._piece(kind, told)

    def _piece(self, kind: str, told: Mapping[str, Any]) -> Iterator[Delta]:
        text = told.get("delta")
        if kind == _TEXT and isinstance(text, str):
            self._text.append(text)
            yield Delta("text", clean(text))
        elif kind in _REASONING and isinstance(text, str):
            yield Delta("reasoning", clean(text))
        elif kind == _ARGUMENTS + "delta" and isinstance(text, str):
            item = str(told.get("item_id") or "")
            self._arguments[item] = self._arguments.get(item, "") + text
            yield Delta("tool", text)
        elif kind == _ARGUMENTS + "done" and told.get("arguments"):
            self._arguments[str(told.get("item_id") or "")] = str(told["arguments"])
        elif kind == "response.output_item.done" and isinstance(told.get("item"), dict):
            self._items.append(told["item"])


def _error_in(told: Mapping[str, Any]) -> Any:
    response = told.get("response")
    if isinstance(response, dict) and response.get("error"):
        return response
    return told


def parse_response(exchange: Exchange, body: Mapping[str, Any]) -> Response:
    """The response of a whole body.

    Raises:
        LLMError: It tells an error, or is none.
    """
    if body.get("error"):
        raise errors.from_error_object(exchange, body)
    if not isinstance(body.get("output"), list):
        raise errors.not_the_protocol(exchange, str(dict(body)), "the answer has no output")
    return response_of(exchange, body, [], {})


def response_of(
    exchange: Exchange, body: Mapping[str, Any], items: list[Mapping[str, Any]], arguments: Mapping[str, str]
) -> Response:
    """The response of its final body; output items that the body lacks are taken from the stream's events."""
    output = [item for item in body.get("output") or items if isinstance(item, dict)]
    incomplete = body.get("incomplete_details")
    if not body.get("id"):
        raise errors.not_the_protocol(exchange, str(dict(body)), "the response has no id")
    return Response(
        id=str(body["id"]),
        text=_texts(output, "message", "output_text"),
        reasoning=_texts(output, "reasoning", "reasoning_text")
        or _texts(output, "reasoning", "summary_text", "summary"),
        calls=_calls(output, arguments),
        model=str(body.get("model") or ""),
        status=str(body.get("status") or "completed"),
        usage=usage_of(body),
        incomplete_reason=incomplete.get("reason") if isinstance(incomplete, dict) else None,
        previous_response_id=body.get("previous_response_id"),
    )


def _texts(output: list[dict[str, Any]], kind: str, part_kind: str, field: str = "content") -> str:
    parts = [part for item in output if item.get("type") == kind for part in item.get(field) or ()]
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == part_kind]
    return clean("".join(text for text in texts if isinstance(text, str)))


def _calls(output: list[dict[str, Any]], streamed: Mapping[str, str]) -> tuple[ToolCall, ...]:
    """Function calls; their arguments stand in the deltas, the `done` event or the item, and elsewhere are `{}`."""
    calls: list[ToolCall] = []
    taken: set[str] = set()
    for item in output:
        if item.get("type") != "function_call" or not item.get("name"):
            continue
        identity = unique_id(str(item.get("call_id") or item.get("id") or ""), taken)
        taken.add(identity)
        arguments = streamed.get(str(item.get("id") or "")) or item.get("arguments") or "{}"
        calls.append(ToolCall(identity, str(item["name"]), str(arguments)))
    return tuple(calls)


def told_cut(response: Response, limit: int | None) -> Response:
    """The response, `incomplete` where it took as many tokens as it might: llama.cpp calls such a one completed."""
    if response.status != "completed" or limit is None or response.usage.completion_tokens < limit:
        return response
    return replace(response, status="incomplete", incomplete_reason="max_output_tokens")


def held_to_schema(exchange: Exchange, response: Response, schema: JsonSchema | None) -> Response:
    """The response, if its text follows the schema that was asked for; one that is incomplete says so itself.

    Raises:
        LLMProtocolError: The text is not JSON, or does not fit.
    """
    if schema is None or response.status != "completed" or response.calls:
        return response
    from jsonschema import Draft202012Validator  # not before it is needed: it costs 40 ms to import
    from jsonschema.exceptions import best_match

    answer = loads(response.text.encode())
    fault = best_match(Draft202012Validator(dict(schema)).iter_errors(answer))
    if answer is None and response.text.strip() != "null":
        raise errors.not_the_protocol(exchange, response.text, "the answer is not the JSON asked for")
    if fault is not None:
        why = f"the answer breaks its schema at {fault.json_path}: {fault.validator}"
        raise errors.not_the_protocol(exchange, response.text, why)
    return response
