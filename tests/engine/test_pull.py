"""Fetching a model from a hub: a local server that behaves like the hub, and misbehaves as networks do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from lmbridge import platform
from lmbridge.engine import download as pulling
from lmbridge.engine.catalog import KnownModel
from lmbridge.engine.download import PullProgress, pull
from lmbridge.errors import LLMConnectionError, ModelLoadError, ModelNotFoundError

CONTENT = os.urandom(3 * 2**20 + 17)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MODEL = KnownModel("tiny", "owner/tiny-GGUF", "tiny.gguf", 0.003, "MIT", "tests")


@dataclass
class Hub:
    """Answers as the hub does: a redirect with the hash and size, then the bytes from another path, with ranges."""

    url: str = ""
    content: bytes = CONTENT
    sha256: str | None = SHA256
    size: int | None = len(CONTENT)
    cut_after: list[int] = field(default_factory=list)
    status: int = 0
    ranges: bool = True
    refused_ranges: int = 0
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append(request.headers.get("Authorization"))
        if self.status:
            return web.Response(status=self.status)
        headers = {"Location": "/store"}
        if self.sha256:
            headers["x-linked-etag"] = f'"{self.sha256}"'
        if self.size is not None:
            headers["x-linked-size"] = str(self.size)
        return web.Response(status=302, headers=headers)

    async def store(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range", "")
        if request.method == "GET":
            self.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.ranges else 0
        if start and (self.refused_ranges or start >= len(self.content)):
            self.refused_ranges -= 1
            return web.Response(status=416)
        body = self.content[start:]
        headers = {"Content-Length": str(len(body)), "ETag": '"store"'}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        response = web.StreamResponse(status=206 if start else 200, headers=headers)
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        if self.cut_after:
            await response.write(body[: self.cut_after.pop(0)])
            assert request.transport
            request.transport.abort()
            return response
        await response.write(body)
        return response


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    it = Hub()
    app = web.Application()
    app.router.add_route("*", f"/{MODEL.repository}/resolve/main/{MODEL.file}", it.resolve)
    app.router.add_route("*", "/store", it.store)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield it
    await runner.cleanup()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


async def test_a_model_is_fetched_through_the_redirect_checked_and_kept_with_its_hash(hub: Hub, tmp_path: Path) -> None:
    seen: list[PullProgress] = []
    pulled = await pull(MODEL, tmp_path, hub=hub.url, token="hf_secret", tell=seen.append)
    assert (pulled.path.read_bytes(), pulled.sha256, pulled.checked) == (CONTENT, SHA256, True)
    assert names(tmp_path) == {"tiny.gguf", "tiny.gguf.sha256"}
    assert seen[-1] == PullProgress(len(CONTENT), len(CONTENT), checking=True)
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert set(hub.tokens) == {"Bearer hf_secret"}


async def test_a_second_pull_sends_nothing(hub: Hub, tmp_path: Path) -> None:
    await pull(MODEL, tmp_path, hub=hub.url)
    before = len(hub.asked)
    assert (await pull(MODEL, tmp_path, hub=hub.url)).already_there
    assert len(hub.asked) == before


async def test_a_cut_download_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after = [2**20, 2**20]
    pulled = await pull(MODEL, tmp_path, hub=hub.url)
    assert pulled.path.read_bytes() == CONTENT
    assert hub.asked[0] == ""
    assert all(asked.startswith("bytes=") for asked in hub.asked[1:])


async def test_a_later_command_goes_on_with_what_an_earlier_one_left(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "ATTEMPTS", 1)
    hub.cut_after = [2**20] + [0] * 9
    with pytest.raises(LLMConnectionError, match=r"broke after \d+ of 3145745 bytes") as cut:
        await pull(MODEL, tmp_path, hub=hub.url)
    assert cut.value.hint == "The same command goes on where it stopped."
    left = (tmp_path / "tiny.gguf.part").stat().st_size
    hub.cut_after, hub.asked = [], []
    await pull(MODEL, tmp_path, hub=hub.url)
    assert hub.asked == [f"bytes={left}-"]


async def test_a_part_of_another_version_is_not_gone_on_with(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(b"old")
    (tmp_path / "tiny.gguf.part.json").write_text('"other"', encoding="ascii")
    await pull(MODEL, tmp_path, hub=hub.url)
    assert hub.asked == [""]


async def test_a_server_without_ranges_is_asked_for_the_whole_again(hub: Hub, tmp_path: Path) -> None:
    hub.ranges, hub.cut_after = False, [2**20]
    assert (await pull(MODEL, tmp_path, hub=hub.url)).path.read_bytes() == CONTENT


async def test_a_range_that_is_refused_starts_over(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after, hub.refused_ranges = [2**20], 1
    assert (await pull(MODEL, tmp_path, hub=hub.url)).path.read_bytes() == CONTENT
    assert [bool(asked) for asked in hub.asked] == [False, True, False]


async def test_wrong_bytes_are_removed_and_told(hub: Hub, tmp_path: Path) -> None:
    hub.content = bytes(len(CONTENT))
    with pytest.raises(ModelLoadError, match="arrived damaged"):
        await pull(MODEL, tmp_path, hub=hub.url)
    assert names(tmp_path) == set()


async def test_more_bytes_than_announced_are_refused(hub: Hub, tmp_path: Path) -> None:
    hub.content = CONTENT + b"more"
    with pytest.raises(ModelLoadError, match=r"sent 3145749 bytes where 3145745 were announced"):
        await pull(MODEL, tmp_path, hub=hub.url)


async def test_fewer_bytes_than_announced_are_told_after_some_tries(hub: Hub, tmp_path: Path) -> None:
    hub.content = CONTENT[:-9]
    with pytest.raises(LLMConnectionError, match="broke after"):
        await pull(MODEL, tmp_path, hub=hub.url)
    assert not (tmp_path / "tiny.gguf").exists()


async def test_a_hub_that_names_no_hash_leaves_the_file_marked_as_unchecked(hub: Hub, tmp_path: Path) -> None:
    hub.sha256 = None
    pulled = await pull(MODEL, tmp_path, hub=hub.url)
    assert (pulled.checked, pulled.sha256) == (False, SHA256)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (404, ModelNotFoundError, "The hub has no"),
        (403, ModelLoadError, "refuses"),
        (429, LLMConnectionError, "HTTP 429"),
        (503, LLMConnectionError, "HTTP 503"),
    ],
)
async def test_what_the_hub_refuses_is_told_with_its_url(
    hub: Hub, tmp_path: Path, status: int, kind: type[Exception], said: str
) -> None:
    hub.status = status
    with pytest.raises(kind, match=said) as refusal:
        await pull(MODEL, tmp_path, hub=hub.url)
    assert MODEL.file in str(refusal.value)


async def test_offline_is_told_with_another_way(tmp_path: Path) -> None:
    with pytest.raises(LLMConnectionError, match="hub cannot be reached") as offline:
        await pull(MODEL, tmp_path, hub="http://127.0.0.1:9")
    assert "copy a GGUF file" in (offline.value.hint or "")


async def test_too_little_space_is_told_before_a_byte_is_sent(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "SPARE_BYTES", 2**62)
    with pytest.raises(ModelLoadError, match="GB are still to come"):
        await pull(MODEL, tmp_path, hub=hub.url)
    assert hub.asked == []


async def test_two_pulls_of_one_file_do_not_mix(hub: Hub, tmp_path: Path) -> None:
    descriptor = platform.private_open(tmp_path / "tiny.gguf.lock", os.O_RDWR | os.O_CREAT)
    try:
        assert platform.try_lock(descriptor)
        with pytest.raises(ModelLoadError, match="another process"):
            await pull(MODEL, tmp_path, hub=hub.url)
    finally:
        os.close(descriptor)
