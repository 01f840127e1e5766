"""Files that a call makes or changes: free where they are named or new. Pure but for what `paths.look` saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lmbridge.mcp_host.gate import paths
from lmbridge.mcp_host.gate.aim import Aimed, puts, words_in
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.paths import Looked
from lmbridge.mcp_host.gate.protected import installs, runs_by_itself, steers_agents
from lmbridge.mcp_host.gate.rules.spoken import unspoken
from lmbridge.mcp_host.gate.targets import leaves_of
from lmbridge.mcp_host.gate.verdicts import FREE, UNASKED, Ask, Note, Run, Verdict
from lmbridge.text import both_ends

_FOLDERS = frozenset(["directory", "directories", "dir", "folder", "folders"])
_MADE_NEW = frozenset(["create", "make", "mkdir", "new", "ensure"])
_COPIES = frozenset(["copy", "cp", "duplicate", "clone"])
_REPLACED = frozenset({"old", "oldtext", "oldstring"})


def files(order: Aimed, run: Run) -> Iterator[Verdict]:
    """What is to be said of each file that a call makes or changes.

    Args:
        order: The call.
        run: What is known of its run.
    """
    words = set(words_in(order.spec.tool or order.spec.name))
    only_read = _only_read(order) if words & _COPIES or puts(order) else frozenset()
    makes_folder = bool(words & _FOLDERS and words & _MADE_NEW) or "mkdir" in words
    for looked in order.looked:
        if not (looked.text in only_read or makes_folder or is_root(looked, order.roots)):
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


def is_root(looked: Looked, roots: Sequence[str]) -> bool:
    """The folder that a server works in is where it does something, and not what it does it to."""
    return any(place in roots for place in (*looked.places, *looked.real))


def _file(looked: Looked, order: Aimed, run: Run) -> Verdict:
    said = run.said
    if any(paths.covers(mention, looked, order.roots) for mention in said.left):
        return Note(f"changed {both_ends(looked.shown)}, which the task says to leave as it is")
    if run.memory.made & {*looked.real, *looked.places}:
        return FREE if said.changes else unspoken(both_ends(looked.shown))
    if paths.is_named(looked, said, order.roots):
        return FREE if said.changes or looked.exists is False else unspoken(both_ends(looked.shown))
    if steers_agents(looked):
        reason = "what stands there tells agents what to do in every session, and the task does not name it"
        return Ask(reason, looked.shown, (looked.shown,), looked.shown)
    if runs_by_itself(looked):
        return Note(f"made or changed {both_ends(looked.shown)}, which other programs run unasked")
    if _is_hidden(looked, order.roots):
        return Note(f"made or changed {both_ends(looked.shown)}, a hidden file, as programs read them unasked")
    if looked.exists is False and not any(sign in looked.name for sign in "*?"):
        return FREE if said.changes else Note(f"made {both_ends(looked.shown)}, {UNASKED}")
    if said.changes and (looked.exists is None or _may_be_meant(looked, said)):
        return Note(f"changed {both_ends(looked.shown)}, which the task does not name")
    reason = "it is there already, and the task does not name it"
    return Ask(reason, looked.shown, (looked.shown,), looked.shown.rpartition("/")[0])


def _is_hidden(looked: Looked, roots: Sequence[str]) -> bool:
    """Whether a path is one of the hidden ones in which programs keep their settings; lists of what is to be ignored set nothing."""
    place = looked.shown
    root = max((root for root in roots if place.startswith(f"{root.rstrip('/')}/")), key=len, default="")
    steps = place[len(root) :].strip("/").split("/")
    ignores = steps[-1].endswith(("ignore", "keep")) and not any(step.startswith(".") for step in steps[:-1])
    return any(step.startswith(".") and step.strip(".") for step in steps) and not ignores


def _may_be_meant(looked: Looked, said: UserWords) -> bool:
    meant = (mention for mention in said.paths if mention not in said.spared)
    return paths.is_hinted(looked, said) or said.everywhere or not any(_is_file_like(m.text) for m in meant)


def _is_file_like(text: str) -> bool:
    return "." in text.rpartition("/")[2] or "/" in text
