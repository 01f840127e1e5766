"""A language model's endpoint that costs next to nothing: streams a call of the echo tool each round, then an answer.

    python benchmarks/support/backend.py ROUNDS [TOKENS_PER_SECOND]

Prints its port. Written on bare asyncio streams, so that it is never what is measured; all contestants get the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

TOOL_MESSAGE = re.compile(rb'"role"\s*:\s*"tool"')
ECHO = re.compile(rb'"name"\s*:\s*"([\w-]*echo)"')
NUMBER = re.compile(rb"number-\d+-")
STREAMED = re.compile(rb'"stream"\s*:\s*true')
WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "runs", "on"]
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


class Endpoint:
    """Answers chat completions by counting the tool messages in the request."""

    def __init__(self, rounds: int, pace: float) -> None:
        self.rounds = rounds
        self.pace = pace
        self.first_request_at = 0.0
        self.largest = 0

    def pieces(self, body: bytes) -> tuple[list[dict], str]:
        done = len(TOOL_MESSAGE.findall(body))
        found, number = ECHO.search(body), NUMBER.search(body)
        words = [*WORDS, number[0].decode()] if number else WORDS
        if found is None or done >= self.rounds - 1:
            return [{"content": f"{word} "} for word in words], "stop"
        arguments = json.dumps({"text": f"{done}: " + " ".join(words)})
        head = {"index": 0, "id": f"call_{done}", "type": "function"}
        first = {**head, "function": {"name": found[1].decode(), "arguments": ""}}
        cuts = [arguments[at : at + 6] for at in range(0, len(arguments), 6)]
        rest = [{"index": 0, "function": {"arguments": cut}} for cut in cuts]
        return [{"tool_calls": [piece]} for piece in (first, *rest)], "tool_calls"

    async def answer(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        pieces, reason = self.pieces(body)
        if STREAMED.search(body):
            await self.stream(writer, pieces, reason)
        else:
            write(writer, 200, whole(pieces, reason))

    async def stream(self, writer: asyncio.StreamWriter, pieces: list[dict], reason: str) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        events = [{"choices": [choice({"role": "assistant"})]}, *({"choices": [choice(piece)]} for piece in pieces)]
        events += [{"choices": [choice({}, reason)]}, {"choices": [], "usage": USAGE}]
        lines = [f"data: {json.dumps({**HEAD, **event})}\n\n".encode() for event in events] + [b"data: [DONE]\n\n"]
        if self.pace:
            await self.dribble(writer)
        for line in lines:
            writer.write(b"%x\r\n%b\r\n" % (len(line), line))
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def dribble(self, writer: asyncio.StreamWriter) -> None:
        """200 tokens of text at the asked pace."""
        begun = time.monotonic()
        for number in range(200):
            await asyncio.sleep(max(0.0, begun + number / self.pace - time.monotonic()))
            line = f"data: {json.dumps({**HEAD, 'choices': [choice({'content': 'word '})]})}\n\n".encode()
            writer.write(b"%x\r\n%b\r\n" % (len(line), line))
            await writer.drain()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b" /stamp " in head:
                    write(writer, 200, {"at": self.first_request_at, "largest": self.largest})
                    self.first_request_at, self.largest = 0.0, 0
                    continue
                found = re.search(rb"content-length:\s*(\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(found[1])) if found else b""
                self.largest = max(self.largest, len(body))
                if b"/chat/completions " in head:
                    self.first_request_at = self.first_request_at or time.time()
                    await self.answer(writer, body)
                elif b" /v1/models " in head:
                    write(writer, 200, {"object": "list", "data": [{"id": "bench", "object": "model"}]})
                else:
                    write(writer, 404, {"error": {"message": "Not found", "type": "not_found_error"}})
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "bench"}


def choice(delta: dict, reason: str | None = None) -> dict:
    return {"index": 0, "delta": delta, "finish_reason": reason}


def whole(pieces: list[dict], reason: str) -> dict:
    message: dict = {"role": "assistant", "content": None}
    if reason == "stop":
        message["content"] = "".join(piece["content"] for piece in pieces)
    else:
        first, *rest = (piece["tool_calls"][0] for piece in pieces)
        arguments = "".join(piece["function"]["arguments"] for piece in rest)
        function = {"name": first["function"]["name"], "arguments": arguments}
        message["tool_calls"] = [{"id": first["id"], "type": "function", "function": function}]
    body = {"index": 0, "message": message, "finish_reason": reason}
    return {**HEAD, "object": "chat.completion", "choices": [body], "usage": USAGE}


def write(writer: asyncio.StreamWriter, status: int, body: dict) -> None:
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    writer.write(head.encode() + data)


async def main(rounds: int, pace: float) -> None:
    server = await asyncio.start_server(Endpoint(rounds, pace).serve, "127.0.0.1", 0, limit=64 * 2**20, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
