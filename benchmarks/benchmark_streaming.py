"""The CPU share of reading 100 streams of 50 tokens a second at once, against one HTTP client and a JSON parser."""

from __future__ import annotations

import sys

from support.measuring import backend, median, run, save

STREAMS = "100"
TOKENS_PER_SECOND = 50.0
TURNS = 3


def main() -> None:
    shares: dict[str, list[float]] = {"hand-written": [], "lmbridge": []}
    with backend(1, TOKENS_PER_SECOND) as url:
        for _ in range(TURNS):
            for name, script in (("hand-written", "streaming/floor.py"), ("lmbridge", "streaming/ours.py")):
                row = run(sys.executable, script, url, STREAMS)
                shares[name].append(100 * row["cpu"] / row["wall"])
                print(name, row, flush=True)
    percent = {name: round(median(values), 1) for name, values in shares.items()}
    save(
        "streaming",
        {"cpu_percent_of_a_core": percent, "ratio": round(percent["lmbridge"] / percent["hand-written"], 2)},
    )


if __name__ == "__main__":
    main()
