"""How long the event loop stands still while a run reads a result of 1 MiB and a reply of 5 MB, read in it and beside it."""

from __future__ import annotations

import sys

from support.measuring import median, run, save

KINDS = ("prose", "markup", "objects", "brackets")
TURNS = 1


def main() -> None:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for kind in KINDS:
        rows: dict[str, list[dict[str, float]]] = {"in the loop": [], "lmbridge": []}
        for _ in range(TURNS):
            for name, how in (("in the loop", "loop"), ("lmbridge", "threads")):
                rows[name].append(run(sys.executable, "long_reply/ours.py", kind, how))
                print(kind, name, rows[name][-1], flush=True)
        found[kind] = {
            name: {what: round(median([row[what] for row in each])) for what in ("busy_ms", "held_ms", "worst_ms")}
            for name, each in rows.items()
        }
    save("long_reply", {"longest_stretch": found})


if __name__ == "__main__":
    main()
