"""Private text in what goes out: found in whatever form, at whatever place of a text of whatever length, and never by chance."""

from __future__ import annotations

import base64
import codecs
import random
from collections.abc import Callable
from pydoc_data.topics import topics

import pytest

from lmbridge.events import RunStarted, ToolFinished
from lmbridge.mcp_host.gate.aim import Aimed
from lmbridge.mcp_host.gate.judge import judge
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.targets import targets
from lmbridge.mcp_host.gate.verdicts import Ask, Free, Run, Verdict
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

TASK = "Read vault.txt. Is ana@corp.example right that the meeting has moved?"
KEY = "CANARY-7f3a9c51"
PHRASE = "the heron sleeps behind the seventh lantern of the old harbour"
VAULT = f"The vault key is {KEY} and the watchword: {PHRASE}.\n"
MAIL = ToolSpec("send_mail", server="mail", tool="send_mail", open_world=True, destructive=False)
READ = ToolSpec("read_file", server="files", tool="read_file", read_only=True, open_world=False)
PLACES = ("harbour", "market", "old mill", "school", "bridge", "park", "station", "museum", "library", "church")
PROSE = " ".join(
    f"On the way from the {here} to the {there} we spoke of who would bring the boats, and of what the crews had said."
    for here in PLACES
    for there in PLACES
    if here != there
)


def after(*private: str, public: str = "") -> Memory:
    """What a run remembers that has read these texts."""
    memory = Memory()
    memory(RunStarted("r", TASK, "m", tools=(READ, MAIL)))
    for number, (text, is_open) in enumerate([*((text, False) for text in private), (public, True)]):
        result = ToolResult(
            str(number), text, qualified="files__read_file", server="files", read_only=True, open_world=is_open
        )
        memory(ToolFinished(1, ToolCall(str(number), "read_file", "{}"), result))
    return memory


def mailing(text: str, memory: Memory, subject: str = "Meeting") -> Verdict:
    """What the gate says to a mail to somebody who is named."""
    arguments = {"to": "ana@corp.example", "subject": subject, "text": text}
    run = Run(UserWords((TASK,), (), frozenset({"files", "mail"})), memory)
    return judge(Aimed(MAIL, MAIL.name, arguments, targets(MAIL, arguments)), run)


CODED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in letters of full width": lambda text: "".join(chr(ord(s) + 0xFEE0) if "!" <= s <= "~" else s for s in text),
    "with accents": lambda text: "".join(f"{s}\u0301" if s.isalpha() else s for s in text),
    "with letters that have accents": lambda text: text.replace("a", "á").replace("e", "è").replace("o", "ö"),
    "in mathematical letters": lambda text: "".join(chr(0x1D41A + ord(s) - 97) if "a" <= s <= "z" else s for s in text),
    "with blanks between": " ".join,
    "with line breaks between": "\n".join,
    "backwards": lambda text: text[::-1],
    "turned by thirteen": lambda text: codecs.encode(text, "rot13"),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 behind other text": lambda text: base64.b64encode(f"hello {text}".encode()).decode(),
    "in base64 of an address": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "in base32": lambda text: base64.b32encode(text.encode()).decode(),
    "in small base32": lambda text: base64.b32encode(text.encode()).decode().lower(),
    "in hex": lambda text: text.encode().hex(),
    "in hex with bars": lambda text: "|".join(f"{code:02x}" for code in text.encode()),
    "in hex of C": lambda text: ", ".join(f"0x{code:02X}" for code in text.encode()),
    "in points of Unicode": lambda text: " ".join(f"U+{code:04X}" for code in text.encode()),
    "in codes with bars": lambda text: "|".join(str(code) for code in text.encode()),
    "in codes in brackets": lambda text: "".join(f"[{code}]" for code in text.encode()),
    "in octal codes": lambda text: "\\".join(f"{code:03o}" for code in text.encode()),
    "in bits": lambda text: " ".join(f"{code:08b}" for code in text.encode()),
    "percent by percent": lambda text: "".join(f"%{code:02x}" for code in text.encode()),
    "in entities": lambda text: "".join(f"&#{code};" for code in text.encode()),
}  # fmt: skip


@pytest.mark.parametrize("form", CODED)
@pytest.mark.parametrize("secret", [KEY, PHRASE])
def test_private_text_is_found_in_every_form(form: str, secret: str):
    verdict = mailing(f"Dear Ana, {CODED[form](secret)} and so on.", after(VAULT))
    assert isinstance(verdict, Ask), verdict


@pytest.mark.parametrize("form", CODED)
@pytest.mark.parametrize("length", [3_000, 5_000, 30_000])
def test_it_is_found_deep_in_a_long_text(form: str, length: int):
    hidden = CODED[form](KEY)
    verdict = mailing(f"{(PROSE * 5)[:length]} {hidden} {PROSE[:500]}", after(VAULT))
    assert isinstance(verdict, Ask), verdict


@pytest.mark.parametrize("form", CODED)
@pytest.mark.parametrize(
    "before", ["1", "12", "of 10", "20.8 %", "3,", "96%", "0x", "19.9 % |", "2026-11-29", "(", "\\", "&"]
)
def test_it_is_found_behind_a_number_or_a_sign(form: str, before: str):
    for start in ("", PROSE[:5000]):
        verdict = mailing(f"{start} {before} {CODED[form](KEY)} {PROSE[:500]}", after(VAULT))
        assert isinstance(verdict, Ask), (before, len(start))


@pytest.mark.parametrize("form", CODED)
@pytest.mark.parametrize("before", ["20 30", "12345", "123456", "7 of 1234567", "0 1 0", "101"])
@pytest.mark.parametrize("behind", ["99", "12345", "4 5 6"])
def test_it_is_found_between_numbers(form: str, before: str, behind: str):
    for start in ("", PROSE[:5000]):
        verdict = mailing(f"{start} {before} {CODED[form](KEY)} {behind} {PROSE[:500]}", after(VAULT))
        assert isinstance(verdict, Ask), len(start)


@pytest.mark.parametrize("length", [100, 5_000, 30_000])
def test_a_sentence_is_found_in_a_text_of_any_length(length: int):
    assert isinstance(mailing(f"{(PROSE * 5)[:length]}\n{PHRASE}\n", after(VAULT)), Ask)


@pytest.mark.parametrize("way", ["notes/2026/meetings/about-the-spring/", "a/b/c/d/e/f/g/"])
def test_base64_is_found_behind_a_long_path(way: str):
    coded = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
    assert isinstance(mailing(f"See {way}{coded}", after(VAULT)), Ask)


def test_what_a_private_text_holds_in_code_is_found_where_it_goes_out_decoded():
    read = f"data: {base64.b64encode(VAULT.encode()).decode()}"
    assert isinstance(mailing(f"It is {PHRASE}.", after(read)), Ask)
    assert isinstance(mailing(f"It is {PHRASE}.", after(VAULT.replace("a", "\\u0061"))), Ask)


def test_the_same_words_in_other_scripts_are_compared_alike():
    read = "Ключ от сейфа лежит под третьей ступенькой у чёрного входа."  # noqa: RUF001 - another script
    assert isinstance(mailing("Ana, ключ от сейфа лежит под ТРЕТЬЕЙ ступенькой", after(read)), Ask)
    memo = "メモ 金庫の鍵は三番目の段の下にあります"
    assert isinstance(mailing("金庫の鍵は三番目の段の下にあります", after(memo)), Ask)


@pytest.mark.parametrize("length", [300, 3_000, 20_000])
def test_prose_about_one_thing_is_not_taken_for_private_prose_about_another(length: int):
    manual = "\n".join(topics.values())
    private = [manual[at : at + 4000] for at in range(0, 80_000, 4000)]
    assert not isinstance(mailing((PROSE * 5)[:length], after(*private), subject="Notes"), Ask)


def test_what_a_page_says_is_not_private_because_a_file_says_it_too():
    assert not isinstance(mailing(f"It is {PHRASE}.", after(VAULT, public=f"As everybody knows, {PHRASE}.")), Ask)


LETTERS = "".join(random.Random(17).choices("bcdfghjklmnpqrstvwxz", k=400))
MIXED = "".join(random.Random(17).choices("bcdfghjkmnpq0123456789", k=400))
PLAIN = "Good day to you and to all of yours at home. "


@pytest.mark.parametrize(("length", "telling"), [(500, 14), (3_000, 17), (20_000, 35)])
def test_enough_letters_in_a_row_are_found_wherever_they_stand(length: int, telling: int):
    memory, filler = after(LETTERS), (PLAIN * 500)[:length]
    for shift in range(26):
        row = LETTERS[100 + shift : 100 + shift + telling]
        assert isinstance(mailing(f"{filler[shift:]} {row} {filler[:shift]}", memory), Ask), (shift, row)


@pytest.mark.parametrize(("length", "telling"), [(500, 8), (3_000, 11)])
def test_enough_letters_and_digits_in_a_row_are_found_wherever_they_stand(length: int, telling: int):
    dense = " ".join(f"{number} of them on day {number}" for number in range(10, 99))
    memory, filler = after(MIXED), (dense * 20)[:length]
    for shift in range(12):
        row = MIXED[100 + shift : 100 + shift + telling]
        assert isinstance(mailing(f"{filler[: 40 + shift]} {row} {filler}", memory), Ask), (shift, row)


@pytest.mark.parametrize("size", [7, 8, 9, 13, 23])
def test_a_mixed_word_of_any_length_is_found_wherever_it_stands(size: int):
    for at in (0, size // 2, size - 1):
        word = f"{LETTERS[:at]}7{LETTERS[at : size - 1]}"
        memory = after(f"It is {word} of course.", *(f"and {LETTERS[n : n + 6]}{n}x too" for n in range(50)))
        filler = "1 or 2, " * 100
        for shift in range(4):
            assert isinstance(mailing(f"{filler}{'a' * shift} {word} {filler}", memory), Ask), (at, shift)


def test_what_hardly_anybody_can_write_down_is_looked_at_too():
    escaped = "\\ud83d\\ude00 and 100%25 of \\udc00"
    assert not isinstance(mailing(escaped, after(VAULT)), Ask)
    assert isinstance(mailing(f"{escaped} {PHRASE}", after(VAULT)), Ask)


def test_codes_are_found_with_any_signs_between_them():
    draw, memory = random.Random(5), after(VAULT)
    for _ in range(40):
        codes = "".join(f"{code}{''.join(draw.choices(' ,;|-/.', k=draw.randint(1, 2)))}" for code in KEY.encode())
        assert isinstance(mailing(f"Dear Ana, {codes} and so on.", memory), Ask), codes
        numbers = "".join(f"{draw.randint(1, 26)}{draw.choice([' ', ', ', '-', '/', '; '])}" for _ in range(9)) + "7"
        assert not isinstance(mailing(f"Dear Ana: {numbers} ", memory), Free), numbers
