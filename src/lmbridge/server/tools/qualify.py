"""The tool that measures a model; off unless the group `qualify` is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from lmbridge.server.tools.call import Answer, Call, structured
from lmbridge.server.tools.declare import Name, Tool
from lmbridge.server.tools.progress import Ticker, told

if TYPE_CHECKING:
    from lmbridge.qualify.examine import Progress

PROFILE: dict[str, Any] = {"type": "object", "properties": {"model": {"type": "string"}, "mode": {"type": "string"}}}
Seconds = Annotated[float, Field(gt=0, description="seconds for all of it; 180, or 60 with quick, when left out")]
Quick = Annotated[bool, Field(description="only what matters most")]


async def qualify_model(
    call: Call, *, model: Name | None = None, quick: Quick = False, limit: Seconds | None = None
) -> Answer:
    """Measure in a minute what a model can do on this backend, and keep it as the profile of later runs."""
    bridge = await call.bridge()
    ticker = Ticker()
    ticker.say(f"qualifying {model or 'the default model'}")

    def tell(progress: Progress) -> None:
        ticker.say(f"{progress.done}/{progress.total} {progress.check.name}")

    async with told(ticker, call.caller):
        found = await bridge.qualify(model, quick=quick, limit=limit, tell=tell)
    return structured(found.as_json())


TOOLS = (Tool(qualify_model, "qualify", "Qualify a model", PROFILE, idempotent=True),)
