"""Bytes to lines to messages: linear, bounded, and kind to what can still be read."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mcp_types import CONNECTION_CLOSED, ErrorData, JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from lmbridge.mcp_host.transport import jsonrpc_lines
from lmbridge.mcp_host.transport.inbox import Sieve
from lmbridge.mcp_host.transport.jsonrpc_lines import Framer, Line, Oversize, Piece
from lmbridge.mcp_host.transport.requests import NULL_ANSWER, TOO_LARGE, WRONG_ID, Asked, Correspondence


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    return [*chunks, data[at:]]


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line)), st.lists(st.integers(0, 30)))
def test_lines_come_out_whole_however_the_bytes_are_cut(lines: list[bytes], sizes: list[int]) -> None:
    framer = Framer(25)
    pieces = [piece for chunk in cut(b"".join(line + b"\n" for line in lines), sizes) for piece in framer.feed(chunk)]
    wanted = [line for line in lines if line]
    assert [piece.size for piece in pieces] == [len(line) for line in wanted]
    for piece, line in zip(pieces, wanted, strict=True):
        assert isinstance(piece, Oversize) is (len(line) > 25)
        if isinstance(piece, Line):
            assert piece.data == line
    assert framer.pending == 0


@given(st.integers(2000, 6000), st.lists(st.integers(1, 900)))
@example(2000, [1, 1, 1, 1, 587, 900])
def test_of_a_line_that_is_too_large_both_ends_are_kept(size: int, sizes: list[int]) -> None:
    line = b"".join(b"%06d" % number for number in range(1000))[:size]
    framer = Framer(1500)
    [piece] = [piece for chunk in cut(line + b"\n", sizes) for piece in framer.feed(chunk)]
    assert isinstance(piece, Oversize)
    assert line.startswith(piece.head)
    assert line.endswith(piece.tail)
    assert len(piece.head) >= 1024
    assert len(piece.tail) >= 512
    assert piece.size == len(line)


def test_fifty_megabytes_are_framed_and_not_kept() -> None:
    framer, chunk = Framer(8 * 2**20), b"x" * 65536
    for _ in range(800):
        assert framer.feed(chunk) == []
    [piece] = framer.feed(b"\n")
    assert isinstance(piece, Oversize)
    assert len(piece.head) + len(piece.tail) < 2**20
    assert piece.size == 800 * 65536


ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {"content": []}}


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc":"2.0","id":1,"result":{"content":[]}}',
        b'Listening on stdio... {"jsonrpc":"2.0","id":1,"result":{"content":[]}}',
        b'{debug} {"jsonrpc":"2.0","id":1,"result":{"content":[]}} trailing words',
        b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"result":{"content":[]}}',
        b'\xff\xfe {"jsonrpc":"2.0","id":1,"result":{"content":[]}}\r',
        b'[{"jsonrpc":"2.0","id":1,"result":{"content":[]}}]',
    ],
)
def test_a_message_among_other_text_is_found(line: bytes) -> None:
    assert jsonrpc_lines.decode(line) == [ANSWER]


@pytest.mark.parametrize(
    "line",
    [b"Server ready", b"{}", b'{"level":"info","msg":"x"}', b"[1,2]", b"null", b"{" * 5000, b"[" * 100_000, b"\xff"],
)
def test_what_is_no_message_is_told_apart(line: bytes) -> None:
    assert jsonrpc_lines.decode(line) is None


@given(st.binary(max_size=300))
def test_no_line_at_all_makes_reading_fail(line: bytes) -> None:
    messages = jsonrpc_lines.decode(line)
    assert jsonrpc_lines.answered_id(line[:100], line[-100:]) is None or b'"id"' in line
    letters = Correspondence(1000, lambda: 0.0)
    assert len(letters.received(Line(line))) <= len(messages or ())
    assert letters.junk_lines == (messages is None)


@pytest.mark.parametrize(
    ("head", "tail", "number"),
    [
        (b'{"jsonrpc":"2.0","id":7,"result":{"te', b'x"}]}}', 7),
        (b'{"id": "7", "result": {"te', b'x"}]}}', 7),
        (b'{"result":{"content":[{"id":3,"te', b'x"}]},"jsonrpc":"2.0","id":9}', 9),
        (b'{"result":{"content":[{"id":3,"te', b'x"}]},"id":"abc","jsonrpc":"2.0"} ', "abc"),
        (b'{"result":{"content":[{"id":3,"te', b'"id":4}]}}', None),
        (b'{"error":"', b'"}', None),
    ],
)
def test_the_id_of_an_answer_is_found_at_either_end_of_it(head: bytes, tail: bytes, number: Any) -> None:
    assert jsonrpc_lines.answered_id(head, tail) == number


@pytest.mark.parametrize(
    ("given_id", "meant"), [(7, 7), (7.0, 7), ("7", 7), ("x", "x"), (True, None), (None, None), (7.5, None)]
)
def test_ids_are_the_same_however_they_are_written(given_id: Any, meant: Any) -> None:
    assert jsonrpc_lines.as_id(given_id) == meant


# -- correspondence ------------------------------------------------------------------------------------------------------


def asked(*numbers: int) -> Correspondence:
    letters = Correspondence(1000, lambda: 0.0)
    for number in numbers:
        letters.sent(JSONRPCRequest(jsonrpc="2.0", id=number, method="tools/call"))
    return letters


def line(**body: Any) -> Piece:
    return Line(json.dumps(body).encode())


def test_an_answer_reaches_its_request_once() -> None:
    letters = asked(1, 2)
    [answer] = letters.received(line(id=2, result={"a": 1}))
    assert isinstance(answer, JSONRPCResponse)
    assert (answer.id, answer.result) == (2, {"a": 1})
    assert letters.received(line(id=2, result={"a": 2})) == []
    assert letters.stray == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"id": 1, "result": None}, NULL_ANSWER),
        ({"id": 1, "result": [1]}, NULL_ANSWER),
        ({"id": 99, "result": {}}, WRONG_ID),
        ({"id": None, "error": {"code": -32700, "message": "Parse error"}}, WRONG_ID),
        ({"id": 1, "error": "just words"}, -32603),
        ({"id": 1, "error": {"code": "odd", "message": None}}, -32603),
        ({"id": "1", "error": {"code": -32602, "message": "bad"}}, -32602),
    ],
)
def test_a_strange_answer_is_an_error_for_its_caller_at_once(body: dict[str, Any], code: int) -> None:
    [answer] = asked(1).received(line(**body))
    assert isinstance(answer, JSONRPCError)
    assert (answer.id, answer.error.code) == (1, code)


def test_an_answer_with_a_result_and_a_null_error_is_a_result() -> None:
    [answer] = asked(1).received(line(id=1, result={}, error=None))
    assert isinstance(answer, JSONRPCResponse)


def test_an_answer_that_repeats_the_method_is_an_answer() -> None:
    letters, heard = asked(), []
    number = letters.ask(Asked(heard.append))
    letters.received(line(id=number, method="tools/call", params={}, result={"a": 1}))
    assert heard == [{"a": 1}]


def test_a_request_of_the_servers_own_is_no_answer_whatever_its_number() -> None:
    [ping] = asked(1).received(line(id=1, method="ping", result=None, error=None))
    assert isinstance(ping, JSONRPCRequest)


def test_a_late_answer_to_a_cancelled_request_hits_no_other() -> None:
    letters = asked(1, 2)
    letters.sent(JSONRPCNotification(jsonrpc="2.0", method="notifications/cancelled", params={"requestId": 1}))
    assert letters.received(line(id=1, result={})) == []
    assert len(letters.received(line(id=2, result={}))) == 1


NOT_FOUND = {"code": -32601, "message": "Method not found"}
UNREAD = {"code": -32700, "message": "Parse error"}


@pytest.mark.parametrize(
    "body", [{"id": None, "error": NOT_FOUND}, {"id": None, "result": {}}, {"id": 0, "result": {}}]
)
def test_an_answer_to_a_notification_is_nobodys_and_the_request_waits_for_its_own(body: dict[str, Any]) -> None:
    letters = asked()
    letters.sent(JSONRPCNotification(jsonrpc="2.0", method="notifications/initialized"))
    letters.sent(JSONRPCRequest(jsonrpc="2.0", id=1, method="tools/list"))
    assert letters.received(line(**body)) == []
    assert len(letters.received(line(id=1, result={}))) == 1
    assert letters.stray == 1


def test_an_answer_without_a_number_fails_a_request_only_where_it_says_that_a_message_could_not_be_read() -> None:
    letters = asked(1)
    for odd in ({"error": NOT_FOUND}, {"error": {"code": [1], "message": "odd"}}, {"error": "odd"}, {"result": {}}):
        assert letters.received(line(id=None, **odd)) == []
    assert [
        answer.id for answer in letters.received(line(id=None, error=UNREAD)) if isinstance(answer, JSONRPCError)
    ] == [1]


def test_a_notification_is_excused_once_and_not_after_a_later_request_was_answered() -> None:
    letters = asked(1)
    letters.notified()
    assert letters.received(line(id=None, error=UNREAD)) == []
    assert len(letters.received(line(id=None, error=UNREAD))) == 1
    letters.notified()
    letters.sent(JSONRPCRequest(jsonrpc="2.0", id=2, method="tools/list"))
    letters.received(line(id=2, result={}))
    letters.sent(JSONRPCRequest(jsonrpc="2.0", id=3, method="tools/call"))
    assert len(letters.received(line(id=None, error=UNREAD))) == 1


def test_an_answer_that_is_too_large_fails_its_own_caller_or_else_the_oldest() -> None:
    [told] = asked(1, 2).received(Oversize(b'{"id":2,"result":{', b"}}", 50 * 2**20))
    assert isinstance(told, JSONRPCError)
    assert (told.id, told.error.code) == (2, TOO_LARGE)
    assert told.error.message.startswith("too large (50 MB")
    [oldest] = asked(1, 2).received(Oversize(b'{"result":{', b"}}", 50 * 2**20))
    assert isinstance(oldest, JSONRPCError)
    assert oldest.id == 1


@pytest.mark.parametrize(
    ("head", "falls_on"),
    [
        (b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":{"result":', None),
        (b'{"params": {"data": "xxx', None),
        (b'{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{', None),
        (b'{"result":{"method":"x","params":{', 1),
        (b'{"error":{"code":1,"data":{"method":"x', 1),
    ],
)
def test_what_nobody_asked_for_fails_nobody_however_large_it_is(head: bytes, falls_on: int | None) -> None:
    letters = asked(1)
    heard = letters.received(Oversize(head, b'x"}}}', 3 * 2**20))
    assert [error.id for error in heard if isinstance(error, JSONRPCError)] == ([falls_on] if falls_on else [])
    assert (letters.junk_lines, letters.oversize) == (0, 0 if falls_on else 1)


def test_our_own_requests_hear_their_answers_directly_and_the_session_hears_its_own() -> None:
    letters, heard = asked(1), []
    ours = [letters.ask(Asked(heard.append)) for _ in range(2)]
    assert letters.received(line(id=str(ours[1]), result={"a": 2})) == []
    assert letters.received(line(id=ours[0], error={"code": -32602, "message": "bad"})) == []
    assert heard == [{"a": 2}, ErrorData(code=-32602, message="bad")]
    assert len(letters.received(line(id=1, result={}))) == 1
    assert letters.stray == 0


def test_a_number_between_the_sessions_and_ours_was_never_asked() -> None:
    letters, heard = asked(), []
    letters.ask(Asked(heard.append))
    letters.received(line(id=99, result={}))
    assert [error.code for error in heard] == [WRONG_ID]


def test_a_request_of_ours_that_was_given_up_hears_nothing_and_its_late_answer_is_counted() -> None:
    letters, heard = asked(), []
    number = letters.ask(Asked(heard.append))
    assert letters.forget(number)
    assert not letters.forget(number)
    assert letters.received(line(id=number, result={})) == []
    assert (heard, letters.stray) == ([], 1)


def test_progress_reaches_our_own_request_and_strange_progress_harms_nobody() -> None:
    letters = asked(1)
    told: list[tuple[float, float | None, str | None]] = []
    number = letters.ask(Asked(lambda _: None, lambda progress, total, text: told.append((progress, total, text))))

    def progress(**params: Any) -> int:
        return len(letters.received(line(method="notifications/progress", params=params)))

    assert progress(progressToken=number, progress=1, total=2, message="half") == 0
    assert progress(progressToken=str(number), progress=2, total="all", message=7) == 0
    assert progress(progressToken=number, progress="much") == progress(progressToken=number, progress=10**400) == 0
    assert progress(progressToken=1, progress=1) == progress(progressToken=[1], progress=1) == 1  # the session's matter
    assert told == [(1.0, 2.0, "half"), (2.0, None, None)]


def test_at_the_end_everybody_who_waits_is_told_and_so_is_who_asks_later() -> None:
    letters, heard = asked(1), []
    letters.ask(Asked(heard.append))
    letters.close()
    assert [error.code for error in heard] == [CONNECTION_CLOSED]
    letters.ask(Asked(heard.append))
    assert [error.code for error in heard] == [CONNECTION_CLOSED, CONNECTION_CLOSED]


def test_a_thousand_lines_of_junk_are_forgiven_and_one_more_is_not() -> None:
    letters = asked()
    for _ in range(1000):
        assert letters.received(Line(b"loading...")) == []
    assert letters.fault is None
    letters.received(Line(b"loading..."))
    assert "1001 lines" in (letters.fault or "")


def test_a_megabyte_of_junk_is_too_much() -> None:
    letters = asked()
    letters.received(Oversize(b"....", b"....", 2**20 + 1))
    assert letters.fault


def test_a_flood_of_unasked_messages_is_cut_and_answers_still_pass() -> None:
    letters = asked(1)
    changed = line(method="notifications/tools/list_changed")
    passed = sum(len(letters.received(changed)) for _ in range(5000))
    assert passed <= 200
    assert letters.flooding
    assert len(letters.received(line(id=1, result={}))) == 1


def test_the_sieve_lets_a_steady_trickle_through_and_logs_never() -> None:
    now = 0.0
    sieve = Sieve(lambda: now)
    for _ in range(1000):
        now += 0.05
        assert sieve.passes("notifications/progress", asks=False)
        assert not sieve.passes("notifications/message", asks=False)
        assert sieve.passes("ping", asks=True)
    assert sieve.dropped == 1000


def test_a_flood_is_over_when_nothing_more_comes() -> None:
    now = 0.0
    sieve = Sieve(lambda: now)
    for _ in range(400):
        sieve.passes("notifications/message", asks=False)
    assert sieve.flooded
    now += 0.05
    assert not sieve.flooded
