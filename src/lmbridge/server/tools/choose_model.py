"""Which model works on a task: the one named, the default, or the one the user picks where several fit."""

from __future__ import annotations

from typing import Any

from lmbridge.errors import LmbridgeError
from lmbridge.server.tools.call import Call

KEY = "model"
_MOST = 12


async def chosen_model(call: Call, asked: str | None) -> str | None:
    """The model to ask for; None leaves it to the backend's own rule.

    The user is asked only where the client can, and where nothing else decides: a name that several models share, or
    no name, no default and several loaded models. An answer for "no name" holds as long as the server runs.
    """
    if not call.caller.can_be_asked:
        return asked
    try:
        fitting = await _fitting(call, asked)
    except LmbridgeError:
        return asked  # the backend is away; the run itself says so, with everything around it
    remembered = call.desk.chosen.get(call.caller.name) if asked is None else None
    if remembered in fitting or len(fitting) < 2:
        return remembered if remembered in fitting else asked
    content = await call.caller.ask_first(KEY, _question(asked), _choice(fitting))
    picked = (content or {}).get(KEY)
    if picked not in fitting:
        return asked
    if asked is None:
        call.desk.chosen[call.caller.name] = str(picked)
    return str(picked)


async def _fitting(call: Call, asked: str | None) -> list[str]:
    """Ids among which only the user can choose; fewer than two where there is nothing to choose."""
    bridge = await call.bridge()
    named = None if asked in (None, "default") else asked
    if named is None and call.desk.settings.default_model:
        return []
    usable = [model for model in await bridge.backend.models.current() if model.chats]
    if named is None:
        return [model.id for model in usable if model.loaded]
    from lmbridge.llm.models.resolve import find  # with the bridge, not before the first answer

    return [] if find(named, usable) else [model.id for model in usable if named.lower() in model.id.lower()]


def _question(asked: str | None) -> str:
    return f"Several models fit {asked!r}. Which one?" if asked else "Several models are loaded. Which one shall work?"


def _choice(fitting: list[str]) -> dict[str, Any]:
    field = {"type": "string", "title": "Model", "enum": fitting[:_MOST]}
    return {"type": "object", "properties": {KEY: field}, "required": [KEY]}
