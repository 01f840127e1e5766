"""Who may look: a token in the address or a form, once; from then on a cookie that no script and no other site can use."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

LASTS_S = 12 * 3600.0
"""Seconds after its last use that a session still counts."""
MOST = 200
"""Sessions at once; beyond that the one that was used least recently ends."""
LINKS = 20
"""Links that wait to be opened at once."""


@dataclass(slots=True, eq=False)
class PageSession:
    """One browser.

    Attributes:
        cookie: What its cookie holds.
        form: What its forms hold, so that no other page's form is taken for one of them.
        used_at: When it last asked for something.
    """

    cookie: str
    form: str
    used_at: float

    def owns(self, form: str) -> bool:
        """Whether a form is of this session."""
        return hmac.compare_digest(form.encode("utf-8", "replace"), self.form.encode())


class Sessions:
    """The sessions of one process; they end with it.

    Args:
        token: The bearer token of the server, which opens the page as well; None: only links of `link` do.
        clock: Monotonic seconds.
    """

    def __init__(self, token: str | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._token = token
        self._clock = clock
        self._links: OrderedDict[str, None] = OrderedDict()
        self._open: OrderedDict[str, PageSession] = OrderedDict()

    @property
    def takes_token(self) -> bool:
        """Whether there is a token that a person may type in."""
        return self._token is not None

    def link(self) -> str:
        """A fresh random key for an address (256 bits); it opens one session, once, since addresses are seen and kept."""
        key = secrets.token_urlsafe(32)
        self._links[key] = None
        while len(self._links) > LINKS:
            self._links.popitem(last=False)
        return key

    def enter(self, key: str) -> PageSession | None:
        """A new session for whoever shows the token or an unused link's key; None for anybody else."""
        if not self._may_enter(key):
            return None
        session = PageSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32), self._clock())
        self._open[session.cookie] = session
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        return session

    def _may_enter(self, key: str) -> bool:
        given = key.encode("utf-8", "replace")
        if self._token is not None and hmac.compare_digest(given, self._token.encode()):
            return True
        for known in list(self._links):
            if hmac.compare_digest(given, known.encode()):
                del self._links[known]
                return True
        return False

    def of(self, cookie: str) -> PageSession | None:
        """The session of a cookie, which thereby lasts longer; None where there is none, or it has ended."""
        session = self._open.get(cookie)
        if session is None:
            return None
        now = self._clock()
        if now - session.used_at > LASTS_S:
            del self._open[cookie]
            return None
        session.used_at = now
        self._open.move_to_end(cookie)
        return session
