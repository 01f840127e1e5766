"""Which proxy of the environment a server at an address is asked through: none on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine: `localhost` and what is below it, 127.0.0.0/8, `::1`, and 0.0.0.0."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or address.is_unspecified or bool(mapped and mapped.is_loopback)


def proxy_for(url: str) -> str | None:
    """The proxy that requests to an address go through, without its credentials; None where they go straight."""
    parts = urlsplit(url)
    if is_loopback(url) or not parts.hostname or proxy_bypass(parts.hostname):
        return None
    known = getproxies()
    found = known.get(parts.scheme) or known.get("all")
    if not found:
        return None
    scheme, rest = found.split("://", 1) if "://" in found else ("http", found)
    return f"{scheme}://{rest.rpartition('@')[2]}"


def direct(url: str) -> dict[str, None]:
    """The `mounts` of an HTTP client that keep requests to this machine from any proxy."""
    host = urlsplit(url).hostname or ""
    if not is_loopback(url):
        return {}
    return {f"all://[{host}]" if ":" in host else f"all://{host}": None}
