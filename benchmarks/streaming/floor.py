"""Reads the streams with one HTTP client and a JSON parser."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import aiohttp
import orjson


async def one(session: aiohttp.ClientSession, url: str) -> int:
    body = {"model": "bench", "messages": [{"role": "user", "content": "x"}], "stream": True}
    count = 0
    async with session.post(f"{url}/chat/completions", json=body) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                for choice in orjson.loads(line[6:])["choices"]:
                    count += bool(choice["delta"].get("content"))
    return count


async def main() -> dict[str, float]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        wall, cpu = time.perf_counter(), time.process_time()
        counts = await asyncio.gather(*(one(session, sys.argv[1]) for _ in range(int(sys.argv[2]))))
        return {"pieces": sum(counts), "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


print(json.dumps(asyncio.run(main())))
