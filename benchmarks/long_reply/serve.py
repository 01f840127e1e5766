"""An endpoint whose model reads a file and then answers with 5 MB of one kind: `serve.py KIND PATH`. Prints its port."""

from __future__ import annotations

import asyncio
import json
import sys

from aiohttp import web

SIZE = 5_000_000
KINDS = {
    "prose": "I have written notes.txt, 1234 words; it was saved in /tmp/notes.txt. ",
    "markup": "<tool_call>\n<function=write_file>\n<parameter=path>a.txt</parameter>\n",
    "objects": '{"name": "nothing", "arguments": {"path": ["a.txt", {"b": 12.5}]}}, ',
    "brackets": "[[{(`",
}
HEAD = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}


def event(delta: dict, reason: str | None = None) -> bytes:
    body = {**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
    return f"data: {json.dumps(body)}\n\n".encode()


def main() -> None:
    kind, path = sys.argv[1:]
    piece = KINDS[kind] * (4096 // len(KINDS[kind]))
    rounds = 0

    async def chat(request: web.Request) -> web.StreamResponse:
        nonlocal rounds
        rounds += b"Read big.txt" in await request.read()  # what is asked before only warms up
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            if rounds == 1:
                function = {"name": "read_text_file", "arguments": json.dumps({"path": path})}
                await response.write(event({"tool_calls": [{"index": 0, "id": "1", "function": function}]}))
                await response.write(event({}, "tool_calls"))
            elif rounds == 2:
                for _ in range(SIZE // len(piece)):
                    await response.write(event({"content": piece}))
                await response.write(event({}, "stop"))
            else:
                await response.write(event({"content": "Done."}, "stop"))
            await response.write(b"data: [DONE]\n\n")
        except ConnectionResetError:  # it had enough
            pass
        return response

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "m", "object": "model"}]})

    async def serve() -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", chat)
        app.router.add_get("/v1/models", models)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.to_thread(sys.stdin.read)

    asyncio.run(serve())


if __name__ == "__main__":
    main()
