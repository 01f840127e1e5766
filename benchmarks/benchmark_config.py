"""What every call pays before anything happens: a cached look at a model, and at mcp.json files that have not changed."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from support.measuring import backend, median, save

from lmbridge import Bridge, Settings
from lmbridge.mcp_host.config.configs import Configs

TIMES = 2000


def servers(count: int) -> str:
    entries = {
        f"server-{n}": {
            "command": "npx",
            "args": ["-y", f"package-{n}@1.0.0", "--flag"],
            "env": {"API_KEY": f"value-{n}-secret"},
        }
        for n in range(count)
    }
    return json.dumps({"mcpServers": entries}, indent=2)


async def microseconds(act: Callable[[], Awaitable[object]], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await act()
        taken.append(time.perf_counter() - begun)
    return round(1e6 * median(taken), 1)


async def measure(url: str, folder: Path) -> dict[str, float]:
    results: dict[str, float] = {}
    for count in (5, 200):
        config = folder / f"mcp-{count}.json"
        config.write_text(servers(count))
        settings = Settings(base_url=url, mcp_json_path=config, state_dir=folder / "state")

        async def first(settings: Settings = settings) -> object:
            return Configs(settings).current()

        results[f"read {count} servers for the first time"] = await microseconds(first, 10)
        configs = Configs(settings)
        configs.current()

        async def again(configs: Configs = configs) -> object:
            return configs.current()

        results[f"look at {count} unchanged servers"] = await microseconds(again, TIMES)

        async def changed(configs: Configs = configs, config: Path = config, count: int = count) -> object:
            config.write_text(servers(count) + " " * (time.perf_counter_ns() % 97))
            return configs.current()

        results[f"look at {count} servers after a change, writing it included"] = await microseconds(changed, 10)
    async with Bridge.open(settings) as bridge:
        await bridge.backend.validator.validate("bench")
        results["validate a model, cached"] = await microseconds(
            lambda: bridge.backend.validator.validate("bench"), TIMES
        )
    return results


def main() -> None:
    with backend(2) as url, tempfile.TemporaryDirectory() as folder:
        results = asyncio.run(measure(url, Path(folder)))
    save("config", {"microseconds": results})
    print(results)


if __name__ == "__main__":
    main()
