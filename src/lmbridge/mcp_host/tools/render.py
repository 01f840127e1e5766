"""What a server answered, as the text (and pictures) that a model reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from lmbridge.mcp_host.transport.jsonrpc_lines import mebibytes
from lmbridge.messages import Image
from lmbridge.text import cleaned

__all__ = ["Rendered", "cleaned", "rendered"]

_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A result for a model: its text, its pictures, and whether the tool says that it failed."""

    text: str
    images: tuple[Image, ...] = ()
    failed: bool = False


def rendered(raw: Mapping[str, Any]) -> Rendered:
    """Every item of a raw result in its order; structured content where no text says it.

    Nothing in a result makes this fail: what is of an unknown kind is shown as JSON, `_meta` is left out.
    """
    if raw.get("resultType") == "input_required":
        return Rendered("The tool asks for input from a person, which lmbridge cannot give.", failed=True)
    content = raw.get("content")
    items = content if isinstance(content, list) else [] if content is None else [content]
    parts: list[str] = []
    images: list[Image] = []
    for item in items:
        text, image = _item(item)
        if text:
            parts.append(text)
        if image:
            images.append(image)
    structured = raw.get("structuredContent")
    if structured is not None and not _has_text(items):
        parts.append(_json(structured))
    text = cleaned("\n".join(parts)) or ("" if images else "(no content)")
    return Rendered(text, tuple(images), failed=raw.get("isError") is True)


def _has_text(items: Sequence[Any]) -> bool:
    return any(isinstance(item, Mapping) and str(item.get("text") or "").strip() for item in items)


def _item(item: Any) -> tuple[str, Image | None]:
    """One content item as text, and the picture it is, where it is one."""
    if not isinstance(item, Mapping):
        return (item if isinstance(item, str) else _json(item)), None
    match item.get("type"):
        case "text":
            return str(item.get("text") or ""), None
        case "image":
            return _picture(item)
        case "audio":
            return f"[audio, {_kind(item)}, {_size(item.get('data'))}; it cannot be played here]", None
        case "resource_link":
            return _link(item), None
        case "resource" if isinstance(item.get("resource"), Mapping):
            return _resource(item["resource"])
        case _:
            return _json({key: value for key, value in item.items() if key != "_meta"}), None


def _picture(item: Mapping[str, Any]) -> tuple[str, Image | None]:
    data, kind = item.get("data"), _kind(item)
    if isinstance(data, str) and data and kind in _PICTURES:
        return f"[picture, {kind}, {_size(data)}]", Image(data, kind)
    return f"[picture, {kind}, {_size(data)}; it cannot be shown]", None


def _kind(item: Mapping[str, Any]) -> str:
    return str(item.get("mimeType") or "unknown kind").lower()


def _size(data: Any) -> str:
    """The size of base64 data."""
    size = len(data) * 3 // 4 if isinstance(data, str) else 0
    return mebibytes(size) if size >= 2**20 else f"{max(1, round(size / 1024))} kB"


def _link(item: Mapping[str, Any]) -> str:
    about = ", ".join(str(item[key]) for key in ("title", "description", "mimeType") if item.get(key))
    name = str(item.get("name") or "")
    return f"[resource {name}: {item.get('uri')}{f' ({about})' if about else ''}]".replace("  ", " ")


def _resource(resource: Mapping[str, Any]) -> tuple[str, Image | None]:
    uri = str(resource.get("uri") or "")
    if isinstance(resource.get("text"), str):
        return (f"[resource {uri}]\n{resource['text']}" if uri else resource["text"]), None
    blob, kind = resource.get("blob"), _kind(resource)
    if isinstance(blob, str) and kind in _PICTURES:
        return f"[resource {uri}, picture, {kind}, {_size(blob)}]", Image(blob, kind)
    return f"[resource {uri}, {kind}, {_size(blob)}; its bytes cannot be shown]", None


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except (TypeError, ValueError):
        return str(value)
