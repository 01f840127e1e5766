"""Reads the streams with LLMClient."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from lmbridge import LLMClient
from lmbridge.messages import Delta, Message


async def one(client: LLMClient) -> int:
    count = 0
    async for piece in client.stream([Message("user", "x")], model="bench"):
        count += isinstance(piece, Delta)
    return count


async def main() -> dict[str, float]:
    async with LLMClient(sys.argv[1]) as client:
        wall, cpu = time.perf_counter(), time.process_time()
        counts = await asyncio.gather(*(one(client) for _ in range(int(sys.argv[2]))))
        return {"pieces": sum(counts), "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


print(json.dumps(asyncio.run(main())))
