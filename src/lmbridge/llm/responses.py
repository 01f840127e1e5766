"""The streamed `/v1/responses` API from bytes: deltas while it comes, one finished response. Sans-I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lmbridge.llm import mapping
from lmbridge.llm.answers import Response
from lmbridge.llm.calls import unique_id
from lmbridge.llm.decode import clean, loads, usage_of
from lmbridge.llm.exchange import Exchange
from lmbridge.llm.sse import Event, EventReader
from lmbridge.messages import Delta, ToolCall

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
        return [delta for event in self._events.feed(piece) for delta in self._take(event)]

    def finish(self) -> Response:
        """The body is over: the response.

        Raises:
            LLMError: It is not whole, or told an error.
        """
        if not self.done:
            for event in self._events.close():
                if loads(event.data) is not None:
                    list(self._take(event))
        if self.done:
            return response_of(self._exchange, self._final, self._items, self._arguments)
        whole = loads(b"".join(self._stray))
        if isinstance(whole, dict):  # a whole body where a stream was asked for
            return parse_response(self._exchange, whole)
        raise mapping.interrupted(self._exchange, "no response.completed came", self.partial)

    def _take(self, event: Event) -> Iterator[Delta]:
        if self.done or event.data.strip() == b"[DONE]":
            return
        told = loads(event.data)
        if not isinstance(told, dict):
            raise mapping.not_the_protocol(self._exchange, event.data, "a stream event is not a JSON object")
        kind = str(told.get("type") or event.name.decode("utf-8", "replace"))
        if kind in _FAILS or ("error" in told and told["error"] and not kind.startswith("response.")):
            raise mapping.from_error_object(self._exchange, _error_in(told), event.data)
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
        raise mapping.from_error_object(exchange, body)
    if not isinstance(body.get("output"), list):
        raise mapping.not_the_protocol(exchange, str(dict(body)), "the answer has no output")
    return response_of(exchange, body, [], {})


def response_of(
    exchange: Exchange, body: Mapping[str, Any], items: list[Mapping[str, Any]], arguments: Mapping[str, str]
) -> Response:
    """The response of its final body; output items that the body lacks are taken from the stream's events."""
    output = [item for item in body.get("output") or items if isinstance(item, dict)]
    incomplete = body.get("incomplete_details")
    if not body.get("id"):
        raise mapping.not_the_protocol(exchange, str(dict(body)), "the response has no id")
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
