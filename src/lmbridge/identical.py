"""A key for caches of what is worked out from an object that is never changed and has no hash, such as a tool's schema."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Identical(Generic[T]):
    """Equal to another one of the very same object only; keeps the object, so that its identity stays its own.

    Args:
        value: The object; nobody may change it as long as the cache lives.
    """

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identical) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)
