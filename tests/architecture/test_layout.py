"""The layout stays one that a newcomer finds his way in: sub-packages in order, no circles, no drawers, one meaning a name."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from architecture.modules import SOURCE, TRAINING, circle, imports, modules

ROOT = SOURCE.parents[1]
MOST_MODULES = 20
SUB_PACKAGES = {
    "llm": ["dialects", "http", "chat", "models"],
    "mcp_host": ["config", "transport", "gate", "tools", "servers"],
    "agent": ["reading", "held", "task", "queries", "tools", "calls", "examples", "loop"],
    "server": ["tools", "page", "transport"],
}
"""Those of one room whose order counts: each imports only from those before it."""
ONE_NAME_TWICE: dict[str, str] = {
    "Exchange": "a request with its answer, as the llm client names it in errors and as `lmbridge.testing` records it for users",
    "Toolbox": "the protocol that the loop asks for, and the narrower one of servers' tools: each owned by its consumer",
}
"""Public classes of one name in several modules of the program, with why it is left so. Testing is a side room."""


def graph_of_source() -> dict[str, set[str]]:
    known = modules(SOURCE, SOURCE.parent)
    known.pop("lmbridge")
    return imports(known)


def test_no_module_imports_in_a_circle():
    assert circle(graph_of_source()) == []


def test_no_module_of_the_training_imports_in_a_circle():
    assert circle(imports(modules(TRAINING, TRAINING))) == []


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


@pytest.mark.parametrize("room", SUB_PACKAGES)
def test_a_sub_package_imports_only_from_those_before_it(room: str):
    order = SUB_PACKAGES[room]
    found = []
    for name, targets in graph_of_source().items():
        parts = name.split(".")
        if parts[1] != room or len(parts) < 3 or parts[2] not in order:
            continue
        for target in targets:
            other = target.split(".")
            if other[1] != room or len(other) < 3 or other[2] not in order:
                continue
            if order.index(other[2]) > order.index(parts[2]):
                found.append(f"{name} imports {target}")
    assert found == []


def test_every_sub_package_has_its_place_in_the_order():
    rooms = {
        room: {path.name for path in (SOURCE / room).iterdir() if (path / "__init__.py").exists()}
        for room in SUB_PACKAGES
    }
    assert {room: names - set(SUB_PACKAGES[room]) for room, names in rooms.items()} == {room: set() for room in rooms}


def test_no_folder_is_a_drawer():
    held = {folder: len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) for folder in folders()}
    assert {str(folder.relative_to(SOURCE)): count for folder, count in held.items() if count > MOST_MODULES} == {}


def folders() -> list[Path]:
    return [path.parent for path in SOURCE.rglob("__init__.py")]


def test_a_public_class_has_a_name_of_its_own():
    homes: dict[str, list[str]] = defaultdict(list)
    for path in SOURCE.rglob("*.py"):
        if path.relative_to(SOURCE).parts[0] != "testing":
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(str(path.relative_to(SOURCE)))
    twice = {name: sorted(where) for name, where in homes.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in ONE_NAME_TWICE} == {}
    assert set(ONE_NAME_TWICE) <= set(twice), "names that are unique by now need no reason any more"


def test_the_architecture_page_has_a_sentence_for_every_sub_package():
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^- `([a-z_/]+)/`: \S.+\.$", page, flags=re.MULTILINE))
    there = {str(folder.relative_to(SOURCE)) for folder in folders()} - {"."}
    assert there - told == set()
    assert told - there == set()


def test_the_architecture_page_has_a_row_for_every_room_that_is_one_module():
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([a-z_]+)` \| \S.+ \|$", page, flags=re.MULTILINE))
    assert told == {path.stem for path in SOURCE.glob("*.py")} - {"__init__", "__main__", "_version"}


def test_contributing_points_at_files_that_are_there():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|docs|scripts|benchmarks)/[\w./-]+)`", page)
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert len(named) > 10
