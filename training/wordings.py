"""How tasks are asked for. `[a|b]` is a choice and may be nested; names in braces are filled in.

Names in capitals are choices that come often (`MACROS`). Held-out wordings serve the evaluation only: a
wording of the training that comes out like one of them is drawn again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
MACROS = {
    "{D}": "[directory |folder |the directory |the folder |dir |||||]{d}",
    "{F}": "[the file |file |the text file |||||]{p}",
    "{GET}": "[Read|Open|Look into]",
    "{SAVE}": "[write|save|put|store]",
    "{FIND}": "[Find|Search for|Locate|Look for]",
    "{MAKE}": "[Create|Make|Set up]",
    "{DIRECTORY}": "[directory|folder]",
}
LEADS = [
    "Please", "please", "Could you", "Can you", "I need you to", "Use the tools:", "Task:", "Would you", "Would you please",
    "I would like you to", "I want you to", "Go ahead and", "Now", "Next,", "First,", "Kindly", "Just", "Hi!", "Hello,",
    "Using the tools,", "With your tools,", "Quick one:", "Your task:", "You should", "Help me:", "Okay,", "So,",
]  # fmt: skip
WITHOUT_LEAD = (
    "What", "Which", "How", "Where", "In ", "It ", "When", "I ", "I'", "There", "Of ", "Please", "Somewhere", "/", "Number",
    "Under", "Is ", "Are ", "Do ", "Does ", "From", "At ", "Among", "For ", "Inside", "Below", "By ", "With", "If ", "Let",
)  # fmt: skip
TAILS = [
    "Use the tools.", "Thanks.", "Answer briefly.", "Please.", "Then tell me the result.", "Thank you!", "Keep it short.",
    "Give only the answer.", "Be brief.", "Do not explain.", "Say it in one line.", "Answer with the result only.",
    "That is all.", "Tell me when it is done.", "Confirm when you are done.", "Report what you did.", "Do it now.",
    "No explanation, please.", "Use the file tools.", "Be exact.", "Don't change anything else.", "I need it for a report.",
]  # fmt: skip
DONE = [", and say so", " and say so", " and tell me", " and confirm", ", then say that it is done", " and report back"]

TRAINED: dict[str, list[str]] = {
    "list": [
        "[List|Show|Show me|Print|Give me|Display|Get|Name] [the files in|the contents of|all files in|everything in|all entries of|all the files in|what is in] {D}",
        "What [is|files are|is there|do you find|lies|do we have] in {D}?", "Which files [are in|does one find in|lie in|are there in] {D}?", "ls {D}",
        "[List|list|Ls|dir] {D}", "[Look into|Open|Go to|Go into|Check] {D} and [tell me|say|list|report] what is [there|in it|inside]",
        "Which [files and folders|entries|things|items|files] does {D} [contain|hold|have]?", "What does {D} [contain|hold|have]?",
        "[List|Show] the [directory|folder] {d}", "[Give|Show] me [a|the] list[ing|] of [the files in|]{D}", "I [need|want] [a list of |to know ][the|all] files in {D}",
        "Tell me [which|what] files are in {D}", "What are the files in {D}?", "What's in {D}?", "Contents of {D}?", "In {D}, which files are there?",
        "[List|Show|Enumerate] [all|the] [files and folders|entries|items|names] [in|of|inside] {D}", "Let me see what {D} contains",
        "What do I have in {D}?", "Which names are in {D}?",
    ],
    "read": [
        "[Read|Show|Print|Show me|Give me|Display] [the contents of |the content of |the text of ||]{F}", "What does {F} say?", "cat {p}",
        "What is [written |]in {F}?", "[Read|Open] {F} and [tell me|say|quote] what [it says|is in it|is written there]", "What are the contents of {F}?",
        "[Quote|Repeat] [all of |the whole of |the whole |the full text of |]{F}", "[Read|Open] {F} [to me|aloud|for me]", "Tell me what [is|stands] in {F}",
        "I want to know what {F} says", "Let me read {F}", "Let me see {F}", "What do you read in {F}?", "I need the text of {F}",
    ],
    "count": [
        "How many {k} [files |]are [there |]in {D}?", "Count the {k} files in {D}", "How many {k} files does {D} [have|contain]?",
        "[Tell me|Say|Find out] how many {k} files [are|lie|there are] in {D}", "[What is the number|Number] of {k} files in {D}?",
        "[Give me|I want|I need|Tell me|Report|Get] the number of {k} files in {D}", "In {D}, how many files are {k} files?",
        "[Count|count] [how many|the|all|all the] {k} files [there are |]in {D}", "How many files [in {D} are {k} files|of type {k} are in {D}]?",
        "In {D}, [count the|how many are] {k} files[?|]", "How many files [ending in|with the extension] {k} [are|do you see|are there] in {D}?",
        "[Look|Go] into {D} and count the {k} files", "I [need|want] to know how many {k} files [are|lie] in {D}", "[Count|Number of] {k} [files |]in {D}",
        "What's the count of {k} files in {D}?", "Are there any {k} files in {D}? How many?", "How many {k} files do I have in {D}?",
    ],
    "line": [
        "[Read|Open] {F} and [tell me|quote|give me|show me|print|say|repeat] [its {o} line|line {n}|the {o} line|what line {n} says|what the {o} line is]",
        "What [is|does] [the {o} line of|line {n} of|line number {n} of] {F}[| say]?", "[Quote|Show|Print|Give me|Show me|Get] line {n} of {F}",
        "[Show|Give me|Quote|Print|Read me] the {o} line of {F}", "What is on line {n} [of|in] {F}?", "Which text is on the {o} line of {F}?",
        "[Read|read|Get|Fetch] line {n} [from|of|in] {F}", "In {F}, what does [line {n}|the {o} line] say?", "{F}: line {n}?",
        "What [stands|is written] [on|in] [line {n}|the {o} line] of {F}?", "I [need|want] [line {n}|the {o} line] of {F}", "Line {n} of {F}?",
        "[Go to|Jump to] line {n} of {F} and [quote|read] it", "From {F}, [quote|give me|read me] [line {n}|the {o} line]", "Quote the {o} line from {F}",
        "How does [line {n}|the {o} line] of {F} read?", "What's [line {n}|the {o} line] of {F}?", "Give me the text of line {n} in {F}",
        "Tell me what [line {n}|the {o} line] of {F} [says|is]", "[Open|Read] {F}. What is [line {n}|the {o} line]?",
    ],
    "key": [
        "What is [the value of|] [key |the key |setting |the setting |]{k} in {F}?", "What is {k} set to in {F}?", "Look up {k} in {F}",
        "[Read|Open] {F} and [tell me|give me|report|say] [the value of|what] {k}[| is]", "[Tell me|Find|Get|Report|Give me|Show me] the value of [the key ||]{k} [in|from] {F}",
        "Which value does {k} have in {F}?", "[In|According to|From] {F}, what is {k}?", "What does {F} [say|give] for {k}?",
        "What value [is given|is set|stands] for {k} in {F}?", "[Find|Get|Fetch|Look up|Tell me] {k} [from|in] {F}", "How is {k} set in {F}?", "{k} in {F}?",
        "I [need|want] [the value of |]{k} from {F}", "[Check|Look into] {F}: what is {k}?", "What's {k} in {F}?", "From {F}, [get|tell me] [the value of |]{k}",
        "In {F}, [look up|find] [the value of |]{k}", "[Read|Open] {F}. What is [the value of |]{k}?", "Tell me what {k} is [set to |]in {F}", "What is the {k} in {F}?",
    ],
    "search": [
        "[Find|Search for|Look for] [all |]files [named|called] {g} [in|under|below] {D}", "Where is {g} [in|under|below] {D}?",
        "[Find|Search for|Locate|Seek] {g} [in|under|somewhere under|anywhere in] {D}", "[Search|Look through] {D} for [the file |]{g}",
        "[Find|List] [all |every |]{e} files [under|below|anywhere under] {D}[| and its subfolders]",
        "[Search|Look through|Go through] {D} for [all |]{e} files", "In {D}, [find|search for] [all |]{e} files", "In {D}, where is {g}?",
        "[Search for|Find|Locate] [all |]{e} files [in|somewhere in|below] {D}", "Where are the {e} files [under|below|in] {D}?",
        "[Find|Search for|List] [all |][the |]files whose name[s|] contain[s|] {s} [in|under|below] {D}", "Which {e} files are [there |][under|below|somewhere in] {D}?",
        "[Search|Look through] {D} for files with {s} in [the|their] name", "Which files [under|below|in] {D} have {s} in their name?",
        "Where [under|below] {D} is [the file |]{g}?", "Is there a file [named|called] {g} [under|below|in] {D}? Where?", "I am looking for {g}, somewhere [under|in] {D}",
        "Search {D} for names [with|containing] {s}", "[Find|Get] the [path|paths] of [all |]{e} files [under|below] {D}", "What is the path of {g} [under|below] {D}?",
        "Tell me where {g} is [in|under] {D}", "Where can I find {g} [under|below|in] {D}?", "[Find|Search for] names containing {s} [in|under] {D}",
    ],
    "write": [
        "[Write|Save|Put|Store] [the text ||]{c} [to|into] {F}", "[Create|Make] [a file|the file|a new file|] {p} [containing|that says|with the content|with the contents|that contains|saying] {c}",
        "[Create|Write] {F} with [this|the following] [text|content]: {c}", "[Write|Save] {F} containing {c}", "Write the file {p} with the content {c}",
        "[Create|Make] {F} and [write|put] {c} [to|into|in] it", "Store {c} [in|as] {F}", "In {F}, write {c}", "Create {p} with the text {c}",
        "[Write|Save|Put] [the words|the line|the sentence|the message|the note|the string|this] {c} [to|into|in] {F}", "Write to {F}: {c}", "Save {c} [as|to] {F}",
        "Write a file {p} [that says|with|containing] {c}", "I [need|want] a file {p} [that says|with the text|containing] {c}", "{F} should [contain|say] {c}. Write it",
        "[Create|Make] a [new |]file at {p} [with|containing|that says] {c}", "Set the [content|text] of {F} to {c}", "Fill {F} with {c}", "[Note|Write down] {c} in {F}",
        "Put {c} in a new file {p}", "Add a new file {p} [with|containing] {c}", "A new file {p} [shall|should] say {c}", "Make [a|the] file {p} and fill it with {c}",
        "[Create|Make|Write] a new file [called|named] {p} [with the text|containing|that says] {c}", "Let the file {p} say {c}",
    ],
    "mkdir": [
        "[Create|Make|Add] [a|the|a new] [directory|folder|dir] {d}", "[Create|Make] {d}[| as a directory| as a folder]", "mkdir {d}", "I [need|want] a [directory|folder] {d}",
        "[Create|Make|Add] [a|the] [directory|folder] [named|called|at] {d}", "[Set up|Prepare] [a|the] [directory|folder] {d}", "There should be a [directory|folder] {d}. [Create|Make] it",
        "[Create|Make] an empty [directory|folder] {d}", "Make sure [that |]the [directory|folder] {d} exists",
        "I'd like a new [directory|folder] {d}", "A new [directory|folder] {d}, please", "Add {d} as a new [directory|folder]", "Have a [directory|folder] {d} made",
    ],
    "move": [
        "[Move|move|mv] [the file |file |]{p} to {q}", "[Rename|rename] [the file |]{p} to {q}", "[Move|Put] [the file |]{p} into [the folder |the directory |folder |]{e}",
        "In {d}, [move|rename] {f} to {g}", "[Rename|Change the name of] [the file |]{f} in {d} to {g}", "Take {p} and [move|put] it [into|in] {e}", "Bring {p} to {q}",
        "{p} [should go|belongs] into {e}. Move it", "{p} should be [called|named] {q}. Rename it", "Move {f} from {d} to [the folder |]{e}", "From {d}, move {f} into {e}",
        "Put {p} [into|in] [the folder |the directory |]{e}", "Rename {p} so that it is called {q}", "Give {p} the new name {q}", "Transfer {p} to [the folder |]{e}",
        "Let {p} become {q}", "I want {p} in [the folder |]{e}", "{p} shall be {q}", "Have {p} moved to [the folder |]{e}", "Send {f} in {d} to [the folder |]{e}",
    ],
    "mkdir_move": [
        "[Create|Make|Add] [a|the|a new] [directory|folder] {e} and [move|put] [the file |]{p} [into it|there|inside|in it]",
        "[Make|Create] [the folder|the directory|] {e}, then move [the file |]{p} [into it|there|to it]", "Make {e} and put {p} [in it|there]",
        "In {d}, [make|create] a [directory|folder] [named|called|] {x} and move {f} into it", "[Create|Make] a [directory|folder] {e} for {p} and move it there",
        "[Move|Put] {p} into a new [directory|folder] {e}", "In {d}, move {f} into a new [directory|folder] [named|called] {x}", "[Move|Put] {p} into {e}, which [has to be made first|does not exist yet]",
        "[Create|Make] a [directory|folder] [named|called|] {x} in {d} and move {f} [into it|there]", "First [make|create] {e}, then move {p} [into it|there]",
        "[Create|Make] [a|the] new [directory|folder] [called|named|] {x} [in|under] {d}[,| and] then move {f} there", "mkdir {e} and move {p} into it",
        "I [need|want] {p} in a new [folder|directory] {e}", "[Create|Make] the [directory|folder] {e}. Then move {p} into it", "[Create|Make] {e}; move {p} there",
        "After [making|creating] the [directory|folder] {e}, move {p} into it", "Move {f} in {d} into a new [folder|directory] {x}",
        "Add a [folder|directory] {e} and [put|move] {p} in it", "Have {p} moved to a new [folder|directory] {e}", "A new [folder|directory] {e} shall hold {p}: make it and move the file",
    ],
    "biggest": [
        "Which table [has|holds|contains] the [most|largest number of|highest number of] [rows|records|entries]?", "[Find|Tell me|Which is|Name|Show me|Give me] the table with the most [rows|records]",
        "Which table [in|of] the database [is the largest|has the most rows|has the most records|is the biggest|holds the most rows]?", "In the database, which table has the most [rows|records]?",
        "What is the [largest|biggest] table [in the database|by rows|by number of rows|]?", "Which table is [the |][largest|biggest|longest]?", "The [largest|biggest] table[ in the database|]?",
        "[Look at|Check|Open|Go through] the database and [tell me|say|report] which table [has the most rows|is the largest|is the biggest]", "What table has the most rows?",
        "Which [one |]of the tables has the most [rows|entries|records]?", "Where are the most rows: which table?", "[Count|Compare] the rows of all tables[ and tell me|: which is] the [largest|biggest][ one|]",
        "I [need|want] [to know |]the table with the most rows", "Among the tables, which has the most rows?", "Find [out which|the] table [that |][has|holds] the most rows",
        "In which table are the most [rows|records]?", "Say which of the tables [is the largest|has the highest number of rows]", "Of the tables, which is the [largest|biggest]?",
    ],
    "rows": [
        "How many rows [are in|does] [the table |table |]{t}[| have]?", "[Count|Tell me|Get] the [rows|number of rows] [in|of] [the table |table |]{t}",
        "How many [rows|records|entries] are [there |]in the {t} table?", "[Give me|Tell me|Report|What is|Find] the number of [rows|records] [in|of] [the table |]{t}", "Number of rows in {t}?",
        "How [large|big|long] is the table {t}?", "What's the row count of [the table |]{t}?", "I need the row count of {t}", "How many [records|entries] does [the table |]{t} [have|hold|contain]?",
        "How many rows [has|do you find in|do you see in|did you count in] [the table |]{t}?", "In [the table |]{t}, how many rows are there?", "Rows in {t}?",
    ],
    "tables": [
        "[List|Show|Name|Give me] [the|all] tables[| of the database| in the database]", "Which tables [are there|are in the database|does the database have|exist]?",
        "What tables [does the database [have|hold|contain]|are there|exist|are in the database]?", "What are the tables of the database?", "Show me [the|all|all the] tables", "What tables do we have?",
        "[Give|Show] me a list of the tables", "[Look at|Check] the database and [list|name] [its|the] tables", "I want to [see|know] the tables", "In the database, which tables are there?", "Tables?",
    ],
    "time": [
        "What time is it in {z}[| now| right now| at the moment]?", "What is the [current |local |]time in {z}?", "[Tell me|Give me|Get|Say|Show me|Find] the [current |local |]time in {z}",
        "[Current time|Time|Local time] in {z}?", "How late is it in {z}?", "What's the [current |]time in {z}?", "Which time is it in {z}?", "What does the clock say in {z}?",
        "[Look up|Check|Find out] [the time|what time it is] in {z}", "I need the [current |]time in {z}", "In {z}, what time is it?", "Do you know the time in {z}?", "What time do they have in {z}?",
        "What time is it [now |]for somebody in {z}?", "[Tell me|Say] how late it is in {z}", "For the time zone {z}, what time is it?",
        "What time [is it currently|is it just now|have they] in {z}?", "What is the time in {z} [right now|at this moment]?", "Please, the time in {z}",
    ],
    "convert": [
        "[Convert|convert] {h} [from|in] {z} to {y}[| time]", "What time is it in {y} when it is {h} in {z}?", "[Tell me|Find] what {h} in {z} is in {y}",
        "It is {h} in {z}. What time is [it|that] in {y}?", "What is {h} {z} [time |]in {y}?", "When it is {h} in {z}, what time is it in {y}?", "Translate {h} [from|in] {z} [to|into] {y} time",
        "If it is {h} in {z}, how late is it in {y}?", "At {h} in {z}, what time is it in {y}?", "{h} in {z}: what time is that in {y}?", "Change {h} {z} into {y} time", "How late is it in {y} at {h} in {z}?",
        "What's {h} in {z} in {y} time?",
        "Which time [is it|do they have] in {y} when it is {h} in {z}?", "For {h} in {z}, [tell me|give me] the time in {y}", "{h} in {z} is what time in {y}?",
    ],
}  # fmt: skip

HELD_OUT: dict[str, list[str]] = {
    "list": ["Tell me what is inside {D}", "I want to see the files of {D}", "What can be found in {D}?"],
    "read": ["Tell me what {F} says", "I want to read {F}"],
    "count": ["How many files of the kind {k} does {D} hold?", "Please find the number of {k} files in {D}", "There are how many {k} files in {D}?"],
    "line": ["Look at {F} and quote line {n}", "Please tell me line {n} of {F}", "What does the {o} line in {F} say?"],
    "key": ["Open {F} and look up the value of {k}", "What value has {k} in {F}?", "Please report what {k} is in {F}"],
    "search": ["Please find the file {g} in {D}", "Look for {e} files under {D}", "Find files with {s} in the name under {D}"],
    "write": ["Please write {c} into a new file {p}", "Make the file {p} with the text {c}", "Put the text {c} in {F}"],
    "mkdir": ["Please make the new folder {d}", "Let there be a folder {d}"],
    "move": ["Please move the file {p} into {e}", "Move {p} so that it becomes {q}", "Let {p} move to the folder {e}"],
    "mkdir_move": ["Make a new folder {e} and put {p} into it", "In {d}, create the folder {x} and then move {f} into it"],
    "biggest": ["Of all tables in the database, which has the most rows?", "Tell me which table has the largest number of rows"],
    "rows": ["Tell me how many rows the table {t} has", "How many rows can be found in {t}?"],
    "tables": ["Tell me which tables the database has", "Of which tables does the database consist?"],
    "time": ["Please tell me what time it is in {z}", "What is the time now in {z}?"],
    "convert": ["Please convert {h} in {z} to the time in {y}", "Which time in {y} is {h} in {z}?"],
}  # fmt: skip


def expand(pattern: str, rng: random.Random) -> str:
    """Decide every choice of a pattern."""
    pattern = _spelt_out(pattern)
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda found: rng.choice(found.group(1).split("|")), pattern)
    return _tidied(pattern)


def _spelt_out(pattern: str) -> str:
    for macro, meaning in MACROS.items():
        pattern = pattern.replace(macro, meaning)
    return pattern


def _tidied(text: str) -> str:
    return re.sub(r"  +", " ", text).replace(" ?", "?").replace(" ,", ",").replace(" :", ":").strip()


def _expansions(pattern: str) -> Iterator[str]:
    """Every text that a pattern can become."""
    found = _CHOICE.search(pattern)
    if found is None:
        yield pattern
        return
    for choice in found.group(1).split("|"):
        yield from _expansions(pattern[: found.start()] + choice + pattern[found.end() :])


def _plain(text: str) -> str:
    return text.lower().removeprefix("please ").rstrip("?.")


@cache
def _kept_apart(patterns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_plain(_tidied(text)) for pattern in patterns for text in _expansions(_spelt_out(pattern)))


def drawn(trained: list[str], held_out: list[str], rng: random.Random, *, evaluation: bool) -> str:
    """A wording, not yet filled in: a held-out one for the evaluation, else one that is like none of those."""
    if evaluation:
        return expand(rng.choice(held_out), rng)
    while True:
        text = expand(rng.choice(trained), rng)
        if _plain(text) not in _kept_apart(tuple(held_out)):
            return text


def quoted(name: str, rng: random.Random) -> str:
    """The name as it is, or in quotation marks."""
    return rng.choice(["{}", "{}", "{}", "{}", "{}", "'{}'", '"{}"', "`{}`"]).format(name)


def finish(text: str, rng: random.Random, *, acts: bool = False) -> str:
    """Politeness before, punctuation and a tail after; for a task that acts, now and then the wish to be told."""
    if rng.random() < 0.35 and not text.startswith(WITHOUT_LEAD) and text[0].isalpha():
        lead = rng.choice(LEADS)
        text = f"{lead} {text[0].lower() + text[1:] if rng.random() < 0.9 else text}"
    if acts and text[-1] not in "?." and rng.random() < 0.2:
        text += rng.choice(DONE)
    tail = f" {rng.choice(TAILS)}" if rng.random() < 0.35 else ""
    if text[-1] not in "?.":
        text += "." if tail or rng.random() < 0.5 else ""
    return text + tail
