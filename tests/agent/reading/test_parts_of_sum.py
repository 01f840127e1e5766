"""A text of numbers that were read, where the task wants their sum written, is asked about with the sum."""

from __future__ import annotations

import pytest

from agent.loop.test_misfits_asked import reading, writing
from agent.loop.test_quotes import DONE, told
from lmbridge.agent.reading.forms import parts_of_sum
from lmbridge.events import ToolFinished

TASK = "Add the boxes in /spring.txt to those in /autumn.txt and write the sum, only the number, to /total.txt."
READ = ["20 boxes of bulbs", "33 boxes of candles"]


@pytest.mark.parametrize("text", ["20\n33", "20, 33\n", "20 + 33", "33; 20"])
@pytest.mark.parametrize(
    "task",
    [
        TASK,
        "Schreib die Summe der Kisten nach /total.txt.",
        "Écris la somme des cartons dans /total.txt.",
        "Escribe la suma de las cajas en /total.txt.",
        "Scrivi la somma delle scatole in /total.txt.",
        "Escreva a soma das caixas em /total.txt.",
        "/total.txt: total of the boxes",
    ],
)
def test_the_parts_of_a_sum_are_found(text: str, task: str) -> None:
    found = parts_of_sum(text, task, READ)
    assert found
    assert found.content == "53\n"
    assert "come to 53 together" in found.says


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("53", TASK),
        ("20\n33\n53", TASK),
        ("20", TASK),
        ("20 boxes\n33 boxes", TASK),
        ("20\n34", TASK),
        ("20,5\n33", TASK),
        ("20\n33", "Write how many boxes there are in /spring.txt and in /autumn.txt to /total.txt."),
        ("20\n33", "Write the total of each file to /total.txt."),
        ("20\n33", "Schreib beide Zahlen und die Summe nach /total.txt."),
        ("20\n33", "Write 20 and 33 into /total.txt; I work out the sum myself."),
        ("1" * 100_000 + "\n20", TASK),
        ("20\n" * 100_000, TASK),
    ],
    ids=lambda each: each[:20],
)
def test_other_texts_stand(text: str, task: str) -> None:
    assert parts_of_sum(text, task, READ) is None


async def test_it_is_asked_about_with_the_sum_before_it_is_written() -> None:
    calls = [
        {
            "wants": "change",
            "thought": "",
            "tool": "write_file",
            "arguments": {"path": "/total.txt", "content": content},
        }
        for content in ("20\n33", "53")
    ]
    tools = (reading("20 boxes of bulbs\n33 boxes of candles"), writing())
    task = "Write the sum of the boxes in /store.txt, only the number, to /total.txt."
    run, _ = await told(task, [*calls, DONE], *tools)
    refused = [fact.result.content for fact in run.all(ToolFinished) if fact.result.outcome == "rejected"]
    assert refused == [r'20, 33 come to 53 together. To write it so, make the call with this content: "53\n"']
    assert run.report.status == "done"
