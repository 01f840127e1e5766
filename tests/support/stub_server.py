"""A server that answers as a file says, run as a program: `stub_server.py SPEC LOG`.

SPEC is JSON: `tools` (definitions), and by tool's name `results`, `errors` (JSON-RPC errors) and `lines` (text written in
place of an answer, ID standing for the request's id); `seconds` to wait before an answer. Each request is appended to LOG.
"""

import json
import sys
import time
from pathlib import Path

from lmbridge.testing.faulty_server.protocol import Message, Server


class Stub(Server):
    def __init__(self, spec: str, log: str) -> None:
        super().__init__()
        self.spec = json.loads(Path(spec).read_text())
        self.log = Path(log).open("a")  # noqa: SIM115  # for as long as the process lives

    def tools(self) -> list[Message]:
        return list(self.spec["tools"])

    def call(self, message: Message) -> None:
        name = message["params"]["name"]
        self.log.write(json.dumps([name, message["params"].get("arguments"), time.time()]) + "\n")
        self.log.flush()
        time.sleep(self.spec.get("seconds", 0))
        if name in self.spec.get("lines", {}):
            sys.stdout.write(self.spec["lines"][name].replace("ID", json.dumps(message["id"])) + "\n")
            sys.stdout.flush()
        elif name in self.spec.get("errors", {}):
            self.send({"jsonrpc": "2.0", "id": message["id"], "error": self.spec["errors"][name]})
        else:
            result = self.spec.get("results", {}).get(name, {"content": [{"type": "text", "text": "ok"}]})
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        if self.spec.get("log_end"):
            self.log.write(json.dumps([name, None, time.time()]) + "\n")
            self.log.flush()


if __name__ == "__main__":
    Stub(*sys.argv[1:3]).serve()
