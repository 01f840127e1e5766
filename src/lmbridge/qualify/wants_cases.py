"""Everyday tasks that ask for an answer or for a change, none of which lmbridge would know by its form, and the notes that they are about.

Nothing is carried out: only what a model says that each of them wants is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

NOTES: Mapping[str, str] = {
    "/notes/shopping.txt": "bread\ntea\neggs\n",
    "/notes/todo.txt": "done: pay the rent\nopen: send Ines the photos\n",
    "/notes/prices.txt": "tea 3.20\nbread 2.50\n",
    "/notes/people.txt": "Ines 555-0124\nTomas 555-0160\nLena\n",
    "/notes/letter.txt": "Dear Lena, see you on Wendesday.\n",
    "/notes/log.txt": "Monday: deleted an old draft\nTuesday: changed the price of tea\n",
}
"""Texts by their paths; short, since each is shown to the model."""
QUESTIONS: tuple[str, ...] = (
    "Which of the people in /notes/people.txt has no phone number?",
    "Tell me what was changed last according to /notes/log.txt.",
    "I want to know how many things are still to be bought, by /notes/shopping.txt.",
    "Please check whether milk was already added to /notes/shopping.txt.",
    "Look into /notes/prices.txt and say what two packets of tea cost.",
    "They say that the number of Ines is now 555-0142. Hold that against /notes/people.txt and give me the one that stands there.",
    "Remind me what I still have to send to Ines; it is in /notes/todo.txt.",
    "Was wurde laut /notes/log.txt am Montag gelöscht?",
)
"""Polite and short ones, statements, and some with a word of change in them."""
ORDERS: tuple[str, ...] = (
    "Please see to it that milk is in /notes/shopping.txt as well.",
    "I need a line about the dentist in /notes/todo.txt.",
    "What tea costs stands in /notes/prices.txt: that price belongs behind the tea in /notes/shopping.txt.",
    "There is a misspelt word in /notes/letter.txt: find it and correct it.",
    "I would be glad to find oat milk on the list in /notes/shopping.txt.",
    "The phone number of Ines in /notes/people.txt is wrong, it has to be 555-0142.",
    "What is done in /notes/todo.txt should not be there any more.",
    "Il faut que /notes/people.txt contienne aussi Marc, 555-0177.",
)
"""Polite ones, statements of what is needed, and some that begin with looking something up."""
