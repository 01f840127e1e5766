"""Several models: what a look at one costs, a switch in the middle of a run, and three models at work at once."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path

from support.measuring import median, save

from lmbridge import Assignment, Bridge, Settings
from lmbridge.testing import FakeLMStudio, FakeModel, gate, say

MODELS = ("qwen/qwen3-4b-2507", "google/gemma-3-12b", "mistralai/devstral-small-2507")
TIMES = 300


async def looks(bridge: Bridge) -> dict[str, float]:
    """Microseconds of a validation: cached, by part of a name, and of a name that is not there."""
    validator, results = bridge.backend.validator, {}
    for what, name in (("cached", MODELS[1]), ("the default model", None)):
        await validator.validate(name)
        taken = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            await validator.validate(name)
            taken.append(time.perf_counter() - begun)
        results[what] = round(1e6 * median(taken), 1)
    taken = []
    for _ in range(30):
        bridge.backend.models.doubt()
        begun = time.perf_counter()
        await validator.validate(MODELS[2])
        taken.append(time.perf_counter() - begun)
    results["list asked for again"] = round(1e6 * median(taken), 1)
    return results


async def switching(bridge: Bridge, fake: FakeLMStudio) -> float:
    """Milliseconds from the order to switch until the run has ended with the new model's answer."""
    taken = []
    for _ in range(10):
        door = gate()
        fake.script(say("old").after(door), say("new"))
        handle = bridge.start(Assignment("x", servers=(), model=MODELS[0]))
        await fake.until(lambda handle=handle: handle.began and fake.active)
        begun = time.perf_counter()
        handle.switch_model(MODELS[1])
        report = await handle.wait()
        assert (report.model, report.answer) == (MODELS[1], "new"), report
        taken.append(time.perf_counter() - begun)
        door.open()
        await fake.until(lambda: not fake.active)
    return round(1000 * median(taken), 1)


async def at_once(bridge: Bridge, fake: FakeLMStudio) -> dict[str, float]:
    """CPU milliseconds of a run: thirty runs on one model, and on three models in turn."""
    results = {}
    for what, models in (("one model", MODELS[:1]), ("three models", MODELS)):
        fake.script(*(say("done") for _ in range(30)))
        cpu = time.process_time()
        work = (Assignment("x", servers=(), model=models[n % len(models)]) for n in range(30))
        reports = await asyncio.gather(*(bridge.delegate(each) for each in work))
        assert {report.model for report in reports} == set(models)
        results[what] = round(1000 * (time.process_time() - cpu) / 30, 2)
    return results


async def main() -> None:
    models = [FakeModel(name) for name in MODELS]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "mcp.json")
        config.write_text(json.dumps({"mcpServers": {}}))
        async with FakeLMStudio(models=models) as fake:
            settings = Settings(base_url=fake.base_url, mcp_json_path=config, state_dir=Path(folder, "state"))
            async with Bridge.open(settings) as bridge:
                result = {
                    "validation_microseconds": await looks(bridge),
                    "cpu_milliseconds_per_run_with_the_fake_in_the_same_process": await at_once(bridge, fake),
                    "switch_milliseconds": await switching(bridge, fake),
                }
    print(result)
    save("multi_model", result)


if __name__ == "__main__":
    asyncio.run(main())
