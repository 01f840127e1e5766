"""What runs in the engine's child process: llama.cpp's own HTTP server, until stdin closes.

Started as a plain script, so that nothing of lmbridge is imported here and the start stays short. The first line of stdin
is a JSON object (the API key with it: arguments and environment can be read by others); the one line on stdout is the
address. A process of its own, because a failed assertion in llama.cpp aborts the process it runs in.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from typing import Any

BATCH = 512
"""Tokens of a prompt that are read without looking up. A request that its client gave up keeps the engine busy to the end of its
batch: with llama.cpp's 2,048 the next short reply took 11.7 s instead of 0.06, and 512 costs nothing in speed."""
LOG_DELAY_S = 0.1
"""llama.cpp logs from a thread of its own, which tells nobody when it has written the reason of a failure."""


def parameters(spec: dict[str, Any]) -> Any:
    """llama.cpp's parameters for a spec; keys as in `lmbridge.engine.engine.Spec`."""
    llama: Any = importlib.import_module("xllamacpp")
    chosen = llama.CommonParams()
    chosen.model.path = spec["model"]
    chosen.model_alias = {spec["alias"]}
    chosen.port = spec["port"]
    chosen.api_keys = [spec["key"]]
    chosen.n_ctx, chosen.n_parallel = spec["context"], spec["parallel"]
    chosen.kv_unified = spec["shared"]  # else the context is divided among the slots
    if not spec["embedding"]:
        chosen.n_batch = BATCH
    chosen.cache_ram_mib = spec["cache_mib"]  # llama.cpp would take 8 GiB
    chosen.cache_idle_slots = spec[
        "shared"
    ]  # else each new request empties the idle slots, whose room nobody else can use
    chosen.no_extra_bufts = spec["repeatable"]  # repacked weights are multiplied otherwise for four tokens than for one
    if spec["slots_folder"]:
        chosen.slot_save_path = spec["slots_folder"] + os.sep
    chosen.endpoint_slots = chosen.endpoint_metrics = True
    chosen.ui = False
    chosen.offline = True
    if spec["threads"]:
        chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = spec["threads"]
    if spec["embedding"]:
        chosen.embedding = True
        chosen.pooling_type = llama.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return chosen


def end_with_stdin() -> None:
    """Ends the process when the parent closes stdin or dies. Nothing here needs saving, so it ends at once."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    """Starts the server, tells its address, and waits for the end of stdin."""
    line = bytearray()
    while not line.endswith(b"\n"):  # unbuffered, so that the thread below sees the end of stdin
        piece = os.read(0, 4096)
        if not piece:
            os._exit(0)
        line += piece
    watcher = threading.Thread(target=end_with_stdin)
    watcher.start()
    try:
        llama: Any = importlib.import_module("xllamacpp")
        server = llama.Server(parameters(json.loads(line)))
    except Exception as error:  # the parent tells the reason from stderr; nothing may outlive it
        time.sleep(LOG_DELAY_S)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os.write(1, json.dumps({"listening": server.listening_address}).encode() + b"\n")
    watcher.join()


if __name__ == "__main__":
    main()
