"""A module imports only from rooms above its own, so that data flows one way."""

import ast
from pathlib import Path

import lmbridge

ROOT = Path(lmbridge.__file__).parent
ROOMS = [
    "errors", "platform", "installed", "messages", "text", "redaction", "retry_after", "identical", "collecting", "deadlines", "long_texts", "recordings", "events", "report", "settings", "profile", "schemas", "observe", "llm", "fleet", "qualify", "mcp_host", "engine", "map", "agent",
    "cluster", "server", "cli",
]  # fmt: skip
FREE = {"_version"}
FOR_TESTS = {
    "errors",
    "platform",
    "messages",
    "profile",
    "text",
    "redaction",
    "retry_after",
    "identical",
    "recordings",
    "events",
    "report",
    "settings",
    "_version",
    "testing",
}
MAY_USE_TESTING = {"cli"}  # `lmbridge demo` starts the bundled file server


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("lmbridge.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "lmbridge":
            found |= {f"lmbridge.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lmbridge."):
            found.add(node.module or "")
    return {name for name in found if name.count(".") >= 1}


def violations() -> list[str]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if room in {"__init__", "__main__", *FREE}:
            continue
        for name in imports_of(path):
            target = room_of(name)
            if target in FREE or target == room:
                continue
            if room == "testing":
                allowed = target in FOR_TESTS
            elif target == "testing":
                allowed = room in MAY_USE_TESTING
            else:
                allowed = target in ROOMS and ROOMS.index(target) < ROOMS.index(room)
            if not allowed:
                found.append(f"{path.relative_to(ROOT)} imports {name}")
    return found


def test_every_module_imports_only_from_rooms_above_it():
    assert violations() == []


def test_every_room_is_in_the_order():
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms - {"testing"} <= set(ROOMS)
