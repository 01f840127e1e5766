"""What a call says beside what the task says, of which a result may be the only source: amounts, actions, parts, commands, other things. Pure.

A task that says "pay 400 francs to Blum" names the receiver and speaks of a change; so 4000 francs would be free by target
and verb alone. Each rule here only ever has a call told, never asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lmbridge.llm.dialects.quotation import words_in as words_of_text
from lmbridge.mcp_host.gate import addresses
from lmbridge.mcp_host.gate.aim import Aimed, words_in
from lmbridge.mcp_host.gate.mentions import UserWords, stem
from lmbridge.mcp_host.gate.rules.beyond import RIGHTS
from lmbridge.mcp_host.gate.rules.spoken import is_spoken
from lmbridge.mcp_host.gate.rules.which_one import is_listed
from lmbridge.mcp_host.gate.targets import COMMAND, CONTENT, Leaf, is_time, leaves_of
from lmbridge.mcp_host.gate.verdicts import Run
from lmbridge.text import both_ends

_AMOUNTS = frozenset({
    "amount", "sum", "total", "price", "quantity", "qty", "copies", "replicas", "units", "shares", "percent", "discount", "rate", "n", "times", "betrag", "montant", "importe",
})  # fmt: skip
_NUMBER = re.compile(r"\d(?:[\d ,.'’\u00a0\u202f]*\d)?")
_NUMBER_WORDS = {
    word: float(number)
    for number, words in enumerate((
        "zero no none null", "a an one once single ein eine einen eins un une uno una", "two twice zwei deux dos due dois pair both", "three drei trois tres tre três", "four vier quatre cuatro quattro quatro",
        "five fünf cinq cinco cinque", "six sechs seis sei", "seven sieben sept siete sette sete", "eight acht huit ocho otto oito", "nine neun neuf nueve nove", "ten zehn dix diez dieci dez",
        "eleven elf onze once undici", "twelve dozen zwölf dutzend douze doce dodici doze",
    ))
    for word in words.split()
}  # fmt: skip
_SCALES = (1, 100, 1000)
"""Parts in which amounts are given: cents, milligrams."""
_ACTIONS = frozenset({"action", "operation", "op", "do", "service", "verb", "subcommand", "effect", "transition"})
_LATER = frozenset({
    "job", "jobs", "cron", "crontab", "schedule", "scheduled", "task", "tasks", "timer", "trigger", "automation", "alias", "hook", "startup", "workflow", "pipeline", "autostart", "watch",
})  # fmt: skip
_KEPT = frozenset({
    "remember", "memory", "memories", "memorize", "observation", "observations", "entities", "knowledge", "recall", "preference", "preferences", "instruction", "instructions", "rule", "rules", "lesson", "lessons",
    "config", "configuration", "setting", "settings", "remote", "env", "variable", "variables", "profile",
})  # fmt: skip
_WHOLE = frozenset({"all", "whole", "entire", "every", "series", "everyone", "everybody", "everywhere", "global", "globally"})  # fmt: skip
_HOW_MUCH = frozenset({"scope", "audience", "extent", "occurrence", "occurrences", "instances", "applies", "apply"})
_SPEAKS_OF_ALL = re.compile(
    r"(?i)\b(?:all|whole|entire\w*|every\w*|each|series|recurring|global\w*|complete\w*|alle[mnrs]?|ganze\w*|jede[mnrs]?|serie|tou[ts]\w*|entier\w*|chaque|série|todo\w*|todas?|cada|tutt[ioae]|intero)\b"
)
_REPEATING = frozenset({"every", "recurrence", "recurring", "repeat", "repeats", "frequency", "rrule"})
_SPEAKS_OF_REPEATING = re.compile(
    r"(?i)\b(?:every|each|daily|weekly|monthly|yearly|hourly|nightly|repeat\w*|recurr\w*|regular\w*|standing|series|jede[mnrs]?|täglich|wöchentlich|monatlich|jährlich|dauerauftrag|wiederhol\w*"
    r"|chaque|tous les|toutes les|quotidien\w*|hebdo\w*|mensuel\w*|cada|todos los|diari\w*|semanal\w*|mensual\w*|ogni|mensil\w*)\b"
)
_PLACES = frozenset(
    {"ship", "shipping", "delivery", "deliver", "billing", "address", "recipient", "receiver", "payee", "to"}
)
"""Words in the names of arguments that say in parts where something goes."""
_TOKEN = re.compile(r"[\w.-]{3,}")
_NAME = re.compile(r"(?<=[^.!?:;\n] )[A-ZÀ-ÖØ-Þ][\w'’-]+")
_LONGEST, _MOST = 60, 100
_SHORTEST_WORD, _SHORTEST_STEM = 3, 4


def beside(order: Aimed, run: Run) -> str | None:
    """Why a call that changes what the task names, as it asks, is worth a word all the same; None where it is not.

    Args:
        order: The call.
        run: What is known of its run.
    """
    tool, said = order.spec.qualified, run.said
    leaves = list(leaves_of(order.arguments))[:_MOST]
    if other := _other_amount(leaves, said):
        return f"{tool} was given {both_ends(other)}, and the task says another number"
    if action := _unsaid_action(leaves, run):
        return f"{tool} was told to {both_ends(action)}, of which a result speaks and the task does not"
    if _means_all(order, leaves) and not _SPEAKS_OF_ALL.search(said.text):
        return f"{tool} was aimed at all of it, of which the task does not speak"
    if any(leaf.own & _REPEATING and leaf.text.strip() for leaf in leaves) and not _SPEAKS_OF_REPEATING.search(
        said.text
    ):
        return f"{tool} was told to do it again and again, of which the task does not speak"
    if right := _unsaid_right(order, leaves, run):
        return f"{tool} gives {both_ends(right)}, of which a result speaks and the task does not"
    if part := next(_unsaid_parts(order.arguments, run), None):
        return f"{tool} also sets {both_ends(part)}, of which the task says nothing"
    if place := _unsaid_place(order.arguments, run):
        return f"{tool} goes to {both_ends(place)}, of which a result speaks and the task does not"
    if day := _unsaid_day(leaves, run):
        return f"{tool} was given {both_ends(day)}, which a result says and the task does not"
    if _is_for_later(order) and _is_unsaid_command(leaves, said):
        return f"{tool} was given a command to run later that the task does not name"
    if kept := _kept_address(order, said):
        return f"{tool} keeps {both_ends(kept)} for later, which the task does not name"
    return None


def is_another(order: Aimed, run: Run) -> bool:
    """Whether the task names somebody or something, and a call is aimed at what only a result names."""
    names = [name for name in (*order.targets.recipients, *order.targets.names) if _is_name(name)]
    if not names or any(is_spoken(name, run.said) for name in names):
        return False
    return bool(_NAME.search(run.said.text)) and any(_is_read(name, run) for name in names)


def _is_name(text: str) -> bool:
    return text[:1].isupper() and any(map(str.isalpha, text)) and len(text) >= _SHORTEST_WORD


def _is_read(value: str, run: Run) -> bool:
    """Whether all words of a value stand in one result."""
    words = words_of_text(value)
    return bool(words) and any(words <= words_of_text(text) for text in run.memory.shown.latest)


def _other_amount(leaves: list[Leaf], said: UserWords) -> str | None:
    """An amount where the task says numbers, and this is none of them."""
    known = _numbers(said.text)
    if not any(character.isdigit() for character in said.text) and len(known) < 2:
        return None
    for leaf in leaves:
        if leaf.own & _AMOUNTS and (number := _number(leaf.text)) is not None:
            alike = (known_one * scale for known_one in known for scale in _SCALES)
            if not any(abs(abs(number) - each) < 0.005 for each in alike):
                return leaf.text.strip()
    return None


@lru_cache(maxsize=64)
def _numbers(text: str) -> tuple[float, ...]:
    found = (_number(each) for each in _NUMBER.findall(text))
    words = (_NUMBER_WORDS.get(word) for word in re.findall(r"[^\W\d_]+", text.casefold()))
    parts = (float(each) for each in re.findall(r"\d+", text) if len(each) < 16)
    return tuple({each for each in (*found, *words, *parts) if each is not None})


def _number(text: str) -> float | None:
    """A number as people write it: `4'000.50`, `4.000,50`."""
    plain = re.sub(r"[ '’\u00a0\u202f]", "", text.strip())
    if not re.fullmatch(r"-?\d[\d.,]*", plain):
        return None
    whole, _, rest = plain.replace(",", ".").rpartition(".")
    decimal = whole and len(rest) != 3
    try:
        return float(f"{whole.replace('.', '')}.{rest}" if decimal else plain.replace(",", "").replace(".", ""))
    except ValueError:
        return None


def _unsaid_action(leaves: list[Leaf], run: Run) -> str | None:
    """What a call is told to do, in a word that a result has and the task does not."""
    for leaf in leaves:
        if leaf.is_one_of(_ACTIONS) and not leaf.number and 0 < len(leaf.text) <= _LONGEST:
            words = [word for word in words_in(leaf.text) if len(word) >= _SHORTEST_WORD]
            if words and not any(_speaks_of(word, run.said) for word in words) and _is_read(leaf.text, run):
                return leaf.text.strip()
    return None


def _speaks_of(word: str, said: UserWords) -> bool:
    """Whether a task has a word in some form: `comment` where it says commented."""
    root = stem(word)[: max(_SHORTEST_STEM, len(word) - 2)]
    return any(each.startswith(root) for each in said.words)


def _means_all(order: Aimed, leaves: list[Leaf]) -> bool:
    for key, value in order.arguments.items():
        if value is True and not _WHOLE.isdisjoint(words_in(str(key))):
            return True
    return any(
        leaf.own & _HOW_MUCH and not leaf.number and not _WHOLE.isdisjoint(words_in(leaf.text[:_LONGEST]))
        for leaf in leaves
    )


def _unsaid_parts(arguments: Mapping[str, Any], run: Run) -> Iterator[str]:
    """Fields of an object of which another one is said: a number, an account, an address that only a result says."""
    for fields in _objects(list(arguments.values())):
        texts = {str(key): str(value) for key, value in fields.items() if isinstance(value, str | int | float)}
        if len(texts) > 1 and any(_is_value(value) and is_spoken(value, run.said) for value in texts.values()):
            for key, value in texts.items():
                unsaid = _is_telling(value) and not is_spoken(value, run.said) and not _names_field(key, run.said)
                if unsaid and _is_read(value, run):
                    yield f"{key}: {value}"


def _unsaid_right(order: Aimed, leaves: list[Leaf], run: Run) -> str | None:
    """A role, or what it is for, that only a result says."""
    if RIGHTS.isdisjoint(words_in(order.spec.tool or order.spec.name)):
        return None
    texts = (leaf.text.strip() for leaf in leaves if not leaf.number and not leaf.is_one_of(CONTENT))
    unsaid = (text for text in texts if _is_value(text) and not is_spoken(text, run.said))
    return next(
        (
            text
            for text in unsaid
            if _is_read(text, run) and not (any(map(str.isdigit, text)) and is_listed(text, order, run))
        ),
        None,
    )


def _unsaid_place(arguments: Mapping[str, Any], run: Run) -> str | None:
    """Where something is to go, given in parts, of which the task says none and a result one."""
    for key, value in arguments.items():
        if isinstance(value, Mapping) and not _PLACES.isdisjoint(words_in(str(key))):
            texts = [leaf.text.strip() for leaf in leaves_of(value) if _is_value(leaf.text.strip())]
            if not any(is_spoken(text, run.said) for text in texts):
                return next((text for text in texts if _is_read(text, run)), None)
    return None


def _objects(values: list[Any]) -> Iterator[Mapping[str, Any]]:
    stack = list(values)
    while stack:
        current = stack.pop()
        if isinstance(current, Mapping):
            yield current
            stack += current.values()
        elif isinstance(current, list | tuple):
            stack += current


def _is_value(text: str) -> bool:
    return _SHORTEST_WORD <= len(text) <= _LONGEST


def _is_telling(text: str) -> bool:
    """Whether a value is a number, an account, an address or a key, and no word of prose."""
    return _is_value(text) and " " not in text.strip() and bool(re.search(r"[\d@]", text))


def _names_field(key: str, said: UserWords) -> bool:
    words = [word for word in words_in(key) if len(word) >= _SHORTEST_WORD]
    return any(_speaks_of(word, said) for word in words)


def _unsaid_day(leaves: list[Leaf], run: Run) -> str | None:
    """A day or a time that a result says, where the task speaks of another one in its own words."""
    texts = (leaf.text.strip() for leaf in leaves if not leaf.is_one_of(CONTENT))
    return next(
        (text for text in texts if is_time(text) and not is_spoken(text, run.said) and _is_read(text, run)), None
    )


def _is_for_later(order: Aimed) -> bool:
    return not _LATER.isdisjoint(words_in(order.spec.tool or order.spec.name))


def _is_unsaid_command(leaves: list[Leaf], said: UserWords) -> bool:
    """Whether a command holds none of the programs that the task names, or none of its words where it names none."""
    commands = [leaf.text for leaf in leaves if leaf.is_one_of(COMMAND) and not leaf.number and leaf.text.strip()]
    if not commands:
        return False
    text = " ".join(commands).casefold()
    programs = [name for mention in said.paths if "." in (name := mention.text.rpartition("/")[2])]
    if any(name.casefold() in text for name in programs):
        return False
    known = [token for token in _TOKEN.findall(text) if said.has_words(token)]
    return not known if not programs else len(known) < 2


def _addresses_in(text: str) -> tuple[addresses.Destination, ...]:
    return addresses.of_value(text) or addresses.in_text(text)


def _kept_address(order: Aimed, said: UserWords) -> str | None:
    """An address in what is kept for later runs, which are told it as if the user had said so."""
    words = {*words_in(order.spec.tool or order.spec.name), *words_in(order.spec.server)}
    if words.isdisjoint(_KEPT):
        return None
    texts = (leaf.text for leaf in leaves_of(order.arguments) if "." in leaf.text or leaf.own & CONTENT)
    found = (address for text in texts for address in _addresses_in(text[:20_000]))
    return next((address.shown for address in found if not said.names_host(address)), None)
