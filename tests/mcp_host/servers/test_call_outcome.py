"""The decision table of a failed call: what it means, what becomes of the connection, and what is told."""

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED, INVALID_PARAMS

from lmbridge.errors import ServerLostError
from lmbridge.mcp_host.servers.call_outcome import after_failure
from lmbridge.mcp_host.servers.connection import HungError
from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.mcp_host.transport.requests import NOT_READING, NULL_ANSWER, TOO_LARGE, WRONG_ID

LOST = ServerLostError("Server 's' is gone.", server="s")
TABLE = [
    # the failure, whether the connection stands, hangs before; step, told as, outcome of a write, whether a read is repeated
    (LOST, False, 0, "await_end", None, "unknown", True),
    (LOST, True, 0, "go_on", None, "unknown", True),
    (HungError(), True, 0, "go_on", None, "unknown", False),
    (TimeoutError(), True, 0, "go_on", None, "unknown", False),
    (HungError(), True, 1, "leave", "server_lost", "unknown", False),
    (
        RefusedError("wants", sent=False, code="server_auth_required"),
        True,
        0,
        "leave",
        "server_auth_required",
        "error",
        False,
    ),
    (RefusedError("has forgotten", sent=False, repeat=True, fatal=True), True, 0, "leave", None, "error", True),
    (MCPError(NOT_READING, "does not read"), True, 0, "leave", "server_lost", "error", True),
    (MCPError(NULL_ANSWER, "null"), True, 0, "go_on", None, "unknown", False),
    (MCPError(TOO_LARGE, "large"), True, 0, "go_on", None, "unknown", False),
    (MCPError(WRONG_ID, "wrong"), True, 0, "go_on", None, "unknown", False),
    (MCPError(CONNECTION_CLOSED, "Connection closed"), True, 0, "go_on", None, "error", False),
    (MCPError(INVALID_PARAMS, "path"), True, 0, "go_on", None, "error", False),
    (RuntimeError("odd"), True, 0, "go_on", None, "unknown", False),
]


@pytest.mark.parametrize(("error", "alive", "hangs", "step", "told", "writing", "again"), TABLE)
def test_what_follows_from_a_failed_call(
    error: Exception, alive: bool, hangs: int, step: str, told: str | None, writing: str, again: bool
) -> None:
    decision = after_failure(error, server="s", alive=alive, hangs=hangs, timeout_s=3)
    assert (decision.step, decision.failure and decision.failure.code) == (step, told)
    assert decision.verdict.outcome(only_reads=False) == writing
    assert decision.verdict.may_repeat(only_reads=True) == again


def test_a_second_hang_in_a_row_starts_the_count_anew_and_any_other_failure_leaves_it() -> None:
    assert after_failure(HungError(), server="s", alive=True, hangs=0, timeout_s=3).hangs == 1
    assert after_failure(HungError(), server="s", alive=True, hangs=1, timeout_s=3).hangs == 0
    assert after_failure(LOST, server="s", alive=False, hangs=1, timeout_s=3).hangs == 1


def test_secrets_are_hidden_in_what_is_told() -> None:
    error = RefusedError("wants hush", sent=False, code="server_auth_required")
    decision = after_failure(
        error, server="s", alive=True, hangs=0, timeout_s=3, hide=lambda text: text.replace("hush", "***")
    )
    assert "hush" not in decision.verdict.text
    assert decision.failure is not None
    assert "hush" not in decision.failure.message
