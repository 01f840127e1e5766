"""The program's modules and what each imports, read from the source without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import lmbridge

SOURCE = Path(lmbridge.__file__).parent
TRAINING = SOURCE.parents[1] / "training"


def name_of(path: Path, root: Path) -> str:
    """`lmbridge.llm.client` for `…/lmbridge/llm/client.py`."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def modules(folder: Path, root: Path) -> dict[str, Path]:
    """Every module below a folder, by its dotted name."""
    return {name_of(path, root): path for path in sorted(folder.rglob("*.py"))}


def _base(node: ast.ImportFrom, package: list[str]) -> str:
    if not node.level:
        return node.module or ""
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


def _named(node: ast.AST, package: list[str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ImportFrom):
        base = _base(node, package)
        yield from ((base, f"{base}.{alias.name}") for alias in node.names)
    elif isinstance(node, ast.Import):
        yield from ((alias.name, alias.name) for alias in node.names)


def imports(known: Mapping[str, Path]) -> dict[str, set[str]]:
    """Which known modules each of them imports, lazily or for types alone included."""
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        package = (name if path.name == "__init__.py" else name.rpartition(".")[0]).split(".")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        pairs = [pair for node in ast.walk(tree) for pair in _named(node, package)]
        targets = {full if full in known else base for base, full in pairs}
        found[name] = {target for target in targets if target in known and target != name}
    return found


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """One circle of the graph, its first member again at the end; empty where there is none."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node not in done:
            for other in sorted(graph.get(node, ())):
                if found := visit(other, [*path, node]):
                    return found
            done.add(node)
        return []

    for node in sorted(graph):
        if found := visit(node, []):
            return found
    return []
