"""The gate as a wrapper of the tools: looks at what a call is aimed at, lets `judge` decide, asks where it says so."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lmbridge.events import ApprovalSought, Emit, Warned
from lmbridge.mcp_host.gate import paths
from lmbridge.mcp_host.gate.aim import Aimed, is_open, of_strangers
from lmbridge.mcp_host.gate.judge import judge
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.paths import Roots
from lmbridge.mcp_host.gate.targets import MOST_PATHS, targets
from lmbridge.mcp_host.gate.verdicts import FREE, UNASKED, Ask, Note, Run, Verdict
from lmbridge.mcp_host.tools.toolbox import Executor, Order
from lmbridge.messages import ToolResult, ToolSpec
from lmbridge.settings import Guard
from lmbridge.text import both_ends

_MAY_CHANGE = "it may change something"
_NO_ROOTS = Roots()
_LONGEST_GRANT = 300
_MOST_BLANKS = 6
_LIKE_A_RECEIPT = re.compile(r"\[\s*\w+\s*:")
"""How the line behind an answer begins, which tells how its run ended."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person is asked.

    Attributes:
        spec: The tool.
        arguments: What it is to be called with.
        reason: Why this is asked.
        target: What the call is aimed at.
        kin: What further calls "all" would cover: a folder, a host, or the tool alone where it is empty.
    """

    spec: ToolSpec
    arguments: Mapping[str, Any]
    reason: str = _MAY_CHANGE
    target: str = ""
    kin: str = ""


Approve = Callable[[Request], Awaitable[bool | None]]
"""Asks a person; None: there is nobody who could be asked."""


@dataclass(frozen=True, slots=True)
class GateRules:
    """What the gate of one run goes by.

    Attributes:
        mode: Whether it asks, only warns, or is off.
        said: The user's words.
        memory: What the run has read and done; it must be told the run's facts.
        roots: The folders that each server works in.
        scopes: What each server's entry grants beside the call.
        protected: Files and folders that always need approval.
        asked: Tools whose every call needs approval, whatever the gate thinks.
    """

    mode: Guard = "on"
    said: UserWords = field(default_factory=UserWords)
    memory: Memory = field(default_factory=Memory)
    roots: Mapping[str, Roots] = field(default_factory=dict)
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protected: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()


class Gated:
    """Lets calls through that `judge` finds free, and has a person asked about the others.

    Args:
        inner: Carries out what may be made.
        rules: What to go by.
        approve: Asks a person.
        emit: Told what is worth a word.
    """

    def __init__(self, inner: Executor, rules: GateRules, approve: Approve | None, emit: Emit) -> None:
        self._inner, self._rules, self._approve, self._emit = inner, rules, approve, emit
        self._runs: dict[str, Run] = {}

    async def carry_out(self, order: Order) -> ToolResult:
        """Carries an order out, if it needs no approval or gets it."""
        aimed = self._aimed(order)
        verdict = self._verdict(aimed, order.spec)
        match verdict:
            case Ask():
                if (refused := await self._asked(order, verdict, _kin(verdict, aimed))) is not None:
                    return refused
            case Note(reason=reason):
                return self._labelled(await self._noted(order, reason), aimed)
            case _:
                pass
        return self._labelled(await self._inner.carry_out(order), aimed)

    async def _noted(self, order: Order, reason: str) -> ToolResult:
        """Carries an order out and tells what is odd of it, however it ends; a change that was refused changed nothing."""
        result = None
        try:
            result = await self._inner.carry_out(order)
        finally:
            refused = result is not None and result.outcome == "error" and reason.endswith(UNASKED)
            begun = reason if reason.startswith(order.spec.qualified) else f"{reason[:1].upper()}{reason[1:]}"
            if not refused:
                self._emit(Warned(f"{begun}."))
        return result

    def _aimed(self, order: Order) -> Aimed:
        spec, seen = order.spec, targets(order.spec, order.arguments)
        self._rules.memory.aims[order.call.id] = seen
        roots = self._rules.roots.get(spec.server, _NO_ROOTS)
        looked = tuple(paths.look(path, roots.folders, here=roots.here) for path in seen.paths[:MOST_PATHS])
        return Aimed(spec, order.call.name, order.arguments, seen, looked, roots.folders)

    def _verdict(self, aimed: Aimed, spec: ToolSpec) -> Verdict:
        verdict = FREE if self._rules.mode == "off" else judge(aimed, self._run_of(spec.server))
        if isinstance(verdict, Ask) and self._rules.mode == "note":
            target = f" on {both_ends(verdict.target)}" if verdict.target else ""
            verdict = Note(f"a call of {spec.qualified}{target} would have needed approval: {verdict.reason}")
        if spec.name in self._rules.asked and not isinstance(verdict, Ask):
            return Ask(_MAY_CHANGE, next((looked.shown for looked in aimed.looked), ""))
        return verdict

    def _run_of(self, server: str) -> Run:
        """The run as this server's tools are judged; files that it wrote since are looked up."""
        rules = self._rules
        if server not in self._runs:
            scope = (*rules.said.scope, *rules.scopes.get(server, ()))
            self._runs[server] = Run(replace(rules.said, scope=scope), rules.memory, rules.protected)
        while rules.memory.wrote:
            name, path = rules.memory.wrote.pop()
            roots = rules.roots.get(name, _NO_ROOTS)
            looked = paths.look(path, roots.folders, here=roots.here)
            rules.memory.made |= {*looked.places, *looked.real}
        return self._runs[server]

    async def _asked(self, order: Order, verdict: Ask, kin: str) -> ToolResult | None:
        """Has a person asked; what the call is answered with where nobody agrees."""
        request = Request(order.spec, order.arguments, verdict.reason, verdict.target, kin)
        answer = None
        if self._approve is not None:
            self._emit(ApprovalSought(order.call, order.spec.qualified, verdict.reason, verdict.target))
            answer = await self._approve(request)
        if answer:
            return None
        self._emit(
            Warned(_told(order, verdict, ", and nobody could be asked" if answer is None else "; the user said no"))
        )
        if order.spec.name in self._rules.asked and verdict.reason == _MAY_CHANGE:
            return _held(
                order, f"Denied: {order.spec.qualified} may change something and needs approval, which was not given."
            )
        if answer is None:
            grant = tuple(entry for entry in verdict.grant if _fit(entry)) or (order.spec.qualified,)
            return _held(order, _nobody(order, verdict), grant)
        return _held(
            order, f"Not carried out: the user does not want this call of {order.spec.name}. Go on without it."
        )

    def _labelled(self, result: ToolResult, aimed: Aimed) -> ToolResult:
        if not is_open(aimed):
            written = of_strangers(aimed) and not result.open_world
            return replace(result, strangers=True) if written else result
        hosts = tuple(dict.fromkeys(address.name for address in aimed.targets.addresses))
        return replace(result, open_world=True, hosts=hosts)


def _kin(verdict: Ask, aimed: Aimed) -> str:
    """What "all further ones" would mean: every folder, address and receiver that this call is aimed at, and no other."""
    folders = [looked.shown.rpartition("/")[0] or looked.shown for looked in aimed.looked]
    addresses = [address.shown for address in aimed.targets.addresses]
    return " and ".join(dict.fromkeys(filter(None, (verdict.kin, *folders, *addresses, *aimed.targets.recipients))))


def _fit(entry: str) -> bool:
    """Whether a text may go up as something to put into `scope`: a path or host, and no message in disguise."""
    plain = entry.isprintable() and not _LIKE_A_RECEIPT.search(entry)
    return plain and len(entry) <= _LONGEST_GRANT and entry.count(" ") <= _MOST_BLANKS


def _told(order: Order, verdict: Ask, why: str) -> str:
    target = f" for {both_ends(verdict.target)}" if verdict.target else ""
    return f"Not carried out: {order.spec.qualified}{target}, since {verdict.reason}{why}."


def _nobody(order: Order, verdict: Ask) -> str:
    return (
        f"Not carried out: {order.spec.name} needs the user's approval here ({verdict.reason}), and nobody can be asked"
        " now. This is no fault of the call; do not repeat it. Go on with the rest of the task, and say in your answer what was left out."
    )


def _held(order: Order, why: str, grant: tuple[str, ...] = ()) -> ToolResult:
    spec = order.spec
    return ToolResult(
        order.call.id,
        why,
        "rejected",
        qualified=spec.qualified,
        server=spec.server,
        read_only=spec.read_only,
        full_chars=len(why),
        needs_grant=grant,
        held_back=True,
    )
