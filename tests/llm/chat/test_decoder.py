"""Bytes to turns: every quirk that backends are known for, and every way of cutting the bytes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmbridge.errors import (
    ContextOverflowError,
    LLMError,
    LLMProtocolError,
    LLMResponseError,
    ModelEvictedError,
    StreamInterruptedError,
)
from lmbridge.llm.chat.decoder import TurnDecoder, parse_body
from lmbridge.llm.http.request import Exchange
from lmbridge.messages import Delta, Turn, Usage

EXCHANGE = Exchange("POST", "http://127.0.0.1:1234/v1/chat/completions", status=200)


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    body: dict[str, Any] = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "qwen/qwen3-4b"}
    if delta is not None or finish is not None:
        body["choices"] = [{"index": 0, "delta": delta or {}, "logprobs": None, "finish_reason": finish}]
    return b"data: " + json.dumps(body | more, ensure_ascii=False).encode() + b"\n\n"


def call_chunk(index: int | None, *, id: str | None = None, name: Any = None, arguments: Any = None) -> bytes:
    piece: dict[str, Any] = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return chunk({"tool_calls": [piece | ({} if index is None else {"index": index})]})


DONE = b"data: [DONE]\n\n"
STOP = chunk(finish="stop")
CALLS_END = chunk(finish="tool_calls")


def decoded(*pieces: bytes) -> tuple[Turn, list[Delta]]:
    decoder = TurnDecoder(EXCHANGE)
    deltas = [delta for piece in pieces for delta in decoder.feed(piece)]
    return decoder.finish(), deltas


def turn(*pieces: bytes) -> Turn:
    return decoded(*pieces)[0]


def outcome(pieces: Iterable[bytes]) -> Turn | tuple[type[LLMError], str]:
    try:
        return turn(*pieces)
    except LLMError as error:
        return type(error), error.code


def joined(deltas: list[Delta], kind: str) -> str:
    return "".join(delta.text for delta in deltas if delta.kind == kind)


def test_text_comes_as_deltas_and_once_more_whole() -> None:
    whole, deltas = decoded(chunk({"role": "assistant", "content": "Hel"}), chunk({"content": "lo"}), STOP, DONE)
    assert whole.text == whole.message.content == joined(deltas, "text") == "Hello"
    assert (whole.finish_reason, whole.model) == ("stop", "qwen/qwen3-4b")


def test_pieces_of_one_kind_that_came_together_are_told_together_and_counted() -> None:
    thought = [chunk({"reasoning": text}) for text in ("a", "b", "c")]
    text = [chunk({"content": text}) for text in ("Hel", "lo")]
    call = [call_chunk(0, id="c1", name="look"), *(call_chunk(0, arguments=text) for text in ("{", "}"))]
    _, deltas = decoded(b"".join([*thought, *text, *call, CALLS_END, DONE]))
    assert deltas == [Delta("reasoning", "abc", 3), Delta("text", "Hello", 2), Delta("tool", "look{}", 3)]
    _, apart = decoded(*thought, *text, *call, CALLS_END, DONE)
    assert len(apart) == sum(delta.pieces for delta in deltas) == 8


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart_and_remembers_its_field(field: str) -> None:
    whole, deltas = decoded(chunk({field: "let me "}), chunk({field: "think"}), chunk({"content": "4"}), STOP, DONE)
    assert (whole.message.reasoning, whole.message.reasoning_field, whole.text) == ("let me think", field, "4")
    assert joined(deltas, "reasoning") == "let me think"


def test_reasoning_that_comes_in_both_fields_is_not_doubled() -> None:
    assert turn(chunk({"reasoning_content": "a", "reasoning": "a"}), STOP).message.reasoning == "a"


def test_inline_thinking_stays_verbatim_in_the_message_and_is_told_as_thinking() -> None:
    whole, deltas = decoded(
        chunk({"content": "<thi"}), chunk({"content": "nk>hm</th"}), chunk({"content": "ink>\n\n4"}), STOP, DONE
    )
    assert whole.message.content == "<think>hm</think>\n\n4"
    assert (joined(deltas, "reasoning"), joined(deltas, "text")) == ("hm", "4")


def test_an_empty_name_in_later_pieces_never_overwrites_the_name() -> None:
    whole = turn(
        call_chunk(0, id="814890118", name="get_weather", arguments=""),
        call_chunk(0, name="", arguments='{"city"'),
        call_chunk(0, name="", arguments=': "Paris"}'),
        CALLS_END,
        DONE,
    )
    [call] = whole.calls
    assert (call.id, call.name, call.arguments) == ("814890118", "get_weather", '{"city": "Paris"}')
    assert whole.finish_reason == "tool_calls"
    assert whole.message.tool_calls == whole.calls


def test_parallel_calls_are_told_apart_by_index_even_when_their_pieces_are_interleaved() -> None:
    whole = turn(
        call_chunk(0, id="1", name="a", arguments="{"),
        call_chunk(1, id="2", name="b", arguments='{"x"'),
        call_chunk(0, arguments="}"),
        call_chunk(1, arguments=":1}"),
        CALLS_END,
    )
    assert [(call.name, call.arguments) for call in whole.calls] == [("a", "{}"), ("b", '{"x":1}')]


def test_calls_that_all_have_index_zero_are_told_apart_by_id_and_name() -> None:
    whole = turn(
        call_chunk(0, id="1", name="a", arguments="{}"), call_chunk(0, id="2", name="b", arguments="{}"), CALLS_END
    )
    assert [call.name for call in whole.calls] == ["a", "b"]


def test_calls_without_index_are_told_apart_by_id_and_their_pieces_join_the_last() -> None:
    whole = turn(
        call_chunk(None, id="1", name="a", arguments='{"x"'),
        call_chunk(None, arguments=":1}"),
        call_chunk(None, id="2", name="b", arguments="{}"),
        CALLS_END,
    )
    assert [(call.name, call.arguments) for call in whole.calls] == [("a", '{"x":1}'), ("b", "{}")]


def test_missing_and_repeated_ids_are_renumbered_to_nine_letters_and_digits() -> None:
    whole = turn(
        call_chunk(0, id="123456789", name="a", arguments="{}"),
        call_chunk(1, id="123456789", name="b", arguments="{}"),
        call_chunk(2, name="c", arguments="{}"),
        CALLS_END,
    )
    ids = [call.id for call in whole.calls]
    assert ids[0] == "123456789"
    assert len(set(ids)) == 3
    assert all(len(each) == 9 and each.isalnum() for each in ids)


def test_arguments_that_are_an_object_and_not_text_become_text() -> None:
    assert turn(call_chunk(0, name="a", arguments={"x": [1]}), CALLS_END).calls[0].arguments == '{"x":[1]}'


def test_a_call_without_arguments_has_an_empty_object() -> None:
    assert turn(call_chunk(0, name="a", arguments=None), CALLS_END).calls[0].arguments == "{}"


def test_a_call_without_a_name_is_none() -> None:
    assert turn(call_chunk(0, id="1", name="", arguments="{}"), STOP).calls == ()


def test_a_forced_call_that_ends_with_stop_ends_in_tool_calls() -> None:
    assert turn(call_chunk(0, name="a", arguments="{}"), STOP).finish_reason == "tool_calls"


def test_a_reply_cut_by_the_length_limit_says_so_though_it_holds_a_call() -> None:
    whole = turn(call_chunk(0, name="a", arguments='{"x": "unfin'), chunk(finish="length"), DONE)
    assert whole.finish_reason == "length"
    assert whole.calls[0].arguments == '{"x": "unfin'


def test_usage_comes_in_a_chunk_of_its_own_without_choices() -> None:
    usage = {
        "prompt_tokens": 20,
        "completion_tokens": 5,
        "completion_tokens_details": {"reasoning_tokens": 2},
        "prompt_tokens_details": {"cached_tokens": 16},
    }
    assert turn(chunk({"content": "x"}), STOP, chunk(choices=[], usage=usage), DONE).usage == Usage(20, 5, 2, 16)


def test_cached_tokens_are_also_read_from_llama_cpp_timings() -> None:
    usage = {"prompt_tokens": 2116, "completion_tokens": 1}
    last = chunk(choices=[], usage=usage, timings={"cache_n": 2108, "prompt_n": 8})
    assert turn(chunk({"content": "x"}), STOP, last, DONE).usage.cached_tokens == 2108


def test_a_missing_done_is_fine_once_a_finish_reason_came() -> None:
    assert turn(chunk({"content": "x"}), STOP).text == "x"


def test_a_last_event_without_its_empty_line_counts_if_it_is_whole() -> None:
    assert turn(chunk({"content": "x"}), STOP.rstrip(b"\n")).finish_reason == "stop"


def test_a_stream_that_ends_without_finish_reason_is_interrupted_and_keeps_what_came() -> None:
    with pytest.raises(StreamInterruptedError) as caught:
        turn(chunk({"content": "half an ans"}))
    assert caught.value.partial == "half an ans"
    assert caught.value.retryable


def test_a_stream_cut_in_the_middle_of_a_chunk_is_interrupted() -> None:
    with pytest.raises(StreamInterruptedError):
        turn(chunk({"content": "x"}), chunk({"content": "y"})[:20])


@pytest.mark.parametrize("pieces", [(DONE,), (chunk(choices=[]), DONE)])
def test_a_stream_without_choices_is_not_the_protocol(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(LLMProtocolError):
        turn(*pieces)


def test_nothing_at_all_is_an_interrupted_stream() -> None:
    with pytest.raises(StreamInterruptedError):
        turn()


@pytest.mark.parametrize(
    "event",
    [
        b'event: error\ndata: {"error":{"message":"Compute error."},"message":"Compute error."}\n\n',
        b'data: {"error":{"message":"Compute error."}}\n\n',
        b'data: {"error":"Compute error."}\n\n',
        b'event: error\ndata: {"message":"Compute error."}\n\n',
        b'data: {"object":"error","message":"Compute error.","code":500}\n\n',
        b'data: {"error":{"message":"Compute error."},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}\n\n',
    ],
)
@pytest.mark.parametrize("before", [b"", chunk({"content": "so far"})])
def test_an_error_inside_the_stream_fails_in_every_shape(before: bytes, event: bytes) -> None:
    with pytest.raises(LLMResponseError) as caught:
        turn(before, event, DONE)
    assert "Compute error." in str(caught.value)
    assert caught.value.retryable


def test_a_context_overflow_inside_the_stream_is_one() -> None:
    message = "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with …"
    with pytest.raises(ContextOverflowError):
        turn(b"data: " + json.dumps({"error": message}).encode() + b"\n\n")


def test_a_model_unloaded_in_mid_stream_is_evicted() -> None:
    with pytest.raises(ModelEvictedError):
        turn(chunk({"content": "x"}), b'event: error\ndata: {"error":{"message":"Model is unloaded."}}\n\n')


@pytest.mark.parametrize("line", [b"data: {not json\n\n", b"data: 42\n\n", b'data: ["x"]\n\n', b"data: true\n\n"])
def test_garbage_between_chunks_is_not_the_protocol(line: bytes) -> None:
    with pytest.raises(LLMProtocolError):
        turn(chunk({"content": "x"}), line, STOP, DONE)


def test_html_where_a_stream_was_asked_for_is_shown_in_the_error() -> None:
    with pytest.raises(LLMProtocolError) as caught:
        turn(b"<html><body><h1>502 Bad ", b"Gateway</h1></body></html>")
    assert "Bad Gateway" in (caught.value.body or "")


def test_plain_words_where_a_stream_was_asked_for_are_shown_in_the_error() -> None:
    with pytest.raises(LLMProtocolError, match="upstream is on fire"):
        turn(b"Internal error, the upstream is on fire\n")


def test_a_whole_body_where_a_stream_was_asked_for_is_read_all_the_same() -> None:
    body = {"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}], "model": "m"}
    assert turn(json.dumps(body, indent=2).encode()).text == "whole"


def test_a_string_error_in_a_whole_body_fails() -> None:
    with pytest.raises(LLMResponseError) as caught:
        turn(b'{"error":"Unexpected endpoint or method. (POST /chat/completions)"}')
    assert not caught.value.retryable
    assert "/v1" in (caught.value.hint or "")


def test_carriage_returns_comments_multi_line_data_and_unknown_fields_are_read() -> None:
    stream = (
        b"\xef\xbb\xbf: hello\r\nretry: 100\r\nid: 7\r\n"
        b'data: {"choices":[{"delta":\r\ndata: {"content":"x"}}]}\r\n\r\n'
        b": ping\r\n\r\n" + STOP.replace(b"\n", b"\r\n") + b"data:[DONE]\r\n\r\n"
    )
    assert turn(stream).text == "x"


def test_bytes_that_are_no_utf8_are_replaced_and_not_fatal() -> None:
    assert turn(b'data: {"choices":[{"delta":{"content":"a\xffb"}}]}\n\n', STOP).text == "a\N{REPLACEMENT CHARACTER}b"


def test_a_character_escaped_in_two_halves_is_put_together() -> None:
    first, second = (
        rb'data: {"choices":[{"delta":{"content":"\ud83d"}}]}',
        rb'data: {"choices":[{"delta":{"content":"\ude00"}}]}',
    )
    assert turn(first + b"\n\n", second + b"\n\n", STOP).text == "\N{GRINNING FACE}"


def test_half_a_character_is_replaced() -> None:
    assert (
        turn(rb'data: {"choices":[{"delta":{"content":"x\ud83d"}}]}' + b"\n\n", STOP).text
        == "x\N{REPLACEMENT CHARACTER}"
    )


def test_content_in_parts_is_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert turn(chunk({"content": parts}), STOP).text == "ab"


def test_other_choices_than_the_first_are_ignored() -> None:
    both = {"choices": [{"index": 1, "delta": {"content": "other"}}, {"index": 0, "delta": {"content": "first"}}]}
    assert turn(b"data: " + json.dumps(both).encode() + b"\n\n", STOP).text == "first"


def test_text_completions_are_read_by_the_same_decoder() -> None:
    pieces = [
        {"choices": [{"index": 0, "text": t, "finish_reason": f}]} for t, f in (("once ", None), ("upon", "stop"))
    ]
    assert turn(*(b"data: " + json.dumps(p).encode() + b"\n\n" for p in pieces), DONE).text == "once upon"


def test_whatever_follows_done_is_not_read() -> None:
    assert turn(chunk({"content": "x"}), STOP, DONE, b"data: {not json\n\n").text == "x"


def test_an_endless_event_is_refused_before_it_fills_the_memory() -> None:
    decoder = TurnDecoder(EXCHANGE)
    for _ in range(31):
        decoder.feed(b"x" * 2**20)
    with pytest.raises(LLMProtocolError):
        decoder.feed(b"x" * 2**20 + b"x")


# --- whole bodies

BODY = {
    "id": "chatcmpl-qjct4a7n9wnocazc0k1kc",
    "model": "google/gemma-3-1b",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hi.", "reasoning_content": "", "tool_calls": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 15, "completion_tokens": 3, "completion_tokens_details": {"reasoning_tokens": 0}},
    "stats": {},
}


def test_a_whole_body_gives_the_same_turn_as_its_stream() -> None:
    streamed = turn(
        chunk({"content": "Hi."}, model="google/gemma-3-1b"), STOP, chunk(choices=[], usage=BODY["usage"]), DONE
    )
    assert parse_body(EXCHANGE, json.dumps(BODY).encode()) == streamed


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices": []}', b'{"choices": null}', b'"x"'])
def test_a_body_that_is_no_reply_is_not_the_protocol(body: bytes) -> None:
    with pytest.raises(LLMProtocolError):
        parse_body(EXCHANGE, body)


# --- however the bytes are cut

STREAMS = {
    "text": [chunk({"role": "assistant", "content": "Grüße 😀 "}), chunk({"content": "aus Köln"}), STOP, DONE],
    "reasoning": [
        chunk({"reasoning_content": "hm"}),
        chunk({"reasoning_content": "…"}),
        chunk({"content": "4"}),
        STOP,
        DONE,
    ],
    "calls": [
        call_chunk(0, id="1", name="a", arguments=""),
        call_chunk(0, name="", arguments='{"x": "ü'),
        call_chunk(0, arguments='"}'),
        call_chunk(1, id="1", name="b", arguments="{}"),
        CALLS_END,
        chunk(choices=[], usage={"prompt_tokens": 1, "completion_tokens": 2}),
        DONE,
    ],
    "error": [chunk({"content": "x"}), b'event: error\ndata: {"error":{"message":"Compute error."}}\n\n', DONE],
    "cut": [chunk({"content": "x"}), chunk({"content": "y"})[:-9]],
    "garbage": [chunk({"content": "x"}), b"data: {not json\n\n", STOP, DONE],
    "no done": [chunk({"content": "x"}), STOP],
    "html": [b"<html>no</html>"],
    "words": [b"Internal error\nmore\n", DONE],
    "body": [json.dumps(BODY, indent=2).encode()],
    "crlf": [chunk({"content": "x"}).replace(b"\n", b"\r\n"), b": ping\r\n\r\n", STOP.replace(b"\n", b"\r\n")],
    "cr": [chunk({"content": "x"}).replace(b"\n", b"\r"), STOP.replace(b"\n", b"\r"), DONE.replace(b"\n", b"\r")],
}


@pytest.mark.parametrize("name", STREAMS)
def test_every_single_cut_of_a_stream_gives_the_same_turn(name: str) -> None:
    whole = b"".join(STREAMS[name])
    expected = outcome([whole])
    for at in range(len(whole) + 1):
        assert outcome([whole[:at], whole[at:]]) == expected, at
    assert outcome(whole[at : at + 1] for at in range(len(whole))) == expected


RECORDED = {file.stem: file.read_bytes() for file in sorted((Path(__file__).parents[1] / "data").glob("*.sse"))}
"""Streams as a real llama.cpp sent them, byte for byte; its model had random weights."""


def test_recorded_streams_are_read_as_what_they_are() -> None:
    turns = {name: turn(stream) for name, stream in RECORDED.items()}
    assert {name: each.finish_reason for name, each in turns.items()} == {
        "llama_cpp_call": "length",
        "llama_cpp_length": "length",
        "llama_cpp_schema": "stop",
        "llama_cpp_text": "length",
    }
    assert [(call.name, json.loads(call.arguments)) for call in turns["llama_cpp_call"].calls] == [
        ("read", {"path": "a", "n": 11})
    ]
    assert json.loads(turns["llama_cpp_schema"].text)["n"] == 1
    assert turns["llama_cpp_length"].usage == Usage(21, 3, 0, 20)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_streams_give_the_same_turn_however_they_are_cut(name: str) -> None:
    whole = RECORDED[name]
    expected = outcome([whole])
    for at in range(0, len(whole), 11):
        assert outcome([whole[:at], whole[at:]]) == expected
    for size in (1, 2, 3, 7, 64, 1000):
        assert outcome(whole[at : at + size] for at in range(0, len(whole), size)) == expected


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(RECORDED)), st.lists(st.integers(0, 8000), max_size=20))
def test_recorded_streams_give_the_same_turn_at_random_cuts(name: str, cuts: list[int]) -> None:
    whole = RECORDED[name]
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    assert outcome(whole[a:b] for a, b in itertools.pairwise(edges)) == outcome([whole])


texts = st.text(max_size=20)
deltas = st.one_of(
    st.builds(lambda t: {"content": t}, texts),
    st.builds(lambda t: {"reasoning_content": t}, texts),
    st.builds(
        lambda i, n, a: {"tool_calls": [{"index": i, "function": {"name": n, "arguments": a}}]},
        st.integers(0, 2),
        st.sampled_from(["", "read", "write"]),
        texts,
    ),
)
endings = st.sampled_from([STOP + DONE, CALLS_END + DONE, chunk(finish="length"), DONE, b"", b"data: {bro"])
newlines = st.sampled_from([b"\n", b"\r\n", b"\r"])


@settings(max_examples=150, deadline=None)
@given(st.lists(deltas, max_size=6), endings, newlines, st.data())
def test_every_way_of_cutting_generated_streams_gives_the_same_turn(
    parts: list[dict[str, Any]], ending: bytes, newline: bytes, data: st.DataObject
) -> None:
    whole = (b"".join(chunk(part) for part in parts) + ending).replace(b"\n", newline)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    edges = [0, *cuts, len(whole)]
    assert outcome(whole[a:b] for a, b in itertools.pairwise(edges)) == outcome([whole])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_random_bytes_end_in_a_turn_or_one_of_our_errors(noise: bytes, at: int) -> None:
    stream = chunk({"content": "x"}) + noise + STOP + DONE
    assert outcome([stream[:at], stream[at:]]) == outcome([stream])


# --- what backends streamed in the field, 2026


def call_at(index: int | None, **function: Any) -> bytes:
    identity = {"id": function.pop("id")} if "id" in function else {}
    piece = identity | ({} if index is None else {"index": index}) | {"function": function}
    return chunk({"tool_calls": [piece]})


@pytest.mark.parametrize("index", [0, None])
@pytest.mark.parametrize("ids", [{"id": "a"}, {}])
def test_arguments_that_come_before_the_name_belong_to_it(index: int | None, ids: dict[str, str]) -> None:
    got = turn(
        call_at(index, arguments='{"path":', **ids), call_at(index, name="read", arguments='"a.txt"}', **ids), CALLS_END
    )
    assert [(call.name, call.arguments) for call in got.calls] == [("read", '{"path":"a.txt"}')]


@pytest.mark.parametrize(
    "pieces",
    [
        ['{"path"', '{"path":"a.t', '{"path":"a.txt"}'],
        ['{"path":"a.txt"}', '{"path":"a.txt"}'],
        ['{"pa', '{"pa', 'th":"a.txt"}', 'th":"a.txt"}'],
        ['{"path":', '"a.txt"}', '{"path":"a.txt"}'],
        ['{"path":"a.txt"}', "", '{"path":"a.txt"}'],
    ],
    ids=["cumulative", "repeated", "each twice", "whole at the end", "repeated behind nothing"],
)
def test_arguments_that_are_sent_again_are_read_once(pieces: list[str]) -> None:
    got = turn(*(call_at(0, name="read", arguments=piece, id="a") for piece in pieces), CALLS_END)
    assert [(call.name, call.arguments) for call in got.calls] == [("read", '{"path":"a.txt"}')]


def test_arguments_that_only_look_repeated_stay_as_they_are() -> None:
    got = turn(call_at(0, name="x", arguments='{"a":'), call_at(0, arguments='{"a":1}}'), CALLS_END)
    assert got.calls[0].arguments == '{"a":{"a":1}}'


def test_a_name_that_grows_or_comes_again_with_each_piece_is_one_name() -> None:
    names = ["read", "read_text", "read_text_file", "read_text_file"]
    got = turn(*(call_at(0, name=name, arguments="") for name in names), call_at(0, arguments="{}"), CALLS_END)
    assert [call.name for call in got.calls] == ["read_text_file"]


def test_one_index_for_two_calls_without_ids_is_two_calls() -> None:
    got = turn(call_at(0, name="read", arguments='{"n":1}'), call_at(0, name="write", arguments='{"n":2}'), CALLS_END)
    assert [(call.name, call.arguments) for call in got.calls] == [("read", '{"n":1}'), ("write", '{"n":2}')]


def pieces_of(*given: dict[str, Any]) -> list[bytes]:
    return [*(chunk({"tool_calls": [piece]}) for piece in given), CALLS_END]


A, B = ("read", '{"path":"a"}'), ("read", '{"path":"b"}')


def call_of(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "arguments": text}


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        ([chunk({"tool_calls": [{"index": 0, "function": call_of(*each)} for each in (A, B)]}), CALLS_END], [A, B]),
        (pieces_of({"index": 0, "function": call_of(*A)}, {"index": 0, "function": call_of(*B)}), [A, B]),
        (pieces_of({"function": call_of("read", '{"path":"a"}\n{"path":"b"}')}), [A, B]),
        (pieces_of({"function": call_of("read", '{"path":"a"}{"path":"a"}')}), [A]),
        (pieces_of({"function": call_of("read", "{}")}, {"function": call_of("", '{"path":"a"}')}), [A]),
        (pieces_of({"id": "1", "function": call_of("read", '{"pa')}, {"id": "2", "function": {"arguments": 'th":"a"}'}}), [A]),
        (
            pieces_of(
                {"index": 0, "id": "1", "function": call_of("read", '{"pa')},
                {"index": 0, "id": "2", "function": call_of("read", 'th":"a"}')},
            ),
            [A],
        ),
        (pieces_of({"index": "0", "function": call_of("read", '{"pa')}, {"index": "0", "function": {"arguments": 'th":"a"}'}}), [A]),
        ([chunk({"tool_calls": {"id": "1", "function": call_of(*A)}}), CALLS_END], [A]),
        (pieces_of({"id": "1", "type": "function", **call_of(*A)}), [A]),
        (pieces_of({"id": "1", "function": {"name": "read", "parameters": {"path": "a"}}}), [A]),
    ],
    ids=[
        "one index in one piece",
        "one index, no ids",
        "one behind the other",
        "the same twice",
        "empty at first",
        "an id a piece",
        "an id and a name a piece",
        "index as text",
        "no list",
        "no function",
        "parameters",
    ],
)  # fmt: skip
def test_calls_are_put_together_however_a_server_numbers_and_writes_their_pieces(
    pieces: list[bytes], calls: list[tuple[str, str]]
) -> None:
    assert [(call.name, call.arguments) for call in turn(*pieces).calls] == calls


def test_content_of_which_each_piece_says_all_that_came_before_is_read_once() -> None:
    grown = ["All", "All is", "All is well."]
    assert turn(*(chunk({"content": piece}) for piece in grown), STOP).text == "All is well."
    assert turn(*(chunk({"content": piece}) for piece in ("ha", "haha", "!")), STOP).text == "hahaha!"


@pytest.mark.parametrize("reason", ["error", "abort", "cancelled"])
def test_a_reply_that_the_backend_gave_up_is_interrupted(reason: str) -> None:
    with pytest.raises(StreamInterruptedError, match=reason):
        turn(chunk({"content": "half"}), chunk(finish=reason), DONE)
    with pytest.raises(StreamInterruptedError, match=reason):
        parse_body(
            EXCHANGE, json.dumps({"choices": [{"message": {"content": "half"}, "finish_reason": reason}]}).encode()
        )


@pytest.mark.parametrize("reason", ["MAX_TOKENS", "model_length", "max_length"])
def test_every_backend_s_word_for_a_reply_at_its_limit_is_understood(reason: str) -> None:
    assert turn(chunk({"content": "half"}), chunk(finish=reason), DONE).finish_reason == "length"


@pytest.mark.parametrize(
    "odd",
    [b"event: ping\ndata: ping\n\n", b"event: keep-alive\ndata: ok\n\n", b'event: ping\ndata: {"type": "ping"}\n\n'],
)
def test_signs_of_life_say_nothing(odd: bytes) -> None:
    assert turn(odd, chunk({"content": "All is well."}), odd, STOP, DONE).text == "All is well."


@pytest.mark.parametrize("end", [b'data: "[DONE]"\n\n', b"data: [done]\n\n"])
def test_an_end_in_quotes_or_in_small_letters_is_the_end(end: bytes) -> None:
    assert turn(chunk({"content": "x"}), STOP, end, b"data: {no\n\n").text == "x"


def test_events_without_an_empty_line_between_them_are_read_one_by_one() -> None:
    events = [chunk({"content": "All is"}), chunk({"content": " well."}), STOP, DONE]
    assert turn(*(event.replace(b"\n\n", b"\n") for event in events)).text == "All is well."


@pytest.mark.parametrize(
    "empty",
    [b"data:\n\n", b"data: \n\n", b"data:   \n\n", b"data\n\n", b"data: null\n\n", b"data: []\n\n", b'data: ""\n\n'],
)
def test_events_without_data_say_nothing(empty: bytes) -> None:
    assert (
        turn(empty, chunk({"content": "All is"}), empty, chunk({"content": " well."}), STOP, empty, DONE).text
        == "All is well."
    )


OVERFLOW = (
    b'{"error":{"code":400,"message":"request (19185 tokens) exceeds the available context size (16384 tokens)"}}'
)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"error: " + OVERFLOW[9:-1] + b"\n\n", DONE),
        (b"error: " + OVERFLOW[9:-1],),
        (chunk({"content": "Well"}), OVERFLOW),
        (chunk({"content": "Well"}), OVERFLOW + b"\n"),
        (
            chunk({"content": "Well"}),
            b'{\n  "error": {\n    "message": "context size exceeded, exceeds the available context size"\n  }\n}\n',
        ),
        (chunk({"content": "Well"}), b"event: error\ndata: " + OVERFLOW + b"\n\n"),
        (OVERFLOW + b"\n\n", DONE),
        (b"\xef\xbb\xbf" + OVERFLOW + b"\r\n",),
        (b"[" + OVERFLOW + b"]",),
        (b"error: the request exceeds the available context size\n\n", DONE),
        (b"event: error\ndata: the request exceeds the available context size\n\n",),
        (b"data: Error: the request exceeds the available context size\n\n",),
        (b'data: {"detail": "the request exceeds the available context size"}\n\n', DONE),
    ],
    ids=[
        "field",
        "field without end",
        "bare",
        "bare line",
        "pretty",
        "event",
        "bare before an end",
        "bare behind a mark",
        "in a list",
        "field in words",
        "event in words",
        "words",
        "detail",
    ],
)
def test_an_error_in_whatever_form_it_comes_keeps_its_words_and_is_recognised(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(ContextOverflowError, match="exceeds the available context"):
        turn(*pieces)


@pytest.mark.parametrize(
    "words",
    [
        "prompt too long; exceeded max context length by 312 tokens",
        "the input length exceeds the context length",
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
        "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
        "Requested token count exceeds the model's maximum context length of 4096 tokens.",
        "Prompt length 9001 is greater than max_seq_len 8192",
        "Cannot truncate prompt with n_keep (5000) >= n_ctx (4096)",
    ],
)
def test_every_backend_s_words_for_an_overflow_are_understood(words: str) -> None:
    with pytest.raises(ContextOverflowError):
        turn(b"data: " + json.dumps({"error": {"message": words}}).encode() + b"\n\n")


def test_a_reply_beyond_every_measure_is_stopped_and_told_as_cut() -> None:
    decoder = TurnDecoder(EXCHANGE)
    for number in range(200):
        if decoder.done:
            break
        decoder.feed(chunk({"content": f"line {number:08d} of the reply\n" * 400}))
    got = decoder.finish()
    assert decoder.done
    assert got.finish_reason == "length"
    assert len(got.text) <= 2**20
    whole = parse_body(
        EXCHANGE, json.dumps({"choices": [{"message": {"content": "x" * 5_000_000}, "finish_reason": "stop"}]}).encode()
    )
    assert (whole.finish_reason, len(whole.text)) == ("length", 2**20)


@pytest.mark.parametrize(
    "tags",
    [("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("<seed:think>", "</seed:think>"), ("◁think▷", "◁/think▷")],
)
def test_thinking_in_any_tags_is_told_as_thinking_while_it_comes(tags: tuple[str, str]) -> None:
    text = f"{tags[0]}I think.{tags[1]}The answer."
    _, deltas = decoded(*(chunk({"content": letter}) for letter in text), STOP, DONE)
    assert joined(deltas, "reasoning") == "I think."
    assert joined(deltas, "text") == "The answer."
