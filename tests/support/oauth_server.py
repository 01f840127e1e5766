"""An MCP server behind OAuth, and its authorization server, in one thread: it registers, authorizes and issues tokens."""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from lmbridge.testing.faulty_server.http_faults import answer_to


class OAuthServer:
    """Serves on a loopback port; `tokens` holds the access tokens that are good now."""

    def __init__(self, *, deny: bool = False) -> None:
        self.tokens: set[str] = set()
        self.refresh_tokens: set[str] = set()
        self.registered: list[Any] = []
        self.deny = deny
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.base}/mcp"

    def issue(self) -> dict[str, Any]:
        access, refresh = secrets.token_hex(16), secrets.token_hex(16)
        self.tokens.add(access)
        self.refresh_tokens.add(refresh)
        return {"access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh}

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: OAuthServer

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        parts, base = urlsplit(self.path), self.owner.base
        if parts.path.startswith("/.well-known/oauth-protected-resource"):
            self._json(200, {"resource": self.owner.url, "authorization_servers": [base]})
        elif parts.path.startswith("/.well-known/oauth-authorization-server"):
            self._json(
                200,
                {
                    "issuer": base,
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/oauth/v2/issue",
                    "registration_endpoint": f"{base}/register",
                    "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"],
                },
            )
        elif parts.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            answer = {"error": "access_denied"} if self.owner.deny else {"code": "good-code"}
            self._send(302, b"", Location=f"{query['redirect_uri']}?{urlencode({**answer, 'state': query['state']})}")
        else:
            self._send(404, b"")

    def do_DELETE(self) -> None:
        self._send(200, b"")

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        if path == "/register":
            body = json.loads(data)
            self.owner.registered.append(body)
            self._json(201, {**body, "client_id": "client-1"})
        elif path == "/oauth/v2/issue":
            self._token({name: values[0] for name, values in parse_qs(data.decode()).items()})
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") in self.owner.tokens:
            body = json.loads(data)
            if "id" in body:
                self._json(200, answer_to(body))
            else:
                self._send(202, b"")
        else:
            where = f'Bearer resource_metadata="{self.owner.base}/.well-known/oauth-protected-resource"'
            self._send(401, b"", WWW_Authenticate=where)

    def _token(self, form: dict[str, str]) -> None:
        good_code = form.get("grant_type") == "authorization_code" and form.get("code") == "good-code"
        good_refresh = form.get("grant_type") == "refresh_token" and form["refresh_token"] in self.owner.refresh_tokens
        if good_code or good_refresh:
            self._json(200, self.owner.issue())
        else:
            self._json(400, {"error": "invalid_grant"})

    def _json(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode(), Content_Type="application/json")

    def _send(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)
