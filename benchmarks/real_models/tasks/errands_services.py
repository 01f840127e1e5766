"""Small errands with clocks, a repository and web pages, as one gives them to try such a program out; only for the report."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from real_models import judging as j
from real_models.registry import errands
from real_models.tasks.words import Rows, lines, page, people, table
from real_models.values import file_items, says_afternoon
from real_models.world import Case, Check, Commit, Done, Ending, World

TIME, GIT, WEB, FILES, DATA = "time", "git", "fetch", "filesystem", "sqlite"
ZONES = {"Tokyo": 9, "Singapore": 8, "Bangkok": 7, "Dubai": 4, "Nairobi": 3, "Lagos": 1, "Lima": -5}
"""Towns whose clocks are never put forward, with their hours ahead of UTC."""


def _clock(hour: int, minute: int) -> Check:
    """The answer names the time of day, also with a dot; one after noon with the hour of 24 or marked as such."""
    dotted = re.compile(rf"(?<![\d.:])0?{hour}[.h]{minute:02}(?!\d|[.:]\d)")
    colon = j.says_time(hour, minute)
    return lambda ending: [] if dotted.search(ending.answer) else colon(ending)


def _two_towns(random: Random) -> tuple[str, str, int, int, int]:
    """Two towns, and an hour of the first that is another hour of the same day in the second, with a minute."""
    while True:
        there, here = random.sample([*ZONES], 2)
        hour = random.randrange(8, 21)
        shifted = hour + ZONES[here] - ZONES[there]
        if 1 <= shifted <= 23 and abs(shifted - hour) not in (0, 12):
            return there, here, hour, shifted, random.choice([15, 30, 45])


def _wrong_times(hour: int, shifted: int, minute: int) -> tuple[Done, ...]:
    back = (2 * hour - shifted) % 24
    return (
        Done(f"It is {hour:02}:{minute:02}."),
        Done(f"It is {back:02}:{minute:02}."),
        Done(f"It is {(shifted + 1) % 24:02}:{minute:02}."),
        Done(f"It is {shifted:02}:{(minute + 15) % 60:02}."),
        Done(f"The difference is {abs(shifted - hour)} hours."),
    )


@errands("other-town-clock", 1, TIME)
def call_at_a_good_hour(random: Random) -> Case:
    there, here, hour, shifted, minute = _two_towns(random)
    half = f"{hour % 12 or 12}:{minute:02} {'pm' if hour >= 12 else 'am'}"
    prompt = random.choice(
        [
            f"When it is {hour:02}:{minute:02} in {there}, what time is it in {here}?",
            f"if i call somebody in {here} at {half} {there} time, how late is it for them?",
            f"{hour:02}:{minute:02} {there} = ? {here}",
        ]
    )
    right = Done(f"It is {shifted:02}:{minute:02} in {here}.")
    return Case(prompt, World(), _clock(shifted, minute), right, _wrong_times(hour, shifted, minute))


@errands("time-in-a-mail", 2, FILES, TIME)
def when_is_the_call_here(random: Random) -> Case:
    there, here, hour, shifted, minute = _two_towns(random)
    sender = people(random, 1)[0]
    mail = lines(
        *(f"From: {sender}", "Subject: Our call", "", "Hi,", ""),
        *(f"thanks for your mail. Let us talk on Thursday at {hour:02}:{minute:02} ({there} time), I will call you.",),
        *("The whole thing should not take longer than half an hour.", "", "Best regards", sender),
    )
    prompt = random.choice(
        [
            f"In {{home}}/mail/call.txt somebody proposes a time for a call. I am in {here}; at what time will it be for me?",
            f"got an invitation to a call ({{home}}/mail/call.txt). what time is that here in {here}?",
            f"{{home}}/mail/call.txt: time of the call in {here} time?",
        ]
    )
    world = World({"mail/call.txt": mail, "mail/lunch.txt": "Lunch on Friday at 12:10?\n"})
    right = Done(f"The call is at {shifted:02}:{minute:02} in {here} ({hour:02}:{minute:02} in {there}).")
    check = j.all_of(_clock(shifted, minute), j.untouched())
    return Case(prompt, world, check, right, _wrong_times(hour, shifted, minute))


@errands("hours-on-a-page", 1, WEB)
def open_on_saturday(random: Random) -> Case:
    place = random.choice(["library", "museum", "swimming pool"])
    name = place.replace(" ", "-")
    opens = random.sample([(8, 15), (8, 45), (9, 30), (10, 15)], 3)
    closes = random.sample([(15, 45), (16, 30), (17, 15), (18, 45)], 3)
    days = ["Monday to Friday", "Saturday", "Sunday"]
    hours = [f"{a}:{b:02} - {c}:{d:02}" for (a, b), (c, d) in zip(opens, closes, strict=True)]
    shown = page(
        f"Welcome to the {place}",
        "We look forward to your visit. These are our opening hours:",
        [*(f"{day}: {each}" for day, each in zip(days, hours, strict=True)), "closed on public holidays"],
    )
    prompt = random.choice(
        [
            f"When is the {place} open on Saturdays? It should say so on {{web}}/{name}.html.",
            f"can you check {{web}}/{name}.html and tell me from when to when they're open on saturday",
            f"{{web}}/{name}.html - opening hours Saturday?",
        ]
    )
    both = j.all_of(_clock(*opens[1]), j.any_of(_clock(*closes[1]), says_afternoon(*closes[1])))
    others = [j.all_of(_clock(*a), says_afternoon(*b)) for a, b in zip(opens[::2], closes[::2], strict=True)]

    def told(ending: Ending) -> list[str]:
        about = [replace(ending, answer=each) for each in ending.answer.splitlines() if re.search("(?i)saturday", each)]
        if about:
            return [] if any(not both(each) for each in about) else ["the answer lacks the hours of Saturday"]
        return both(ending) + ["the answer has other days" for other in others if not other(ending)]

    wrong = (
        Done(f"On Saturdays it is open {hours[0]}."),
        Done(f"It is open {hours[2]}."),
        Done(f"It is open {', '.join(hours)}."),
        Done(f"It opens at {opens[1][0]}:{opens[1][1]:02} on Saturdays."),
        Done("On Saturdays it is closed."),
        Done("I could not open the page."),
    )
    world = World(pages={f"{name}.html": shown})
    return Case(prompt, world, told, Done(f"On Saturdays it is open {hours[1]}."), wrong)


SITE = {
    "index.html": "<h1>Welcome</h1>\n",
    "contact.html": "<h1>Contact</h1>\n<p>Phone: 031 400 11 22</p>\n",
    "prices.html": "<h1>Prices</h1>\n<p>A cut: 40.-</p>\n",
    "style.css": "body { color: black; }\n",
}
SAID = ("Add the contact page", "Use a larger font", "Correct the phone number", "Shorten the welcome", "Add prices")


def _history(random: Random) -> tuple[Commit, ...]:
    """A few commits by two people; the first one has all files."""
    authors = people(random, 2)
    messages = ["First version", *random.sample(SAID, 4)]
    files = [SITE, *({"style.css": f"body {{ color: black; }}\n/* {at} */\n"} for at in range(1, 5))]
    return tuple(Commit(random.choice(authors), *each) for each in zip(messages, files, strict=True))


@errands("nothing-to-commit", 1, GIT)
def commit_if_any(random: Random) -> Case:
    """The repository has no changes."""
    message = random.choice(["Work of today", "Update the texts", "Before the weekend"])
    prompt = random.choice(
        [
            f"Please check whether there are uncommitted changes in the repository {{repo}}. If there are, commit them with the message '{message}'; if not, tell me so.",
            f"did i forget to commit anything in {{repo}}? if so commit it as '{message}'",
            f"{{repo}}: commit what is uncommitted, if anything, message '{message}'",
        ]
    )
    nothing = re.compile(
        r"nothing|no (?:\w+[ -]){0,2}(?:changes|modifications|files|work)|\bclean\b|up[ -]to[ -]date|already committed|"
        r"(?:n['’]t|\bnot) (?:\w+ ){0,3}(?:changes|anything|forget|forgotten)|everything (?:is|was|has been) committed|^\W*no\b",
        re.IGNORECASE,
    )
    claims = re.compile(
        r"\bI(?:['’]ve| have)? committed|commit (?:was|has been) (?:made|created)|(?:changes|files?) (?:were|was|have been|has been) "
        r"(?:successfully )?committed(?! (?:already|before|earlier))|successfully committed",
        re.IGNORECASE,
    )

    def told(ending: Ending) -> list[str]:
        faults = [] if nothing.search(ending.answer) and not j.REFUSES.search(ending.answer) else ["it is not told"]
        said = (each for each in j.SENTENCES.split(ending.answer) if claims.search(each) and not j.DENIES.search(each))
        return faults + [f"the answer claims {each!r}" for each in said]

    clean = "There are no uncommitted changes, so there was nothing to commit."
    wrong = (
        Done(f"The changes were committed with the message '{message}'."),
        Done(f"There are changes in style.css; I committed them as '{message}'."),
        Done(clean, git=(("commit", "-q", "--allow-empty", "-m", message),)),
        Done(clean, git=(("checkout", "-q", "-b", "weekend"),)),
        Done("I cannot access the repository."),
        Done("Done."),
    )
    check = j.all_of(told, j.repository_untouched)
    return Case(prompt, World(commits=_history(random)), check, Done(clean), wrong)


@errands("log-into-a-file", 2, GIT, FILES)
def what_was_new_lately(random: Random) -> Case:
    commits = _history(random)
    newest = [commit.message for commit in commits[:1:-1]]
    path = "notes/changes.md"
    prompt = random.choice(
        [
            f"Please write the messages of the last three commits of {{repo}} into a new file {{home}}/{path}, one per line, without authors and dates.",
            f"i need a little changelog: take the last 3 commit messages from {{repo}} and put them in {{home}}/{path}, just the messages, one on each line",
            f"last 3 commit messages of {{repo}} -> {{home}}/{path}, nothing else in it",
        ]
    )
    older = commits[1].message
    titles = ["changes", "changelog", "recent changes", "last three commits", "last 3 commits"]
    check = j.all_of(file_items(path, newest, titles), j.untouched(path), j.repository_untouched)
    wrong = (
        Done("Written.", {path: lines(*newest[:2])}),
        Done("Written.", {path: lines(*newest, older)}),
        Done("Written.", {path: lines(*newest[:2], older)}),
        Done("Written.", {path: lines(*(f"{commit.author}: {commit.message}" for commit in commits[2:]))}),
        Done("Written.", {path: "# Changes\n\n- first\n- second\n- third\n"}),
        Done("Written.", {"changes.md": lines(*newest)}),
        Done("\n".join(newest)),
        Done("Written.", {path: lines(*newest)}, git=(("commit", "-q", "--allow-empty", "-m", "Add changes"),)),
    )
    world = World({"notes/todo.md": "- call the printer\n"}, commits=commits)
    return Case(prompt, world, check, Done("Written.", {path: lines(*(f"- {each}" for each in newest))}), wrong)


@errands("commit-one-of-two", 3, GIT)
def only_the_contact_page(random: Random) -> Case:
    phone = f"031 {random.randrange(200, 390)} {random.randrange(10, 99)} {random.randrange(10, 99)}"
    changed = {
        "contact.html": f"<h1>Contact</h1>\n<p>Phone: {phone}</p>\n",
        "prices.html": "<h1>Prices</h1>\n<p>A cut: 45.- (from May on?)</p>\n",
    }
    message = random.choice(["New phone number", "Change the phone number", "Update contact"])
    prompt = random.choice(
        [
            f"I have changed two pages in {{repo}}. Please commit only the change to the contact page, with the message '{message}', and leave the other one uncommitted.",
            f"commit my contact page in {{repo}} pls (message: '{message}'). the other change isn't finished yet, don't commit that one",
            f"{{repo}}: commit the contact page only. Message: '{message}'",
        ]
    )

    def committed(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        if len(after.log) != len(before.log) + 1 or after.log[1:] != before.log:
            return ["there is not one commit more"]
        same = after.log[0][1].strip(" .'\"").casefold() == message.casefold()
        faults = [] if same else [f"the message is {after.log[0][1]!r}"]
        if after.committed != {**before.committed, "contact.html": changed["contact.html"]}:
            faults.append("the commit is not of the contact page alone")
        if [line[3:] for line in after.status] != ["prices.html"]:
            faults.append(f"what is left is {after.status}")
        return faults + ([] if (after.branch, after.branches) == (before.branch, before.branches) else ["branches"])

    add, both = ("add", "contact.html"), ("add", "-A")
    commit = ("commit", "-q", "-m", message)
    wrong = (
        Done("Committed.", git=(both, commit)),
        Done("Committed.", git=(add,)),
        Done("Committed.", git=(("commit", "-q", "--allow-empty", "-m", message),)),
        Done("Committed.", git=(("add", "prices.html"), commit)),
        Done("Committed.", git=(add, ("commit", "-q", "-m", "Update"))),
        Done("Committed.", git=(add, commit, ("checkout", "-q", "prices.html"))),
        Done("Committed.", git=(("checkout", "-q", "-b", "contact"), add, commit)),
        Done(f"I committed contact.html with the message '{message}'."),
    )
    world = World(commits=_history(random), uncommitted=changed)
    return Case(prompt, world, committed, Done("Committed.", git=(add, commit)), wrong)


@errands("price-from-a-page", 3, WEB, DATA)
def new_supplier_price(random: Random) -> Case:
    goods = random.sample(["Oat flakes", "Rice", "Lentils", "Brown sugar", "Walnuts", "Chickpeas", "Raisins"], 5)
    prices = [random.randrange(180, 890, 5) for _ in goods]
    place = random.randrange(1, 5)
    asked, new = goods[place], prices[place] + random.choice([35, 55, 80])
    rows: Rows = [(at, name, price / 100) for at, (name, price) in enumerate(zip(goods, prices, strict=True), 1)]
    now = dict(zip(goods, prices, strict=True)) | {asked: new}
    listed = page("Price list", "All prices in francs, per kilo.", [f"{x}: CHF {p / 100:.2f}" for x, p in now.items()])
    prompt = random.choice(
        [
            f"Our supplier has a new price for {asked}, see {{web}}/prices.html. Please look it up and correct it in our table products.",
            f"can you check what {asked} costs now on {{web}}/prices.html and put that price in the products table? thx",
            f"table products: set the price of {asked} to the one on {{web}}/prices.html",
        ]
    )

    def update(cents: int, where: str) -> str:
        return f"update products set price = {cents / 100} {where}"

    own = f"where name = '{asked}'"
    wrong = (
        Done("Corrected.", sql=update(new, "")),
        Done("Corrected.", sql=update(new, f"where name = '{goods[0]}'")),
        Done("Corrected.", sql=update(prices[0] + 1, own)),
        Done("Corrected.", sql=f"insert into products values (6, '{asked}', {new / 100})"),
        Done("Corrected.", sql=f"update products set price = 'CHF {new / 100:.2f}' {own}"),
        Done("Corrected.", sql=f"delete from products {own}"),
        Done(f"{asked} costs CHF {new / 100:.2f} now."),
    )
    after = [(at, name, now[str(name)] / 100) for at, name, _ in rows]
    check = j.all_of(j.table("products", after), j.tables_untouched("products"))
    world = World(
        sql=table("products", "id integer primary key, name text, price real", rows), pages={"prices.html": listed}
    )
    return Case(prompt, world, check, Done("Corrected.", sql=update(new, own)), wrong)
