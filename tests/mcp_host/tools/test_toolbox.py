"""What stands between a model's call and a server: names, rights, validation, approval, telling, secrets."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from lmbridge.events import ToolStarted, Warned
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.mcp_host.tools.gated import Request
from lmbridge.redaction import SecretFilter
from support.pools import PoolBench, Used, eventually, faulty


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


def names(used: Used) -> list[str]:
    return [spec.name for spec in used.tools.specs]


# -- names ------------------------------------------------------------------------------------------------------------


async def test_tools_of_one_server_bear_their_own_names_and_are_sorted(bench: PoolBench) -> None:
    async with bench.using(faulty("ok")) as used:
        assert names(used) == ["echo", "environment", "keep", "pid"]
        assert {spec.qualified for spec in used.tools.specs} == {
            "server__echo",
            "server__environment",
            "server__keep",
            "server__pid",
        }


async def test_tools_of_several_servers_bear_the_servers_name_and_reach_their_own_server(bench: PoolBench) -> None:
    bench.configure(**{"one": faulty("ok"), "zwei.größer": faulty("ok")})
    async with bench.using() as used:
        assert names(used)[:2] == ["one__echo", "one__environment"]
        pids = {(await used.call(name)).content for name in names(used) if name.endswith("__pid")}
        assert len(pids) == 2
        assert all(name.isascii() and len(name) <= 64 for name in names(used))


async def test_the_list_of_tools_is_the_same_bytes_at_every_lease(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"), two=faulty("many_pages"))
    async with bench.pool() as pool:
        seen = set()
        for names_given in (["one", "two"], ["two", "one"]):
            async with pool.lease(names_given) as lease:
                seen.add(repr(lease.toolbox.specs))
    assert len(seen) == 1


# -- validation -------------------------------------------------------------------------------------------------------


async def test_an_unknown_tool_is_answered_with_the_nearest_and_never_sent(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"), two=faulty("ok"))
    async with bench.using() as used:
        for wrong, right in (("one__ecko", "one__echo"), ("echo", "one__echo"), ("functions.two__keep", "two__keep")):
            result = await used.call(wrong, "x")
            assert (result.outcome, right in result.content) == ("rejected", True), result.content
        assert not used.told(ToolStarted)


@pytest.mark.parametrize("arguments", ['{"text": 5}', '{"text": ', "[1]", '{"text": "a"} {"text": "b"}'])
async def test_arguments_that_do_not_fit_are_answered_precisely_and_never_sent(
    bench: PoolBench, arguments: str
) -> None:
    async with bench.using(faulty("ok")) as used:
        result = await used.raw("keep", arguments)
        assert (result.outcome, result.arguments) == ("rejected", None)
        assert (result.qualified, result.read_only) == ("server__keep", False)
        assert not used.told(ToolStarted)
        assert (await used.call("keep", "first")).content == "kept 1"


async def test_the_call_that_is_told_and_sent_has_the_validated_arguments(bench: PoolBench) -> None:
    async with bench.using(faulty("ok")) as used:
        result = await used.raw("echo", '```json\n{"text": "hällo \\ud83d\\ude00", }\n```')
        assert result.content == "hällo 😀"
        [started] = used.told(ToolStarted)
        assert started.arguments == result.arguments == {"text": "hällo 😀"}
        assert started.call.id == "c1"


async def test_numbers_beyond_sixty_four_bits_and_half_surrogates_do_not_break_a_call(bench: PoolBench) -> None:
    async with bench.using(faulty("ok")) as used:
        result = await used.raw("echo", '{"text": "a\\ud800b", "n": 123456789012345678901234567890}')
        assert result.outcome == "ok"
        assert result.content == "a?b"


# -- rights -----------------------------------------------------------------------------------------------------------


async def test_with_reading_rights_writing_tools_are_not_shown_and_denied_if_called(bench: PoolBench) -> None:
    async with bench.using(faulty("ok"), run={"access": "read"}) as used:
        assert names(used) == ["echo", "environment", "pid"]
        result = await used.call("keep", "x")
        assert (result.outcome, result.content.startswith("Denied:")) == ("rejected", True)
        assert (await used.call("echo", "x")).outcome == "ok"


async def test_the_entrys_own_rights_are_kept_whatever_the_run_may(bench: PoolBench) -> None:
    bench.configure(
        reader=faulty("ok", lmbridge={"access": "read"}),
        some=faulty("ok", lmbridge={"allow": ["e*"], "deny": ["echo"]}),
    )
    async with bench.using(run={"access": "write"}) as used:
        assert names(used) == ["reader__echo", "reader__environment", "reader__pid", "some__environment"]
        for denied in ("reader__keep", "some__echo", "some__keep"):
            assert (await used.call(denied, "x")).outcome == "rejected"


async def test_a_run_gets_only_the_tools_it_asks_for(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"), two=faulty("ok"))
    async with bench.using(run={"only": ["one__*", "pid"]}) as used:
        assert names(used) == ["one__echo", "one__environment", "one__keep", "one__pid", "two__pid"]
        assert (await used.call("two__keep", "x")).outcome == "rejected"


@pytest.mark.parametrize(("answer", "outcome"), [(True, "ok"), (False, "rejected"), (None, "rejected")])
async def test_a_writing_call_waits_for_approval_where_the_run_must_ask(
    bench: PoolBench, answer: bool | None, outcome: str
) -> None:
    asked: list[tuple[str, Mapping[str, Any]]] = []

    async def approve(request: Request) -> bool:
        asked.append((request.spec.qualified, request.arguments))
        return bool(answer)

    run = {"access": "ask", "approve": None if answer is None else approve}
    async with bench.using(faulty("ok"), run=run) as used:
        assert "keep" in names(used)
        assert (await used.call("keep", "x")).outcome == outcome
        assert asked == ([] if answer is None else [("server__keep", {"text": "x"})])
        assert len(used.told(ToolStarted)) == (outcome == "ok")
        assert (await used.call("echo", "x")).outcome == "ok"
        assert (await used.raw("keep", '{"text": 5}')).outcome == "rejected"
        assert len(asked) <= 1


async def test_a_call_that_may_write_is_on_disk_before_it_is_sent(bench: PoolBench) -> None:
    events: list[str] = []

    async def synced() -> None:
        events.append(f"synced after {len(events)}")

    bench.configure(server=faulty("ok"))
    async with bench.pool() as pool, pool.lease(["server"]) as lease:
        tools = toolbox_for(lease.toolbox, Rights(emit=lambda fact: events.append(type(fact).__name__), synced=synced))
        used = Used(pool, lease, tools, [])
        await used.call("keep", "x")
        assert events == ["ToolStarted", "synced after 1"]
        await used.call("echo", "x")
        assert events == ["ToolStarted", "synced after 1", "ToolStarted"]


# -- pins and oddities --------------------------------------------------------------------------------------------------


async def test_a_pinned_tool_that_changed_is_held_back_and_told(bench: PoolBench) -> None:
    bench.configure(server=faulty("changes_tools", lmbridge={"pin": True}))
    async with bench.using() as used:
        assert names(used) == ["echo", "environment", "keep", "pid"]
        await used.call("keep", "x")
        await eventually(lambda: used.pool.changed("server"))
        async with used.pool.lease(["server"], emit=used.facts.append) as later:
            assert [spec.name for spec in later.toolbox.specs] == ["environment", "keep"]
            assert any("held back" in warning.text and "echo" in warning.text for warning in used.told(Warned))


# -- secrets ------------------------------------------------------------------------------------------------------------

SECRET = 'p4ss"wörd/123+456'


async def test_a_secret_in_a_result_is_replaced_by_its_label(bench: PoolBench) -> None:
    async with bench.using(faulty("ok", env={"API_TOKEN": SECRET})) as used:
        assert (await used.call("environment", "API_TOKEN")).content == "‹secret:API_TOKEN›"
        assert (await used.call("echo", json.dumps({"key": SECRET}))).content == '{"key": "‹secret:API_TOKEN›"}'


@pytest.mark.parametrize("told", [str, json.dumps, lambda text: json.dumps(text, ensure_ascii=False), repr, quote_plus])
@pytest.mark.parametrize("secret", [SECRET, 'can"canary99-\\é"x', "кодовое слово"])
def test_a_secret_is_found_however_it_is_spelled(secret: str, told: Callable[[str], str]) -> None:
    hidden = SecretFilter([("KEY", secret)])
    for text in (told(secret), json.dumps({"text": told(secret)}), json.dumps([told(secret)], ensure_ascii=False)):
        assert hidden.text(text).count("‹secret:KEY›") == 1
        assert hidden.text(f"say {text}") == f"say {hidden.text(text)}"


async def test_secrets_of_two_servers_under_one_name_are_both_replaced(bench: PoolBench) -> None:
    bench.configure(a=faulty("ok", env={"API_KEY": "aaaaaaaa-1"}), b=faulty("ok", env={"API_KEY": "bbbbbbbb-2"}))
    async with bench.using() as used:
        for name in ("a__environment", "b__environment"):
            assert (await used.call(name, "API_KEY")).content == "‹secret:API_KEY›"


async def test_a_secret_in_the_last_words_of_a_server_is_replaced(bench: PoolBench) -> None:
    mode = f"exits_at_start:{SECRET.replace(' ', '')}"
    bench.configure(bad=faulty(mode, env={"API_TOKEN": SECRET}), good=faulty("ok"))
    async with bench.using(on_failure="continue") as used:
        [bad, _] = used.lease.states
        assert "‹secret:API_TOKEN›" in (bad.error or "")
        assert SECRET not in repr(used.lease.states) + repr(used.pool.known())
