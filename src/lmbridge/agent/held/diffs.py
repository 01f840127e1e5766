"""What a diff says that was changed, held against an answer that says that nothing was. Pure."""

from __future__ import annotations

import re

from lmbridge.agent.reading.names import denies, is_file_name, last_part, paths_in

MOST_CHANGED = 8
"""Lines of a diff that are told whole."""
LONGEST = 20_000
"""Characters of a diff that is read."""
_HUNK = re.compile(r"^@@ .*@@")
_FILE = re.compile(r"^(?:---|\+\+\+) (?:[ab]/)?(\S+)")
_SAYS_NO = re.compile(r"\W*(?:no|nope|nein|non|n\u00e3o|nee|nej|nie)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3


def denied_change(answer: str, text: str) -> list[str]:
    """The changed lines of a diff, where an answer says of its file that something is not so and has none of what they say; else none.

    An answer that begins with "No" may be one to a question about something else, and so may one that speaks of a line which was left as it is.

    Args:
        answer: What was answered.
        text: A result.
    """
    if len(text) > LONGEST or not denies(answer) or _SAYS_NO.match(answer):
        return []
    files, changed, kept = _read(text)
    named = {last_part(name) for name in paths_in(answer) if is_file_name(last_part(name))}
    if not 0 < len(changed) <= MOST_CHANGED or (named and not named & files):
        return []
    removed, added = (_words("\n".join(line[1:] for line in changed if line[0] == sign)) for sign in "-+")
    said = _words(answer) - _words(" ".join(files))
    return [] if said & (removed ^ added) or said & kept else changed


def _read(text: str) -> tuple[set[str], list[str], set[str]]:
    """The files of a diff, its changed lines, and the words of those that it leaves as they are."""
    files, changed, kept = set[str](), list[str](), set[str]()
    within = False
    for line in text.splitlines():
        if _HUNK.match(line):
            within = True
        elif not within and (found := _FILE.match(line)):
            files.add(last_part(found[1]))
        elif line.startswith("diff "):
            within = False
        elif within and line[:1] in {"-", "+"}:
            changed.append(line)
        elif within:
            kept |= _words(line)
    return files, changed, kept


def _words(text: str) -> set[str]:
    """Words of three letters and more, and numbers."""
    return {word.lower() for word in _WORD.findall(text) if len(word) >= _SHORTEST or word.isdigit()}
