"""A program that uses a pool up to some point and then waits to be killed: `python pool_program.py MCP_JSON PHASE [apart]`.

Prints the pool's mark as soon as it has one, and `there` when the phase is reached.
"""

import asyncio
import signal
import sys
from pathlib import Path

import structlog

from lmbridge.events import Fact, Fleeting, Progressed, ToolStarted
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.messages import ToolCall
from lmbridge.settings import Settings


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main(file: Path, phase: str, *, apart: bool) -> None:
    settings = Settings(mcp_json_path=file, state_dir=file.parent / "state", start_timeout=60)
    configs = Configs(settings)
    names = list(configs.current().servers)

    def told(fact: Fact | Fleeting) -> None:
        if isinstance(fact, Progressed) and phase == "starting":
            say("there")
        if isinstance(fact, ToolStarted) and phase == "calling":
            say("there")

    async with ServerPool(configs, settings, apart=apart) as pool:
        say(pool.mark)
        async with pool.lease(names, emit=told) as lease:
            if phase == "leased":
                say("there")
                await asyncio.Event().wait()
            tools = toolbox_for(lease.toolbox, Rights(emit=told))
            if phase == "calling":
                await tools.call(ToolCall("1", tools.specs[0].name, "{}"))
        if phase == "idle":
            say("there")
            await asyncio.Event().wait()
        say("there")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell inherits it ignored
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # and so does what nohup starts
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], apart="apart" in sys.argv[3:]))
