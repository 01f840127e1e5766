"""A secret is replaced in every common form: encoded, in another case, by halves; and where it stands inside a longer value."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from lmbridge.mcp_host.config.configs import Configs
from lmbridge.redaction import Redactor, SecretFilter, without_tokens
from lmbridge.settings import Settings
from support.servers import write_config

SECRET = "s3cr3t-Value+9/abXY"
FORMS = {
    "plain": SECRET,
    "upper case": SECRET.upper(),
    "lower case": SECRET.lower(),
    "hex": SECRET.encode().hex(),
    "hex in capitals": SECRET.encode().hex().upper(),
    "percent": "".join(f"%{byte:02X}" for byte in SECRET.encode()),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64 one byte on": base64.b64encode(b"x" + SECRET.encode() + b"yz").decode(),
    "base64 two bytes on": base64.b64encode(b"user:"[:2] + SECRET.encode()).decode(),
    "basic credentials": base64.b64encode(f"user:{SECRET}".encode()).decode(),
    "its first half": SECRET[: len(SECRET) // 2],
    "its second half": SECRET[len(SECRET) // 2 :],
    "its first half in base64": base64.b64encode(SECRET[: len(SECRET) // 2].encode()).decode(),
    "base32": base64.b32encode(SECRET.encode()).decode(),
    "base32 behind three more bytes": base64.b32encode(b"id=" + SECRET.encode() + b";").decode(),
    "base64 of letters of two bytes": base64.b64encode(SECRET.encode("utf-16-le")).decode(),
    "its second half in hex": SECRET[len(SECRET) // 2 :].encode().hex(),
}
ESCAPED = {
    "every second sign in percent": "".join(f"%{ord(c):02X}" if n % 2 else c for n, c in enumerate(SECRET)),
    "as signs of a page": "".join(f"&#{ord(c)};" for c in SECRET),
    "as signs of a page in hex": "".join(f"&#x{ord(c):X};" for c in SECRET),
    "some signs as JSON escapes": "".join(f"\\u{ord(c):04x}" if n % 3 else c for n, c in enumerate(SECRET)),
    "in octal": "".join(f"\\{ord(c):03o}" for c in SECRET),
    "as a mail writes bytes": "=\n".join(f"={ord(c):02X}" for c in SECRET),
    "in two ways": "".join(f"%{ord(c):02x}" if n % 2 else f"\\x{ord(c):02x}" for n, c in enumerate(SECRET)),
}


@pytest.mark.parametrize("form", ESCAPED.values(), ids=ESCAPED)
def test_a_secret_is_replaced_however_its_signs_are_escaped(form: str):
    shown = SecretFilter([("KEY", SECRET)]).text(f"100% of \\n it &#9; {form} behind")
    assert shown == "100% of \\n it &#9; ‹secret:KEY› behind"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_replaced_in_every_form(form: str):
    shown = SecretFilter([("KEY", SECRET)]).text(f"before {form} behind")
    assert "‹secret:KEY›" in shown
    assert shown.startswith("before ")
    assert shown.endswith(" behind")
    assert form[4:-4] not in shown
    redactor = Redactor({"KEY": SECRET})
    assert redactor.suspects(f"before {form} behind".encode())
    assert form[4:-4] not in redactor.text(f"before {form} behind")


@pytest.mark.parametrize("between", ["-", ", ", '" + "', "'\n  '", "_"])
def test_a_secret_in_pieces_is_replaced(between: str):
    pieces = between.join(SECRET[n : n + 4] for n in range(0, len(SECRET), 4))
    assert SecretFilter([("KEY", SECRET)]).text(f"before {pieces} behind") == "before ‹secret:KEY› behind"


@pytest.mark.parametrize("text", ["", "an ordinary sentence", "s3cr3t", "value 9", "internal affairs", "INTERNATIONAL"])
def test_ordinary_words_stay(text: str):
    assert SecretFilter([("KEY", SECRET), ("WORD", "internal1")]).text(text) == text


INSIDE: list[tuple[dict[str, Any], str]] = [
    ({"env": {"DATABASE": "postgres://ana:p4ssw0rd-long@db/shop"}}, "p4ssw0rd-long"),
    ({"env": {"DATABASE": "postgres://ana:p%40ssw0rd-long@db/shop"}}, "p@ssw0rd-long"),
    ({"env": {"DB": "Server=db;User Id=ana;Password=p4ssw0rd-long;"}}, "p4ssw0rd-long"),
    ({"env": {"DB": "host=db user=ana password='p4ssw0rd long'"}}, "p4ssw0rd long"),
    ({"env": {"STORE": "AccountName=a;AccountKey=abcdEFGH1234/+==;"}}, "abcdEFGH1234/+=="),
    ({"env": {"STORE": "https://s.example/c?sp=rl&sig=abcdEFGH1234%3D"}}, "abcdEFGH1234="),
    ({"env": {"WEBHOOK_URL": "https://chat.example/services/T0/B0/abcdEFGH1234ijkl"}}, "abcdEFGH1234ijkl"),
    ({"args": ["https://hooks.chat.example/in/abcdEFGH1234ijkl"]}, "abcdEFGH1234ijkl"),
    ({"args": ["--dsn", "mysql://root:p4ssw0rd-long@db/x"]}, "p4ssw0rd-long"),
    ({"args": ["https://ghs-0123456789abcdef@example.com/repo.git"]}, "ghs-0123456789abcdef"),
    ({"args": ["https://example.com/?access_token=abcdef0123456789"]}, "abcdef0123456789"),
    ({"env": {"LOGINS": "machine api.corp.example login ben password Marder-30418p"}}, "Marder-30418p"),
]


@pytest.mark.parametrize(("entry", "secret"), INSIDE)
def test_credentials_inside_urls_and_connection_strings_are_secrets(tmp_path: Path, entry: dict[str, Any], secret: str):
    file = write_config(tmp_path, {"x": {"command": "run", **entry}})
    found = Configs(Settings(mcp_json_path=file, state_dir=tmp_path / "state")).current().get("x")
    assert secret in found.secrets.values()


TOKENS = [
    "sk-lm-abcdefgh:ABCDEFGH1234", "sk-proj-abcdefghij0123456789", "ghp_0123456789abcdefABCD", "glpat-0123456789abcdefABCD",
    "xoxb-0123456789-abcdefgh", "hf_abcdefgh12345678", "AKIA0123456789ABCDEF", "Bearer abcdefgh.ijklmnop", "bearer abcdefgh.ijklmnop",
]  # fmt: skip


OTHER_TOKENS = [
    "BEARER abcdefgh.ijklmnop", "github_pat_0123456789abcdefABCD", "hf-0123456789abcdefABCD", "npm_0123456789abcdefABCD",
    "pypi-0123456789abcdefABCD", "ASIA0123456789ABCDEF", "AIza0123456789abcdefghijABCDEFGHIJ012",
]  # fmt: skip


@pytest.mark.parametrize("token", [*TOKENS, *OTHER_TOKENS])
def test_one_list_of_well_known_tokens_serves_logs_errors_and_recordings(token: str):
    bare = token.split()[-1]
    assert bare not in without_tokens(f"is {token} here")
    assert bare not in Redactor().text(f"is {token} here")


@pytest.mark.parametrize(
    "token", [*TOKENS, *(f"gh{kind}_0123456789abcdefABCD" for kind in "pousr"), "ghs-0123456789abcdefAB", *OTHER_TOKENS]
)
@pytest.mark.parametrize("around", ["", "right through the night " * 40])
def test_a_line_with_such_a_token_is_suspected_however_long_it_is(token: str, around: str):
    assert Redactor().suspects(f"{around}{token} {around}".encode())
    assert not Redactor().suspects(f"{around}is here {around}".encode())


@pytest.mark.parametrize("text", ["sk-learn", "the risk-free rate", "task-list", "gh_pages", "a bearer of news"])
def test_words_that_begin_like_tokens_stay(text: str):
    assert without_tokens(text) == text


@pytest.mark.parametrize("secret", ["кодовое слово", "ΜΥΣΤΙΚΟΣ ΚΩΔΙΚΟΣ", "秘密の合言葉はここに", "!?#§$%&/()="])
def test_a_secret_without_an_ascii_letter_or_digit_is_replaced_and_noticed(secret: str):
    for shown in (
        secret,
        json.dumps(secret),
        quote(secret, safe=""),
        f"{secret}Σ",
        base64.b64encode(secret.encode()).decode(),
    ):
        redacted = Redactor({"KEY": secret}).text(f"before {shown} behind")
        assert redacted.startswith(("before ‹secret:KEY›", 'before "‹secret:KEY›'))
        assert Redactor({"KEY": secret}).suspects(f"before {shown} behind".encode())
