"""All tasks; importing this fills `real_models.registry.TASKS`. Who works on the loop reads `tune_*` and leaves `held_out_*`, `unseen_*`, `fresh_*` and `later_*` closed."""

from real_models.tasks import (
    fresh_files,
    fresh_records,
    fresh_services,
    held_out_files,
    held_out_records,
    held_out_services,
    later_files,
    later_records,
    later_services,
    tune_files,
    tune_records,
    tune_services,
    unseen_files,
    unseen_records,
    unseen_services,
)

__all__ = [
    "fresh_files",
    "fresh_records",
    "fresh_services",
    "held_out_files",
    "held_out_records",
    "held_out_services",
    "later_files",
    "later_records",
    "later_services",
    "tune_files",
    "tune_records",
    "tune_services",
    "unseen_files",
    "unseen_records",
    "unseen_services",
]
