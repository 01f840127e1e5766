#!/usr/bin/env bash
# smg 1.13.0 (Shepherd Model Gateway, PyPI): a gateway that asks for a key gives that key, not the worker's, to the worker.
#
# What one guesses: `POST /workers {"url", "api_key"}` tells the gateway with which key to ask that worker, and `--api-key` says
# with which key clients must ask the gateway; a client's key ends at the gateway, as it does at other gateways.
# What happens: without --api-key the worker gets its own key. With --api-key every chat carries the *client's* header, the
# gateway's key, to the worker: one that wants its own answers 401, and one that does not learns the gateway's key.
# Health is asked without any key, so that a worker whose /health wants one is never ready.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check smg==1.13.0
"$work/venv/bin/python" - <<'PY'
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GATEWAY, WORKER = "gateway-key", "worker-key"
seen: list[str | None] = []


class Backend(BaseHTTPRequestHandler):
    """An OpenAI-compatible server with an open /health that keeps the Authorization header of each chat."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/v1/chat/completions":
            seen.append(self.headers.get("Authorization"))
        told = {"/health": {}, "/v1/models": {"object": "list", "data": [{"id": "m", "object": "model"}]}}
        message = {"role": "assistant", "content": "hi"}
        chat = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        body = json.dumps(told.get(self.path, chat if self.path == "/v1/chat/completions" else {"error": "none"})).encode()
        self.send_response(200 if self.path in {*told, "/v1/chat/completions"} else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer


server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"


def free_port() -> str:
    with ThreadingHTTPServer(("127.0.0.1", 0), Backend) as probe:
        return str(probe.server_port)


def asked(port: str, path: str, body: object = None, key: str | None = None) -> object:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers), timeout=20) as answer:
        return json.load(answer)


def ready(port: str, key: str | None) -> bool:
    try:
        workers = asked(port, "/workers", key=key)["workers"]
    except (OSError, urllib.error.URLError):
        return False
    if not workers:
        return False
    return workers[0]["status"] == "ready"


def key_that_came(gateway_key: str | None) -> str | None:
    port, metrics = free_port(), free_port()
    own = ["--api-key", gateway_key] if gateway_key else []
    command = [sys.executable, "-m", "smg", "launch", "--enable-igw", "--host", "127.0.0.1", "--port", port]
    command += ["--prometheus-host", "127.0.0.1", "--prometheus-port", metrics, "--disable-tokenizer-autoload", *own]
    gateway = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until, added = time.monotonic() + 60, False
        while not ready(port, gateway_key) and time.monotonic() < until:
            try:
                if not added:
                    asked(port, "/workers", {"url": url, "api_key": WORKER, "runtime_type": "generic"}, gateway_key)
                    added = True
            except OSError:
                pass
            time.sleep(0.1)
        asked(port, "/v1/chat/completions", {"model": "m", "messages": [{"role": "user", "content": "hi"}]}, gateway_key)
    finally:
        gateway.kill()
        gateway.wait()
    return seen[-1]


without, with_key = key_that_came(None), key_that_came(GATEWAY)
print(f"gateway without a key: the worker got {without}")
print(f"gateway with a key:    the worker got {with_key}")
assert without == f"Bearer {WORKER}", "the worker's own key was not sent at all"
assert with_key == f"Bearer {GATEWAY}", "the gateway keeps its key to itself now"
PY
