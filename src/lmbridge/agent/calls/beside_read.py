"""A file that is read by its bare name: looked for beside those that were read, where it is not where its server looks.

"Well done. Go on with porch.txt": a 1.5B that had read `/hunt/barn.txt` asked for `porch.txt`, which the server looked for in its own folder, and gave up.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.names import is_file_name, last_part, places_in
from lmbridge.agent.task.protocols import Toolbox
from lmbridge.agent.tools.read_result import arguments_of
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

MOST_FOLDERS = 3
"""Folders in which a name is looked for, that of the file which was read last first."""


class BesideRead:
    """Makes a call that reads a file by its bare name once more with the folder of a file that was read, where nothing is found.

    Args:
        inner: The tools.
        told: The run's ledger.
        known: The tools by name.
    """

    def __init__(self, inner: Toolbox, told: Told, known: Mapping[str, ToolSpec]) -> None:
        self._inner, self._told, self._known = inner, told, known
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out."""
        result = await self._inner.call(call)
        spec = self._known.get(call.name)
        if spec is None or not tool_names.reads(spec) or not (notes.failed(result) and notes.missing(result.content)):
            return result
        given = arguments_of(call) or {}
        bare = [key for key, value in given.items() if isinstance(value, str) and _is_bare(value)]
        for folder in self._folders(spec.server) if len(bare) == 1 else ():
            path = f"{folder}/{given[bare[0]]}"
            anew = replace(call, arguments=json.dumps({**given, bare[0]: path}, ensure_ascii=False))
            found = await self._inner.call(anew)
            if not notes.failed(found):
                return replace(found, note=f"This is {path}. {found.note}".strip())
        return result

    def _folders(self, server: str) -> list[str]:
        return list(dict.fromkeys(self._read_in(server)))[:MOST_FOLDERS]

    def _read_in(self, server: str) -> Iterator[str]:
        """The folders of the files that were read by a server's tools, the latest first."""
        for fact in reversed(self._told.results):
            if fact.result.read_only and fact.result.server == server and not notes.failed(fact.result):
                for place in places_in(fact.result.arguments or {}):
                    if "/" in place and is_file_name(last_part(place)):
                        yield posixpath.dirname(place)


def _is_bare(value: str) -> bool:
    return is_file_name(value) and "/" not in value and "\\" not in value
