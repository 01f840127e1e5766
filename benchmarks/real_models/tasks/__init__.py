"""All tasks; importing this fills `real_models.registry.TASKS`. Who works on the loop reads `tune_*` and leaves `held_out_*` and `unseen_*` closed."""

from real_models.tasks import (
    held_out_files,
    held_out_records,
    held_out_services,
    tune_files,
    tune_records,
    tune_services,
    unseen_files,
    unseen_records,
    unseen_services,
)

__all__ = [
    "held_out_files",
    "held_out_records",
    "held_out_services",
    "tune_files",
    "tune_records",
    "tune_services",
    "unseen_files",
    "unseen_records",
    "unseen_services",
]
