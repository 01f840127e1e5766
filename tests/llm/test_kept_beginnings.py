"""Instructions and tools that a real llama.cpp has read once are not read again: by a later engine, after a crash, beside others."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmbridge.agent.bridge import connected
from lmbridge.engine.engine import Crash, Engine
from lmbridge.llm.chat.request_body import Written
from lmbridge.llm.client import Chat, LLMClient
from lmbridge.llm.kept_beginnings import KeptBeginnings, beginning, prune
from lmbridge.messages import Message, ReplyOptions, ToolSpec
from lmbridge.settings import Settings

pytestmark = pytest.mark.engine

RULES = " ".join(f"Rule {number}: say {number * 7}." for number in range(110))
TOOL = ToolSpec("read", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
ONE = ReplyOptions(temperature=0.0, max_tokens=1)


def conversation(task: str, rules: str = RULES) -> list[Message]:
    return [Message("system", rules), Message("user", task)]


class Machine:
    """Engines of one model, one after another, that keep their files in one folder."""

    def __init__(self, model: Path, folder: Path) -> None:
        self.model, self.folder, self.most_bytes = model, folder, 2**30

    def engine(self, on_crash: Callable[[Crash], None] | None = None) -> Engine:
        return Engine.started(
            self.model,
            threads=1,
            context=16_384,
            parallel=4,
            shared=False,
            slots_folder=self.folder,
            on_crash=on_crash,
        )

    def client(self, engine: Engine, mark: str = "model") -> LLMClient:
        settings = Settings(base_url=engine.base_url)
        client = LLMClient(engine.base_url, token=engine.token, settings=settings)
        client.before_chat = KeptBeginnings(
            client, self.folder, mark, most_bytes=self.most_bytes, life=lambda: engine.lives
        )
        return client

    def kept(self) -> list[str]:
        return sorted(path.suffix for path in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def machine(random_model: Path, tmp_path: Path) -> Machine:
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    return Machine(random_model, tmp_path / "engine")


async def asked(client: LLMClient, messages: list[Message], *tools: ToolSpec) -> tuple[int, int]:
    """Tokens of the prompt, and those of them that were found in the cache."""
    usage = (await client.turn(messages, tools, Chat(options=ONE, written=Written()), hear=lambda _: None)).usage
    assert usage is not None
    return usage.prompt_tokens, usage.cached_tokens


async def test_a_later_engine_does_not_read_the_instructions_again(machine: Machine) -> None:
    async with machine.engine() as engine:
        tokens, found = await asked(machine.client(engine), conversation("Read a."), TOOL)
        assert found > 0.9 * tokens, "the beginning is read alone, and then found"
    assert machine.kept() == [".kept"]
    async with machine.engine() as engine:
        client = machine.client(engine)
        tokens, found = await asked(client, conversation("Write b."), TOOL)
        assert found > 0.9 * tokens
        processed = await client.ask("GET", "/slots", root=True)
        assert sum(slot.get("n_prompt_tokens_processed", 0) for slot in processed) < 0.1 * tokens


async def test_other_instructions_tools_and_models_have_files_of_their_own(machine: Machine) -> None:
    async with machine.engine() as engine:
        client = machine.client(engine)
        await asked(client, conversation("Read a."), TOOL)
        await asked(client, conversation("Read b."), TOOL)
        assert machine.kept() == [".kept"]
        await asked(client, conversation("Read a."))
        await asked(client, conversation("Read a.", RULES.replace("Rule", "Law")), TOOL)
        await asked(machine.client(engine, mark="another build"), conversation("Read a."), TOOL)
    assert machine.kept() == [".kept"] * 4


async def test_short_instructions_and_none_are_left_alone(machine: Machine) -> None:
    async with machine.engine() as engine:
        client = machine.client(engine)
        await asked(client, conversation("Read a.", "Be short."))
        await asked(client, [Message("user", RULES)])
    assert machine.kept() == []


async def test_a_chat_that_is_no_run_s_leaves_nothing_on_the_disk(machine: Machine) -> None:
    async with machine.engine() as engine:
        await machine.client(engine).reply(conversation("Read a.", f"My diary. {RULES}"), options=ONE)
    assert machine.kept() == []


async def test_after_a_crash_the_engine_gets_back_what_it_had_read(machine: Machine) -> None:
    crashed = asyncio.Event()
    async with machine.engine(lambda _crash: crashed.set()) as engine:
        client = machine.client(engine)
        await asked(client, conversation("Read a."))
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await crashed.wait()
        await engine.ready()
        tokens, found = await asked(client, conversation("Read b."))
        assert found > 0.9 * tokens


async def test_a_file_that_is_no_good_is_read_anew_and_replaced(machine: Machine) -> None:
    async with machine.engine() as engine:
        await asked(machine.client(engine), conversation("Read a."))
    [file] = machine.folder.iterdir()
    file.write_bytes(b"")
    async with machine.engine() as engine:
        tokens, found = await asked(machine.client(engine), conversation("Read b."))
    assert found > 0.9 * tokens
    assert machine.kept() == [".kept"]
    assert file.stat().st_size > 1000


async def test_those_that_begin_alike_at_once_share_what_one_of_them_read(machine: Machine) -> None:
    async with machine.engine() as engine:
        client = machine.client(engine)
        replies = await asyncio.gather(*(asked(client, conversation(f"Read {name}.")) for name in "abcd"))
    assert any(found > 0.9 * tokens for tokens, found in replies)
    assert machine.kept() == [".kept"]


async def test_what_is_larger_than_there_is_room_for_is_not_kept(machine: Machine) -> None:
    machine.most_bytes = 1
    async with machine.engine() as engine:
        assert (await asked(machine.client(engine), conversation("Read a.")))[0] > 0
    assert machine.kept() == []


def test_the_oldest_files_go_where_all_are_too_large(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "old", "older")):
        (tmp_path / f"{name}.kept").write_bytes(bytes(100))
        os.utime(tmp_path / f"{name}.kept", (1e9 - age, 1e9 - age))
    (tmp_path / "left.taken").write_bytes(b"x")
    os.utime(tmp_path / "left.taken", (1e9, 1e9))
    prune(tmp_path, 250)
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["new.kept", "old.kept"]


def test_what_requests_have_in_common() -> None:
    system, user = {"role": "system", "content": RULES}, {"role": "user", "content": "Read a."}
    request: dict[str, Any] = {"messages": [system, user], "tools": [{"type": "function"}], "temperature": 0.5}
    assert beginning(request) == {"messages": [system], "tools": [{"type": "function"}]}
    assert beginning(request | {"messages": [user]}) is None
    assert beginning({}) is None


@pytest.mark.parametrize(("most_mb", "left"), [(1024, [".kept"]), (0, [])])
async def test_a_bridge_keeps_them_as_its_settings_say(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_mb: int, left: list[str]
) -> None:
    monkeypatch.setattr("lmbridge.engine.engine.SMALL_MODEL_BYTES", 0)
    settings = Settings(
        backend="embedded", engine_model=str(machine.model), engine_prefix_mb=most_mb, state_dir=tmp_path
    )
    async with connected(settings) as backend:
        await asked(backend.client, conversation("Read a."))
    assert machine.kept() == left


async def test_the_demo_model_s_beginnings_are_not_worth_a_file(machine: Machine, tmp_path: Path) -> None:
    settings = Settings(backend="embedded", engine_model=str(machine.model), state_dir=tmp_path)
    async with connected(settings) as backend:
        await asked(backend.client, conversation("Read a."))
    assert machine.kept() == []


async def test_what_a_map_shares_among_the_slots_goes_further_than_what_is_kept(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmbridge.engine.engine.SMALL_MODEL_BYTES", 0)
    settings = Settings(
        backend="embedded", engine_model=str(machine.model), state_dir=tmp_path, slots=4, engine_repeatable=True
    )
    items = [conversation(f"{'Title, date and three words of this text. ' * 9}Item {name}") for name in "abcdef"]
    async with connected(settings) as backend:
        await backend.share_beginning(machine.model.stem)
        found = await asyncio.gather(*(asked(backend.client, item) for item in items))
    assert all(cached > 0.95 * tokens for tokens, cached in found), found
    assert machine.kept() == [".kept"]
