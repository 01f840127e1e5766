"""Average the weights of two checkpoints of one run: what a short last run on narrower tasks gained, without all that it lost.

Averages of models along one training lie lower than the models themselves (Izmailov et al. 2018, "Averaging Weights Leads to
Wider Optima and Better Generalization"; Wortsman et al. 2022, "Model soups").
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    """Write the average as a checkpoint that export.py takes and training can go on from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("earlier", type=Path)
    parser.add_argument("later", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--share", type=float, default=0.2, help="share of the earlier one")
    options = parser.parse_args()
    earlier, later = (
        torch.load(path, map_location="cpu", weights_only=True) for path in (options.earlier, options.later)
    )
    for name, weight in later["weights"].items():
        later["weights"][name] = torch.lerp(weight, earlier["weights"][name], options.share)
    torch.save(later, options.output)


if __name__ == "__main__":
    main()
