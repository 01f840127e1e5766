"""The tasks by name, and which part of the bench each belongs to: one of two halves of the same kinds, or one of eight parts of other kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from real_models.world import Case

Half = Literal["tune", "held-out", "unseen", "fresh", "later", "workday", "everyday", "errands", "chores", "neighbours"]
Make = Callable[[Random], Case]


@dataclass(frozen=True, slots=True)
class Task:
    """A task whose world and wording a seed decides.

    Attributes:
        name: Its own name.
        kind: What it asks for; `tune` and `held-out` have the same kinds, `unseen`, `fresh`, `later`, `workday`, `everyday`, `errands`, `chores` and `neighbours` have others, each its own.
        half: `tune`: may be looked at while the loop is worked on; `held-out`, `unseen`, `fresh`, `later`, `workday`, `everyday`, `errands`, `chores`, `neighbours`: only for the report.
        calls: Calls that the shortest way needs, in classes: 0, 1, 2, and 3 for three to four.
        servers: What is offered.
        make: The case of a seed's random numbers.
    """

    name: str
    kind: str
    half: Half
    calls: int
    servers: tuple[str, ...]
    make: Make

    def case(self, seed: int) -> Case:
        """The world and wording of a seed."""
        return self.make(Random(f"{self.name} {seed}"))


TASKS: dict[str, Task] = {}


def of_half(half: Half) -> Callable[..., Callable[[Make], Make]]:
    """The decorator for the tasks of one part: `@tune("append-line", 2, "filesystem")`."""

    def declared(kind: str, calls: int, *servers: str) -> Callable[[Make], Make]:
        def keep(make: Make) -> Make:
            name = make.__name__.replace("_", "-")
            assert name not in TASKS, name
            TASKS[name] = Task(name, kind, half, calls, servers, make)
            return make

        return keep

    return declared


tune = of_half("tune")
held_out = of_half("held-out")
unseen = of_half("unseen")
fresh = of_half("fresh")
later = of_half("later")
workday = of_half("workday")
everyday = of_half("everyday")
errands = of_half("errands")
chores = of_half("chores")
neighbours = of_half("neighbours")
