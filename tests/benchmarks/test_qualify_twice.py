"""Each model that was measured twice got the same verdicts, and the guide's table says what was measured."""

from __future__ import annotations

from pathlib import Path

import qualify_twice

from lmbridge.qualify import families


def test_both_measurements_of_each_model_say_the_same() -> None:
    kept = qualify_twice.kept()
    assert kept
    assert all(len(both) == 2 for both in kept.values())
    assert {model: [*qualify_twice.differences(*both)] for model, both in kept.items()} == {model: [] for model in kept}


def test_the_guide_s_table_is_what_was_measured() -> None:
    page = qualify_twice.PAGE.read_text()
    assert qualify_twice.written(page, qualify_twice.table(qualify_twice.kept())) == page


def test_every_built_in_profile_stands_on_a_model_that_was_measured_twice() -> None:
    kept = qualify_twice.kept()
    for each in families.MEASURED:
        mine = [model for model in kept if each.pattern.search(families.plain_id(model))]
        assert mine, each.family
        assert {kept[model][-1]["mode"] for model in mine} == {each.profile.mode}


def test_a_verdict_that_differs_is_named(tmp_path: Path) -> None:
    one = {"model": "m", "mode": "forced", "most_tools": 8, "verdicts": {"answers": True, "cancel": None}}
    other = {**one, "most_tools": 2, "verdicts": {"answers": True, "cancel": True}}
    assert [*qualify_twice.differences(one, one)] == []
    assert [*qualify_twice.differences(one, other)] == ["most_tools: 8 and 2", "cancel: None and True"]
    assert qualify_twice.kept(tmp_path / "none.json") == {}
