"""One request and what came back, as errors tell it: method, URL with host and port, status, and the body made safe.

How long to wait for what. Prompts are read at a finite speed, models load slowly, and both are silent meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit, urlunsplit

from lmbridge.redaction import without_tokens
from lmbridge.settings import Settings

BODY_CHARS = 300
"""Characters of an upstream body that an error shows."""

_LOOKED_AT = 8192
"""Characters of a body in which tokens are looked for; of what is shown more than enough."""
_CUT_TOKEN = re.compile(r"[A-Za-z0-9._~+/=:\-]{1,4096}$")
HIDDEN = "‹secret›"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=64)
def with_port(url: str) -> str:
    """The URL with its port written out, since "which port?" is the first question after a refused connection."""
    parts = urlsplit(url)
    if parts.port is not None or not parts.hostname or parts.scheme not in _DEFAULT_PORTS:
        return url
    return urlunsplit(parts._replace(netloc=f"{parts.netloc}:{_DEFAULT_PORTS[parts.scheme]}"))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request under way.

    Attributes:
        method: HTTP method.
        url: Full URL, port included, without credentials.
        secrets: Values that must not be seen in anything that is shown.
        model: The model asked for, where the request names one.
        status: HTTP status of the answer, once it is known.
        headers: What is sent beside the usual headers.
    """

    method: str
    url: str
    secrets: tuple[str, ...] = ()
    model: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.url}"

    def answered(self, status: int) -> Exchange:
        """The same with the status of its answer."""
        return Exchange(self.method, self.url, self.secrets, self.model, status, self.headers)

    def safe(self, text: str | bytes, limit: int = BODY_CHARS) -> str:
        """Upstream text fit to be shown: decoded, tokens and control characters out, cut to `limit` characters."""
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        for secret in self.secrets:
            shown = shown.replace(secret, HIDDEN)
        whole = len(shown) <= _LOOKED_AT
        shown = _CONTROL.sub("", without_tokens(shown[:_LOOKED_AT], HIDDEN)).strip()
        if not whole:  # the cut may stand in a token: its piece looks like none
            shown = _CUT_TOKEN.sub("", shown)
        return shown if len(shown) <= limit else shown[: limit - 1] + "…"


class Route(Protocol):
    """The way of a run's requests where a router stands before several backends.

    Attributes:
        headers: By which the router knows requests that belong together.
    """

    headers: tuple[tuple[str, str], ...]

    def heard(self, headers: Mapping[str, str]) -> None:
        """Told of an answer's headers, in which the router names the backend that answers."""
        ...


class Times(NamedTuple):
    """Seconds from a request to the first of its answer that said anything, and to its end."""

    first_token_s: float = 0.0
    duration_s: float = 0.0


NO_TIMES = Times()

FIRST_BYTE_S = 30.0
PREFILL_TOKENS_PER_S = 20.0
FIRST_BYTE_MOST_S = 600.0
LOADING_S = 300.0
STALL_S = 60.0
STALL_WITH_TOOLS_S = 300.0
LOOK_S = 15.0
"""For questions that a healthy backend answers at once: models, health."""
LOAD_S = 900.0
"""For a blocking load; large models from slow disks take minutes."""

_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class ReplyPatience:
    """Seconds to the first byte of an answer, and between two pieces of it."""

    first_byte: float
    stall: float


def for_reply(settings: Settings, *, prompt_tokens: float, tools: bool, may_load: bool) -> ReplyPatience:
    """The patience with one reply; what the settings name is flat.

    Args:
        settings: `first_byte_timeout` and `stall_timeout`.
        prompt_tokens: Estimate of the prompt's length: a cold prefill of 20 tokens a second is legitimate.
        tools: Whether tools were offered: some models send a whole call after a long silence.
        may_load: Whether the backend may have to load the model first.
    """
    computed = min(FIRST_BYTE_MOST_S, FIRST_BYTE_S + prompt_tokens / PREFILL_TOKENS_PER_S) + LOADING_S * may_load
    return ReplyPatience(
        first_byte=settings.first_byte_timeout or computed,
        stall=settings.stall_timeout or (STALL_WITH_TOOLS_S if tools else STALL_S),
    )


def flat(seconds: float) -> ReplyPatience:
    """The same patience throughout."""
    return ReplyPatience(seconds, seconds)


def estimated_tokens(text_bytes: int) -> float:
    """Tokens of so many bytes of request, roughly: enough to choose a timeout, not to fill a context."""
    return text_bytes / _BYTES_PER_TOKEN
