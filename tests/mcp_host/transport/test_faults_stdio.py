"""Everything that a stdio server can do wrong: the right outcome, in bounded time, and then no process left."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from lmbridge.errors import ServerStartError
from lmbridge.events import Progressed, ServerFailed, ServerRestarted, ToolStarted, Warned
from support.pools import PoolBench, Used, alive, eventually, faulty, within


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


async def failing_start(bench: PoolBench, mode: str, **values: Any) -> ServerStartError:
    with pytest.raises(ServerStartError) as caught:
        async with bench.using(faulty(mode), **values):
            pass
    return caught.value


# -- starting ---------------------------------------------------------------------------------------------------------


async def test_a_command_that_does_not_exist_is_named_with_the_file_that_names_it(bench: PoolBench) -> None:
    with pytest.raises(ServerStartError, match=r"'no-such-program' was not found") as caught:
        async with bench.using({"command": "no-such-program"}):
            pass
    assert "mcp.json" in (caught.value.hint or "")


async def test_a_working_folder_that_does_not_exist_is_told_as_such(bench: PoolBench) -> None:
    with pytest.raises(ServerStartError, match=r"working folder /nowhere/at/all does not exist"):
        async with bench.using(faulty("ok", cwd="/nowhere/at/all")):
            pass


async def test_a_server_that_exits_at_start_is_told_with_its_status_and_last_words(bench: PoolBench) -> None:
    async with within(5):
        error = await failing_start(bench, "exits_at_start:GITHUB_TOKEN")
    assert "exited with status 3" in error.message
    assert "GITHUB_TOKEN is not set" in error.message
    assert "GITHUB_TOKEN is not set" in error.stderr


@pytest.mark.parametrize("mode", ["hangs_at_start", "hangs_in_initialize", "hangs_in_list"])
async def test_a_server_that_hangs_while_starting_is_given_up_in_time(bench: PoolBench, mode: str) -> None:
    async with within(4):
        error = await failing_start(bench, mode, start_timeout=1.0)
    assert "did not start within 1 s" in error.message
    assert "LMBRIDGE_START_TIMEOUT" in (error.hint or "")


async def test_an_old_server_that_ignores_the_modern_greeting_is_greeted_the_old_way(bench: PoolBench) -> None:
    async with within(9), bench.using(faulty("silent_on_discover")) as used:
        assert (await used.call("echo", "old")).content == "old"


async def test_an_old_server_that_dies_of_the_modern_greeting_is_started_again_without_it(bench: PoolBench) -> None:
    async with within(4), bench.using(faulty("dies_on_discover")) as used:
        assert (await used.call("echo", "alive")).content == "alive"


@pytest.mark.parametrize("mode", ["slow_start:1", "slow_modern:1"])
async def test_a_slow_server_is_waited_for(bench: PoolBench, mode: str) -> None:
    async with bench.using(faulty(mode)) as used:
        assert (await used.call("echo", "at last")).content == "at last"


async def test_a_handshake_that_is_none_fails_the_start_and_says_so(bench: PoolBench) -> None:
    assert "failed while starting" in (await failing_start(bench, "bad_handshake")).message


async def test_a_protocol_version_that_nobody_knows_fails_the_start_and_is_named(bench: PoolBench) -> None:
    assert "2099-01-01" in (await failing_start(bench, "future_version")).message


async def test_a_server_that_calls_itself_lmbridge_is_refused(bench: PoolBench) -> None:
    assert "lmbridge itself" in (await failing_start(bench, "is_lmbridge")).message


# -- lists of tools ---------------------------------------------------------------------------------------------------


def names(used: Used) -> list[str]:
    return [spec.name for spec in used.tools.specs]


async def test_bad_tools_are_left_out_by_name_and_the_good_ones_stay(bench: PoolBench) -> None:
    async with bench.using(faulty("bad_tool_schema")) as used:
        assert {"echo", "keep", "pid", "environment"} <= set(names(used))
        assert "nameless" not in " ".join(names(used))
        assert used.told(Warned)
        assert (await used.call("echo", "fine")).outcome == "ok"


async def test_all_pages_of_a_tool_list_are_read(bench: PoolBench) -> None:
    async with bench.using(faulty("many_pages")) as used:
        assert names(used) == ["echo", "environment", "keep", "pid"]


async def test_a_server_without_tools_is_no_failure(bench: PoolBench) -> None:
    async with bench.using(faulty("no_tools")) as used:
        assert (names(used), used.lease.states[0].status) == ([], "ready")
        assert any("offers no tools" in warning.text for warning in used.told(Warned))


async def test_a_tool_list_without_end_is_cut_and_told(bench: PoolBench) -> None:
    async with within(5), bench.using(faulty("endless_pages")) as used:
        assert names(used) == ["echo", "environment", "keep", "pid"]
        assert any("does not end" in warning.text for warning in used.told(Warned))


async def test_of_tools_with_one_name_the_first_is_offered_and_the_other_told(bench: PoolBench) -> None:
    async with bench.using(faulty("duplicate_tools")) as used:
        echoes = [spec for spec in used.tools.specs if spec.tool.lower() == "echo"]
        assert len({spec.name.lower() for spec in echoes}) == len(echoes) == 2
        assert any("echo" in warning.text for warning in used.told(Warned))


async def test_two_thousand_tools_are_listed_in_a_moment(bench: PoolBench) -> None:
    async with within(8), bench.using(faulty("huge_tool_list")) as used:
        assert len(used.tools.specs) == 2004


async def test_hidden_orders_in_a_description_lose_their_form_and_it_is_cut(bench: PoolBench) -> None:
    async with bench.using(faulty("evil_descriptions")) as used:
        [add] = [spec for spec in used.tools.specs if spec.name == "add"]
        assert "Adds numbers." in add.description
        assert "<IMPORTANT>" not in add.description
        assert add.description.isprintable() or add.description.replace("\n", "").isprintable()
        assert len(add.description) < 3000


async def test_a_tool_redefined_in_the_middle_of_a_run_is_not_called_any_more(bench: PoolBench) -> None:
    async with bench.using(faulty("changes_tools")) as used:
        assert (await used.call("echo", "first")).outcome == "ok"
        await eventually(lambda: used.pool.changed("server"))
        redefined = await used.call("echo", "second")
        assert redefined.outcome == "rejected"
        assert "redefined" in redefined.content
        dropped = await used.call("pid")
        assert (dropped.outcome, "does not offer" in dropped.content) == ("rejected", True)
        assert (await used.call("keep", "still")).outcome == "ok"
        assert "fresh" not in names(used)
        async with used.pool.lease(["server"]) as next_lease:
            offered = [spec.name for spec in next_lease.toolbox.specs]
            assert "keep" in offered
            assert "fresh" not in offered  # what is new since the first use is held back until it is trusted


async def test_of_two_calls_at_once_neither_reaches_a_redefined_tool(bench: PoolBench) -> None:
    async with bench.using(faulty("changes_tools")) as used:
        await used.call("keep", "x")
        await eventually(lambda: used.pool.changed("server"))
        both = await asyncio.gather(used.call("echo", "one"), used.call("echo", "two"))
        assert [result.outcome for result in both] == ["rejected", "rejected"]


# -- calls ------------------------------------------------------------------------------------------------------------


async def test_a_reading_call_that_hangs_is_an_error_and_a_writing_one_unknown(bench: PoolBench) -> None:
    async with within(6), bench.using(faulty("hangs_in_call"), tool_timeout=0.4) as used:
        reading = await used.call("echo", "x")
        assert (reading.outcome, reading.server_error) == ("error", "server_lost")
        assert "did not answer within 0.4 s" in reading.content
        writing = await used.call("keep", "x")
        assert writing.outcome == "unknown"


async def test_the_second_hang_ends_the_server_and_the_next_call_finds_a_fresh_one(bench: PoolBench) -> None:
    async with within(8), bench.using(faulty("stops_the_world"), tool_timeout=0.4) as used:
        [first] = [health.pid for health in used.pool.known()]
        assert first is not None
        assert (await used.call("keep", "1")).outcome == "unknown"
        assert alive(first)
        assert (await used.call("keep", "2")).outcome == "unknown"
        await eventually(lambda: not alive(first))
        [failed] = used.told(ServerFailed)
        assert "hung twice" in failed.error
        await used.call("keep", "3")
        [second] = [health.pid for health in used.pool.known()]
        assert second not in {None, first}
        assert used.told(ServerRestarted)


async def test_a_call_that_is_given_up_is_cancelled_at_the_server(bench: PoolBench) -> None:
    async with bench.using(faulty("hangs_once"), tool_timeout=0.4) as used:
        assert (await used.call("echo", "x")).outcome == "error"
        assert (await used.call("echo", "x")).content == "cancelled: 1"


async def test_a_cancelled_caller_is_free_at_once_and_the_server_is_told(bench: PoolBench) -> None:
    async with bench.using(faulty("hangs_once")) as used:
        task = asyncio.create_task(used.call("echo", "x"))
        await eventually(lambda: used.told(ToolStarted))
        await asyncio.sleep(0)  # so that the call, told, is sent as well
        async with within(1):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (await used.call("echo", "x")).content == "cancelled: 1"


async def test_a_crash_in_the_middle_of_a_writing_call_leaves_its_outcome_unknown(bench: PoolBench) -> None:
    async with within(6), bench.using(faulty("crashes_in_call")) as used:
        result = await used.call("keep", "x")
        assert (result.outcome, result.server_error) == ("unknown", "server_lost")
        assert "signal 9" in result.content
        assert "Segmentation fault, said the server" in result.content


async def test_a_crash_in_the_middle_of_a_reading_call_is_repeated_on_a_fresh_server(
    bench: PoolBench, tmp_path: Path
) -> None:
    async with bench.using(faulty(f"crashes_once:{tmp_path / 'flag'}")) as used:
        result = await used.call("echo", "again")
        assert (result.outcome, result.content) == ("ok", "again")
        assert [type(fact).__name__ for fact in used.facts if isinstance(fact, ServerFailed | ServerRestarted)] == [
            "ServerFailed",
            "ServerRestarted",
        ]


async def test_a_writing_call_is_never_repeated(bench: PoolBench, tmp_path: Path) -> None:
    async with bench.using(faulty(f"crashes_once:{tmp_path / 'flag'}")) as used:
        assert (await used.call("keep", "once")).outcome == "unknown"
        assert (await used.call("keep", "twice")).content == "kept 1"


async def test_a_server_that_crashes_again_and_again_is_left_alone_after_three_restarts(bench: PoolBench) -> None:
    async with within(12), bench.using(faulty("crashes_in_call")) as used:
        results = [await used.call("keep", "x") for _ in range(5)]
        assert [result.outcome for result in results] == ["unknown"] * 4 + ["error"]
        assert "3 restarts" in results[-1].content
        assert len(used.told(ServerRestarted)) == 3


async def test_half_a_line_and_then_death_is_a_crash(bench: PoolBench) -> None:
    async with within(5), bench.using(faulty("half_a_line")) as used:
        result = await used.call("keep", "x")
        assert (result.outcome, "exited with status 1" in result.content) == ("unknown", True)


async def test_a_server_that_closes_its_output_is_lost_at_once(bench: PoolBench) -> None:
    async with within(5), bench.using(faulty("closes_output")) as used:
        result = await used.call("keep", "x")
        assert (result.outcome, "closed its output" in result.content) == ("unknown", True)


async def test_a_server_that_closes_its_input_gets_no_further_calls_but_a_fresh_start(bench: PoolBench) -> None:
    async with within(8), bench.using(faulty("closes_input")) as used:
        assert (await used.call("keep", "x")).content == "kept 1"
        assert (await used.call("echo", "y")).content == "y"


async def test_a_server_that_stops_reading_blocks_nobody(bench: PoolBench) -> None:
    async with within(10), bench.using(faulty("stops_reading"), tool_timeout=0.5) as used:
        big = "x" * 300_000
        results = await asyncio.gather(*(used.call("keep", big) for _ in range(8)))
        assert {result.outcome for result in results} <= {"unknown", "error"}


@pytest.mark.parametrize(
    ("mode", "outcome", "said"),
    [
        ("is_error", "error", "The disk is full."),
        ("protocol_error", "error", "text must be shorter"),
        ("server_error", "error", "Database is locked"),
        ("null_result", "unknown", "answered null"),
        ("wrong_id", "unknown", "never asked"),
        ("unreadable_answer", "unknown", "not readable JSON"),
        ("duplicate_id", "ok", "x"),
        ("junk_lines:20", "ok", "x"),
        ("junk_glued", "ok", "x"),
        ("two_in_a_line", "ok", "x"),
        ("not_utf8", "ok", "gr��e"),
        ("sloppy_json", "ok", "half"),
        ("sloppy_output_schema", "ok", "x"),
        ("only_structured", "ok", '"rows"'),
        ("floods_stderr", "ok", "x"),
        ("floods_notifications", "ok", "x"),
        ("asks_back", "ok", "answered, refused, refused, refused"),
        ("modern", "ok", "x"),
    ],
)
async def test_a_strange_answer_has_the_right_outcome_at_once(
    bench: PoolBench, mode: str, outcome: str, said: str
) -> None:
    async with within(6), bench.using(faulty(mode)) as used:
        for _ in range(2):
            result = await used.call("keep", "x")
            if mode != "duplicate_id":
                assert (result.outcome, said in result.content or "kept" in result.content) == (outcome, True)
            echoed = await used.call("echo", "x")
            assert said in echoed.content


async def test_progress_keeps_a_long_call_alive_beyond_its_timeout(bench: PoolBench) -> None:
    async with bench.using(faulty("progress:20"), tool_timeout=0.5) as used:
        result = await used.call("echo", "done")
        assert result.content == "done"
        assert 1.0 in [fact.fraction for fact in used.told(Progressed)]


async def test_progress_without_end_is_given_up_in_the_end(bench: PoolBench) -> None:
    async with within(6), bench.using(faulty("progress:1000"), tool_timeout=0.2) as used:
        result = await used.call("keep", "x")
        assert (result.outcome, "did not answer" in result.content) == ("unknown", True)
        assert 1500 < result.duration_ms < 4000


# -- what is written --------------------------------------------------------------------------------------------------


async def test_a_result_of_fifty_megabytes_is_refused_in_a_second_while_everything_goes_on(bench: PoolBench) -> None:
    bench.configure(big=faulty("huge_result:50"), good=faulty("ok"))
    async with bench.using() as used:
        longest, ticking = 0.0, True

        async def tick() -> None:
            nonlocal longest
            while ticking:
                begun = time.monotonic()
                await asyncio.sleep(0.005)
                longest = max(longest, time.monotonic() - begun)

        ticks = asyncio.create_task(tick())
        begun = time.monotonic()
        result = await used.call("big__keep", "x")
        took = time.monotonic() - begun
        ticking = False
        await ticks
        assert result.outcome == "unknown"
        assert "too large (50 MB" in result.content
        assert took < 10.0, took
        assert longest < 1.0, longest
        assert (await used.call("good__echo", "still here")).content == "still here"


async def test_a_result_just_below_the_limit_arrives_whole(bench: PoolBench) -> None:
    async with bench.using(faulty("huge_result:7.5")) as used:
        assert (await used.call("echo")).full_chars == int(7.5 * 2**20) // 65536 * 65536


@pytest.mark.timeout(60)  # a deadline for fifty calls of another server meanwhile
async def test_servers_that_flood_hold_nobody_up(bench: PoolBench) -> None:
    bench.configure(notes=faulty("floods_notifications"), errors=faulty("floods_stderr"), good=faulty("ok"))
    async with bench.using() as used:
        for _ in range(50):
            assert (await used.call("good__echo", "x")).content == "x"


@pytest.mark.parametrize("mode", ["junk_flood", "junk_endless"])
async def test_a_server_that_writes_other_text_without_end_is_given_up(bench: PoolBench, mode: str) -> None:
    async with within(6), bench.using(faulty(mode)) as used:
        result = await used.call("keep", "x")
        assert (result.outcome, "of other text" in result.content) == ("unknown", True)


# -- ending -----------------------------------------------------------------------------------------------------------


async def test_servers_that_ignore_sigterm_are_gone_a_second_after_closing(bench: PoolBench) -> None:
    bench.configure(**{f"stubborn{number}": faulty("ignores_sigterm") for number in range(4)})
    async with bench.using() as used:
        pids = [health.pid or 0 for health in used.pool.known()]
        assert all(alive(pid) for pid in pids)
        async with within(1.5):
            await used.pool.close()
        await eventually(lambda: not any(map(alive, pids)), 0.5)


async def test_closing_fast_leaves_nothing_after_half_a_second(bench: PoolBench) -> None:
    bench.configure(one=faulty("ignores_sigterm"), two=faulty("leaves_grandchild:setsid"))
    async with bench.using() as used:
        pids = [health.pid or 0 for health in used.pool.known()] + [int((await used.call("two__pid")).content)]
        async with within(0.7):
            await used.pool.close(fast=True)
        await eventually(lambda: not any(map(alive, pids)), 0.5)


@pytest.mark.parametrize("how", ["", ":setsid"])
@pytest.mark.skipif(os.name != "posix", reason="sessions are a POSIX matter")
async def test_a_grandchild_does_not_survive_its_server(bench: PoolBench, how: str) -> None:
    async with bench.using(faulty(f"leaves_grandchild{how}")) as used:
        grandchild = int((await used.call("pid")).content)
        assert alive(grandchild)
    await eventually(lambda: not alive(grandchild))
