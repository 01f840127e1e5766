"""Every fault of the wire: the right error, the right number of requests, in bounded time."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from lmbridge.errors import (
    ContextOverflowError,
    LLMConnectionError,
    LLMError,
    LLMProtocolError,
    LLMRateLimitError,
    LLMResponseError,
    LLMTimeoutError,
    ModelLoadError,
    StreamInterruptedError,
)
from lmbridge.events import RequestRetried, TurnDiscarded
from lmbridge.llm.pinning import pin
from lmbridge.messages import ToolSpec
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, call, fault, gate, say
from lmbridge.testing.fake_lmstudio.faults import Fault
from support.llm import Bench, Told, asked, within

TRANSIENT: dict[str, tuple[Fault, type[LLMError]]] = {
    "500": (fault.status(500), LLMResponseError),
    "503": (fault.status(503), LLMResponseError),
    "html": (fault.html(), LLMProtocolError),
    "html with 200": (fault.html(200), LLMProtocolError),
    "cut stream": (fault.cut(2), StreamInterruptedError),
    "reset at once": (fault.reset(), LLMConnectionError),
    "reset in mid-stream": (fault.reset(1), StreamInterruptedError),
    "closed without an answer": (fault.hang_up(), LLMConnectionError),
    "garbage": (fault.garbage(), LLMProtocolError),
    "error event": (fault.error(), LLMResponseError),
    "error as data": (fault.error(shape="data", after=1), LLMResponseError),
    "error as openai": (fault.error(shape="openai", after=1, done=True), LLMResponseError),
    "error as string": (fault.error(shape="string"), LLMResponseError),
    "empty body": (fault.cut(0), StreamInterruptedError),
}


@pytest.mark.parametrize("name", TRANSIENT)
async def test_a_fault_that_passes_is_survived_and_told(name: str, bench: Bench, told: Told) -> None:
    async with FakeLMStudio() as fake:
        fake.script(say("one two three four").broken(TRANSIENT[name][0]), say("well again"))
        model = await pin(await bench.backend(fake.base_url), None, emit=told)
        turn = await within(5, asked(model, told=told))
        assert turn.text == "well again"
        assert len(fake.chats) == 2
    [retried] = told.of(RequestRetried)
    assert (retried.attempt, retried.code) == (2, TRANSIENT[name][1].code)
    assert 1 <= bench.waits[0] < 1.2


@pytest.mark.parametrize("name", TRANSIENT)
async def test_a_fault_that_stays_is_told_after_three_attempts(name: str, bench: Bench) -> None:
    broken, kind = TRANSIENT[name]
    async with FakeLMStudio() as fake:
        fake.script(*[say("one two three four").broken(broken) for _ in range(5)])
        model = await pin(await bench.backend(fake.base_url), None)
        with pytest.raises(kind) as caught:
            await within(5, asked(model))
        assert len(fake.chats) == 3
        assert f"POST http://127.0.0.1:{fake.port}/v1/chat/completions" in str(caught.value)
        assert caught.value.hint
    assert len(bench.waits) == 2


async def test_the_partial_reply_of_a_failed_attempt_is_discarded_and_told_as_such(bench: Bench, told: Told) -> None:
    async with FakeLMStudio() as fake:
        fake.script(say("one two three").broken(fault.cut(2)), say("whole"))
        model = await pin(await bench.backend(fake.base_url), None, emit=told)
        turn = await asked(model, told=told)
    assert turn.text == "whole"
    assert [each.reason for each in told.of(TurnDiscarded)] == ["stream_interrupted"]


async def test_what_had_come_of_a_reply_that_fails_for_good_is_attached_to_its_error(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        broken = say("one two three")
        fake.script(
            *[broken.broken(fault.cut(2))] * 3,
            *[broken.broken(fault.reset(2))] * 3,
            *[broken.broken(fault.stall(2))] * 3,
        )
        model = await pin(await bench.backend(fake.base_url, stall_timeout=0.1), None)
        for _ in range(2):
            with pytest.raises(StreamInterruptedError) as caught:
                await within(5, asked(model))
            assert caught.value.partial.startswith("one")
        with pytest.raises(LLMTimeoutError) as stalled:
            await within(5, asked(model))
        assert (stalled.value.body or "").startswith("one")


async def test_a_stall_in_mid_stream_is_given_up_and_its_connection_closed_before_the_next(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(say("one two three").broken(fault.stall(1)), say("whole"))
        model = await pin(await bench.backend(fake.base_url, stall_timeout=0.1), None)
        turn = await within(5, asked(model))
        assert turn.text == "whole"
        await fake.chats[0].disconnected()
        assert fake.chats[0].client_left


async def test_a_backend_that_stays_silent_is_asked_once_more_and_then_told(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(*[fault.hang_headers() for _ in range(5)])
        model = await pin(await bench.backend(fake.base_url, first_byte_timeout=0.1), None)
        with pytest.raises(LLMTimeoutError, match="first byte"):
            await within(5, asked(model))
        assert len(fake.chats) == 2
        for request in fake.chats:
            await request.disconnected()


async def test_headers_without_a_body_count_as_silence(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(*[say("x").broken(fault.stall(0)) for _ in range(5)])
        model = await pin(await bench.backend(fake.base_url, first_byte_timeout=0.1), None)
        with pytest.raises(LLMTimeoutError, match="first byte"):
            await within(5, asked(model))


async def test_a_slow_but_living_stream_is_not_given_up(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(say("one two three four five six").broken(fault.dribble(3)))
        model = await pin(await bench.backend(fake.base_url), None)
        assert (await within(5, asked(model))).text == "one two three four five six"


async def test_nobody_listening_is_unreachable_after_one_more_try_with_what_to_do(bench: Bench) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    backend = await bench.backend(f"http://127.0.0.1:{port}/v1")
    with pytest.raises(LLMConnectionError, match=rf"127\.0\.0\.1:{port}/.* the connection was refused") as caught:
        await within(5, pin(backend, None))
    assert "LM Studio running" in (caught.value.hint or "")
    assert isinstance(caught.value, ConnectionError)
    assert len(bench.waits) == 1


async def test_a_backend_that_goes_away_in_a_run_is_tried_three_times(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        model = await pin(await bench.backend(fake.base_url), None)
    with pytest.raises(LLMConnectionError, match="the connection was refused"):
        await within(5, asked(model))
    assert len(bench.waits) == 2


async def test_a_host_without_a_name_is_tried_once_more_and_no_oftener(bench: Bench) -> None:
    backend = await bench.backend("http://no-such-host.invalid:1234/v1")
    with pytest.raises(LLMConnectionError, match="resolve"):
        await within(15, pin(backend, None))
    assert len(bench.waits) == 1


async def test_a_host_that_does_not_answer_is_given_up_after_the_connect_timeout(bench: Bench) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        jam = [socket.socket() for _ in range(4)]
        for each in jam:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        backend = await bench.backend(f"http://127.0.0.1:{port}/v1", connect_timeout=0.1, max_attempts=1)
        with pytest.raises(LLMError):
            await within(20, backend.client.ask("GET", "/models", within=0.5))
        for each in jam:
            each.close()


async def test_a_server_that_starts_meanwhile_is_reached(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        backend = await bench.backend(fake.base_url)
        await fake.go_offline()
        bench.before_wait = lambda: asyncio.ensure_future(fake.go_online())
        model = await within(5, pin(backend, None))
        assert model.id == "qwen/qwen3-4b-2507"


async def test_429_is_waited_for_as_long_as_it_asks(bench: Bench, told: Told) -> None:
    async with FakeLMStudio() as fake:
        fake.script(fault.status(429, headers={"Retry-After": "7"}), say("now"))
        model = await pin(await bench.backend(fake.base_url), None, emit=told)
        assert (await asked(model, told=told)).text == "now"
    assert 7 <= bench.waits[0] <= 7.7
    assert told.of(RequestRetried)[0].code == "llm_rate_limited"


async def test_429_that_asks_for_too_long_fails_now_and_names_the_wait(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(fault.status(429, headers={"Retry-After": "120"}))
        model = await pin(await bench.backend(fake.base_url), None)
        with pytest.raises(LLMRateLimitError, match="120 s") as caught:
            await asked(model)
        assert caught.value.retry_after == 120
    assert bench.waits == []


async def test_429_without_end_is_given_up_after_five_retries(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(*[fault.status(429) for _ in range(9)])
        model = await pin(await bench.backend(fake.base_url), None)
        with pytest.raises(LLMRateLimitError):
            await asked(model)
        assert len(fake.chats) == 6
    assert max(bench.waits) <= 15


async def test_a_refused_request_is_never_repeated(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(fault.refuse("Invalid temperature."), say("never asked"))
        model = await pin(await bench.backend(fake.base_url), None)
        with pytest.raises(LLMResponseError, match="Invalid temperature"):
            await asked(model)
        assert len(fake.chats) == 1


async def test_a_prompt_beyond_the_context_is_an_overflow_and_not_repeated(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("m", context_length=64)]) as fake:
        model = await pin(await bench.backend(fake.base_url), None)
        assert model.context_length == 64
        with pytest.raises(ContextOverflowError):
            await asked(model, "word " * 200)
        assert len(fake.chats) == 1


async def test_a_schema_beyond_the_grammar_is_told_as_such(bench: Bench) -> None:
    from lmbridge.errors import GrammarError

    wild = ToolSpec("t", parameters={"type": "object", "properties": {"x": {"type": "string", "pattern": "a(?=b)"}}})
    async with FakeLMStudio(grammar="strict") as fake:
        model = await pin(await bench.backend(fake.base_url), None)
        with pytest.raises(GrammarError):
            await asked(model, "hi", wild)


async def test_a_wrong_token_is_refused_with_the_way_to_a_right_one_and_not_shown(bench: Bench) -> None:
    token = "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST"
    async with FakeLMStudio(api_token=token) as fake:
        good = await bench.backend(fake.base_url, token=token)
        assert (await asked(await pin(good, None))).text
        bad = await bench.backend(fake.base_url, token="sk-lm-wrongwro:ABCDEFGHIJKLMNOPQRST")
        with pytest.raises(LLMResponseError) as caught:
            await pin(bad, None)
    assert caught.value.status == 401
    assert "LM_API_TOKEN" in (caught.value.hint or "")
    assert "wrongwro" not in f"{caught.value} {caught.value.body}"


async def test_the_token_does_not_follow_a_redirect(bench: Bench) -> None:
    token = "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST"
    async with FakeLMStudio() as elsewhere, FakeLMStudio(api_token=token) as fake:
        model = await pin(await bench.backend(fake.base_url, token=token), None)
        fake.script(fault.status(307, headers={"Location": f"{elsewhere.base_url}/chat/completions"}))
        with pytest.raises(LLMResponseError, match="redirects"):
            await asked(model)
        assert elsewhere.requests == []


async def test_a_model_that_cannot_be_loaded_is_told_with_the_backends_reason(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("m", loaded=False, load_error="not enough memory")]) as fake:
        backend = await bench.backend(fake.base_url)
        with pytest.raises(ModelLoadError, match="'m' could not be loaded"):
            await pin(backend, "m")


async def test_a_connection_that_the_backend_closed_while_idle_is_replaced_without_a_retry(bench: Bench) -> None:
    async with FakeLMStudio(keep_alive=0.05) as fake:
        backend = await bench.backend(fake.base_url)
        backend.client._transport.stale_after = 0.03  # a hundredth of the real times, on both sides
        model = await pin(backend, None)
        for _ in range(3):
            await asyncio.sleep(0.06)  # the idle time after which the backend closes
            assert (await asked(model)).text
    assert bench.waits == []


async def test_a_kept_connection_that_is_reset_when_it_is_used_again_is_replaced_without_a_retry(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        backend = await bench.backend(fake.base_url)
        backend.client._transport.stale_after = 0.0  # as if the connection had been idle for long
        model = await pin(backend, None)
        fake.script(fault.hang_up(), say("well"))
        assert (await asked(model)).text == "well"
    assert bench.waits == []


async def test_closing_the_iterator_closes_the_connection_and_stops_the_generation(bench: Bench) -> None:
    from contextlib import aclosing

    from lmbridge.messages import Message

    pace = gate()
    async with FakeLMStudio() as fake:
        fake.script(say("one two three four").paced(pace))
        backend = await bench.backend(fake.base_url)
        pace.let(2)
        async with aclosing(backend.client.stream([Message("user", "hi")])) as stream:
            assert await anext(stream)
        await fake.chats[0].disconnected(1)
        await fake.until(lambda: not fake.active, 1)


async def test_cancelling_a_reply_closes_the_connection_within_a_second(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        silence = gate()
        fake.script(say("never").after(silence))
        backend = await bench.backend(fake.base_url)
        task = asyncio.ensure_future(asked(await pin(backend, None)))
        await silence.reached()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await within(1, task)
        await fake.chats[0].disconnected(1)
        assert backend.slots.in_flight("qwen/qwen3-4b-2507") == 0


async def test_a_client_that_is_not_entered_works_and_leaves_no_connection(bench: Bench) -> None:
    from lmbridge.llm.client import LLMClient
    from lmbridge.messages import Message
    from lmbridge.settings import Settings

    async with FakeLMStudio() as fake:
        fake.script(call("f", x=1))
        client = LLMClient(fake.base_url, settings=Settings())
        turn = await client.reply([Message("user", "hi")], [ToolSpec("f")])
        assert turn.calls[0].name == "f"
        assert (await client.models())[0].id == "qwen/qwen3-4b-2507"


async def test_no_request_asks_for_a_resumable_stream(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        await asked(await pin(await bench.backend(fake.base_url), None))
        assert not any("x-conversation-id" in request.headers for request in fake.requests)


async def test_a_client_in_a_script_writes_nothing_on_stdout() -> None:
    script = (
        "import asyncio; from lmbridge import LLMClient, Settings\n"
        "client = LLMClient('http://127.0.0.1:9/v1', settings=Settings(max_attempts=2))\n"
        "async def main():\n"
        "    try: await client.models()\n"
        "    except ConnectionError: pass\n"
        "asyncio.run(main())"
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=pipe, stderr=pipe)
    out, err = await within(30, process.communicate())
    assert (out, process.returncode) == (b"", 0)
    assert b"request_retried" in err
