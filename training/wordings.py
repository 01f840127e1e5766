"""How tasks are asked for. `[a|b]` is a choice; names in braces are filled in. Held-out wordings serve the evaluation only."""

from __future__ import annotations

import random
import re

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
D = "[directory |folder ||]{d}"
F = "[the file |file |||]{p}"
POLITE = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "Please ",
    "Could you ",
    "Can you ",
    "I need you to ",
    "Use the tools: ",
    "Task: ",
]
NO_PLEASE = (
    "What",
    "Which",
    "How",
    "Where",
    "In ",
    "It ",
    "When",
    "I ",
    "There",
    "Of all",
    "Please",
    "Somewhere",
    "/",
    "Number",
)
TAILS = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    " Use the tools.",
    " Thanks.",
    " Answer briefly.",
    " Please.",
    " Then tell me the result.",
]

TRAINED: dict[str, list[str]] = {
    "list": [
        f"[List|Show|Show me|Print|Give me] [the files in|the contents of|all files in|everything in|all entries of] {D}",
        f"What [is|files are|is there|do you find] in {D}?", f"Which files [are in|does one find in] {D}?", f"ls {D}",
        f"[List|list] {D}", f"[Look into|Open] {D} and [tell me|say] what is [there|in it]",
        f"Which [files and folders|entries|things] does {D} [contain|hold|have]?", f"What does {D} contain?",
    ],
    "count": [
        f"How many {{k}} [files |]are [there |]in {D}?", f"Count the {{k}} files in {D}", f"How many {{k}} files does {D} [have|contain|hold]?",
        f"[Tell me|Say|Find out] how many {{k}} files [are|lie] in {D}", f"[What is the number|Number] of {{k}} files in {D}?",
        f"[Give me|I want] the number of {{k}} files in {D}", f"In {D}, how many files are {{k}} files?",
        f"[Count|count] [how many|the] {{k}} files [there are |]in {D}",
    ],
    "line": [
        f"[Read|Open] {F} and [tell me|quote|give me|show me|print] [its {{o}} line|line {{n}}|the {{o}} line]",
        f"What [is|does] [the {{o}} line of|line {{n}} of|line number {{n}} of] {F}[| say]?", f"[Quote|Show|Print|Give me] line {{n}} of {F}",
        f"[Show|Give me|Quote] the {{o}} line of {F}", f"What is on line {{n}} [of|in] {F}?", f"Which text is on the {{o}} line of {F}?",
        f"[Read|read] line {{n}} [from|of] {F}", f"In {F}, what does [line {{n}}|the {{o}} line] say?", f"{F}: line {{n}}?",
    ],
    "key": [
        f"What is [the value of|] [key |the key |setting |]{{k}} in {F}?", f"What is {{k}} set to in {F}?", f"Look up {{k}} in {F}",
        f"[Read|Open] {F} and [tell me|give me|report] [the value of|] {{k}}", f"[Tell me|Find|Get|Report] the value of {{k}} [in|from] {F}",
        f"Which value does {{k}} have in {F}?", f"[In|According to] {F}, what is {{k}}?", f"What does {F} [say for|give for] {{k}}?",
    ],
    "search": [
        f"[Find|Search for|Look for] [all |]files [named|called] {{g}} [in|under|below] {D}", f"Where is {{g}} [in|under|below] {D}?",
        f"[Find|Search for|Locate] {{g}} [in|under|somewhere under] {D}", f"[Search|Look through] {D} for {{g}}",
        f"[Find|List] [all |every |]{{e}} files [under|below|anywhere under] {D}[| and its subfolders]",
        f"[Search|Look through] {D} for [all |]{{e}} files",
        f"[Search for|Find] [all |]{{e}} files in {D}", f"Where are the {{e}} files [under|below] {D}?",
        f"[Find|Search for] [all |]files whose name contains {{s}} [in|under|below] {D}",
        f"[Search|Look through] {D} for files with {{s}} in [the|their] name", f"Which files under {D} have {{s}} in their name?",
    ],
    "write": [
        f"[Write|Save|Put] [the text |]{{c}} [to|into|in] {F}", "[Create|Make] [a file|the file|a new file|] {p} [with the text|containing|that says|with the content|with the contents] {c}",
        f"[Create|Write] {F} with [this|the following] [text|content]: {{c}}", f"[Write|Save] {F} containing {{c}}",
        f"[Create|Make] {F} and write {{c}} [to|into] it", f"Store {{c}} in {F}",
    ],
    "mkdir": ["[Create|Make|Add] [a|the|a new] [directory|folder] {d}", "[Create|Make] {d}[| as a directory]", "mkdir {d}"],
    "move": [
        "[Move|move] [the file |]{p} to {q}", "[Rename|rename] {p} to {q}", "[Move|Put] {p} into [the folder |the directory |]{e}",
        "In {d}, [move|rename] {f} to {g}",
    ],
    "mkdir_move": [
        "[Create|Make] [a|the|a new] [directory|folder] {e} and move {p} [into it|there]",
        "[Make|Create] [the folder|the directory|] {e}, then move [the file |]{p} [into it|there|to it]",
        "In {d}, [make|create] a [directory|folder] [named|called|] {x} and move {f} into it",
        "[Move|Put] {p} into a new [directory|folder] {e}", "In {d}, move {f} into a new [directory|folder] [named|called] {x}",
        "[Create|Make] a [directory|folder] [named|called|] {x} in {d} and move {f} [into it|there]",
    ],
    "biggest": [
        "Which table [has|holds|contains] the most rows?", "[Find|Tell me|Which is] the table with the most rows",
        "Which table [in|of] the database [is the largest|has the most rows|has the most records|is the biggest]?",
        "What is the [largest|biggest] table [in the database|by rows|by number of rows|]?", "Which table is [largest|biggest]?",
        "Look at the database and [tell me|say] which table has the most rows",
    ],
    "rows": [
        "How many rows [are in|does] [the table |table |]{t}[| have]?", "Count the rows [in|of] [the table |table |]{t}",
        "How many [rows|records|entries] are in the {t} table?", "[Give me|Tell me] the number of rows [in|of] {t}",
    ],
    "tables": ["[List|Show] [the|all] tables", "Which tables [are there|are in the database|does the database have|exist]?", "What tables does the database [have|hold|contain]?"],
    "time": [
        "What time is it in {z}[| now| right now]?", "What is the [current |]time in {z}?", "[Tell me|Give me|Get] the [current |]time in {z}",
        "[Current time|Time] in {z}?", "How late is it in {z}?", "What's the time in {z}?",
    ],
    "convert": [
        "[Convert|convert] {h} [from|in] {z} to {y}[| time]", "What time is it in {y} when it is {h} in {z}?",
        "It is {h} in {z}. What time is [it|that] in {y}?", "What is {h} {z} [time |]in {y}?", "When it is {h} in {z}, what time is it in {y}?",
    ],
}  # fmt: skip

HELD_OUT: dict[str, list[str]] = {
    "list": [f"Tell me what is inside {D}", f"I want to see the files of {D}", f"What can be found in {D}?"],
    "count": [f"How many files of the kind {{k}} does {D} hold?", f"Please find the number of {{k}} files in {D}", f"There are how many {{k}} files in {D}?"],
    "line": [f"Look at {F} and quote line {{n}}", f"Please tell me line {{n}} of {F}", f"What does the {{o}} line in {F} say?"],
    "key": [f"Open {F} and look up the value of {{k}}", f"What value has {{k}} in {F}?", f"Please report what {{k}} is in {F}"],
    "search": [f"Please find the file {{g}} in {D}", f"Look for {{e}} files under {D}", f"Find files with {{s}} in the name under {D}"],
    "write": ["Please write {c} into a new file {p}", "Make the file {p} with the text {c}", f"Put the text {{c}} in {F}"],
    "mkdir": ["Please make the new folder {d}"],
    "move": ["Please move the file {p} into {e}", "Move {p} so that it becomes {q}"],
    "mkdir_move": ["Make a new folder {e} and put {p} into it", "In {d}, create the folder {x} and then move {f} into it"],
    "biggest": ["Of all tables in the database, which has the most rows?", "Tell me which table has the largest number of rows"],
    "rows": ["Tell me how many rows the table {t} has"],
    "tables": ["Tell me which tables the database has"],
    "time": ["Please tell me what time it is in {z}", "What is the time now in {z}?"],
    "convert": ["Please convert {h} in {z} to the time in {y}"],
}  # fmt: skip


def expand(pattern: str, rng: random.Random) -> str:
    """Decide every choice of a pattern."""
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda found: rng.choice(found.group(1).split("|")), pattern)
    return re.sub(r"  +", " ", pattern).replace(" ?", "?").strip()


def quoted(name: str, rng: random.Random) -> str:
    """The name as it is, or in quotation marks."""
    return rng.choice(["{}", "{}", "{}", "{}", "{}", "'{}'", '"{}"', "`{}`"]).format(name)


def finish(text: str, rng: random.Random) -> str:
    """Politeness before, punctuation and a tail after."""
    start = rng.choice(POLITE)
    if start and start[-2] != ":" and not text.startswith(NO_PLEASE):
        text = start + text[0].lower() + text[1:]
    tail = rng.choice(TAILS)
    if text[-1] not in "?.":
        text += "." if tail or rng.random() < 0.5 else ""
    return text + tail
