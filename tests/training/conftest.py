"""The recipe lies beside the package, so its folder is put on the path; what a test lacks is a reason to skip it."""

from __future__ import annotations

import sys
from pathlib import Path

TRAINING = Path(__file__).parents[2] / "training"
sys.path.insert(0, str(TRAINING))
