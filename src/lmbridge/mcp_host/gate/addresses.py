"""Network addresses in arguments and tasks, read so that no spelling hides where a request really goes.

Hosts are compared in one canonical form: lower case, compatibility characters folded (UTS 46 maps them the same way),
percent escapes undone, the many spellings of an IPv4 address (`inet_aton`: decimal, octal, hex, fewer parts) made one,
IPv4 in IPv6 unwrapped, every loopback one. Where two parsers of URLs disagree about the host (backslashes, several
`@`), both readings count, since nobody knows which one the server uses.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote, urlsplit

LOOPBACK = "localhost"
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "ssh": 22, "sftp": 22}
_WEB_PORTS = frozenset({80, 443})
_URL = re.compile(r"(?i)\b(?!file:)[a-z][a-z0-9+.-]{1,20}:[/\\]{2,}[^\s\"'<>`|{}]+")
_STARTS_AS_URL = re.compile(r"(?i)(?!file:)[a-z][a-z0-9+.-]{1,20}:[/\\]{2,}[^\s\"'<>`|{}]")
_ODD_SLASHES = re.compile(r"(?i)^https?:[/\\]*")
_SCHEMELESS = re.compile(r"(?i)^[/\\]{2}[^\s/\\]+\.[^\s]+$")
_MAIL = re.compile(r"(?i)(?<![\w.+-])(?:mailto:)?([\w.+-]{1,64})@((?:[\w-]+\.)+[\w-]{2,}|\[[0-9a-f:.]+\])")
_SCP = re.compile(r"^[\w.-]+@([\w.-]+):(?!//)\S+$")
_HOST = re.compile(
    r"(?i)(?<![\w@./\\-])((?:[\w-]{1,63}\.)+[a-z\u00a1-\uffff][\w-]{1,62}|localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]{2,}\])"
    r"(?::(\d{1,5}))?(?=[/?#\s,;:.!)\"'`\]]|$)"
)
_NUMERIC = re.compile(r"(?i)^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}$")
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_BLANK = re.compile(r"[\x00-\x20\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+")
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+")
FILE_ENDINGS = frozenset({
    "md", "py", "rs", "sh", "pl", "ps", "so", "cc", "zip", "mov", "js", "ts", "json", "txt", "csv", "log", "html",
    "htm", "xml", "yml", "yaml", "toml", "ini", "cfg", "conf", "pdf", "doc", "docx", "xls", "xlsx", "png", "jpg",
    "jpeg", "gif", "svg", "db", "sqlite", "sql", "bak", "tmp", "lock", "env", "java", "kt", "go", "rb", "php", "c",
    "h", "cpp", "hpp", "cs", "swift", "css", "scss", "vue", "jsx", "tsx", "ipynb", "rst", "tex", "tsv", "parquet",
    "jsonl", "gz", "tar", "bz2", "xz", "exe", "dll", "bin", "dat", "out", "err", "old", "orig", "patch", "diff",
})  # fmt: skip
"""Endings of file names, some of them top-level domains too: a bare `notes.md` in a task names a file, not a host."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes.

    Attributes:
        host: In canonical form.
        port: Where it is told or told by the scheme; None where any is meant.
        user: The part before the `@` of a mail address.
        written: How this machine is named there (`127.0.0.1`, `[::1]`); empty for other hosts, which are shown in canonical form.
    """

    host: str
    port: int | None = None
    user: str = ""
    written: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The host as it is shown: this machine as it was written, so that nobody looks for a `localhost` that he did not write."""
        return self.written or self.host

    @property
    def shown(self) -> str:
        """As people write it."""
        name = f"{self.user}@{self.name}" if self.user else self.name
        return f"{name}:{self.port}" if self.port and self.port not in _WEB_PORTS else name

    def within(self, named: Destination) -> bool:
        """Whether naming the other names this one: the same host or one below it, the port that was told."""
        same = self.host == named.host or (_is_name(named.host) and self.host.endswith(f".{named.host}"))
        if named.user:
            return same and self.user.casefold() == named.user.casefold() and self.host == named.host
        return same and (named.port is None or _port(self) == _port(named))


def _port(address: Destination) -> int | None:
    return 443 if address.port in _WEB_PORTS or address.port is None else address.port


def _is_name(host: str) -> bool:
    """Whether a host is a name that owns the names below it; one label alone is no such name."""
    return "." in host and not _NUMERIC.match(host) and ":" not in host


@lru_cache(maxsize=512)
def canonical(host: str) -> str:
    """One form for all spellings of a host."""
    plain = _plain(host)
    number = _number_of(plain)
    if number is None:
        if plain == LOOPBACK or plain.endswith(".localhost"):
            return LOOPBACK
        bare = plain.removeprefix("www.")
        return bare if "." in bare else plain
    number = _unwrapped(number)
    return LOOPBACK if number.is_loopback or number.is_unspecified else str(number)


def destination(host: str, port: int | None = None, user: str = "") -> Destination:
    """A host, however it is spelled, as a destination."""
    known = canonical(host)
    return Destination(known, port, user, _written(host) if known == LOOPBACK else "")


@lru_cache(maxsize=64)
def _written(host: str) -> str:
    """How a name of this machine is shown: its number in the usual form, or the name."""
    plain = _plain(host)
    number = _number_of(plain)
    if number is None:
        return plain
    return f"[{number}]" if number.version == 6 else str(number)


def _plain(host: str) -> str:
    plain = unicodedata.normalize("NFKC", unquote(host)).translate(_DOTS)
    return _BLANK.sub("", plain).strip("[]").rstrip(".").lower()


def _number_of(plain: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(_dotted(plain) or plain.split("%")[0])
    except ValueError:
        return None


def key_of(target: str) -> str:
    """A target as it is compared: a host and its port in one form for all their spellings, anything else as it is."""
    found = () if "/" in target else of_value(target, surely=True)
    if len(found) != 1:
        return target
    (address,) = found
    return Destination(address.host, address.port, address.user).shown


def _unwrapped(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour
        if inner is None and number in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        return inner or number
    return number


def _dotted(text: str) -> str | None:
    """An IPv4 address in any spelling that `inet_aton(3)` takes; None where it is none."""
    if not _NUMERIC.match(text):
        return None
    try:
        parts = [_number(part) for part in text.split(".")]
    except ValueError:
        return None
    *leading, last = parts
    if any(part > 255 for part in leading) or last >= 256 ** (5 - len(parts)):
        return None
    value = last + sum(part << (24 - 8 * place) for place, part in enumerate(leading))
    return str(ipaddress.IPv4Address(value))


def _number(part: str) -> int:
    if part.lower().startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") and len(part) > 1 and part.isdigit() else int(part)


_AUTHORITY = re.compile(r"[A-Za-z][\w+.-]*://[^/?#\\\s]+(?=[/?#])")
_ESCAPED_COLON = re.compile(r"%(?:25)*3a", re.IGNORECASE)


def is_public(address: Destination) -> bool:
    """Whether an address lies in the open internet: not on this machine, in this network, or a cloud's own."""
    host = address.host
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        inner = host.endswith((".local", ".internal", ".lan", ".home", ".intranet", ".corp", ".arpa", ".onion"))
        return "." in host and not inner


def of_url(url: str) -> tuple[Destination, ...]:
    """Every host that a URL may lead to, by one reading or another; empty where it leads nowhere."""
    head = _AUTHORITY.match(url)
    if head and "%" not in head[0]:  # one reading alone, and what stands behind it does not matter
        url = head[0]
    return _hosts_of(url)


@lru_cache(maxsize=256)
def _hosts_of(url: str) -> tuple[Destination, ...]:
    found: dict[Destination, None] = {}
    for reading in {_BLANK.sub("", url), _BLANK.sub("", url).replace("\\", "/"), _BLANK.sub("", unquote(url))}:
        try:
            parts = urlsplit(re.sub(r"^([A-Za-z][\w+.-]*:)/{2,}", r"\1//", reading))
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = _last_resort(reading), None, None
        if host:
            scheme = parts.scheme.lower() if parts else ""
            found[destination(host, port or _DEFAULT_PORTS.get(scheme))] = None
    return tuple(found)


def _last_resort(url: str) -> str | None:
    """What stands where a host should, in a URL that the standard library refuses."""
    rest = re.split(r"[/\\]{2,}", url, maxsplit=1)[-1]
    return re.split(r"[/\\?#]", rest)[0].rsplit("@", 1)[-1].rsplit(":", 1)[0] or None


def of_value(value: str, *, surely: bool = False) -> tuple[Destination, ...]:
    """The addresses that a whole value is; empty where it is none.

    Args:
        value: A text argument.
        surely: It stands where an address is expected, so that a bare `host` counts, and endings of files do too.
    """
    text = (value if value.isprintable() else _HIDDEN.sub("", value)).strip()
    if not text or len(text) > 8192:
        return ()
    if _STARTS_AS_URL.match(text):
        whole = () if " " in text else of_url(text)  # line breaks within a URL are left out by those who read it
        parts = (each for part in text.split() for each in (*of_url(part), *_within(part)))
        return tuple(dict.fromkeys((*whole, *parts)))
    if _BLANK.search(text):
        return ()
    if _SCHEMELESS.match(text) or _ODD_SLASHES.match(text):
        return of_url("http://" + _ODD_SLASHES.sub("", text).lstrip("/\\"))
    if mail := _MAIL.fullmatch(text):
        return (destination(mail[2], user=mail[1]),)
    if scp := _SCP.match(text):
        return (destination(scp[1], 22),)
    return _bare(text, surely=surely)


def _bare(text: str, *, surely: bool) -> tuple[Destination, ...]:
    head = re.split(r"[/?#\\]", text, maxsplit=1)[0]
    if surely and _NUMERIC.match(head.partition(":")[0]):
        return of_url(f"http://{text}")
    match = _HOST.match(unicodedata.normalize("NFKC", head).translate(_DOTS))
    if not match or (not surely and _is_file_name(match[1])):
        return of_url(f"http://{text}") if surely and re.fullmatch(r"[\w.-]+(?::\d+)?", head) and "." in head else ()
    return (destination(match[1], int(match[2]) if match[2] else None),)


def _within(url: str) -> tuple[Destination, ...]:
    """Addresses inside an address: what a redirecting or fetching page is told to go to."""
    inner = url[8:]
    if ":" not in inner and not ("3a" in inner.lower() and _ESCAPED_COLON.search(inner)):
        return ()
    inner = unquote(unquote(inner))
    return tuple(each for match in _URL.findall(inner) for each in of_url(match))


def in_text(text: str) -> tuple[Destination, ...]:
    """Every address in a running text; bare names that look like files are not taken for hosts."""
    found: dict[Destination, None] = {}
    for url in _URL.findall(text):
        trimmed = url.rstrip(".,;:!?)]")
        found |= dict.fromkeys((*of_url(trimmed), *_within(trimmed)))
    for user, host in _MAIL.findall(text):
        found[destination(host, user=user)] = None
    for host, port in _HOST.findall(_URL.sub(" ", text)):
        if not _is_file_name(host):
            found[destination(host, int(port) if port else None)] = None
    return tuple(found)


def _is_file_name(host: str) -> bool:
    return host.rpartition(".")[2].lower() in FILE_ENDINGS


def is_here(url: str) -> bool:
    """Whether a server's address is this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
