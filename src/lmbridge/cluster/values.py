"""What a map's process and the nodes of a cluster tell each other."""

from __future__ import annotations

from dataclasses import dataclass

from lmbridge.events import Fact, Failure
from lmbridge.report import Report


@dataclass(frozen=True, slots=True)
class NodeNeeds:
    """What a node is to be ready for.

    Attributes:
        version: The version of lmbridge that asks; facts and reports are those of one version.
        model: Id of the model; None: the node's default model.
        servers: Names of MCP servers that the node must have.
    """

    version: str
    model: str | None = None
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a node says of itself.

    Attributes:
        model: The model that answers there.
        slots: Requests that it works on at once.
        warnings: What was told while it was looked for.
        problem: Why the node cannot work; None where it can.
    """

    model: str = ""
    slots: int = 0
    warnings: tuple[str, ...] = ()
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts of a run that were not told before, and its report once it is over."""

    facts: tuple[Fact, ...] = ()
    report: Report | None = None
