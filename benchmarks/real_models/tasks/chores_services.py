"""Chores with pages, clocks and a repository: what one asks before one leaves the house or the desk; only for the report."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from real_models import judging as j
from real_models.clauses import settles_on
from real_models.registry import chores
from real_models.tasks.words import Rows, lines, page, people, table
from real_models.values import file_dates, file_items
from real_models.world import Case, Check, Commit, Done, Ending, World

CLOCK = re.compile(r"(?<![\d:.])(\d{1,2})[:.h](\d\d)(?::\d\d)?(?!\d)(?:\s*([ap])\.?\s?m\b\.?)?", re.IGNORECASE)


def clocked(text: str) -> str:
    """The text with each time of day as 08:05 or 20:05."""

    def whole(hit: re.Match[str]) -> str:
        hour, half = int(hit[1]), (hit[3] or "").casefold()
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        return f"{hour:02}:{hit[2]}"

    return CLOCK.sub(whole, text)


@chores("next-ferry", 1, "fetch")
def ferry_after(random: Random) -> Case:
    """A timetable on a page: the next departure after a time of day."""
    here, there = random.sample(["Seeburg", "Altnau", "Birken", "Orsa"], 2)
    minutes = [hour * 60 + random.randrange(5, 60, 5) for hour in range(6, 22)]
    minutes = [each for each in minutes if each % 60 != 30]
    out, back = minutes[::2], minutes[1::2]
    asked = random.choice([11, 13, 15]) * 60 + 30
    times = [f"{each // 60:02}:{each % 60:02}" for each in out]
    after = [each for each, at in zip(times, out, strict=True) if at > asked]
    wanted, last = after[0], times[times.index(after[0]) - 1]
    returns = [f"{each // 60:02}:{each % 60:02}" for each in back]
    clock = f"{asked // 60}:{asked % 60:02}"
    prompt = random.choice(
        [
            f"On {{web}}/ferry.html is the timetable of the ferry. When does the next one leave from {here} to {there} after {clock}?",
            f"next ferry {here} -> {there} after {clock}? timetable: {{web}}/ferry.html",
            f"I will be at the pier in {here} at {clock} and want to go to {there}. Which ferry can I take? The times are on {{web}}/ferry.html. Thanks!",
        ]
    )

    def chosen(ending: Ending) -> list[str]:
        text = re.sub(r"\b(?:after|following) (?:that|this|it)\b[^.\n]*", "", clocked(ending.answer))
        others = [*returns, *(each for each in times if each != wanted)]
        return j.picks(wanted, others, r"\b(?:next|earliest|soonest|take|catch)\b")(replace(ending, answer=text))

    wrong = (
        Done(f"The next ferry leaves at {last}."),
        Done(f"The next ferry leaves at {after[1]}."),
        Done(f"You can take the ferry at {next(e for e, at in zip(returns, back, strict=True) if at > asked)}."),
        Done("Departures: " + ", ".join(times)),
        Done("There is no ferry any more."),
        Done(f"I could not open the timetable, the next ferry may leave at {clock}."),
    )
    items = [f"{here} – {there}: {', '.join(times)}", f"{there} – {here}: {', '.join(returns)}"]
    world = World(pages={"ferry.html": page("Lake ferry", "Timetable, every day.", [*items, "Bicycles travel free."])})
    return Case(prompt, world, chosen, Done(f"The next ferry leaves at {wanted}."), wrong)


@chores("dates-from-a-page", 2, "fetch", "filesystem")
def collection_days(random: Random) -> Case:
    """The dates of one kind, out of a page with several, go into a file."""
    kinds = random.sample(["Paper", "Glass", "Garden waste", "Metal"], 3)
    start = date(2026, 3, 2) + timedelta(days=random.randrange(5))
    step = random.choice([13, 14, 16])
    days = {kind: [start + timedelta(days=at * 3 + step * n) for n in range(4)] for at, kind in enumerate(kinds)}
    wanted = kinds[random.randrange(3)]
    path = f"house/{wanted.lower().split()[0]}.txt"

    def named(some: list[date]) -> list[str]:
        return [f"{each.day} {each:%B} {each.year}" for each in some]

    prompt = random.choice(
        [
            f"The page {{web}}/collections.html says when the waste is collected. Please write the dates for {wanted.lower()} into {{home}}/{path}, one per line.",
            f"get the {wanted.lower()} dates from {{web}}/collections.html into {{home}}/{path}, one per line",
            f"I always forget to put things out in time. Could you look at {{web}}/collections.html and save all dates of the {wanted.lower()} collection, each on a line of its own, to {{home}}/{path}?",
        ]
    )
    listed = named(days[wanted])
    other = next(kind for kind in kinds if kind != wanted)
    wrong = (
        Done("Saved.", {path: lines(*listed[:3])}),
        Done("Saved.", {path: lines(*named(days[other]))}),
        Done("Saved.", {path: lines(*listed, *named(days[other]))}),
        Done("Saved.", {path: ", ".join(listed) + "\n"}),
        Done("Saved.", {path: "{web}/collections.html\n"}),
        Done("Saved.", {"dates.txt": lines(*listed)}),
        Done("The dates are: " + ", ".join(listed)),
    )
    check = j.all_of(file_dates(path, days[wanted]), j.untouched(path))
    items = [f"{kind}: {', '.join(named(some))}" for kind, some in days.items()]
    pages = {"collections.html": page("Collections", "Please put everything out before 7 o'clock.", items)}
    world = World({"house/keys.txt": "Cellar: blue key\n"}, pages=pages)
    return Case(prompt, world, check, Done("Saved.", {path: lines(*listed)}), wrong)


SITE = ["index.html", "about.html", "style.css", "menu.html", "news.html", "imprint.html"]


@chores("files-of-a-commit", 2, "git")
def files_of_that_commit(random: Random) -> Case:
    """Which files a commit changed that is known by its message."""
    names, files = people(random, 3), random.sample(SITE, len(SITE))
    messages = random.sample(
        ["Use warmer colours", "Say where to park", "Mention the summer break", "Shorten the text"], 4
    )
    touched = [files[2:4], files[0:2], files[4:5], files[3:4]]
    commits = [Commit(names[0], "First version", {each: f"{each}\n" for each in files})]
    for at, (message, some) in enumerate(zip(messages, touched, strict=True), 1):
        commits.append(Commit(names[at % 3], message, {each: f"{each}\nchange {at}: {message}\n" for each in some}))
    asked, own = messages[1], touched[1]
    rest = files[2:]
    prompt = random.choice(
        [
            f"Which files were changed in the commit '{asked}' in {{repo}}?",
            f'{{repo}}: files in commit "{asked}"?',
            f"In the repository {{repo}} there is a commit with the message '{asked}'. Could you tell me which files it touched?",
        ]
    )
    wrong = (
        Done(f"The commit changed {own[0]}."),
        Done(f"The commit changed {', '.join(touched[0])}."),
        Done(f"The commit changed {own[0]}, {own[1]} and {rest[0]}."),
        Done(f"It was made by {names[2]}."),
        Done("There is no such commit."),
        Done(f"The commit changed {own[0]} and {own[1]}.", git=(("reset", "-q", "--hard", "HEAD~1"),)),
    )
    claim = r"\b(?:chang|touch|modif|edit|updat|commit|files?\b)"
    check = j.all_of(settles_on(own, rest, claim), j.repository_untouched)
    right = Done(f"The commit changed {own[0]} and {own[1]}.")
    return Case(prompt, World(commits=tuple(commits)), check, right, wrong)


@chores("commit-then-branch", 3, "git")
def keep_this_state(random: Random) -> Case:
    """Everything is committed, and a branch keeps what there is then."""
    author = people(random, 1)[0]
    message = random.choice(["Add the autumn menu", "Update the menu", "New menu"])
    branch = random.choice(["autumn", "before-redesign", "printed-version"])
    prompt = random.choice(
        [
            f"Please commit everything that is changed in {{repo}} with the message '{message}' and then create a branch {branch} that keeps this state.",
            f"in {{repo}}: commit all changes (message: {message}), then new branch {branch}",
            f"I am about to try something bold. Before that, could you commit all my changes in {{repo}} as '{message}', new files too, and after that make a branch called {branch} from it, so that I can come back?",
        ]
    )
    first = Commit(author, "Menu of the summer", {"menu.txt": "ice cream\n", "prices.txt": "ice cream 4.50\n"})
    changed = {"menu.txt": "pumpkin soup\n", "wine.txt": "new wine\n"}

    def kept(ending: Ending) -> list[str]:
        after, faults = ending.after, []
        said = [text.strip().rstrip(".") for _, text in after.log]
        if said != [message, first.message]:
            faults.append(f"the history is {said}")
        if after.committed != {**first.files, **changed} or after.status:
            faults.append("not everything is committed, or something else is")
        heads = {name: text.strip().rstrip(".") for name, text in after.heads.items()}
        return faults + ([] if heads == {"main": message, branch: message} else [f"the branches are {heads}"])

    add, commit, split = ("add", "-A"), ("commit", "-q", "-m", message), ("branch", branch)
    wrong = (
        Done("Done.", git=(add, commit)),
        Done("Done.", git=(split, add, commit)),
        Done("Done.", git=(("add", "menu.txt"), commit, split)),
        Done("Done.", git=(add, ("commit", "-q", "-m", "Changes"), split)),
        Done("Done.", git=(("switch", "-q", "-c", branch), add, commit)),
        Done("Done.", git=(add, commit, ("branch", f"{branch}-2"))),
        Done(f"Everything is committed, and the branch {branch} is there."),
    )
    world = World(commits=(first,), uncommitted=changed)
    return Case(prompt, world, kept, Done("Done.", git=(add, commit, split)), wrong)


@chores("credits", 2, "git", "filesystem")
def credits_of_the_site(random: Random) -> Case:
    """The authors of a repository go into a file, each once."""
    authors = people(random, 3)
    order = [*authors, authors[0], authors[1], authors[0]]
    random.shuffle(order)
    commits = tuple(Commit(name, f"Page {at}", {f"page{at}.html": f"{at}\n"}) for at, name in enumerate(order, 1))
    path = random.choice(["site/credits.txt", "site/thanks.txt"])
    prompt = random.choice(
        [
            f"Please write the names of all people who made commits in {{repo}} into {{home}}/{path}, one per line and each only once.",
            f"authors of {{repo}} (git log) -> {{home}}/{path}, one name per line, no duplicates",
            f"We want to thank everybody who worked on our site. Could you see from the commits in {{repo}} who that was and save the names to {{home}}/{path}? Each name on its own line, nobody twice.",
        ]
    )
    wrong = (
        Done("Saved.", {path: lines(*authors[:2])}),
        Done("Saved.", {path: lines(*order)}),
        Done("Saved.", {path: lines(*authors, "Robin Local")}),
        Done("Saved.", {path: lines(*(name.split()[0] for name in authors))}),
        Done("Saved.", {"credits.txt": lines(*authors)}),
        Done("The authors are: " + ", ".join(authors)),
    )
    titles = ["credits", "thanks", "thanks to", "authors", "thank you", "contributors"]
    check = j.all_of(file_items(path, authors, titles), j.untouched(path), j.repository_untouched)
    world = World({"site/plan.txt": "Go live in May\n"}, commits=commits)
    return Case(prompt, world, check, Done("Saved.", {path: lines(*sorted(authors))}), wrong)


ZONES = {"Tokyo": "Asia/Tokyo", "Singapore": "Asia/Singapore", "Bogotá": "America/Bogota", "Lima": "America/Lima"}
OWN = {
    "Nairobi": "Africa/Nairobi",
    "Dubai": "Asia/Dubai",
    "Kolkata": "Asia/Kolkata",
    "Johannesburg": "Africa/Johannesburg",
}
"""None of them changes its clock in summer."""


def _there(hour: int, minute: int, source: str, target: str) -> tuple[int, int]:
    """The time of day elsewhere."""
    now = datetime(2026, 3, 2, hour, minute, tzinfo=ZoneInfo(source)).astimezone(ZoneInfo(target))
    return now.hour, now.minute


@chores("time-into-a-note", 3, "time", "filesystem")
def start_of_the_webinar(random: Random) -> Case:
    """A note gets a line more: its time, as it is elsewhere."""
    town, here = random.choice(["Tokyo", "Singapore"]), random.choice([*OWN])
    hour, minute = random.randrange(14, 19), random.choice([0, 15, 30])
    at = _there(hour, minute, ZONES[town], OWN[here])
    path = random.choice(["work/webinar.txt", "notes/webinar.txt"])
    note = lines("Webinar: pruning fruit trees", f"Start: {hour}:{minute:02} ({town} time)", "The link comes by mail.")
    prompt = random.choice(
        [
            f"The note {{home}}/{path} says when a webinar starts, in {town} time. Please add a line to the note with the start in {here} time.",
            f"add a last line to {{home}}/{path}: when it starts in {here} (the note has {town} time)",
            f"I live in {here} and keep mixing up the hours. Would you look into {{home}}/{path}, work out when the webinar begins for me, and add that as one more line at the end of the note? Leave the other lines, please.",
        ]
    )

    def added(some: tuple[int, int], above: str = note) -> str:
        return f"{above}Start in {here}: {some[0]:02}:{some[1]:02}\n"

    def fits(text: str) -> bool:
        rest = [line.strip() for line in text.splitlines() if line.strip()]
        for line in filter(str.strip, note.splitlines()):
            if line not in rest:
                return False
            rest.remove(line)
        return 1 <= len(rest) <= 2 and f"{at[0]:02}:{at[1]:02}" in clocked("\n".join(rest))

    late = ((at[0] + 1) % 24, at[1])
    wrong = (
        Done("Added.", {path: added(late)}),
        Done("Added.", {path: added((hour, minute))}),
        Done("Added.", {path: added(at, "")}),
        Done("Added.", {path: note.replace(f"{hour}:{minute:02} ({town}", f"{at[0]:02}:{at[1]:02} ({here}")}),
        Done("Added.", {path.replace("webinar", "webinar-2"): added(at)}),
        Done(f"It starts at {at[0]:02}:{at[1]:02} in {here}."),
    )
    check: Check = j.all_of(j.file_matches(path, fits, "the note with one line more"), j.untouched(path))
    world = World({path: note, "work/holidays.txt": "two weeks in May\n"})
    return Case(prompt, world, check, Done("Added.", {path: added(at)}), wrong)


@chores("time-out-of-a-table", 3, "sqlite", "time")
def take_off_for_my_sister(random: Random) -> Case:
    """A flight's departure is looked up and told in the time of another town."""
    town, sister = random.choice(["Bogotá", "Lima"]), random.choice([*OWN])
    number, *others = random.sample(range(112, 970), 6)
    starts = [(random.randrange(6, 22), random.choice([5, 20, 35, 50])) for _ in range(6)]
    starts[1:] = [start if start != starts[0] else (23, 10) for start in starts[1:]]
    towns = ["Oslo", "Rome", "Porto", "Tokyo", "Cairo"]
    rows: Rows = [(f"AV {number}", town, "Madrid", "{:02}:{:02}".format(*starts[0]))]
    rows += [
        (f"AV {each}", home, town, "{:02}:{:02}".format(*start))
        for each, home, start in zip(others, towns, starts[1:], strict=True)
    ]
    random.shuffle(rows)
    hour, minute = _there(*starts[0], ZONES[town], OWN[sister])
    prompt = random.choice(
        [
            f"My flights are in the database, with the departure in local time of the airport. At what time does AV {number} leave {town}, in {sister} time?",
            f"when does AV {number} take off (see the database, departs = local time in {town}) - in {sister} time please",
            f"My sister in {sister} wants to follow my flight AV {number} from {town} on the map. The database has its departure in local time. What time will it be at her place when I take off?",
        ]
    )
    other = _there(*starts[1], ZONES[town], OWN[sister])
    wrong = (
        Done("It leaves at {:02}:{:02}.".format(*starts[0])),
        Done(f"It leaves at {(hour + 1) % 24:02}:{minute:02} in {sister}."),
        Done("It leaves at {:02}:{:02} in {}.".format(*other, sister)),
        Done(f"AV {number} leaves in the morning."),
        Done(f"The flight AV {number} is not in the database."),
        Done(f"It will be {hour:02}:{minute:02} there.", sql=f"delete from flights where number = 'AV {number}';"),
    )
    check = j.all_of(j.says_time(hour, minute), j.tables_untouched())
    sql = table("flights", "number text, origin text, destination text, departs text", rows)
    world = World(sql=sql + table("hotels", "town text, name text", [("Madrid", "Sol"), ("Oslo", "Fjord")]))
    return Case(prompt, world, check, Done(f"It will be {hour:02}:{minute:02} in {sister} then."), wrong)
