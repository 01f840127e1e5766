"""Base64 data of a result as the text that it is, where it is text.

Servers send source, JSON, YAML and Markdown as blobs (`resource.blob`, and `data` of items with a text's media type) as often
as pictures. What decides is the bytes: a text is whatever decodes without a control character that no text has, unless the
media type names a format that is never read as text.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from typing import Final

_BINARY: Final = re.compile(
    r"(?:audio|video|font|model|image(?!/svg))/"
    r"|application/(?:pdf|zip|gzip|zstd|x-(?:tar|bzip2?|7z-compressed|rar-compressed|xz|gzip|zip-compressed|sqlite3?)"
    r"|java-archive|wasm|msword|vnd\.(?:ms-|openxmlformats|rar|apache\.parquet))"
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE)
_DATA_URI: Final = re.compile(r"data:[^,]{0,200}?;base64,", re.IGNORECASE)


def without_data_uri(data: str) -> str:
    """Base64 data without the `data:…;base64,` that some servers put before it."""
    match = _DATA_URI.match(data)
    return data[match.end() :] if match else data


def media_type(told: object) -> str:
    """A media type in lower case and without its parameters; empty where none is told."""
    return told.partition(";")[0].strip().lower() if isinstance(told, str) else ""


def text_of(data: object, told: object) -> str | None:
    """The text in base64 data; None where it is none.

    Args:
        data: Base64, in the usual or the URL-safe alphabet, with or without padding.
        told: The media type as the server names it, with its parameters.
    """
    if not isinstance(data, str) or _BINARY.match(media_type(told)):
        return None
    raw = _bytes(without_data_uri(data))
    return None if raw is None else _decoded(raw, told if isinstance(told, str) else "")


def _bytes(data: str) -> bytes | None:
    compact = "".join(data.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _decoded(raw: bytes, told: str) -> str | None:
    charset = _CHARSET.search(told)
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    for encoding in filter(None, (marked, charset and charset[1], "utf-8")):
        try:
            text = raw.decode(encoding)
        except (UnicodeError, LookupError, ValueError):
            continue
        return None if _NOT_TEXT.search(text) else text
    if media_type(told).startswith("text/"):
        return raw.decode("cp1252", "replace")  # what Windows programs call text
    return None
