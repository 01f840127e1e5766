"""What tells two lists apart."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.compared import misnamed, partly_said, told

LIST = "- raincoat\n- Torch\n- charger\n\n- sunscreen\n"


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("torch\nraincoat", "Only in list.txt: charger; sunscreen.\nOnly in packed.txt: nothing.\nIn both: 2 lines."),
        (
            "1. raincoat\n2. hat",
            "Only in list.txt: Torch; charger; sunscreen.\nOnly in packed.txt: hat.\nIn both: 1 lines.",
        ),
        (
            "[x] raincoat\n[ ] torch\ncharger\nsunscreen",
            "Only in list.txt: nothing.\nOnly in packed.txt: nothing.\nIn both: 4 lines.",
        ),
        ("other\nthings", ""),
        ("", ""),
        ("raincoat\n" + "\n".join(f"thing {n}" for n in range(30)), ""),
    ],
)
def test_what_stands_in_one_of_two_files_alone(second: str, said: str) -> None:
    assert told([("/trip/list.txt", LIST), ("/trip/packed.txt", second)]) == said


def test_files_of_one_name_are_told_by_their_places_and_other_numbers_of_files_not_at_all() -> None:
    assert told([("/a/x.txt", "one\ntwo"), ("/b/x.txt", "two")]).startswith("Only in /a/x.txt: one.")
    assert told([("/a/x.txt", "one")]) == ""
    assert told([("/a/x.txt", "one"), ("/a/x.txt", "one")]) == ""
    assert told([(f"/{n}.txt", "one") for n in range(3)]) == ""


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        ("The charger is still missing.", "sunscreen"),
        ("Charger and sunscreen.", ""),
        ("They are the same.", ""),
        ("charger is in the one, hat in the other", ""),
    ],
)
def test_an_answer_that_names_some_of_what_stands_in_one_alone_leaves_the_rest_out(answer: str, lost: str) -> None:
    assert partly_said(answer, [("/trip/list.txt", LIST), ("/trip/packed.txt", "torch\nraincoat\nhat")])[1] == lost


def test_the_line_with_which_a_server_puts_its_place_above_a_text_is_none_of_it() -> None:
    def page(name: str, holds: int) -> tuple[str, str]:
        place = f"http://h.test/{name}.html"
        return place, f"Contents of {place}:\nWelcome.\n\n* has a bar\n* holds up to {holds} people"

    assert told([page("east", 766), page("north", 493)]) == (
        "Only in east.html: holds up to 766 people.\nOnly in north.html: holds up to 493 people.\nIn both: 2 lines."
    )


INVITED = "name,table\nJonas Rossi,1\nGreta Okafor,2\nViktor Meier,1\nMilan Keller,2\nHugo Brandt,1\n"
REPLIES = "name,coming\nGreta Okafor,no\nMilan Keller,yes\nJonas Rossi,yes\n"
BOTH_SIDES = "Only in invited.csv (name): Viktor Meier; Hugo Brandt.\nOnly in replies.csv (name): nothing.\nIn both: 3."


def pair(one: str, other: str) -> list[tuple[str, str]]:
    return [("/w/invited.csv", one), ("/w/replies.csv", other)]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (INVITED, REPLIES, BOTH_SIDES),
        (INVITED, REPLIES.replace(",", ";").replace("name", "Name"), BOTH_SIDES.replace("replies.csv (name)", "replies.csv (Name)")),
        (INVITED, "guest,coming\nKELLER MILAN,yes\n\"Okafor, Greta\",no\njonas rossi,yes\n", BOTH_SIDES.replace("replies.csv (name)", "replies.csv (guest)")),
        (INVITED, "| name | coming |\n|---|---|\n| Greta Okafor | no |\n| Milan Keller | yes |\n| Jonas Rossi | no |\n", BOTH_SIDES),
        (INVITED, '[{"name": "Greta Okafor", "n": 1}, {"name": "Milan Keller", "n": 2}, {"name": "Jonas Rossi", "n": 2}]', BOTH_SIDES),
        (INVITED, '{"replies": [{"name": "Greta Okafor"}, {"name": "Milan Keller"}, {"name": "Jonas Rossi"}]}', BOTH_SIDES),
        (INVITED, "- Greta Okafor\n- Milan Keller\n- Jonas Rossi\n", BOTH_SIDES.replace("replies.csv (name)", "replies.csv")),
        (INVITED, REPLIES + "Jonas Rossi,no\n", BOTH_SIDES),  # who answered twice
        (INVITED, "name,coming\nMilan Keller,yes\n", "Only in invited.csv (name): Jonas Rossi; Greta Okafor; Viktor Meier; Hugo Brandt.\nOnly in replies.csv (name): nothing.\nIn both: 1."),
        ("id,article,price\n1,saw,12\n2,drill,80\n3,file,7\n", "id,article,sold\n1,drill,2\n2,saw,5\n3,hammer,4\n", "Only in invited.csv (article): file.\nOnly in replies.csv (article): hammer.\nIn both: 2."),
        ("sku,price\n100,12\n200,80\n300,7\n", "sku,sold\n100,4\n300,4\n", "Only in invited.csv (sku): 200.\nOnly in replies.csv (sku): nothing.\nIn both: 2."),
        # ids that only count the rows have nothing to do with each other
        ("id,city\n1,Bern\n2,Genf\n3,Chur\n", "id,animal\n1,cat\n2,dog\n4,cow\n", ""),
        ("city,size\nBern,12\nGenf,80\nChur,7\n", "animal,legs\ncat,4\ndog,4\nhen,2\n", ""),
        (INVITED, "Dear all,\nthe wedding is in May.\n", ""),
    ],
)  # fmt: skip
def test_rows_are_compared_by_the_column_that_names_them(one: str, other: str, said: str) -> None:
    assert told(pair(one, other)) == said


def test_names_in_another_order_that_mean_two_of_one_file_are_left_as_they_stand() -> None:
    one = "name,table\nThomas Martin,1\nMartin Thomas,2\nAda Beck,3\n"
    other = "name,coming\nThomas Martin,yes\nAda Beck,no\nLea Roth,no\n"
    assert told(pair(one, other)).splitlines()[0] == "Only in invited.csv (name): Martin Thomas."


def test_tables_of_the_same_columns_are_compared_line_by_line() -> None:
    one, other = "article,price\nsaw,12\ndrill,80\nfile,7\n", "article,price\nsaw,12\ndrill,90\nfile,7\n"
    assert told(pair(one, other)) == "Only in invited.csv: drill,80.\nOnly in replies.csv: drill,90.\nIn both: 3 lines."


ASKED = "invited.csv has all the guests and replies.csv those who've answered, who do i still have to call?"


@pytest.mark.parametrize(
    ("answer", "task", "wrong"),
    [
        ("Jonas Rossi and Milan Keller.", ASKED, "Jonas Rossi"),
        ("Viktor Meier, Hugo Brandt, Milan Keller", ASKED, "Milan Keller"),
        ("The file is not a directory.", ASKED, ""),
        ("Jonas Rossi", "Wer aus invited.csv fehlt noch in replies.csv?", "Jonas Rossi"),
        ("Greta Okafor", "Qui est dans invited.csv et manque dans replies.csv ?", "Greta Okafor"),
        ("Greta Okafor", "¿Quién de invited.csv todavía no está en replies.csv?", "Greta Okafor"),
        ("Greta Okafor", "Chi di invited.csv manca ancora in replies.csv?", "Greta Okafor"),
        ("Greta Okafor", "Quem de invited.csv ainda falta em replies.csv?", "Greta Okafor"),
    ],
)  # fmt: skip
def test_an_answer_that_names_one_of_both_for_what_one_lacks_is_found(answer: str, task: str, wrong: str) -> None:
    said, named = misnamed(answer, task, pair(INVITED, REPLIES))
    assert (said.split(". ")[0].rstrip("."), named) == ("Only in invited.csv (name): Viktor Meier; Hugo Brandt", wrong)


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("Viktor Meier and Hugo Brandt.", ASKED),
        ("Meier, Viktor and Brandt Hugo.", ASKED),
        ("Jonas Rossi and Milan Keller have answered. Call Viktor Meier and Hugo Brandt.", ASKED),
        ("Viktor Meier and Hugo Brandt, but not Milan Keller", ASKED),
        ("Jonas Rossi and Milan Keller.", "who of invited.csv and replies.csv is coming?"),
        ("Greta Okafor", "invited.csv has the guests, replies.csv their answers: who is not coming?"),
        ("2", "invited.csv has the guests, replies.csv the answers: how many have not answered?"),
        ("They have other columns.", "Compare the heads of invited.csv and replies.csv."),
        ("Jonas Rossi", "Which guest of invited.csv at table 1 has still not called? replies.csv has the others."),
    ],
)
def test_other_answers_about_two_tables_are_not(answer: str, task: str) -> None:
    assert misnamed(answer, task, pair(INVITED, REPLIES)) == ("", "")


def test_an_answer_that_leaves_one_out_of_two_tables_leaves_it_out() -> None:
    assert partly_said("Call Hugo Brandt.", pair(INVITED, REPLIES))[1] == "Viktor Meier"
    assert misnamed("Hugo Brandt", ASKED, [("/a/x.txt", "one\ntwo"), ("/b/x.txt", "two")]) == ("", "")
