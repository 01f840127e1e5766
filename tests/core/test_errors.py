"""The error tree: who can act, with a code, a hint and the fitting built-in."""

import builtins

import pytest

from lmbridge import errors


def every_error() -> list[type[errors.LmbridgeError]]:
    found, queue = [], [errors.LmbridgeError]
    while queue:
        cls = queue.pop()
        found.append(cls)
        queue += cls.__subclasses__()
    return found


CONTRACT_CODES = {
    "model_not_found", "model_not_usable", "model_changed", "model_load_failed", "llm_unreachable", "llm_timeout",
    "llm_rate_limited", "llm_protocol_error", "stream_interrupted", "llm_error", "context_overflow", "circuit_open",
    "mcp_config_invalid", "unknown_server", "server_start_failed", "server_lost", "server_auth_required", "settings_invalid",
    "invalid_arguments", "internal_error",
}  # fmt: skip


def test_the_codes_of_the_errors_are_just_those_of_the_contract():
    assert {cls.code for cls in every_error()} == CONTRACT_CODES


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        ("LLMTimeoutError", TimeoutError), ("LLMConnectionError", ConnectionError), ("ModelNotFoundError", LookupError),
        ("LLMValidationError", ValueError), ("UnknownServerError", LookupError), ("SettingsError", ValueError),
        ("InvalidArgumentsError", ValueError), ("ServerLostError", ConnectionError),
    ],
)  # fmt: skip
def test_errors_are_caught_by_the_fitting_built_in(cls: str, builtin: type[Exception]):
    assert issubclass(getattr(errors, cls), builtin)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, 0), ("cancelled", 130), ("settings_invalid", 2), ("invalid_arguments", 2), ("mcp_config_invalid", 2),
        ("unknown_server", 2), ("model_not_found", 2), ("model_not_usable", 2), ("llm_unreachable", 3), ("circuit_open", 3),
        ("server_start_failed", 4), ("server_lost", 4), ("server_auth_required", 4), ("internal_error", 1), ("llm_timeout", 1),
    ],
)  # fmt: skip
def test_exit_codes_follow_the_contract(code: str | None, expected: int):
    assert errors.exit_code(code) == expected


def test_a_nested_group_of_one_is_unwrapped_and_a_real_group_is_not():
    leaf = ValueError("x")
    assert errors.sole_error(ExceptionGroup("a", [ExceptionGroup("b", [leaf])])) is leaf
    group = ExceptionGroup("a", [leaf, KeyError("y")])
    assert errors.sole_error(group) is group


def test_a_foreign_error_becomes_an_internal_one_with_its_own_words():
    ours = errors.as_lmbridge_error(builtins.RuntimeError("boom"))
    assert (ours.code, "boom" in ours.message) == ("internal_error", True)


def test_a_line_holds_code_message_and_hint():
    assert (
        errors.ServerStartError("it broke", server="x", hint="mend it").as_line()
        == "server_start_failed: it broke — mend it"
    )
