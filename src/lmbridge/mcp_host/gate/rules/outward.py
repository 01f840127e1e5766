"""Calls into the open world: to whom they go, and whether private text goes with them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lmbridge.mcp_host.gate import paths
from lmbridge.mcp_host.gate.addresses import Destination, is_public
from lmbridge.mcp_host.gate.aim import READ_METHODS, Aimed, is_open, method_of, reads
from lmbridge.mcp_host.gate.carried import Source
from lmbridge.mcp_host.gate.opaque import ASKED, NOTED, opaque
from lmbridge.mcp_host.gate.rules.spoken import is_said
from lmbridge.mcp_host.gate.rules.which_one import LONGEST_PLAIN, is_listed
from lmbridge.mcp_host.gate.targets import UPLOADED
from lmbridge.mcp_host.gate.two_signs import spelled
from lmbridge.mcp_host.gate.verdicts import FREE, Ask, Note, Run, Verdict
from lmbridge.text import both_ends


def outward(order: Aimed, run: Run) -> Verdict:
    """Calls into the open world: free to what is named with nothing private in them."""
    if not is_open(order):
        return _sideways(order, run)
    unnamed = [address for address in order.targets.addresses if not run.said.names_host(address)]
    strangers = [who for who in order.targets.recipients if not (is_said(who, run.said) or is_listed(who, order, run))]
    if (unsaid := _unsaid_file(order, run)) is not None:
        reason = "it would carry out a file that the task does not name"
        return Ask(reason, unsaid, (unsaid,), unsaid.rpartition("/")[0])
    source = _carried(order, run) or _handed_over(order, run)
    if unnamed or (strangers and not reads(order)):
        return _to_strangers(order, run, unnamed, strangers, source)
    return _unreadable(order, run) if source is None else _private(order, run, source)


def _unreadable(order: Aimed, run: Run) -> Verdict:
    """Something encoded in no known way goes out of a run that has read private text."""
    said = run.said
    targets = [address.shown for address in order.targets.addresses] or [order.spec.qualified]
    if not run.memory.private.texts or said.grants_private(*targets, order.spec.qualified):
        return FREE
    amount = opaque(order.targets.going, (said.plain, *run.memory.public))
    if amount < NOTED:
        return FREE
    if amount < ASKED or said.sends:
        return Note(f"something that nobody can read went to {both_ends(targets[0])}")
    reason = "it would carry out something encoded that neither the task nor a page says"
    return Ask(reason, targets[0], tuple(f"private:{target}" for target in targets), targets[0])


def _to_strangers(
    order: Aimed, run: Run, unnamed: Sequence[Destination], strangers: Sequence[str], source: Source | None
) -> Verdict:
    shown = [*(address.shown for address in unnamed), *strangers]
    grant = [*(address.shown for address in unnamed), *((order.spec.qualified,) if strangers else ())]
    if source is not None:
        reason = "it would carry private text to somebody whom the task does not name"
        return Ask(reason, shown[0], (*grant, *(f"private:{who}" for who in shown)), shown[0])
    hinted = all(address.user and run.said.has_words(address.user) for address in unnamed)
    if hinted and all(run.said.has_words(who) for who in strangers):
        return Note(f"sent to {both_ends(shown[0])}, which the task only hints at")
    if not run.memory.private.texts and _only_looks(order) and all(map(is_public, unnamed)) and not strangers:
        return Note(f"asked {both_ends(shown[0])}, which the task does not name")
    return Ask("the task does not name this address", shown[0], tuple(grant), shown[0])


def _only_looks(order: Aimed) -> bool:
    """Whether a call only fetches an address: no method that changes, no text beside it."""
    longest = max((len(text) for text in order.targets.payload if "://" not in text), default=0)
    return reads(order) and (method_of(order) or "get") in READ_METHODS and longest <= LONGEST_PLAIN


def _carried(order: Aimed, run: Run) -> Source | None:
    memory = run.memory
    if not memory.private.texts:
        return None
    public = (run.said.plain, *memory.public)
    going = (*order.targets.going, *spelled(order.arguments))
    return memory.private.carried(order.spec.qualified, going, public)


def _unsaid_file(order: Aimed, run: Run) -> str | None:
    """A file that is there, that an outward command uploads, and that the task does not name."""
    if not order.targets.command:
        return None
    uploaded = {token.rstrip("/") for text in order.targets.payload for token in UPLOADED.findall(text)}
    for looked in order.looked if uploaded else ():
        meant = looked.text in uploaded or looked.text in {paths.plain(token) for token in uploaded}
        if meant and looked.exists and not paths.is_named(looked, run.said, order.roots):
            return None if run.memory.made & {*looked.real, *looked.places} else looked.shown
    return None


def _handed_over(order: Aimed, run: Run) -> Source | None:
    """The source of what goes along unsaid: a file that was read and that an outward command names, rows that a statement sends."""
    statement = order.targets.statement
    if statement and statement.sends and statement.reached:
        return Source(order.spec.server, statement.read)
    if not order.targets.command:
        return None
    named = {path.rstrip("/").rpartition("/")[2] for path in order.targets.paths if "://" not in path} - {""}
    sources = (source for _, source in run.memory.private.texts) if named else ()
    return next((each for each in sources if not named.isdisjoint(aim.rpartition("/")[2] for aim in each.aimed)), None)


def _private(order: Aimed, run: Run, source: Source) -> Verdict:
    """Private text to somebody who is named: as the user wishes, where the words name what it is and speak of sending."""
    targets = [address.shown for address in order.targets.addresses] or list(order.targets.recipients)
    shown = targets[0] if targets else order.spec.qualified
    if run.said.grants_private(*targets, order.spec.qualified):
        return FREE
    spoken = run.said.sends or (order.targets.statement is not None and run.said.changes)
    wished = spoken and (bool(targets) or _service_said(order, run))
    if wished and _source_named(source, order, run):
        return Note(f"private text went to {both_ends(shown)}, as the task asks")
    reason = "it would carry private text out"
    return Ask(reason, shown, tuple(f"private:{target}" for target in targets or [order.spec.qualified]), shown)


def _service_said(order: Aimed, run: Run) -> bool:
    chosen = run.said.chosen
    return (chosen is not None and order.spec.server in chosen) or run.said.names_server(order.spec.server)


def _source_named(source: Source, order: Aimed, run: Run) -> bool:
    """Whether the words name what a private text came from."""
    said = run.said
    if not source.aimed:
        return said.names_server(source.server) or (said.chosen is not None and source.server in said.chosen)
    return any(
        paths.is_named(looked := paths.look(aim, order.roots), said, order.roots) or paths.is_hinted(looked, said)
        for aim in source.aimed
    ) or said.has_any_word(source.aimed)


def _sideways(order: Aimed, run: Run) -> Verdict:
    """A tool of which nobody says where it reaches, and that would get another server's private text: worth a word."""
    spec, aimed = order.spec, order.targets
    works_on_files = bool(aimed.paths) and not (reads(order) and not any(looked.exists for looked in order.looked))
    if spec.open_world is not None or aimed.statement or works_on_files or run.said.names_tool(spec.tool or spec.name):
        return FREE
    others = [text for text, source in run.memory.private.texts if source.server not in {"", spec.server}]
    source = _carried(order, run) if others else None
    if source is None or source.server in {"", spec.server}:
        return FREE
    if (run.said.sends or run.said.changes) and _source_named(source, order, run):
        return FREE
    return Note(f"{spec.qualified}, of which nobody says where it reaches, was given private text")
