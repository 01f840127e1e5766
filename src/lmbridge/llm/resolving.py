"""Names to addresses: `localhost` is this machine (RFC 6761, 6.3) and costs no thread and no name server."""

from __future__ import annotations

import socket

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult

_LOOPBACK = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))
"""LM Studio and llama.cpp bind to the first."""


class LoopbackFirst(AbstractResolver):
    """Knows `localhost`; asks the system for everything else."""

    def __init__(self) -> None:
        self._others: AbstractResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host."""
        if host.lower().rstrip(".") == "localhost":
            return [_known(host, address, port, kind) for address, kind in _LOOPBACK if family in {0, kind}]
        self._others = self._others or DefaultResolver()
        return await self._others.resolve(host, port, family)

    async def close(self) -> None:
        """Gives the system's resolver back."""
        if self._others is not None:
            await self._others.close()


def _known(host: str, address: str, port: int, family: socket.AddressFamily) -> ResolveResult:
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
