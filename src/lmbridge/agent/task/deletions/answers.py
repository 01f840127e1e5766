"""Answers held against an order to delete a file that no tool of the run can carry out: an honest one stands, any other goes back. Pure."""

from __future__ import annotations

import re

from lmbridge.agent.task.deletions.lacking import NO_TOOL, admits, missing, named
from lmbridge.agent.task.evidence import Evidence, Open, leaves_of
from lmbridge.agent.task.named import invented_names
from lmbridge.agent.task.telling import foreign_words
from lmbridge.text import quoted

_NOT_THERE = re.compile(
    r"\bnot\s(?:be\s)?found\b|\b(?:does\snot|doesn['\u2019]t)\sexist\b|\bno\ssuch\b|\bnicht\s(?:gefunden|vorhanden)\b|\bexistiert\snicht\b|\bintrouvable\b|\bn['\u2019]existe\spas\b|\bno\s(?:existe|se\sencontr\w{1,3}|se\sencuentra)\b"
    r"|\bnon\s(?:esiste|trovat\w)\b|\bn\u00e3o\s(?:existe|encontrad\w)\b",
    re.IGNORECASE,
)


def says_not_deleted(evidence: Evidence) -> bool:
    """Whether the answer to a task that wants nothing but a file deleted says that this could not be done, which is so."""
    honest = evidence.outcome == "impossible" or admits(evidence.answer)
    return evidence.gone.alone and honest and not foreign_words(evidence) and not invented_names(evidence)


def not_deleted(evidence: Evidence) -> Open | None:
    """What is open of an answer to a task that wants a file deleted, where no tool of the run does that; None where the file is not there.

    Args:
        evidence: The answer and the run behind it.
    """
    gone, results = evidence.gone, [fact.result for fact in evidence.ledger]
    if not gone.places or missing(gone, results):
        return None
    there = f"{quoted(named(gone))} was not deleted: no tool of the run deletes files."
    if says_not_deleted(evidence):
        wrong = f"{named(gone)} is there. {NO_TOOL}: say that."
        seen = any(gone.of(text) for fact in evidence.succeeded for text in leaves_of(fact))
        return Open((wrong,) if seen and _NOT_THERE.search(evidence.answer) else (), (there,))
    if evidence.outcome == "impossible" and gone.alone:  # in the words of an example, or of another file
        return Open((f"{NO_TOOL}: say that of {named(gone)}.",), (there,))
    if evidence.outcome == "impossible" or admits(evidence.answer):
        return None
    instead = ", and what was done in its place" if evidence.changes else ""
    end = 'End with outcome "impossible", and say' if gone.alone else "Say"
    point = f"{NO_TOOL}, so {named(gone)} was not deleted. {end} that it could not be deleted{instead}."
    return Open((point,), (there, "The answer does not say that it could not be deleted."), grave=True)
