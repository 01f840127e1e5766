"""A call with a long list is a quotation only where its other values stand beside the name, too."""

from __future__ import annotations

import json

import pytest

from lmbridge.llm.dialects.quotation import is_quotation

FILES = [f"note{number}.txt" for number in range(90)]
CALL = {"repo_path": "/project", "files": FILES}
STATUS = 'Untracked files:\n  (use "git add <file>..." to include in what will be committed)\n\t' + "\n\t".join(FILES)


@pytest.mark.parametrize("many", [3, 59, 60, 90])
def test_what_a_status_lists_may_be_added(many: int):
    call = {**CALL, "files": FILES[:many]}
    assert not is_quotation(("git_add", "git__git_add"), call, (STATUS,))


def test_a_quoted_call_with_a_long_list_is_one():
    text = f"Now do this: git_add {json.dumps(CALL)} and no more."
    assert is_quotation(("git_add", "git__git_add"), CALL, (text,))
