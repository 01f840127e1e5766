"""What tells two lists apart."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.compared import partly_said, told

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
