"""What a server answered, as the text (and pictures) that a model reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from lmbridge.mcp_host.tools import blobs, structured
from lmbridge.mcp_host.tools.reported_failure import reported_failure
from lmbridge.mcp_host.transport.jsonrpc_lines import mebibytes
from lmbridge.messages import Image
from lmbridge.text import cleaned, disarmed

__all__ = ["Rendered", "cleaned", "rendered"]

_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_ENVELOPE = frozenset(
    {
        "content",
        "structuredContent",
        "structured_content",
        "isError",
        "is_error",
        "_meta",
        "resultType",
        "ttlMs",
        "cacheScope",
    }
)
"""Keys of a result that are not what the tool has to say."""

_AROUND_TEXT = frozenset({"type", "text", "_meta", "meta", "annotations"})
NOTHING = "(no content)"
EMPTY = "(empty)"
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Rendered:
    """A result for a model: its text, its pictures, whether the tool says that it failed, and the text as it came."""

    text: str
    images: tuple[Image, ...] = ()
    failed: bool = False
    exact: str | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    """One content item: what is shown of it, the picture it is, and the server's own text in it."""

    text: str
    image: Image | None = None
    told: str | None = None


def rendered(raw: Mapping[str, Any]) -> Rendered:
    """Every item of a raw result in its order; structured content where the text does not say the same.

    Nothing in a result makes this fail: what is of an unknown kind is shown as JSON, `_meta` is left out. A result that its
    server calls a failure says so in its text, whatever else stands there.
    """
    if raw.get("resultType") == "input_required":
        return Rendered("The tool asks for input from a person, which lmbridge cannot give.", failed=True)
    content = raw.get("content")
    items = [_item(item) for item in _listed(content)]
    parts = _apart([item.text for item in items if item.text], all(item.told is not None for item in items))
    images = tuple(item.image for item in items if item.image)
    parts += _structured(raw, [item.told for item in items if item.told is not None])
    if any(parts) and raw.get("error"):  # beside content, which says nothing of it
        parts.append(f"[the result has an `error` beside its content]\n{_json({'error': raw['error']})}")
    whole = "\n".join(parts)
    text = disarmed(cleaned(whole))
    if not text.strip() and not images:
        whole = _without_content(raw)
        text = disarmed(cleaned(whole))
    failed = any(_is_true(value) for key, value in raw.items() if key.replace("_", "").lower() == "iserror")
    return Rendered(_as_failure(text) if failed else text, images, failed, whole if whole != text else None)


def _apart(texts: Sequence[str], only_texts: bool) -> list[str]:
    """The items; an empty line between them where all are texts and one has several lines, so that it can be seen where each ends.

    The Python SDK makes an item of each entry of a list (findings/empty_list_is_no_content.sh).
    """
    if not only_texts or len(texts) < _SEVERAL or not any("\n" in text.strip("\n") for text in texts):
        return list(texts)
    return ["\n\n".join(text.strip("\n") for text in texts)]


def failure(text: str) -> Rendered:
    """What is said of a call that no result came of: a server's own words may stand in it, as in its errors."""
    shown = disarmed(cleaned(text))
    return Rendered(shown, exact=text if text != shown else None)


def _listed(content: Any) -> Sequence[Any]:
    return content if isinstance(content, list) else [] if content is None else [content]


def _structured(raw: Mapping[str, Any], texts: Sequence[str]) -> list[str]:
    """The structured content, where it says more than the texts."""
    value = raw.get("structuredContent", raw.get("structured_content"))
    said = [text for text in texts if text.strip()]
    if value is None or (raw.get("content") and raw["content"] in (value, structured.alone(value))):
        return []  # the very items again, blobs in base64 among them (server-filesystem's read_media_file)
    if said and (structured.is_blank(value) or structured.holds(texts, value)):
        return []
    if structured.is_blank(value):
        return [EMPTY]
    return [f"[structured content]\n{_json(value)}"] if said else [_json(value)]


def _without_content(raw: Mapping[str, Any]) -> str:
    """What is shown of a result that holds neither text nor pictures: what came in place of content, if anything."""
    others = {key: value for key, value in raw.items() if key not in _ENVELOPE}
    if not others:
        return NOTHING
    missing = "no `content`" if raw.get("content") is None else "an empty `content`"
    return f"[the result has {missing}; this came in its place]\n{_json(others)}"


def _is_true(flag: Any) -> bool:
    return flag is True or flag == 1 or (isinstance(flag, str) and flag.strip().lower() in {"true", "yes", "1"})


def _as_failure(text: str) -> str:
    """The text of a failed call: it says that the call failed where the server's own words do not."""
    if text in {"", NOTHING, EMPTY}:
        return "The call failed, and the server does not say why."
    return text if reported_failure(text) else f"The call failed. The server says:\n{text}"


def _item(item: Any) -> _Shown:
    """One content item."""
    if not isinstance(item, Mapping):
        return _Shown(item, told=item) if isinstance(item, str) else _Shown(_json(item))
    kind = item.get("type", "text" if "text" in item else None)
    match kind.lower() if isinstance(kind, str) else kind:
        case "text":
            text = _text(item)
            return _Shown(text, told=text)
        case "image":
            return _picture(item)
        case "audio":
            return _Shown(f"[audio, {_kind(item)}, {_size(item.get('data'))}; it cannot be played here]")
        case "resource_link":
            return _Shown(_link(item))
        case "resource" if isinstance(item.get("resource"), Mapping):
            return _resource(item["resource"])
        case _:
            return _Shown(_json({key: value for key, value in item.items() if key != "_meta"}))


def _text(item: Mapping[str, Any]) -> str:
    """The text of an item; of one without, what stands in its place."""
    value = item.get("text")
    if value is None:
        others = {key: each for key, each in item.items() if key not in _AROUND_TEXT and each is not None}
        value = next(iter(others.values())) if len(others) == 1 else others or ""
    return value if isinstance(value, str) else _json(value)


def _picture(item: Mapping[str, Any]) -> _Shown:
    data, kind = item.get("data"), _kind(item)
    if isinstance(data, str) and data and kind in _PICTURES:
        return _Shown(f"[picture, {kind}, {_size(data)}]", Image(blobs.without_data_uri(data), kind))
    text = blobs.text_of(data, item.get("mimeType")) if data else None
    if text is not None:
        return _Shown(f"[picture, {kind}]\n{text}", told=text)
    return _Shown(f"[picture, {kind}, {_size(data)}; it cannot be shown]")


def _kind(item: Mapping[str, Any]) -> str:
    return blobs.media_type(item.get("mimeType")) or "unknown kind"


def _size(data: Any) -> str:
    """The size of base64 data."""
    size = len(data) * 3 // 4 if isinstance(data, str) else 0
    return mebibytes(size) if size >= 2**20 else f"{max(1, round(size / 1024))} kB"


def _link(item: Mapping[str, Any]) -> str:
    about = ", ".join(str(item[key]) for key in ("title", "description", "mimeType") if item.get(key))
    name = str(item.get("name") or "")
    return f"[resource {name}: {item.get('uri')}{f' ({about})' if about else ''}]".replace("  ", " ")


def _resource(resource: Mapping[str, Any]) -> _Shown:
    """An embedded resource: its text, the picture it is, or the text in its blob."""
    uri = str(resource.get("uri") or "")
    text, blob, kind = resource.get("text"), resource.get("blob"), _kind(resource)
    if not isinstance(text, str) and isinstance(blob, str) and kind in _PICTURES:
        shown = f"[resource {uri}, picture, {kind}, {_size(blob)}]"
        return _Shown(shown, Image(blobs.without_data_uri(blob), kind))
    if not isinstance(text, str):
        text = blobs.text_of(blob, resource.get("mimeType"))
    if text is None:
        return _Shown(f"[resource {uri}, {kind}, {_size(blob)}; its bytes cannot be shown]")
    return _Shown(f"[resource {uri}]\n{text}" if uri else text, told=text)


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except (TypeError, ValueError):
        return str(value)
