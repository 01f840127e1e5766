"""Logs go to stderr, in the asked form, with what they belong to, and never with a secret."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator

import pytest
import structlog

from lmbridge.observe.logging import bound, configure
from lmbridge.redaction import Redactor
from lmbridge.settings import Settings

SECRET = "correct-horse-battery"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Gives logging back to pytest as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)
    structlog.reset_defaults()


def logged(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def configured(**settings: object) -> io.StringIO:
    stream = io.StringIO()
    configure(Settings.model_validate({"log_format": "json", **settings}), {"DB_PASSWORD": SECRET}, stream=stream)
    return stream


async def test_lines_of_concurrent_runs_say_to_which_run_round_and_server_they_belong() -> None:
    stream = configured()
    log = structlog.get_logger("lmbridge.test")

    async def work(run: str) -> None:
        with bound(run=run, round=1, server="files"):
            await asyncio.sleep(0)
            log.info("called")

    await asyncio.gather(work("r-1"), work("r-2"))
    log.info("outside")
    lines = logged(stream)
    assert [(line.get("run"), line.get("round"), line.get("server")) for line in lines] == [
        ("r-1", 1, "files"),
        ("r-2", 1, "files"),
        (None, None, None),
    ]
    assert {line["logger"] for line in lines} == {"lmbridge.test"}


def test_secrets_are_taken_out_wherever_they_stand() -> None:
    stream = configured(api_token="sk-lm-topsecret:1234567890")
    log = structlog.get_logger("x")
    log.warning(SECRET, deep={"list": [f"a {SECRET} b"]}, other=ValueError(SECRET), key={SECRET: 1})
    log.info("headers", authorization="Bearer abcdefghijkl", token="sk-lm-topsecret:1234567890")
    logging.getLogger("library").error("failed with %s", SECRET, extra={"more": SECRET})
    try:
        raise RuntimeError(f"refused {SECRET}")
    except RuntimeError:
        log.exception("crashed")
    text = stream.getvalue()
    for secret in (SECRET, "topsecret", "abcdefghijkl"):
        assert secret not in text
    assert "‹secret:DB_PASSWORD›" in text
    assert "‹secret:LM_API_TOKEN›" in text
    assert "Traceback" in text


def test_other_libraries_and_warnings_are_logged_in_the_same_form() -> None:
    stream = configured()
    logging.getLogger("some.library").warning("old style %d", 5)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("deprecated thing", stacklevel=1)
    first, second = logged(stream)
    assert (first["event"], first["level"], first["logger"]) == ("old style 5", "warning", "some.library")
    assert "deprecated thing" in str(second["event"])


def test_what_is_below_the_level_is_left_out_and_chatty_libraries_are_quiet() -> None:
    stream = configured(log_level="info")
    structlog.get_logger("x").debug("no")
    logging.getLogger("mcp.server").info("no")
    logging.getLogger("mcp.server").warning("yes")
    assert [line["event"] for line in logged(stream)] == ["yes"]


def test_the_console_form_is_for_people() -> None:
    stream = io.StringIO()
    configure(Settings(log_format="console"), stream=stream)
    structlog.get_logger("x").info("server_started", server="files")
    assert "server_started" in stream.getvalue()
    assert "server=files" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_nothing_reaches_stdout() -> None:
    script = (
        "import structlog, logging, warnings\n"
        "from lmbridge.observe.logging import configure\n"
        "from lmbridge.settings import Settings\n"
        "configure(Settings())\n"
        "structlog.get_logger('a').error('to stderr')\n"
        "logging.getLogger('b').error('to stderr')\n"
        "warnings.warn('to stderr')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == ""
    assert done.stderr.count("to stderr") >= 3


FLOOD = """
import sys, structlog
from lmbridge.observe.logging import configure
from lmbridge.settings import Settings
configure(Settings())
for number in range(3000):
    structlog.get_logger("flood").error("line", number=number, more="x" * (9000 if number % 100 == 0 else 100))
    if number == 2990:
        print("still at work", flush=True)
        sys.stdin.readline()
"""


def test_a_client_that_does_not_read_stderr_does_not_stop_the_work() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", FLOOD], text=True, **pipes) as process:
        assert process.stdout
        assert process.stdin
        assert process.stderr
        assert process.stdout.readline() == "still at work\n"
        early = process.stderr.read(60_000)
        process.stdin.write("\n")
        process.stdin.flush()
        late = process.stderr.read()
    assert "number=0" in early
    assert "lines were dropped: nobody read them" in late
    assert "number=2999" in late


def test_a_redactor_knows_a_value_in_every_spelling_and_leaves_short_ones_alone() -> None:
    value = 'a"b\\c d/ü-123'
    redactor = Redactor({"KEY": value, "SHORT": "1234567"})
    spellings = [
        value,
        json.dumps(value),
        json.dumps(json.dumps({"k": value})),
        repr(value),
        "a%22b%5Cc%20d%2F%C3%BC-123",
    ]
    for spelling in spellings:
        assert "123" not in redactor.text(spelling), spelling
        assert "‹secret:KEY›" in redactor.text(spelling)
    assert redactor.text("1234567") == "1234567"


def test_a_longer_secret_is_not_cut_by_a_shorter_one_and_later_ones_count_too() -> None:
    redactor = Redactor({"A": "abcdefgh"})
    redactor.add({"B": "abcdefgh-ijkl"})
    assert redactor.text("abcdefgh-ijkl abcdefgh") == "‹secret:B› ‹secret:A›"


_PREFIXES = ["ghp", "gho", "ghs", "github_pat", "xoxa", "xoxb", "xoxp", "hf", "sk-ant", "sk-proj"]


@pytest.mark.parametrize("head", [f"{prefix}{mark}" for prefix in _PREFIXES for mark in "_-"])
def test_every_kind_of_token_is_taken_out_wherever_it_stands(head: str) -> None:
    token = f"{head}A1b2C3d4E5f6G7h8"
    assert Redactor().text(f"with={token}, he said") == "with=‹secret:token›, he said"


@pytest.mark.parametrize("text", ["Authorization: Bearer {}", "key {}", "bearer {}\nBearer {}"])
def test_tokens_of_the_backend_and_in_headers_are_taken_out(text: str) -> None:
    token = "sk-lm-AbCd1234:efgh"
    assert "AbCd" not in Redactor().text(text.replace("{}", token))


def test_ordinary_text_is_unchanged() -> None:
    text = "The bearer of news said sk- and ghp_ and hf_x."
    assert Redactor({}).text(text) == text


def test_lines_for_people_hold_nothing_that_steers_a_terminal() -> None:
    steers = "ev\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202eil"
    stream = io.StringIO()
    configure(Settings(), stream=stream)
    try:
        raise ValueError(f"raised {steers}")
    except ValueError:
        structlog.get_logger("one").exception(f"told {steers}", name=steers)
    logging.getLogger("other").warning("quoted %s", steers)
    assert not set("\x1b\x07\x9b\u202e") & set(stream.getvalue())
    for word in ("raised", "told", "quoted"):
        assert f"{word} ev31mil" in stream.getvalue()
