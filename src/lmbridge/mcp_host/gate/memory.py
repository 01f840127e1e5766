"""What a run has read and done so far, as far as the gate asks: a fold of the run's facts, like everything else.

A continuation folds the earlier run's facts first, so that what was read there stays read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lmbridge.events import Fact, Fleeting, RunStarted, ToolFinished
from lmbridge.mcp_host.gate.aim import Aimed, reads, words_in
from lmbridge.mcp_host.gate.carried import Private, Source
from lmbridge.mcp_host.gate.letters import letters_in
from lmbridge.mcp_host.gate.shown import Shown
from lmbridge.mcp_host.gate.targets import Targets, targets
from lmbridge.messages import Message, ToolResult, ToolSpec

_LISTS = frozenset({"list", "search", "find", "lookup", "resolve"})
_MOST_LISTINGS, _LONGEST_LISTING = 10, 20_000
_PUBLIC_CHARS = 2**20


@dataclass(slots=True)
class Memory:
    """An `Emit` that remembers.

    Attributes:
        tainted: Whether the model has read anything that is not the user's.
        private: Texts of closed-world results, and what has gone out.
        public: Texts of open-world results, by their letters and digits: what is known outside already.
        shown: Every result that the model was shown.
        made: Paths, absolute, that the run itself has made or was allowed to change, and tables.
        wrote: The same as the calls named them, by server, not yet looked up.
        tables: Tables that calls have named.
        asked: Calls that were made, so that a repeat is not taken for a quotation.
        listings: What servers listed or found, by server, the last ones: what an id stands for.
        aims: What the calls under way aim at, by call, as it was looked at before they were made.
    """

    tainted: bool = False
    private: Private = field(default_factory=Private)
    public: list[bytes] = field(default_factory=list)
    shown: Shown = field(default_factory=Shown)
    made: set[str] = field(default_factory=set)
    wrote: list[tuple[str, str]] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)
    listings: list[tuple[str, str]] = field(default_factory=list)
    aims: dict[str, Targets] = field(default_factory=dict)
    _specs: dict[str, ToolSpec] = field(default_factory=dict)
    _public_chars: int = 0

    @classmethod
    def of(cls, facts: Sequence[Fact]) -> Memory:
        """What these facts leave behind."""
        memory = cls()
        for fact in facts:
            memory(fact)
        return memory

    def beside(self, spec: ToolSpec) -> frozenset[str]:
        """Other servers of the run that have a tool of the same name."""
        own = spec.tool or spec.name
        others = (each for each in self._specs.values() if each.server and each.server != spec.server)
        return frozenset(each.server for each in others if (each.tool or each.name) == own)

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Takes one fact."""
        if isinstance(fact, ToolFinished):
            self._read(fact.call.name, fact.call.arguments, fact.result)
        elif isinstance(fact, RunStarted):
            self._specs |= {spec.qualified: spec for spec in fact.server_tools}
            if fact.history and fact.continues and not self.tainted:
                self._recall(fact.history)

    def _recall(self, history: Sequence[Message]) -> None:
        """A conversation whose own facts are not at hand: everything in it but the model's words may be strangers'."""
        self.tainted = True
        for message in history:
            if message.role != "assistant":
                self.shown.add(message.content)
                self.private.add(message.content, Source(""))

    def _read(self, name: str, arguments: str, result: ToolResult) -> None:
        seen = self.aims.pop(result.call_id, None)
        if result.outcome == "rejected":  # lmbridge's own words
            return
        self.tainted = True
        self.asked.add((name, arguments))
        if result.server or result.qualified != "find_tools":
            self.shown.add(result.content)
        aimed = self._aimed(name, result, seen)
        if result.outcome == "ok" and result.server and not _LISTS.isdisjoint(words_in(aimed.spec.tool or name)):
            self.listings = [*self.listings[1 - _MOST_LISTINGS :], (result.server, result.content[:_LONGEST_LISTING])]
        self._sent(aimed, result)
        if result.open_world:
            self._remember_public(result.content)
        elif result.content:
            self.private.add(result.content, Source(result.server, _aims(aimed)))

    def _remember_public(self, text: str) -> None:
        if self._public_chars < _PUBLIC_CHARS:
            self._public_chars += len(text)
            self.public.append(letters_in(text))

    def _aimed(self, name: str, result: ToolResult, seen: Targets | None) -> Aimed:
        spec = self._specs.get(result.qualified) or ToolSpec(name, server=result.server, read_only=result.read_only)
        arguments = result.arguments or {}
        return Aimed(spec, name, arguments, targets(spec, arguments) if seen is None else seen)

    def _sent(self, aimed: Aimed, result: ToolResult) -> None:
        """What a call did: tables that it named, files that it made, texts that went out."""
        statement = aimed.targets.statement
        if statement:
            self.tables |= {*statement.tables, *statement.read}
        self.tables.update(aimed.targets.tables)
        if result.open_world:
            self.private.sent(result.qualified, aimed.targets.payload)
        if result.outcome == "ok" and not reads(aimed):
            self.wrote += [(result.server, path) for path in aimed.targets.paths]
            self.made |= {*(statement.tables if statement else ())}


def _aims(aimed: Aimed) -> tuple[str, ...]:
    seen = aimed.targets
    return (*seen.paths, *((*seen.statement.tables, *seen.statement.read) if seen.statement else ()), *seen.names)
