"""An endpoint whose model reads a file and then replies at length, in one form: `serve.py KIND CHARACTERS PATH`. Prints its port."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import NamedTuple

from aiohttp import web

PIECE = 4096


class Form(NamedTuple):
    """What a long reply looks like: how it begins, what it says over and over, how it ends, and where in the protocol."""

    unit: str
    begin: str = ""
    end: str = ""
    field: str = "content"


PROSE = "I have written notes.txt, 1234 words; it was saved in /tmp/notes.txt. "
ROW = '{"name": "nothing", "arguments": {"path": ["a.txt", {"b": 12.5}]}}, '
SMALL = '{"id": 17, "ok": true}, '
ESCAPED = "word 1234 a.txt said:\\n"
FORMS = {
    "prose": Form(PROSE),
    "lines": Form("- notes.txt: 1234 words, saved in /tmp/notes.txt\n"),
    "markup": Form("<tool_call>\n<function=write_file>\n<parameter=path>a.txt</parameter>\n"),
    "objects": Form(ROW),
    "brackets": Form("[[{(`"),
    "fence": Form(f"  {ROW}\n", "Here it is:\n\n```json\n[\n", '  {"name": "last"}\n]\n```\n'),
    "array": Form(SMALL, "[", '{"id": 18, "ok": true}]'),
    "printed": Form(
        ESCAPED,
        '<tool_call>\n{"name": "write_file", "arguments": {"path": "PATH.new", "content": "',
        '"}}\n</tool_call>',
    ),
    "thinking": Form(PROSE, "<think>\n", "\n</think>\n\nI have read it; word 1234 is there."),
    "reasoning": Form(PROSE, field="reasoning_content"),
    "arguments": Form(ESCAPED, '{"path": "PATH.new", "content": "', '"}', "arguments"),
}


def event(delta: dict, reason: str | None = None) -> bytes:
    head = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    return (
        f"data: {json.dumps({**head, 'choices': [{'index': 0, 'delta': delta, 'finish_reason': reason}]})}\n\n".encode()
    )


def call(name: str, arguments: str) -> dict:
    return {"tool_calls": [{"index": 0, "id": name, "function": {"name": name, "arguments": arguments}}]}


def events(form: Form, characters: int, path: str) -> list[bytes]:
    """The events of a reply that is nearly as long as was asked for."""

    def said(text: str) -> dict:
        if form.field == "arguments":
            return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
        return {form.field: text}

    begin = form.begin.replace("PATH", path)
    unit = form.unit * max(1, PIECE // len(form.unit))
    times = (characters - len(begin) - len(form.end)) // len(unit)
    first = call("write_file", begin) if form.field == "arguments" else said(begin)
    last = [event({"content": "I have read it; word 1234 is there."})] if form.field == "reasoning_content" else []
    reason = "tool_calls" if form.field == "arguments" else "stop"
    return [event(first), *[event(said(unit))] * times, event(said(form.end)), *last, event({}, reason)]


class Model:
    """Reads the file when the task is to read one, replies at length, and then briefly."""

    def __init__(self, kind: str, characters: int, path: str) -> None:
        self._long = events(FORMS[kind], characters, path)
        self._path = path
        self._rounds = 0

    def _reply(self) -> list[bytes]:
        if self._rounds == 1:
            return [event(call("read_text_file", json.dumps({"path": self._path}))), event({}, "tool_calls")]
        if self._rounds == 2:
            return self._long
        return [event({"content": "Done."}, "stop")]

    async def chat(self, request: web.Request) -> web.StreamResponse:
        self._rounds += b"Read big.txt" in await request.read()  # what is asked before only warms up
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            for piece in [*self._reply(), b"data: [DONE]\n\n"]:
                await response.write(piece)
        except ConnectionResetError:  # it had enough
            pass
        return response


async def models(_: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "m", "object": "model"}]})


async def serve(model: Model) -> None:
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/chat/completions", model.chat)
    app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    kind, characters, path = sys.argv[1:]
    asyncio.run(serve(Model(kind, int(characters), path)))


if __name__ == "__main__":
    main()
