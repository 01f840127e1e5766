"""Conditions among rows: read out of a task, tied to a column, and the rows that fulfil them held against what is said."""

from __future__ import annotations

import json

import pytest

from lmbridge.agent.reading.conditions.asked import condition_of
from lmbridge.agent.reading.conditions.cells import is_a_page
from lmbridge.agent.reading.conditions.chosen import Picked, picked
from lmbridge.agent.reading.conditions.held import both, off, text_off

HOTELS = "# Hotels\nKrone: 98 francs\nBellevue: 145 francs\nAdler: 110 francs\nPost: 120 francs\n"
RECIPES = "recipe,minutes,servings\nLasagne,75,6\nRisotto,35,4\nOmelette,12,2\nCurry,25,4\nStew,120,6"
INVOICES = json.dumps(
    [{"number": f"R-{n}", "customer": who, "amount": amount, "year": 2024} for n, who, amount in ((301, "Meier", 480.5), (302, "Rossi", 512.0), (303, "Dubois", 1250.75), (304, "Silva", 500))]
)  # fmt: skip
FLIGHTS = "flight,to,departs,arrives\nLX318,London,07:15,08:05\nLX404,Madrid,12:00,14:20\nLX776,Oslo,11:40,13:55\nLX90,Boston,17:05,19:10"
MEMBERS = "name,joined,age\nAda,2015,34\nBo Lind,2019,28\nCleo,2021,61\nDan,2018,45"
PRODUCTS = "[{'id': 11, 'product': 'Bolt', 'stock': 40, 'price': 0.5}, {'id': 14, 'product': 'Hinge', 'stock': 3, 'price': 4.2}, {'id': 17, 'product': 'Lock', 'stock': 0, 'price': 31.0}, {'id': 25, 'product': 'Nail', 'stock': 5, 'price': 0.1}]"
FILES = "[FILE] clip.mp4    12.30 KB\n[FILE] note.txt    986 B\n[FILE] song.mp3    2.00 MB\n[DIR] old"
LOANS = "title;due;pages\nDune;2024-02-28;412\nEmma;2024-03-01;380\nIvanhoe;2024-03-15;544\nUlysses;2023-12-30;730"


def rows(task: str, text: str, of: str = "", *, complete: bool = True) -> Picked | None:
    condition = condition_of(task)
    return picked(condition, text, [of], complete=complete) if condition else None


def names(task: str, text: str) -> list[str] | None:
    found = rows(task, text)
    return [row.name for row in found.fitting] if found else None


@pytest.mark.parametrize(
    ("task", "text", "right"),
    [
        ("Which hotels in /home/hotels.txt are below 120 francs?", HOTELS, ["Krone", "Adler"]),
        ("Which hotels in /hotels.txt cost at most 120 francs?", HOTELS, ["Krone", "Adler", "Post"]),
        ("Welche Hotels in /hotels.txt kosten weniger als 120 Franken?", HOTELS, ["Krone", "Adler"]),
        ("Welche Hotels in /hotels.txt gibt es bis 120 Franken?", HOTELS, ["Krone", "Adler", "Post"]),
        ("Quels hôtels de /hotels.txt coûtent moins de 120 francs ?", HOTELS, ["Krone", "Adler"]),
        ("¿Qué hoteles de /hotels.txt cuestan menos de 120 francos?", HOTELS, ["Krone", "Adler"]),
        ("Quali hotel di /hotels.txt costano al massimo 120 franchi?", HOTELS, ["Krone", "Adler", "Post"]),
        ("Quais hotéis de /hotels.txt custam menos de 120 francos?", HOTELS, ["Krone", "Adler"]),
        ("Which hotels in /hotels.txt cost 110 francs or more?", HOTELS, ["Bellevue", "Adler", "Post"]),
        ("Which hotels in /hotels.txt are between 100 and 130 francs?", HOTELS, ["Adler", "Post"]),
        ("Which hotels in /hotels.txt are under CHF 100.-?", HOTELS, ["Krone"]),
        ("Which hotels in /hotels.txt are below 50 francs?", HOTELS, []),
        ("List the recipes in /recipes.csv that take less than 30 minutes.", RECIPES, ["Omelette", "Curry"]),
        ("List the recipes in /recipes.csv that take no more than 35 minutes.", RECIPES, ["Risotto", "Omelette", "Curry"]),
        ("Welche Rezepte in /recipes.csv dauern über eine Stunde?", RECIPES, ["Lasagne", "Stew"]),
        ("Quelles recettes de /recipes.csv prennent moins d'une demi-heure ?", RECIPES, ["Omelette", "Curry"]),
        ("Which recipes in /recipes.csv have at least 6 servings?", RECIPES, ["Lasagne", "Stew"]),
        ("Welche Rechnungen in /r.json sind über 500 Euro?", INVOICES, ["R-302", "R-303"]),
        ("Quelles factures de /r.json sont supérieures à 500 euros ?", INVOICES, ["R-302", "R-303"]),
        ("¿Qué facturas de /r.json son de 500 euros o más?", INVOICES, ["R-302", "R-303", "R-304"]),
        ("Quali fatture di /r.json superano i 500 euro?", INVOICES, ["R-302", "R-303"]),
        ("Quais faturas de /r.json são superiores a 1.000 euros?", INVOICES, ["R-303"]),
        ("Which invoices in /r.json are over 1'000 euros?", INVOICES, ["R-303"]),
        ("List the invoices of at least 500 in /invoices.json", INVOICES, ["R-302", "R-303", "R-304"]),
        ("Which flights in /flights.csv leave before noon?", FLIGHTS, ["LX318", "LX776"]),
        ("Which flights in /flights.csv arrive after 2 pm?", FLIGHTS, ["LX404", "LX90"]),
        ("Welche Flüge in /flights.csv fliegen vor 12 Uhr ab?", FLIGHTS, ["LX318", "LX776"]),
        ("Welche Abflüge in /flights.csv sind ab 12 Uhr? Abflug zählt.", FLIGHTS, None),
        ("Quels vols de /flights.csv partent avant midi ?", FLIGHTS, ["LX318", "LX776"]),
        ("¿Qué vuelos de /flights.csv salen después de las 12:00?", FLIGHTS, ["LX90"]),
        ("Quali voli di /flights.csv partono prima di mezzogiorno?", FLIGHTS, ["LX318", "LX776"]),
        ("Quais voos de /flights.csv chegam depois das 14h?", FLIGHTS, ["LX404", "LX90"]),
        ("Which members in /members.csv joined in 2019 or later?", MEMBERS, ["Bo Lind", "Cleo"]),
        ("Which members in /members.csv joined before 2019?", MEMBERS, ["Ada", "Dan"]),
        ("Which members in /members.csv are older than 40?", MEMBERS, ["Cleo", "Dan"]),
        ("Welche Mitglieder in /members.csv sind seit 2019 dabei?", MEMBERS, ["Bo Lind", "Cleo"]),
        ("Welche Mitglieder in /members.csv sind jünger als 35?", MEMBERS, ["Ada", "Bo Lind"]),
        ("Quels membres de /members.csv ont plus de 40 ans ?", MEMBERS, ["Cleo", "Dan"]),
        ("Which products have stock under 5?", PRODUCTS, ["Hinge", "Lock"]),
        ("Welche Produkte haben einen Bestand unter 5?", PRODUCTS, ["Hinge", "Lock"]),
        ("Quais produtos têm estoque abaixo de 5?", PRODUCTS, ["Hinge", "Lock"]),
        ("Which products are cheaper than 1?", PRODUCTS, ["Bolt", "Nail"]),
        ("Which files in /media are bigger than 10 KB?", FILES, ["clip.mp4", "song.mp3"]),
        ("Quels fichiers de /media font plus de 1 Mo ?", FILES, ["song.mp3"]),
        ("Which books in /loans.csv are due before 1 March 2024?", LOANS, ["Dune", "Ulysses"]),
        ("Welche Bücher in /loans.csv sind ab dem 1. März 2024 fällig?", LOANS, ["Emma", "Ivanhoe"]),
        ("Which books in /loans.csv have more than 500 pages?", LOANS, ["Ivanhoe", "Ulysses"]),
        ("Which books in /loans.csv are due after February 2024?", LOANS, ["Emma", "Ivanhoe"]),
    ],
)  # fmt: skip
def test_the_rows_that_fulfil_what_a_task_asks_are_found(task: str, text: str, right: list[str] | None) -> None:
    assert names(task, text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("- Krone – 98 CHF\n- Bellevue – 145 CHF\n- Adler – 110 CHF", ["Krone", "Adler"]),
        ("Krone (98 francs)\nBellevue (145 francs)\nAdler (110 francs)", ["Krone", "Adler"]),
        ("Krone, 98 francs, 12 rooms\nBellevue, 145 francs, 30 rooms\nAdler, 110 francs, 8 rooms", ["Krone", "Adler"]),
        ("1. Krone: CHF 98.50\n2. Bellevue: CHF 145.-\n3. Adler: CHF 110.-", ["Krone", "Adler"]),
        ("Krone: 98\nBellevue: 145\nAdler: 110", ["Krone", "Adler"]),
        ("| hotel | price |\n|---|---|\n| Krone | 98 |\n| Bellevue | 145 |\n| Adler | 110 |", ["Krone", "Adler"]),
        ('{"hotels": [{"name": "Krone", "price": 98}, {"name": "Bellevue", "price": 145}]}', ["Krone"]),
        ('{"Krone": {"price": 98}, "Bellevue": {"price": 145}}', ["Krone"]),
        ('{"Krone": 98, "Bellevue": 145}', ["Krone"]),
        ("hotel,price_chf,price_eur\nKrone,98,101\nBellevue,145,150\nAdler,118,122", ["Krone", "Adler"]),
    ],
)  # fmt: skip
def test_rows_are_read_in_whatever_form_a_result_has_them(text: str, right: list[str]) -> None:
    assert names("Which hotels in /hotels.txt are below 120 francs?", text) == right


@pytest.mark.parametrize(
    "task",
    [
        "Name the 3 hotels of /hotels.txt",
        "Which hotels in /hotels.txt are open in 2026?",
        "At 12:00 write the hotels of /hotels.txt",
        "Which 3 hotels in /hotels.txt are below 120 francs?",  # another number that chooses
        "Which three hotels in /hotels.txt are below 120 francs?",
        "Which hotels in /hotels.txt are not below 120 francs?",
        "Welche Hotels in /hotels.txt kosten nicht unter 120 Franken?",
        "Quels hôtels de /hotels.txt ne coûtent pas moins de 120 francs ?",
        "Which hotels in /hotels.txt are below 120 francs and have more than 10 rooms?",
        "Hotels in /hotels.txt over 100 but under 130 francs",
        "Which hotels of /hotels.txt cost about 120 francs?",
        "Which hotels in /hotels.txt are below 120 francs, except those at the lake?",
        "Would any hotel of /hotels.txt be below 120 francs with a discount?",
        "Hotels from 100 to 120 francs in /hotels.txt",
        "Hotels von 100 bis 120 Franken in /hotels.txt",
        "Under 5 or more?",
        "Which hotels are under a bridge, over the river or after the tunnel?",
        "Read /notes/under-120.txt",
        'Look for "below 120 francs" in /hotels.txt',
    ],
)
def test_numbers_that_are_no_single_condition_are_none(task: str) -> None:
    assert condition_of(task) is None


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("Write a summary of /hotels.txt in under 100 words.", HOTELS),
        ("List at most 5 hotels of /hotels.txt.", HOTELS),
        ("Which products are under 5?", PRODUCTS),  # stock or price
        ("Which products cost less than 5 euros?", FILES),
        ("Which members in /members.csv are over 30?", "name,age,visits\nAda,34,3\nBo,28,70\nCleo,61,12"),
        ("Which hotels are below 120 euros in /hotels.txt?", HOTELS),  # another currency
        ("Is the Krone in /hotels.txt below 120 francs?", HOTELS),  # the task names a row
        ("Which recipes take less than 30 minutes?", "recipe,cooking,resting\nLasagne,75,10\nRisotto,35,0\nOmelette,12,5"),
        ("Which songs are shorter than 4 minutes?", "song,duration\nRain,215\nSnow,189\nWind,300"),  # seconds
        ("Which flights in /f.csv are before noon?", FLIGHTS),  # leaving or arriving
        ("Which rooms have fewer than 5 windows?", "room,beds\nBlue,2\nRed,6\nGreen,4"),
        ("Which loads weigh more than 1.500 kg?", "load,kg\nA one,1400\nB two,1700\nC three,2"),
        ("Which hotels are below 120 francs?", "Krone: 98 francs\nBellevue: on request\nAdler: from 110 francs\nPost: 99 francs"),
        ("Which hotels are below 120 francs?", "We liked the Krone, which took 98 francs a night.\nThe Adler has 12 rooms."),
        ("Which values are below 120?", "[1, 2, 3]"),
        ("Which are below 120 francs?", "price\n98\n145\n110\n120"),
    ],
)  # fmt: skip
def test_where_no_word_or_unit_decides_what_is_meant_nothing_is_said(task: str, text: str) -> None:
    assert names(task, text) is None


def test_a_value_at_the_end_of_a_span_or_near_a_rounded_size_is_left_open() -> None:
    found = rows("Which hotels in /hotels.txt are between 98 and 120 francs?", HOTELS)
    assert found is not None
    assert {row.name: row.fits for row in found.rows} == {"Krone": None, "Bellevue": False, "Adler": True, "Post": None}
    sizes = "[FILE] a.bin    10.00 KB\n[FILE] b.bin    9.80 KB\n[FILE] c.bin    9.00 KB\n[FILE] d.bin    40.00 KB"
    found = rows("Which files in /d are bigger than 10 KB?", sizes)
    assert found is not None
    assert [row.fits for row in found.rows] == [None, None, False, True]


def test_of_rows_with_a_value_that_the_task_names_only_these_are_meant() -> None:
    text = "hotel,town,price\nKrone,Bern,98\nAdler,Thun,90\nBellevue,Bern,145\nPost,Bern,130\nSonne,Thun,180"
    found = rows("Which hotels in Bern are below 120 francs? See /hotels.csv", text)
    assert found is not None
    assert ([row.name for row in found.fitting], len(found.rows), found.whole) == (["Krone"], 3, True)


@pytest.mark.parametrize(
    ("task", "whole"),
    [
        ("Which hotels in /hotels.txt are below 120 francs?", True),
        ("Please list all the hotels in /hotels.txt that cost less than 120 francs, sorted by name.", True),
        ("Which quiet hotels in /hotels.txt are below 120 francs?", False),
        ("Which hotels with a garden in /hotels.txt are below 120 francs?", False),
        ("Which inns in /hotels.txt are below 120 francs?", False),  # perhaps not all of them are inns
    ],
)
def test_what_else_a_task_says_of_the_rows_leaves_open_which_are_meant(task: str, whole: bool) -> None:
    found = rows(task, HOTELS)
    assert found is not None
    assert found.whole is whole


@pytest.mark.parametrize(
    "task",
    [
        "Which hotels in /hotels.txt are below 120 francs or have a garden?",
        "Which hotels in /hotels.txt are below 120 francs? Also say what the nicest one offers.",
        "Which hotels in /hotels.txt are below 120 francs, and who runs the dearest?",
    ],
)
def test_where_something_else_is_asked_for_too_nothing_is_said(task: str) -> None:
    assert rows(task, HOTELS) is None


ASKED = "Which hotels in /hotels.txt are below 120 francs?"


def against(said: str, task: str = ASKED, text: str = HOTELS) -> str:
    found = rows(task, text)
    assert found is not None
    told = off(said, task, found)
    return told[0] if told else ""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Krone and Bellevue.", "Bellevue has 145 francs, which is not 'below 120 francs'. Only these are 'below 120 francs': Krone (98 francs); Adler (110 francs)."),
        ("The hotels below 120 francs are:\n- Krone: 98 francs\n- Bellevue: 145 francs\n- Adler: 110 francs", "Bellevue has 145"),
        ("Krone, Adler, Post", "Post has 120 francs, which is not"),
        ("Krone", "Only these are"),
        ("There are no hotels below 120 francs.", "Only these are"),
    ],
)  # fmt: skip
def test_a_row_too_many_or_too_few_is_seen(said: str, told: str) -> None:
    assert against(said).startswith(told)


@pytest.mark.parametrize(
    "said",
    [
        "Krone (98 francs) and Adler (110 francs).",
        "KRONE, ADLER",
        "The Krone and the Adler; Bellevue (145) is too expensive.",
        "Krone and Adler. Bellevue costs more than 120 francs.",
        "Krone and Adler, but not Bellevue or Post.",
        "Krone: 98, which is below. Bellevue: 145, which is above. Adler: 110, which is below. Post: 120, which is not below.",
        "Of Krone, Bellevue, Adler and Post, I looked at the prices.\nOnly Krone and Adler are below 120 francs.",
        "Below 120 francs:\n- Krone\n- Adler\n\nToo expensive:\n- Bellevue\n- Post",
        "| Krone | 98 | ✓ |\n| Bellevue | 145 | ✗ |\n| Adler | 110 | ✓ |\n| Post | 120 | ✗ |",
        "Krone\nAdler\n(Bellevue: 145, Post: 120)",
        "The hotels below 120 francs are Krone (98) and Adler (110). Bellevue is 145 francs and Post 120 francs.",
        "Krone: 98 francs\nAdler: 110 francs\nThe nearest one is Post at 120.",
        "Krone, Adler. I will post the list.",
        "Krone and one more…",
        "The ones for 98 and for 110 francs.",
        "2 hotels.",
        "All but two of them.",
        "I could not read the file.",
    ],
)
def test_right_answers_and_those_that_weigh_or_say_little_stand(said: str) -> None:
    assert against(said) == ""


STOCK = "product,stock,price\nbolt,40,0.5\nhinge,3,4.2\nnote.txt,0,31\nnail,5,0.1"
STAFF = "name;department;salary\nAnna Berg;Sales;72000\nBeat Frei;IT;95000\nCarla Rey;IT;88000\nDora Lutz;Sales;64000"


@pytest.mark.parametrize(
    ("task", "text", "said", "told"),
    [
        ("Which products in /products.csv have stock under 5?", STOCK, "hinge and note.txt; nail has exactly 5.", ""),
        ("Which products in /products.csv have stock under 5?", STOCK, "hinge, note.txt and nail", "nail has 5"),
        ("Which products in /products.csv have stock under 5?", STOCK, "Hinge: 3\nNote.txt: 0\nNote: nail is at 5, bolt at 40.", ""),
        ("How many products in /products.csv have stock under 5?", STOCK, "2 of 4 products", ""),
        ("How many products in /products.csv have stock under 5?", STOCK, "3", "Only these are"),
        ("Which employees in /employees.csv have a salary over 80000?", STAFF, "Frei, Rey", ""),
        ("Which employees in /employees.csv have a salary over 80000?", STAFF, "Those in IT: Beat and Carla", ""),
        ("Which employees in Sales have a salary over 80000? See /employees.csv", STAFF, "None; the highest is Anna Berg with 72000.", ""),
        ("Which employees in Sales have a salary over 80000? See /employees.csv", STAFF, "Beat Frei", ""),  # a row of others
        ("Which employees in Sales have a salary over 80000? See /employees.csv", STAFF, "Anna Berg", "Anna Berg has 72000"),
        ("Which flights in /flights.csv leave before noon?", FLIGHTS, "London and Oslo", ""),
        ("Which flights in /flights.csv leave before noon?", FLIGHTS, "LX 318 and lx-776", ""),
        ("Which flight in /flights.csv could leave before noon?", FLIGHTS, "LX776", ""),  # one is asked for
        ("Which flights in /flights.csv leave before noon?", FLIGHTS, "LX318, LX404, LX776", "LX404 has 12:00"),
    ],
)  # fmt: skip
def test_rows_may_be_named_by_part_of_their_name_or_what_they_alone_have(
    task: str, text: str, said: str, told: str
) -> None:
    assert against(said, task, text).startswith(told)
    assert bool(told) or not against(said, task, text)


def test_a_name_within_a_longer_one_is_not_named_by_it() -> None:
    text = "Krone: 150 francs\nKrone am See: 98 francs\nAdler: 110 francs"
    assert against("Krone am See and Adler", text=text) == ""
    assert against("Krone and Adler", text=text).startswith("Krone has 150")


@pytest.mark.parametrize(
    ("task", "said", "told"),
    [
        ("Is there a hotel in /hotels.txt below 120 francs?", "Yes, the Krone.", ""),
        ("Is there a hotel in /hotels.txt below 120 francs?", "Yes, the Bellevue.", "Bellevue has 145"),
        ("Which quiet hotels in /hotels.txt are below 120 francs?", "The Krone.", ""),
        ("Which quiet hotels in /hotels.txt are below 120 francs?", "The Bellevue.", "Bellevue has 145"),
        ("Which hotels in /hotels.txt are below 50 francs?", "None of them.", ""),
        ("Which hotels in /hotels.txt are below 50 francs?", "The Krone.", "Krone has 98 francs, which is not 'below 50 francs'. None of those that were read is 'below 50 francs': say so."),
        ("How many hotels in /hotels.txt are below 120 francs?", "2", ""),
        ("How many hotels in /hotels.txt are below 120 francs?", "There are two.", ""),
        ("How many hotels in /hotels.txt are below 120 francs?", "Krone and Adler.", ""),
        ("How many hotels in /hotels.txt are below 120 francs?", "3 hotels.", "Only these are 'below 120 francs': Krone (98 francs); Adler (110 francs). They are 2."),
        ("Wie viele Hotels in /hotels.txt kosten unter 120 Franken?", "Drei.", "Only these are"),
        ("How many hotels in /hotels.txt are below 50 francs?", "None.", ""),
        ("How many hotels in /hotels.txt are below 50 francs?", "1", "None of those that were read"),
        ("How many francs do the hotels in /hotels.txt below 120 francs cost?", "208", ""),
    ],
)  # fmt: skip
def test_what_is_held_against_an_answer_goes_by_what_is_asked(task: str, said: str, told: str) -> None:
    assert against(said, task).startswith(told)
    assert bool(told) or not against(said, task)


SAVES = "Write the names of the hotels in /hotels.txt below 120 francs into /cheap.txt."


@pytest.mark.parametrize(
    ("task", "text", "content"),
    [
        (SAVES, "Krone\nBellevue\nAdler\n", "Krone\nAdler\n"),
        (SAVES, "- Krone\n", "- Krone\n- Adler\n"),
        (SAVES, "Cheap ones: Krone, Bellevue", ""),
        ("Write how many hotels in /hotels.txt are below 120 francs into /n.txt.", "3", "2"),
    ],
)
def test_a_text_with_other_rows_is_seen_and_the_right_one_known_where_its_form_is(
    task: str, text: str, content: str
) -> None:
    found = rows(task, HOTELS)
    assert found is not None
    misfit = text_off(text, task, found)
    assert misfit is not None
    assert misfit.content == content
    assert misfit.warning.startswith("What was written")


@pytest.mark.parametrize(
    ("task", "text"),
    [
        (SAVES, "Krone\nAdler\n"),
        (SAVES, "Krone, Adler"),
        (SAVES, "see below"),
        ("Mark the hotels below 120 francs in /hotels.txt as cheap.", "Krone: 98 francs, cheap\nBellevue: 145 francs\nAdler: 110 francs, cheap\nPost: 120 francs"),
        ("Make a file for each hotel below 120 francs in /hotels.txt.", "Krone"),
        ("Write how many hotels in /hotels.txt are below 120 francs into /n.txt.", "2"),
    ],
)  # fmt: skip
def test_texts_that_may_be_right_are_left_alone(task: str, text: str) -> None:
    found = rows(task, HOTELS)
    assert found is None or text_off(text, task, found) is None


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ('{"items": [{"a": 1}], "next_cursor": "x"}', True),
        ('{"orders": [{"total": 1}]}', False),
        ('[{"total": 1}]', False),
        ("{", False),
    ],
)
def test_a_result_that_may_go_on_is_known_by_its_own_words(text: str, page: bool) -> None:
    assert is_a_page(text) is page


def test_of_several_results_only_what_fits_in_none_is_wrong() -> None:
    east, west = (
        rows(ASKED, text)
        for text in ("Krone: 98 francs\nAdler: 150 francs\nSonne: 99 francs", "Krone: 160 francs\nLinde: 90 francs\nHirsch: 170 francs")
    )  # fmt: skip
    assert east is not None
    assert west is not None
    held = both([east, west])
    assert [off("Krone", ASKED, each) for each in held] == [None, None]
    assert any(off("Hirsch", ASKED, each) for each in held)
    assert len(both([east, east])) == 1


@pytest.mark.parametrize(
    "strange", ["9" * 5000, "[" * 900 + "]" * 900, "Krone: " + "9 " * 20_000, "{}", "", "a,b\n\0,1\n,\n,"]
)
def test_texts_of_any_kind_are_read_without_a_fault(strange: str) -> None:
    assert rows(ASKED, strange) is None
