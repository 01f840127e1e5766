"""The base URL of an endpoint in its one form, and the host of one; what cannot be used is said without its credentials."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

from lmbridge.errors import SettingsError

EXAMPLE = "http://localhost:1234/v1"
_NEVER_IN_HOSTS = re.compile(r"[\s/@?#\x00-\x1f]")


class UnusableUrlError(ValueError):
    """Why a base URL cannot be used.

    Attributes:
        shown: The URL as it may be repeated.
        why: What is wrong with it.
    """

    def __init__(self, url: str, why: str) -> None:
        super().__init__(why)
        before, _, after = url.rpartition("@")
        scheme = before.partition("://")[0] + "://" if "://" in before else ""
        self.shown = f"{scheme}…@{after}" if before else url
        self.why = why


def usable_base_url(text: str) -> str:
    """A base URL in its one form: `scheme://host[:port]/…/v1`, no trailing slash.

    A trailing slash or a missing `/v1` is mended.

    Raises:
        UnusableUrlError: Another scheme than http(s), credentials, a query or fragment, no host, a bad port.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnusableUrlError(url, str(error)) from None
    if not parts.scheme:
        raise UnusableUrlError(url, "it has no scheme, which must be http or https")
    if parts.scheme not in {"http", "https"}:
        raise UnusableUrlError(url, f"the scheme must be http or https, not {parts.scheme!r}")
    if parts.username or parts.password or "@" in parts.netloc:
        raise UnusableUrlError(url, "credentials in the URL; use LM_API_TOKEN")
    if not parts.hostname or any(c.isspace() or ord(c) < 32 for c in url):
        raise UnusableUrlError(url, "no host, or blanks in it")
    if parts.query or parts.fragment:
        raise UnusableUrlError(url, "a query or fragment is not part of a base URL")
    path = parts.path.rstrip("/")
    netloc = bracketed(parts.hostname) + (f":{port}" if port is not None else "")
    return urlunsplit((parts.scheme, netloc, path if path.endswith("/v1") else path + "/v1", "", ""))


def normalise_base_url(text: str, *, origin: str = "base_url") -> str:
    """`usable_base_url`, whose refusal names where the URL came from.

    Raises:
        SettingsError: It cannot be used.
    """
    try:
        return usable_base_url(text)
    except UnusableUrlError as error:
        raise SettingsError(
            f"{origin} = {error.shown!r} is not a usable base URL: {error.why}.", hint=f"Example: {EXAMPLE}"
        ) from None


def usable_host(text: str) -> str:
    """A host as settings give it: a name or an address, without scheme, port or path.

    Raises:
        ValueError: It is none.
    """
    host = text.strip()
    if not host or _NEVER_IN_HOSTS.search(host):
        raise ValueError("not a host")
    if ":" in host:
        ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]"))
    return host


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
