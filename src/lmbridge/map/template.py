"""The task of a map with fields in braces, filled for each item."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from lmbridge.errors import InvalidArgumentsError

_NAME = r"[^\s{}\"':,][^{}\"':,\n]{0,79}"
_FIELD = re.compile(r"\{\{(" + _NAME + r")\}\}|\{(" + _NAME + r")\}")
"""A field, or one in double braces, which stands for itself. JSON in a template needs no escapes: its braces hold quotes."""


@dataclass(frozen=True, slots=True)
class Template:
    """A task with fields.

    Attributes:
        text: As it was given: `{name}` is a field, `{{name}}` the words `{name}` themselves.
        fields: The names that are filled, each once, in their order.
    """

    text: str
    fields: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Template:
        """Reads a template.

        Raises:
            InvalidArgumentsError: It is blank, no text, or has no field, so that every item would get the same task.
        """
        if not isinstance(text, str) or not text.strip():
            raise InvalidArgumentsError("The template is empty.", hint="Say what to do with {item}.")
        if text.encode("utf-8", "replace").decode() != text:  # a byte of the command line that is no UTF-8
            raise InvalidArgumentsError("The template holds what is no text in UTF-8.", hint="Type it in UTF-8.")
        names = dict.fromkeys(found[2] for found in _FIELD.finditer(text) if found[2])
        if not names:
            raise InvalidArgumentsError(
                f"The template {_shown(text)} has no field, so every item would get the same task.",
                hint="Put {item} where the item belongs, or {name} for a column or key.",
            )
        return cls(text, tuple(names))

    def check(self, known: Collection[str], where: str) -> None:
        """Holds the fields against those that an item has.

        Raises:
            InvalidArgumentsError: A field that the item does not have; names those that it has.
        """
        for name in self.fields:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                meant = f" (did you mean {{{near[0]}}}?)" if near else ""
                raise InvalidArgumentsError(
                    f"The template names {{{name}}}{meant}, which {where} does not have.",
                    hint=f"It has {_listed(known)}. Braces that are no field are written twice: {{{{{name}}}}}.",
                )

    def filled(self, value: Callable[[str], str]) -> str:
        """The task of one item.

        Args:
            value: Gives a field's text by its name.
        """
        return _FIELD.sub(lambda found: f"{{{found[1]}}}" if found[1] else value(found[2]), self.text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _listed(names: Collection[str]) -> str:
    shown = [f"{{{name}}}" for name in list(names)[:12]]
    return ", ".join(shown) + (", …" if len(names) > len(shown) else "")
