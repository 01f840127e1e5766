"""Who may come in over HTTP: Host and Origin against rebinding and foreign pages, and a bearer token always."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lmbridge.errors import SettingsError
from lmbridge.settings import Settings

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
OPEN_PATHS = ("/healthz",)
"""Answered without a token: they tell nothing."""
FIGURES = "/metrics"
"""On loopback answered without the token that nobody has set, as the listener for metrics alone does: it tells numbers."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _none(_path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Rules:
    """What a request must show.

    Attributes:
        token: Bearer token; None asks for none.
        hosts: Names that the Host header may hold; None: any, where a token keeps rebound pages out.
        open_paths: Answered without a token.
        own_door: Addresses that let in by a door of their own, once Host and Origin are right: the page's.
    """

    token: str | None
    hosts: tuple[str, ...] | None
    open_paths: tuple[str, ...] = OPEN_PATHS
    own_door: Callable[[str], bool] = _none

    @classmethod
    def for_address(cls, host: str, settings: Settings) -> Rules:
        """The rules for listening at an address, by what the settings say alone.

        Raises:
            SettingsError: Others could reach it and no token is set.
        """
        token = settings.http_token.get_secret_value() if settings.http_token else None
        if is_loopback(host):
            return cls(token, (*_LOOPBACK_NAMES, host.lower()))
        if token is None or len(token) < 16:
            raise SettingsError(
                f"Listening on {host} lets other machines in, which needs a bearer token of at least 16 characters.",
                hint="Set LMBRIDGE_HTTP_TOKEN, or listen on 127.0.0.1.",
            )
        return cls(token, None)

    def with_token(self, make: Callable[[], str]) -> Rules:
        """The same rules with a token in any case: where the settings have none, the one that is made."""
        return self if self.token is not None else Rules(make(), self.hosts, (*OPEN_PATHS, FIGURES))

    def refusal(self, path: str, headers: Headers) -> Response | None:
        """The answer to a request that may not come in; None where it may."""
        host = _name(f"//{headers.get('host', '')}")
        if host is None or (self.hosts is not None and host not in self.hosts):
            return PlainTextResponse("Host not allowed", 421)
        origin = headers.get("origin")
        if origin is not None and not self._same_machine(origin, host):
            return PlainTextResponse("Origin not allowed", 403)
        if self.token is None or path in self.open_paths or self.own_door(path):
            return None
        if not self.knows_token(headers):
            return PlainTextResponse(
                "A bearer token is required; on the server's machine `lmbridge doctor` says where it is.",
                401,
                {"WWW-Authenticate": 'Bearer realm="lmbridge"'},
            )
        return None

    def _same_machine(self, origin: str, host: str) -> bool:
        """A page may call where it came from; on loopback, from any port of this machine."""
        name = _name(origin)
        return name is not None and (name == host or (self.hosts is not None and name in self.hosts))

    def knows_token(self, headers: Headers) -> bool:
        """Whether a request shows the bearer token."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        wanted = (self.token or "").encode()
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted)


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


class Door:
    """ASGI middleware that lets in what the rules allow."""

    def __init__(self, app: ASGIApp, rules: Rules, others: Sequence[str] = ("lifespan",)) -> None:
        self._app = app
        self._rules = rules
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that may not come in, and passes on the rest."""
        if scope["type"] in self._others:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._rules.refusal(scope["path"], Headers(scope=scope))
            await (refusal or self._app)(scope, receive, send)
