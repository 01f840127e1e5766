"""What the demo model takes, and what is refused rather than answered with nonsense."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest

from lmbridge.engine.demo.scope import WORDS, outside

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))
import wordings
import wordings_multi
from names import Names
from tasks_multi import FAMILIES


@pytest.mark.parametrize("task", ["List the files in /project/notes.", "Which files are in /project?", "How many .csv files are in /tmp/data?", "Which table has the most rows?", "What time is it in Europe/Paris?", "What time is it in New York?", "What is the value of region in /tmp/app.conf?", 'Write the text "a haiku about spring" to /tmp/x.txt.', "Search for *.log files in /tmp.", "List the tables.", "Make a directory /a/b and move /a/x.txt into it.", "Read /a/b.txt and quote line 3.", "Convert 9:00 in Europe/Zurich to Asia/Tokyo", "How many rows are in orders?"])  # fmt: skip
def test_a_task_of_its_kinds_is_inside(task: str):
    assert not outside(task)


@pytest.mark.parametrize("task", ["Write a haiku about spring.", "Summarise /p/notes.md.", "What is the capital of France?", "Fix the bug in app.py", "Translate /p/notes.md into German.", "Who wrote the notes?", "Read the notes in /project/notes and list every TODO in them.", "Send a mail to ana@corp.example", "Say hello in French.", "Delete /p/a.txt", "How many lines has /p/a.txt?", "Which file is the largest in /p?", "What is 2+2?", "Refactor src/main.py to use async", "Remember that Ada likes tea.", "Explain what /p/a.py does", "Compare /p/a.txt and /p/b.txt", "Add up the numbers in /p/a.csv", "Read every file in /p and tell me which mentions Ada", "Commit my changes", "What is the weather in Paris?", "Set order 17 to paid", "Fetch https://example.com and sum it up", "Count the words in /p/a.txt", "Correct the typos in /p/notes.md.", "Sort the lines of /p/a.txt", "Replace foo by bar in /p/a.txt", "Write a summary of /p/a.txt to /p/b.txt", "Create a Python script /p/x.py that prints primes", "Was steht in /p/a.txt?", "", "Hello"])  # fmt: skip
def test_another_task_is_outside(task: str):
    assert outside(task)


def test_every_word_of_the_wordings_that_it_was_trained_on_is_known():
    patterns = [
        each for family in (wordings.TRAINED, wordings_multi.TRAINED) for texts in family.values() for each in texts
    ]
    patterns += wordings.LEADS + wordings.DONE + list(wordings.MACROS.values())
    words = {word.lower() for text in patterns for word in re.findall(r"[A-Za-z']+", re.sub(r"\{\w+\}", " ", text))}
    assert words <= WORDS


@pytest.mark.parametrize("held_out", [False, True])
def test_nearly_all_tasks_of_its_training_and_of_its_evaluation_are_inside(held_out: bool):
    prompts = [
        make(Names(random.Random(seed), held_out=held_out)).prompt for make in FAMILIES.values() for seed in range(20)
    ]
    assert sum(map(outside, prompts)) <= 0.03 * len(prompts)
