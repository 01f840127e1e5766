"""What a model would do with the tasks of the documents: list a folder, read its files, answer from what they say."""

from __future__ import annotations

import re

from lmbridge.testing import Turn, call, calls, say
from lmbridge.testing.fake_lmstudio import SeenRequest

GREETINGS = {"French": "Bonjour !", "Spanish": "¡Hola!"}


def pretend(request: SeenRequest) -> Turn | None:
    """The next turn of a task about a folder, or of a greeting; None for what it does not know."""
    task = next((str(each["content"]) for each in request.messages if each["role"] == "user"), "")
    folder = re.search(r"/[\w./-]*\w", task)
    if folder is None or not request.tools:
        return next((say(words) for language, words in GREETINGS.items() if language in task), None)
    if not request.tool_results:
        return call("list_directory", path=folder[0])
    names = re.findall(r"\[FILE\] (\S+)", request.tool_results[0])
    if len(request.tool_results) == 1:
        return calls(*(call("read_text_file", path=f"{folder[0]}/{name}") for name in names))
    return say(_answer(task, names, request.tool_results[1:]))


def _answer(task: str, names: list[str], texts: list[str]) -> str:
    wanted = "TODO" if "TODO" in task else ""
    found = [
        f"{name}: {line.removeprefix('TODO: ')}"
        for name, text in zip(names, texts, strict=True)
        for line in text.splitlines()
        if line.startswith(wanted) and line
    ]
    return "\n".join(found)
