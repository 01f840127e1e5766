"""Fixtures of this room."""

from support.llm_bench import bench

__all__ = ["bench"]
