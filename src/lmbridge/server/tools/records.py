"""What can be looked at without a backend: runs and servers. Looking never starts the embedded engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from lmbridge.settings import Settings

if TYPE_CHECKING:  # none of it is needed for the first answers
    from lmbridge.agent.handle import RunHandle
    from lmbridge.agent.mapping import MapHandle
    from lmbridge.map.records import MapRecords
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.observe.journal.journal import Journals


class Records(Protocol):
    """Runs in this process, runs on disk, and the servers configured; an open bridge is one."""

    @property
    def runs(self) -> Mapping[str, RunHandle]:
        """The runs of this process by id."""
        ...

    @property
    def journals(self) -> Journals:
        """The runs on disk."""
        ...

    @property
    def maps(self) -> MapRecords:
        """What is kept of maps."""
        ...

    @property
    def mapping(self) -> Mapping[str, MapHandle]:
        """The maps of this process by id."""
        ...

    @property
    def configs(self) -> Configs:
        """Where servers are configured."""
        ...


class Unopened:
    """The records while no bridge is open, in which time this process has no runs.

    Args:
        settings: Say where journals and configurations are.
        at: The address under which this process serves MCP, which is never a server to use.
    """

    def __init__(self, settings: Settings, *, at: str | None = None) -> None:
        self._settings = settings
        self._at = at
        self.runs: Mapping[str, RunHandle] = {}
        self.mapping: Mapping[str, MapHandle] = {}

    @cached_property
    def journals(self) -> Journals:
        """The runs on disk."""
        from lmbridge.observe.journal.journal import Journals

        return Journals(
            self._settings.state_dir / "runs", days=self._settings.journal_days, mib=self._settings.journal_mib
        )

    @cached_property
    def maps(self) -> MapRecords:
        """What is kept of maps."""
        from lmbridge.map.records import MapRecords

        return MapRecords(self._settings.state_dir / "maps", days=self._settings.journal_days)

    @cached_property
    def configs(self) -> Configs:
        """Where servers are configured."""
        from lmbridge.mcp_host.config.configs import Configs

        configs = Configs(self._settings)
        if self._at:
            configs.serve_at(self._at)
        return configs
