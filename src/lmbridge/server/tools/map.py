"""The tool that hands one task over for many items; offered only where the group `map` is switched on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import anyio
from pydantic import Field

from lmbridge import platform
from lmbridge.errors import InvalidArgumentsError
from lmbridge.map.report import MapReport, Status
from lmbridge.server.tools.agent import Seconds
from lmbridge.server.tools.call import Answer, Call
from lmbridge.server.tools.declare import Filled, Hidden, Name, Tool, Unsaid
from lmbridge.server.tools.records import Records
from lmbridge.settings import Access

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge
    from lmbridge.agent.mapping import MapHandle, MapRequest
    from lmbridge.map.items import Items

TELL_EVERY_S = 5.0
BEGIN_PATIENCE = 5.0
"""Seconds that a background call waits to see whether its map is refused."""
CANCEL_PATIENCE = 5.0
MAPS = "lmbridge://maps/"
JSON_LINES = "application/jsonl"


async def map_items(
    call: Call,
    *,
    template: Annotated[Filled, Field(description="the task, with {item}, or {name} for a key of each item")],
    items: Annotated[list[Any] | None, Field(description="texts or objects")] = None,
    items_from: Annotated[
        Name | None, Field(description="or a file (lines, .csv, .jsonl) or glob; {text}: a file's text")
    ] = None,
    mcp_names: Annotated[list[Name] | None, Unsaid] = None,
    model: Name | None = None,
    output_schema: Annotated[dict[str, Any] | None, Field(description="of each answer")] = None,
    accept: Annotated[list[dict[str, Any]] | None, Unsaid] = None,
    access: Annotated[Access | None, Unsaid] = None,
    scope: Annotated[list[str] | None, Hidden] = None,
    timeout: Annotated[Seconds | None, Unsaid] = None,
    concurrency: Annotated[int | None, Field(ge=1, description="all slots when left out")] = None,
    resume: Annotated[Name | None, Field(description="map_id to go on with, with the same template and items")] = None,
    retry_failed: Annotated[bool, Field(description="with resume: failed items too")] = False,
    background: Annotated[bool, Field(description="answer at once; then get_run(map_id)")] = False,
) -> Answer:
    """Carry out one task for each of many items with a local model; nothing is lost or done twice if it is cut off.

    Returns counts and the first failures; the results are a resource with one line of JSON for each item.
    """
    from lmbridge.agent.mapping import MapRequest
    from lmbridge.agent.task.assignment import Assignment

    bridge = await call.bridge()
    assignment = Assignment(
        template,
        servers=tuple(mcp_names or ()),
        model=model,
        timeout_s=timeout,
        access=access,
        output_schema=output_schema,
        accept=tuple(accept or ()),
        scope=tuple(scope or ()),
    )
    map_id = _known(bridge, resume) if resume else bridge.new_map_id()
    request = MapRequest(
        assignment,
        await asyncio.to_thread(_items, call, items, items_from),
        platform.private_folder(bridge.maps.folder) / f"{map_id}.results.jsonl",
        concurrency=concurrency,
        resume=resume is not None,
        retry_failed=retry_failed and resume is not None,
        map_id=map_id,
    )
    return of_map(await _followed(call, bridge, request, background=background))


def _known(bridge: Records, map_id: str) -> str:
    if bridge.maps.summary(map_id) is None:
        latest = [each.run_id for each in bridge.maps.list(3)]
        hint = f"Latest: {', '.join(latest)}." if latest else "No maps are known."
        raise InvalidArgumentsError(f"{map_id[:80]!r} names no map.", hint=hint)
    return map_id


def _items(call: Call, items: list[Any] | None, source: str | None) -> Items:
    from lmbridge.map import items as readers

    if (items is None) == (source is None):
        raise InvalidArgumentsError("Give either items or items_from.")
    if items is not None:
        return readers.map_items(items)
    if not call.desk.local:
        raise InvalidArgumentsError(
            "items_from is not read for clients over HTTP, who may be elsewhere.", hint="Give the items themselves."
        )
    assert source is not None
    if source == "-":
        raise InvalidArgumentsError("items_from must be a file or a glob; stdin is the client's line.")
    return readers.opened(source)


async def _followed(call: Call, bridge: Bridge, request: MapRequest, *, background: bool) -> MapReport:
    """The report of a map when it is over, or as far as it is where it goes on by itself."""
    handle = bridge.start_map(request, client=call.caller.name)
    if background:
        await handle.wait(BEGIN_PATIENCE)
        return handle.report()
    try:
        async with _told(call, handle):
            await handle.wait(call.desk.settings.soft_limit)
    except asyncio.CancelledError:
        with anyio.move_on_after(CANCEL_PATIENCE, shield=True):
            await handle.cancel()
        raise
    return handle.report()


@asynccontextmanager
async def _told(call: Call, handle: MapHandle) -> AsyncIterator[None]:
    """Tells the client how far the map is, now and then."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            await call.caller.progress(handle.elapsed, handle.line)

    telling = asyncio.get_running_loop().create_task(tell()) if call.caller.wants_progress else None
    try:
        yield
    finally:
        if telling is not None:
            telling.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await telling


def of_map(report: MapReport) -> Answer:
    """A map's report as a tool's answer, with a link to its results."""
    uri = MAPS + report.map_id
    body = {**report.as_json(), "results": uri}
    text = f"{report.status}: {report.done} of {report.items} done, {report.failed} failed, {report.left} left."
    if report.status == "running":
        text = f"The map goes on as {report.map_id}; look at it with get_run."
    links = ((uri, "Results, one line of JSON for each item", JSON_LINES),) if report.done + report.failed else ()
    return Answer(body, f"{text} Results: {uri}", failed=report.status == "failed", links=links)


async def found_map(bridge: Records, map_id: str, wait: float) -> Answer:
    """A map of any process as `get_run` shows it; with `wait` as soon as it ends, where it is this process's.

    Raises:
        InvalidArgumentsError: No such map is known.
    """
    handle = bridge.mapping.get(map_id)
    if handle is not None:
        await handle.wait(wait)
        return replace(of_map(handle.report()), failed=False)
    found = bridge.maps.summary(_known(bridge, map_id))
    assert found is not None
    out = Path(found.results) if found.results else None
    counts = {"items": found.items, "done": found.done, "failed": found.failed, "duration_s": found.duration_s}
    return replace(of_map(MapReport(map_id, cast("Status", found.status), results=out, **counts)), failed=False)


async def cancelled_map(bridge: Records, map_id: str) -> Answer:
    """Stops a map of this process; what is finished stays.

    Raises:
        InvalidArgumentsError: No such map is known, or another process works it off.
    """
    handle = bridge.mapping.get(map_id)
    if handle is not None:
        await handle.cancel()
        return replace(of_map(handle.report()), failed=False)
    found = bridge.maps.summary(_known(bridge, map_id))
    if found is not None and found.status == "running":
        raise InvalidArgumentsError(
            f"Map {map_id} belongs to another lmbridge process.", hint="Cancel it where it was begun."
        )
    return await found_map(bridge, map_id, 0)


TOOLS = (
    Tool(
        map_items,
        "map",
        "Delegate many items",
        {"type": "object", "properties": {"map_id": {"type": "string"}, "status": {"type": "string"}}},
        destructive=True,
    ),
)
