"""The gate's one decision, from values alone: may this call be made freely, with a note, or only with approval?

Before the first result a run knows nothing but the user's words, and everything is free but what always needs approval.
From then on strangers' words may speak through the model, and what counts is what a call is aimed at: whether the
user's side names it, whether it is there, whether private text leaves with it. Lists of words only ever soften.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lmbridge.llm.dialects.quotation import is_quotation
from lmbridge.mcp_host.gate import paths
from lmbridge.mcp_host.gate.addresses import Destination, is_public
from lmbridge.mcp_host.gate.aim import READ_METHODS, Aimed, is_open, method_of, puts, reads, words_in
from lmbridge.mcp_host.gate.beyond import beyond
from lmbridge.mcp_host.gate.carried import Source
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.opaque import ASKED, NOTED, opaque
from lmbridge.mcp_host.gate.paths import Looked
from lmbridge.mcp_host.gate.protected import installs, is_protected, runs_by_itself, steers_agents
from lmbridge.mcp_host.gate.targets import leaves_of
from lmbridge.mcp_host.gate.two_signs import spelled
from lmbridge.text import both_ends

_MADE_NEW = frozenset(["create", "make", "mkdir", "new", "ensure"])
_FOLDERS = frozenset(["directory", "directories", "dir", "folder", "folders"])
_COPIES = frozenset(["copy", "cp", "duplicate", "clone"])
_ALL = frozenset(
    [
        "all",
        "every",
        "everything",
        "each",
        "any",
        "whole",
        "entire",
        "both",
        "alle",
        "alles",
        "jede",
        "jeden",
        "jedes",
        "ganze",
        "tous",
        "toutes",
        "tout",
        "todo",
        "todos",
        "todas",
        "tutti",
        "tutto",
    ]
)
_PROGRAM_SIGNS = re.compile(r"[;&|<>`$(){}\r\n]")
_PATTERN = re.compile(r"^[\w./:-]*\*[\w./:-]*$")
_LONGEST_PLAIN = 60
_LONGEST_ENTRY = 400
_SHORTEST_NAME = 3
_MOST_TEXTS, _LONGEST_TEXT = 10, 20_000
"""Of what a run has read, as far as rows are looked for in it."""
_FILTERS = frozenset(
    {"filter", "filters", "where", "selector", "condition", "conditions", "criteria", "match", "query"}
)
_REPLACED = frozenset({"old", "oldtext", "oldstring"})
_KEYS = frozenset({"key", "id", "ids", "uid", "uuid"})


@dataclass(frozen=True, slots=True)
class Free:
    """The call is made."""


@dataclass(frozen=True, slots=True)
class Note:
    """The call is made, and the caller is told why that is worth a word."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The call is made only where somebody approves of it.

    Attributes:
        reason: Why, in a sentence without strangers' words.
        target: What it is aimed at.
        grant: What to put into `scope` so that a repeated call needs no approval.
        kin: What "all further ones" would mean: the folder or host of the target.
    """

    reason: str
    target: str = ""
    grant: tuple[str, ...] = ()
    kin: str = ""


Verdict = Free | Note | Ask
FREE = Free()


@dataclass(frozen=True, slots=True)
class Run:
    """What the gate knows of a run.

    Attributes:
        said: The user's words.
        memory: What the run has read and done.
        protected: Files and folders that always need approval, beside the well-known ones.
    """

    said: UserWords
    memory: Memory = field(default_factory=Memory)
    protected: tuple[str, ...] = ()


def judge(order: Aimed, run: Run) -> Verdict:
    """Whether a call may be made.

    Args:
        order: The call.
        run: What is known of its run.
    """
    guarded = _protected(order, run)
    if isinstance(guarded, Ask) or not run.memory.tainted or run.said.grants_tool(order.spec.qualified):
        return guarded
    return _strongest(_quoted(order, run), _outward(order, run), _changing(order, run))


def _strongest(*verdicts: Verdict) -> Verdict:
    for kind in (Ask, Note):
        if found := next((each for each in verdicts if isinstance(each, kind)), None):
            return found
    return FREE


def _protected(order: Aimed, run: Run) -> Verdict:
    """Files that start programs: approved each time, whoever names them; exactly named in `scope` is approved."""
    if reads(order):
        return FREE
    for looked in order.looked:
        if is_protected(looked, run.protected) and not _granted_exactly(looked, order, run):
            reason = "what stands there decides which programs are started"
            return Ask(reason, looked.shown, (looked.shown,), looked.shown)
    return FREE


def _granted_exactly(looked: Looked, order: Aimed, run: Run) -> bool:
    places = {*looked.places, *looked.real, looked.text}
    granted = {paths.plain(mention.text) for mention in run.said.granted_paths}
    within = {paths.plain(f"{root}/{text}") for root in order.roots for text in granted}
    return bool(places & (granted | within))


def _quoted(order: Aimed, run: Run) -> Verdict:
    """A call that stands in what the model read is somebody's text, not the model's own step."""
    spec, memory = order.spec, run.memory
    if (spec.read_only and not is_open(order)) or not memory.shown:
        return FREE
    names = (order.called, spec.tool, spec.qualified)
    if any(call[0] == order.called and _same(call[1], order.arguments) for call in memory.asked):
        return FREE
    texts = memory.shown.holding(names)
    elsewhere = memory.shown.texts
    if not any(is_quotation(names, given, texts, elsewhere) for given in _spellings(order)) or _all_said(
        order, run.said
    ):
        return FREE
    return Ask(
        "this very call stands word for word in a result that the model read",
        _first_target(order),
        (spec.qualified,),
        spec.qualified,
    )


def _spellings(order: Aimed) -> list[Any]:
    """The arguments, and the same with each absolute path as somebody would write it who does not know where the folder lies."""
    roots = tuple(f"{root.rstrip('/')}/" for root in order.roots)
    short = _shortened(order.arguments, roots)
    return [order.arguments] if short == order.arguments else [order.arguments, short]


def _shortened(value: Any, roots: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        root = max((root for root in roots if value.startswith(root)), key=len, default="")
        return value[len(root) :]
    if isinstance(value, Mapping):
        return {key: _shortened(item, roots) for key, item in value.items()}
    return [_shortened(item, roots) for item in value] if isinstance(value, list | tuple) else value


def _same(written: str, arguments: Mapping[str, Any]) -> bool:
    try:
        return bool(json.loads(written or "{}", strict=False) == dict(arguments))
    except (ValueError, RecursionError):
        return False


def _all_said(order: Aimed, said: UserWords) -> bool:
    """Whether the user's own words hold all values of a call."""
    payload = [text for text in order.targets.payload if text.strip()]
    return bool(payload) and all(text.strip() in said.text for text in payload)


def _first_target(order: Aimed) -> str:
    aimed = order.targets
    if order.looked:
        return order.looked[0].shown
    if aimed.addresses:
        return aimed.addresses[0].shown
    return next(iter((*aimed.recipients, *(aimed.statement.tables if aimed.statement else ()), *aimed.names)), "")


def _outward(order: Aimed, run: Run) -> Verdict:
    """Calls into the open world: free to what is named with nothing private in them."""
    if not is_open(order):
        return _sideways(order, run)
    unnamed = [address for address in order.targets.addresses if not run.said.names_host(address)]
    strangers = [
        who for who in order.targets.recipients if not (_is_said(who, run.said) or _is_listed(who, order, run))
    ]
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


def _is_said(who: str, said: UserWords) -> bool:
    bare = who.lstrip("#@").casefold()
    return bool(bare) and (bare in said.text.casefold() or who in said.scope)


def _is_listed(who: str, order: Aimed, run: Run) -> bool:
    """Whether the same server has listed an id beside a name that the task names: `C02 #team` where it speaks of #team."""
    entries = (
        entry
        for server, listing in run.memory.listings
        if server == order.spec.server and who in listing
        for entry in re.split(r"[\n;}]" if "{" in listing else r"[\n;,]", listing)
    )
    return any(_names_one(entry, who, run.said) for entry in entries if len(entry) <= _LONGEST_ENTRY)


def _names_one(entry: str, who: str, said: UserWords) -> bool:
    words = re.findall(r"[^\W_]+", entry)
    return who in words and any(
        len(word) >= _SHORTEST_NAME and not word.isdigit() and said.has_words(word) for word in words if word != who
    )


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
    return reads(order) and (method_of(order) or "get") in READ_METHODS and longest <= _LONGEST_PLAIN


def _carried(order: Aimed, run: Run) -> Source | None:
    memory = run.memory
    if not memory.private.texts:
        return None
    public = (run.said.plain, *memory.public)
    going = (*order.targets.going, *spelled(order.arguments))
    return memory.private.carried(order.spec.qualified, going, public)


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
    return (chosen is not None and order.spec.server in chosen) or run.said.has_words(order.spec.server)


def _source_named(source: Source, order: Aimed, run: Run) -> bool:
    """Whether the words name what a private text came from."""
    said = run.said
    if not source.aimed:
        return said.has_words(source.server) or (said.chosen is not None and source.server in said.chosen)
    return any(
        paths.is_named(looked := paths.look(aim, order.roots), said, order.roots) or paths.is_hinted(looked, said)
        for aim in source.aimed
    ) or said.has_any_word(source.aimed)


def _sideways(order: Aimed, run: Run) -> Verdict:
    """A tool of which nobody says where it reaches, and that would get another server's private text: worth a word."""
    spec, aimed = order.spec, order.targets
    works_on_files = bool(aimed.paths) and not (reads(order) and not any(looked.exists for looked in order.looked))
    if spec.open_world is not None or aimed.statement or works_on_files or run.said.has_words(spec.tool or spec.name):
        return FREE
    others = [text for text, source in run.memory.private.texts if source.server not in {"", spec.server}]
    source = _carried(order, run) if others else None
    if source is None or source.server in {"", spec.server}:
        return FREE
    if (run.said.sends or run.said.changes) and _source_named(source, order, run):
        return FREE
    return Note(f"{spec.qualified}, of which nobody says where it reaches, was given private text")


def _changing(order: Aimed, run: Run) -> Verdict:
    """Calls that change something: free where the target is named or new; a change of what is there and not named asks."""
    if reads(order):
        return FREE
    if order.spec.destructive is False:
        return _added(order, run)
    found = [*_files(order, run), *_tables(order, run)]
    statement = order.targets.statement
    partly = statement is not None and statement.put and not statement.tables  # the file is not all that it changes
    if not found or partly or (order.targets.command and not _is_all_named(order, run)):
        found.append(_opaque(order, run))
    elif any(_is_root(looked, order.roots) for looked in order.looked) and not _speaks_of(order, run.said):
        found.append(Note(f"{order.spec.qualified} may have changed something, though the task speaks of no change"))
    verdict = _strongest(*found)
    reason = beyond(order, run.said) if isinstance(verdict, Free) else None
    return Note(reason) if reason else verdict


def _speaks_of(order: Aimed, said: UserWords) -> bool:
    return said.changes or said.has_words(order.spec.tool or order.spec.name)


def _is_all_named(order: Aimed, run: Run) -> bool:
    """Whether a command is a plain one all of whose paths are named."""
    plain = not any(map(_PROGRAM_SIGNS.search, order.targets.payload))
    return plain and all(paths.is_named(looked, run.said, order.roots) for looked in order.looked)


def _added(order: Aimed, run: Run) -> Verdict:
    """What only adds is free; told where nothing in the task asks for it: who is named in a question is not to be added to."""
    if run.said.changes or _is_spoken_of(order, run):
        return FREE
    return Note(f"{order.spec.qualified} added something, though the task speaks of no change")


def _is_spoken_of(order: Aimed, run: Run) -> bool:
    """Whether the task has the tool's own word, or names a file that is not there yet."""
    new = (looked for looked in order.looked if looked.exists is not True)
    named = any(paths.is_named(looked, run.said, order.roots) for looked in new)
    return named or run.said.has_any_word((order.spec.tool or order.spec.name,))


def _files(order: Aimed, run: Run) -> Iterator[Verdict]:
    words = set(words_in(order.spec.tool or order.spec.name))
    only_read = _only_read(order) if words & _COPIES or puts(order) else frozenset()
    makes_folder = bool(words & _FOLDERS and words & _MADE_NEW) or "mkdir" in words
    for looked in order.looked:
        if not (looked.text in only_read or makes_folder or _is_root(looked, order.roots)):
            yield _file(looked, order, run)
            if _adds_to_installing(looked, order, run):
                yield Note(
                    f"{both_ends(looked.shown)} starts programs at each install now, of which the task says nothing"
                )


def _adds_to_installing(looked: Looked, order: Aimed, run: Run) -> bool:
    """Whether a package's description gets a script that runs by itself, which it did not have when it was read."""
    if looked.name not in {"package.json", "composer.json"}:
        return False
    leaves = list(leaves_of(order.arguments))
    replaced = " ".join(leaf.text for leaf in leaves if leaf.is_one_of(_REPLACED))
    read = (
        text
        for text, source in run.memory.private.texts
        if any(aim.rpartition("/")[2] == looked.name for aim in source.aimed)
    )
    had = installs(replaced).union(*map(installs, read))
    new = {key for leaf in leaves if not leaf.is_one_of(_REPLACED) for key in installs(leaf.text) - had}
    return any(not run.said.has_any_word((key.partition('"')[0], "scripts", "hooks")) for key in new)


def _only_read(order: Aimed) -> frozenset[str]:
    named = [value for key, value in order.arguments.items() if str(key).lower() in {"source", "src", "from", "input"}]
    return frozenset(paths.plain(value) for value in named if isinstance(value, str))


def _is_root(looked: Looked, roots: Sequence[str]) -> bool:
    """The folder that a server works in is where it does something, and not what it does it to."""
    return any(place in roots for place in (*looked.places, *looked.real))


def _file(looked: Looked, order: Aimed, run: Run) -> Verdict:
    said = run.said
    if run.memory.made & {*looked.real, *looked.places}:
        return FREE
    if paths.is_named(looked, said, order.roots):
        return FREE if said.changes or looked.exists is False else _unspoken(both_ends(looked.shown))
    if steers_agents(looked):
        reason = "what stands there tells agents what to do in every session, and the task does not name it"
        return Ask(reason, looked.shown, (looked.shown,), looked.shown)
    if runs_by_itself(looked):
        return Note(f"made or changed {both_ends(looked.shown)}, which other programs run unasked")
    if looked.exists is False and not any(sign in looked.name for sign in "*?"):
        return FREE if said.changes else Note(f"made {both_ends(looked.shown)}, though the task speaks of no change")
    if said.changes and (looked.exists is None or _may_be_meant(looked, said)):
        return Note(f"changed {both_ends(looked.shown)}, which the task does not name")
    reason = "it is there already, and the task does not name it"
    return Ask(reason, looked.shown, (looked.shown,), looked.shown.rpartition("/")[0])


def _may_be_meant(looked: Looked, said: UserWords) -> bool:
    meant = (mention for mention in said.paths if mention not in said.spared)
    return paths.is_hinted(looked, said) or said.everywhere or not any(_is_file_like(m.text) for m in meant)


def _is_file_like(text: str) -> bool:
    return "." in text.rpartition("/")[2] or "/" in text


def _unspoken(target: str) -> Note:
    return Note(f"changed {target}, though the task speaks of no change")


def _tables(order: Aimed, run: Run) -> Iterator[Verdict]:
    statement, said = order.targets.statement, run.said
    if statement is None:
        return
    if statement.effect == "adds":
        yield _added(order, run)
        return
    if statement.every_row and _speaks_of_one(said):
        reason = "it changes every row, and the task speaks of one"
        yield Ask(reason, next(iter(statement.tables), ""), (order.spec.qualified,), order.spec.qualified)
    elif _chooses_another(statement.chosen, order, run):
        yield Note(
            f"changed rows of {both_ends(next(iter(statement.tables), order.spec.qualified))} that the task does not name"
        )
    for table in statement.tables:
        if said.has_words(table) or table in run.memory.made:
            yield FREE if said.changes else _unspoken(f"the table {both_ends(table)}")
        elif said.changes and not any(said.has_words(known) for known in run.memory.tables):
            yield Note(f"changed the table {both_ends(table)}, which the task does not name")
        else:
            yield Ask("the task does not name this table", table, (order.spec.qualified,), order.spec.qualified)


def _chooses_another(chosen: Sequence[str], order: Aimed, run: Run) -> bool:
    """Whether the task names things by number, and a call chooses by values of which it says none and no result beside one."""
    said = run.said
    values = [value for value in chosen if value.strip()]
    if not values or not _speaks_of_one(said) or any(_is_spoken(value, said) for value in values):
        return False
    numbers = [word for word in said.words if word.isdecimal()]
    rows = (
        row
        for text, source in run.memory.private.texts[-_MOST_TEXTS:]
        if source.server == order.spec.server
        for row in re.split(r"[\n;})\]]", text[:_LONGEST_TEXT])
    )
    together = (set(re.findall(r"[^\W_]+", row)) for row in rows if any(value in row for value in values))
    return not any(not words.isdisjoint(numbers) for words in together)


def _is_spoken(value: str, said: UserWords) -> bool:
    return said.has_any_word((value,)) or (len(value) >= _SHORTEST_NAME and value.casefold() in said.text.casefold())


def _speaks_of_one(said: UserWords) -> bool:
    return any(word.isdecimal() for word in said.words) and not said.words & _ALL


def _opaque(order: Aimed, run: Run) -> Verdict:
    """What a call changes cannot be seen in its arguments but for names and ids."""
    spec, said, aimed = order.spec, run.said, order.targets
    wild = next(filter(_is_wild, aimed.names), None) if not said.words & _ALL else None
    if wild and not (wild.isalpha() and said.changes):
        reason = "it is aimed at all there is, and the task does not say so"
        return Ask(reason, wild, (spec.qualified,), spec.qualified)
    chosen = list(_filtered(order))
    if [] in chosen and _speaks_of_one(said):
        reason = "it is aimed at all there is, and the task speaks of one"
        return Ask(reason, _first_target(order), (spec.qualified,), spec.qualified)
    if any(_chooses_another(values, order, run) for values in chosen):
        return Note(f"{spec.qualified} may have changed what the task does not name")
    if not wild and (_is_another_id(order, run) and _told(order)):
        reason = "the task names another one"
        return Ask(reason, _first_target(order), (spec.qualified,), spec.qualified)
    if not wild and not _is_another_id(order, run) and _names_said(order, said):
        spoken = said.acts or said.has_words(spec.tool or spec.name)
        return FREE if spoken else _unspoken(f"something through {spec.qualified}")
    if said.sends and (aimed.recipients or aimed.addresses) and not _told(order):
        return FREE  # whom it goes to was looked at before
    if said.changes:
        return Note(f"{spec.qualified} may have changed what the task does not name")
    if _told(order) or aimed.command:
        reason = "it may change or remove what is there, and the task names nothing of it"
        return Ask(reason, _first_target(order), (spec.qualified,), spec.qualified)
    return Note(f"{spec.qualified} may have changed something, though the task speaks of no change")


def _filtered(order: Aimed) -> Iterator[list[str]]:
    """The values of each argument that says which things are meant; none where it means all."""
    for key, value in order.arguments.items():
        if _FILTERS.isdisjoint(words_in(str(key))):
            continue
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            with suppress(ValueError, RecursionError):
                value = json.loads(value)
        if isinstance(value, Mapping | list | tuple):
            yield [leaf.text for leaf in leaves_of(value)]


def _keys_of(order: Aimed) -> list[str]:
    """The short values by which a call says which one is meant."""
    leaves = [leaf for leaf in leaves_of(order.arguments) if not leaf.names[-1].isdisjoint(_KEYS)]
    return [text for leaf in leaves if 0 < len(text := leaf.text.strip()) <= _LONGEST_PLAIN]


def _is_another_id(order: Aimed, run: Run) -> bool:
    """Whether a call is aimed at `LIN-9` where the task names `LIN-7`, and no listing sets it beside the task's words."""
    said = run.said.text.casefold()
    unsaid = [key for key in _keys_of(order) if key.casefold() not in said]
    forms = {_form(word) for word in re.findall(r"[\w-]*\d[\w-]*", said)}
    return any(
        (form := _form(key)) in forms and form.strip("#-_") and not _is_listed(key, order, run) for key in unsaid
    )


def _form(key: str) -> str:
    """A key with its numbers left out."""
    return re.sub(r"\d+", "#", key.casefold())


def _is_wild(name: str) -> bool:
    """Whether a name means whatever there is: a word for it, or a pattern."""
    return name.casefold() in {"all", "any", "everything", "%"} or bool(_PATTERN.match(name))


def _told(order: Aimed) -> bool:
    return order.spec.destructive is True or order.targets.statement is not None


def _is_another_number(names: Sequence[str], said: UserWords) -> bool:
    """Whether the task speaks of numbers, and a call of its tool is aimed at others."""
    numbers = [name for name in names if any(map(str.isdigit, name))]
    spoken = any(word.isdecimal() for word in said.words)
    return (
        bool(numbers) and spoken and not any(said.has_any_word((number,)) or number in said.text for number in numbers)
    )


def _names_said(order: Aimed, said: UserWords) -> bool:
    aimed = order.targets
    if said.has_words(order.spec.tool or order.spec.name):
        keys = _keys_of(order)
        return not _is_another_number(aimed.names, said) and (not keys or any(_is_spoken(key, said) for key in keys))
    if aimed.listed and not all(said.has_any_word((name,)) for name in aimed.listed):
        return False
    short = [text for text in (*aimed.names, *aimed.payload) if len(text) <= _LONGEST_PLAIN * 2]
    return said.has_any_word(short)
