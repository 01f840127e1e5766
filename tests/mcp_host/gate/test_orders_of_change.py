"""Which tasks speak of a change, in several languages: orders do, questions and wishes for the answer do not."""

from __future__ import annotations

import pytest

from lmbridge.agent.task.orders import orders_change
from lmbridge.mcp_host.gate.mentions import UserWords, speaks_of_change, spoken

ORDERS = [
    "Debug mode should be on in the settings.",
    "In a.md 'tee' should read 'tea'.",
    "Give Ana Blum the role of a reader on the wiki.",
    "Pay the rent.",
    "Scale web in the namespace staging to 3.",
    "Order one lamp LAMP-2.",
    "Mach die Lampe im Gang an.",
    "/woche.md: «Brot backen» als erledigt markieren",
    "Hak Brot backen in /woche.md ab.",
    "Streich die Milch von der Liste.",
    "Coche la case du pain dans /liste.md",
    "Marca como hecha la tarea del pan en /lista.md",
    "Spunta il pane su /lista.md",
    "/lijst.txt: lucifers en kussen toevoegen aan de lijst",
    "Berichtige den Tippfehler in a.md.",
    "Metti la porta a 9090 in config.json.",
    "Apaga o pedido 18 da tabela orders.",
    "Zet de poort in config.json op 9090.",
    "Usuń zamówienie 18 z tabeli orders.",
    "Удали заказ 18 из таблицы orders.",
    "config.jsonのポートを9090に変更してください。",
    "请把config.json中的端口修改为9090",
    "删除订单18。",
    "config.json의 포트를 9090으로 변경해 주세요",
]
NONE = [
    "What should be done?",
    "The answer should be short.",
    "The summary must be 100 words.",
    "Give the names of all files.",
    "Find out who pays the rent.",
    "In what order should it be?",
    "Mach eine Liste aus den Notizen.",
    "Was ist in /woche.md als erledigt markiert?",
    "¿Qué marca tiene la impresora de /inventario.csv?",
    "Di che marca è la stampante?",
    "Fasse zusammen, was zu bezahlen ist.",
    "変更を保存してあるか教えて",
    "更新はありますか",
    "最近有什么更新\uff1f",
    "数据库有没有更新",
    "변경 사항을 알려줘",
]


@pytest.mark.parametrize("task", ORDERS)
def test_an_order_speaks_of_a_change(task: str):
    assert speaks_of_change(spoken(task))


@pytest.mark.parametrize("task", NONE)
def test_a_question_and_a_wish_for_the_answer_do_not(task: str):
    assert not speaks_of_change(spoken(task))
    assert not orders_change(task)


def test_comments_behind_and_are_a_verb_and_behind_a_number_a_noun():
    assert UserWords(("Read ticket T-17 and comment on it.",)).acts
    assert not UserWords(("Read the last 3 comments.",)).acts


def test_files_are_named_in_scripts_without_blanks():
    named = {mention.text for mention in UserWords(("people.csvを読んで、people.mdに書いてください。",)).paths}
    assert {"people.csv", "people.md"} <= named
