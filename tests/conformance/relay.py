"""What the suite starts as its client: `python relay.py PORT URL` has the scenario run by the host that listens on the port."""

import json
import os
import socket
import sys

port, url = sys.argv[1:]
with socket.create_connection(("127.0.0.1", int(port))) as host:
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
    host.sendall(json.dumps({"url": url, "context": context}).encode() + b"\n")
    ended = json.loads(host.makefile().read())
sys.stderr.write(ended["told"])
sys.exit(ended["code"])
