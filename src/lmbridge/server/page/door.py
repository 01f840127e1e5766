"""The page's own door: a token or a link's key turned into a cookie, and strict headers on everything that goes out."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lmbridge.server.page.html import Markup, tag
from lmbridge.server.page.layout import document
from lmbridge.server.page.sessions import LASTS_S, PageSession, Sessions

TOKEN = "token"  # noqa: S105 - the name of a field
ENTER = "/page/enter"
FILES = "/page/"
"""Style sheet, scripts and icon: the same for everybody, so they need no session; what else begins so is named apart."""
NEEDS_SESSION = ("/page/events",)
LARGEST_FORM = 4096
LONGEST_TOKEN = 512
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def is_page(path: str) -> bool:
    """Whether an address is the page's, which lets in by its own door."""
    return path in {"/", "/runs"} or path.startswith(("/runs/", FILES))


class PageDoor:
    """ASGI middleware before the page's routes; whoever comes in has a session in `scope["session"]`.

    Args:
        app: The routes.
        sessions: Who may look.
        bearer: Whether a request shows the server's bearer token, with which a program may read the page.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, bearer: Callable[[Headers], bool] = lambda _: False) -> None:
        self._app, self._sessions, self._bearer = app, sessions, bearer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that may not come in, and passes on the rest."""
        request = Request(scope, receive)
        answer: ASGIApp = await self._refusal(request) or self._app
        await answer(scope, receive, _guarded(send, cached=_is_file(scope["path"])))

    async def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if path == ENTER and request.method == "POST":
            return await self._entered(request)
        if _is_file(path):
            return None
        if TOKEN in request.query_params:
            return self._welcomed(request)
        session = self.session(request)
        request.scope["session"] = session
        if session is None and not (request.method in {"GET", "HEAD"} and self._bearer(request.headers)):
            return self._closed(request)
        if request.method not in {"GET", "HEAD"}:
            return await self._forged(request, session)
        return None

    def session(self, request: Request) -> PageSession | None:
        """The session of a request's cookie."""
        try:
            cookies = SimpleCookie(request.headers.get("cookie", ""))
        except CookieError:
            return None
        found = cookies.get(_cookie_name(request))
        return self._sessions.of(found.value) if found else None

    def _welcomed(self, request: Request) -> Response:
        """Whoever shows a token gets a cookie, and the address without it, whether it was right or not."""
        session = self._sessions.enter(request.query_params[TOKEN][:LONGEST_TOKEN])
        if session is None and self.session(request) is None:
            return _login(self._sessions, wrong=True)
        rest = [(key, value) for key, value in request.query_params.multi_items() if key != TOKEN]
        return _let_in(request, session, request.url.path + (f"?{urlencode(rest)}" if rest else ""))

    async def _entered(self, request: Request) -> Response:
        """The form in which a person types the token."""
        if not same_origin(request):
            return PlainTextResponse("Origin not allowed", 403)
        session = self._sessions.enter((await form_of(request)).get(TOKEN, "").strip()[:LONGEST_TOKEN])
        return _let_in(request, session, "/") if session else _login(self._sessions, wrong=True)

    def _closed(self, request: Request) -> Response:
        wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "*/*")
        if wants_page or request.headers.get("accept", "*/*") == "*/*":
            return _login(self._sessions)
        return PlainTextResponse("This needs a session: open the page with its token.", 401, _CHALLENGE)

    async def _forged(self, request: Request, session: PageSession | None) -> Response | None:
        """Whoever changes something comes from a form of this page in this session."""
        given = (await form_of(request)).get("form", "")
        if session is None or not same_origin(request) or not session.owns(given):
            return PlainTextResponse("This form is not of this page; load it again.", 403)
        return None


_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="lmbridge"'}


def _is_file(path: str) -> bool:
    return path.startswith(FILES) and path not in NEEDS_SESSION


def _cookie_name(request: Request) -> str:
    """Cookies are told apart by host and not by port, so the port stands in the name."""
    server = request.scope.get("server") or ("", 0)
    return f"lmbridge_{server[1]}"


def _let_in(request: Request, session: PageSession | None, to: str) -> Response:
    answer = RedirectResponse(_local(to), 303)
    if session is not None:
        secure = request.url.scheme == "https"
        answer.set_cookie(
            _cookie_name(request), session.cookie, max_age=int(LASTS_S), httponly=True, samesite="strict", secure=secure
        )
    return answer


def _local(to: str) -> str:
    """An address of this page and of nothing else: `//evil.example` would be another host."""
    return "/" + to.lstrip("/\\")


def same_origin(request: Request) -> bool:
    """Whether a request comes from a page of exactly this address; browsers say so with every form."""
    origin = request.headers.get("origin")
    try:
        given = urlsplit(origin or "")
        return bool(origin) and given.scheme in {"http", "https"} and given.netloc == request.headers.get("host", "")
    except ValueError:
        return False


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a small form; one that is too long or no text has none. Read once and kept for who asks again."""
    if "form" not in request.scope:
        request.scope["form"] = await _read_form(request)
    return request.scope["form"]


async def _read_form(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _login(sessions: Sessions, *, wrong: bool = False) -> Response:
    """The page of whoever may not look yet."""
    told = "That token is not the right one, or its link was used already." if wrong else "This page needs a token."
    return HTMLResponse(
        document("Enter", "", tag("h1", "lmbridge"), tag("p", told), *_ways_in(sessions)), 401, _CHALLENGE
    )


def _ways_in(sessions: Sessions) -> list[Markup]:
    if not sessions.takes_token:
        return [tag("p", "Its link is good once; ", tag("code", "lmbridge runs open"), " makes a fresh one.")]
    label = tag("label", "Token ", tag("input", type="password", name=TOKEN, autocomplete="off", required=True))
    return [
        tag("p", "On the server's machine ", tag("code", "lmbridge doctor"), " says where it is."),
        tag("form", label, " ", tag("button", "Enter", type="submit"), method="post", action=ENTER),
    ]


def _guarded(send: Send, *, cached: bool) -> Send:
    """Sends with the page's headers."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers["Cache-Control"] = "max-age=86400" if cached and message["status"] == 200 else "no-store"
        await send(message)

    return guarded
