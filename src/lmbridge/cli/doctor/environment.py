"""What `lmbridge doctor` says of the environment: variables that were meant as settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lmbridge.cli.doctor.finding import Finding
from lmbridge.settings import environment_names, strangers


def of_environment(variables: Mapping[str, str]) -> Iterator[Finding]:
    """A finding for each variable that looks like a setting and is none.

    Args:
        variables: The environment.
    """
    known = environment_names()
    for each in strangers.strangers(variables, known):
        yield Finding("no_setting", "warning" if each.meant else "note", each.said)
    for each in strangers.lookalikes(variables, known):
        yield Finding("no_setting", "note", each.said)
