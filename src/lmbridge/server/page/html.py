"""HTML that cannot be broken into: elements are made from values, and whatever is not markup already is escaped.

There is no template into which a text could be pasted by mistake: the one way to markup is `tag`, and the only texts that
it takes as they are come from itself. Names of elements and attributes are literals of this program.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from lmbridge.text import visible

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Markup(str):
    """HTML as it goes out; made by `tag` and `joined` alone."""

    __slots__ = ()


def tag(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """An element.

    Args:
        name: Of the element.
        children: Markup, texts and numbers (escaped), or iterables of such; None and False are left out.
        attributes: `class_` stands for `class`, `hx_swap` for `hx-swap`; True is a bare attribute, None and False none.
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    head = f"<{name}{given}>"
    return Markup(head if name in _VOID else f"{head}{joined(*children)}</{name}>")


def _attribute(key: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("__", ":").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{escape(visible(str(value)))}"'


def joined(*children: Any) -> Markup:
    """Several pieces, one after another; the same may be given as for `tag`."""
    return Markup("".join(map(_piece, children)))


def _piece(child: Any) -> str:
    if isinstance(child, Markup):
        return child
    if child is None or child is False:
        return ""
    if not isinstance(child, str) and isinstance(child, Iterable):
        return joined(*child)
    return escape(visible(str(child)), quote=False)
