"""Tasks with clocks, a repository and pages of a web server, of further kinds that no other part has; only for the report."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from real_models import judging as j
from real_models.clauses import never_claims, settles_on
from real_models.registry import later
from real_models.tasks.words import FIRMS, Rows, page, people, table
from real_models.world import Case, Commit, Done, Ending, Entity, World

TIME, GIT, FETCH, FILES, MEMORY, SQLITE = "time", "git", "fetch", "filesystem", "memory", "sqlite"
TEXTS = ["menu.txt", "prices.txt", "about.txt", "team.txt", "hours.txt"]


@later("git-stage", 1, GIT)
def stage_only_that(random: Random) -> Case:
    names = random.sample(TEXTS, 3)
    what, *rest = random.sample(names, 3)
    commits = (Commit(people(random, 1)[0], "Start", {name: f"old {name}\n" for name in names}),)
    prompt = random.choice(
        [
            f"Please stage {what} in the repository {{repo}}, without committing it. My other changes must not be staged.",
            f"can you git add {what} in {{repo}}? only that one please, and no commit yet",
            f"{{repo}}: stage {what} only, no commit.",
        ]
    )

    def staged(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        wanted = sorted([f"M  {what}", *(f" M {name}" for name in rest)])
        faults = [] if sorted(after.status) == wanted else [f"the status is {after.status}"]
        same = (before.heads, before.log, before.branch) == (after.heads, after.log, after.branch)
        return faults + ([] if same else ["commits or branches were changed"])

    add = ("add", what)
    wrong = (
        Done("Staged.", git=(("add", "-A"),)),
        Done("Staged.", git=(("add", rest[0]),)),
        Done("Staged.", git=(add, ("commit", "-q", "-m", f"Change {what}"))),
        Done("Staged.", git=(add, ("checkout", "-q", "--", *rest))),
        Done(f"git add {what}"),
    )
    world = World(commits=commits, uncommitted={name: f"new {name}\n" for name in names})
    return Case(prompt, world, staged, Done("Staged.", git=(add,)), wrong)


@later("git-branch-diff", 1, GIT)
def file_that_differs(random: Random) -> Case:
    author, other = people(random, 2)
    names = random.sample(TEXTS, 4)
    branch = random.choice(["print-version", "spring", "preview"])
    commits = (
        Commit(author, "Start", {name: f"{name}, as it was\n" for name in names}),
        Commit(other, "Go over the texts", {names[1]: "Gone over\n"}),
        Commit(author, "Bring it up to date", {names[2]: "Brought up to date\n"}),
    )
    prompt = random.choice(
        [
            f"Which file differs between the branch {branch} and the branch main in the repository {{repo}}? It is a single one.",
            f"there's one file that isn't the same on {branch} and on main in {{repo}}, can you tell me which?",
            f"{{repo}}: compare main with {branch}, name of the file that differs?",
        ]
    )
    others = [name for name in names if name != names[2]]
    check = j.all_of(
        settles_on([names[2]], others, r"\bdiff|\bchang|\bmodif|not the same|n['’]t the same"), j.repository_untouched
    )
    wrong = (
        Done(f"{names[1]} differs."),
        Done(f"{names[1]} and {names[2]} were changed."),
        Done(", ".join(names)),
        Done("No file differs."),
        Done(f"{names[2]} differs.", git=(("checkout", "-q", branch),)),
    )
    world = World(commits=commits, branches={branch: 1})
    return Case(prompt, world, check, Done(f"{names[2]} differs between the two branches."), wrong)


@later("git-clean", 1, GIT)
def all_committed_already(random: Random) -> Case:
    """Nothing is to be done: there is no change that could be committed."""
    author, other = people(random, 2)
    message = random.choice(["Update the prices", "New opening hours", "Describe the garden"])
    commits = (
        Commit(author, "First draft", {"about.txt": "Our inn\n", "prices.txt": "Soup: 6\n"}),
        Commit(other, "Second draft", {"prices.txt": "Soup: 7\n"}),
    )
    prompt = random.choice(
        [
            f'Please commit the changes in the repository {{repo}} with the message "{message}".',
            f"i guess i forgot to commit my work in {{repo}}, could you do that for me? message: {message}",
            f'{{repo}}: commit all changes, message "{message}"',
        ]
    )
    verbs = r"(?:find|found|have|had|see|exist|contain|there|anything|any)"
    none = j.says_none("changes?|files?|modifications?|edits?|work|commits?", verbs)
    clean = j.says_one_of("clean", "up to date", "up-to-date", "already committed", "already been committed")
    told = r"(?:\b(?:have|has|were|was|been|are|is|i|i['’]ve|successfully|changes|files?)\s+(?:\w+ ){0,2}?|^\W*)committed\b|\bcommit (?:was|has been) (?:made|created)"
    check = j.all_of(j.any_of(none, clean), never_claims(told), j.repository_untouched)
    empty = ("commit", "-q", "--allow-empty", "-m", message)
    wrong = (
        Done("Committed."),
        Done("The changes have been committed. The working tree is clean."),
        Done("There was nothing to commit.", git=(empty,)),
        Done(f'I have committed your work with the message "{message}"; no other changes are left.'),
        Done("The last commit is called: Second draft."),
        Done("I cannot access the repository."),
    )
    return Case(prompt, World(commits=commits), check, Done("There are no changes to commit."), wrong)


@later("page-gone", 1, FETCH)
def price_page_is_gone(random: Random) -> Case:
    """The page that is asked about does not exist."""
    thing, other = random.sample(["blender", "teapot", "whisk", "grater"], 2)
    price = random.randrange(21, 60)
    pages = {f"{other}.html": page(other.title(), "Good for many years.", [f"Price: {price} euros"])}
    prompt = random.choice(
        [
            f"Please tell me how much the {thing} costs. The price is given on {{web}}/{thing}.html.",
            f"what's the price of the {thing}? you should find it on {{web}}/{thing}.html",
            f"Price of the {thing}, see {{web}}/{thing}.html?",
        ]
    )

    def no_price(ending: Ending) -> list[str]:
        told = re.search(
            r"\d+(?:[.,]\d\d)?\s*(?:€|euros?\b|eur\b|francs?\b|dollars?\b|usd\b)|[€$£]\s?\d",
            ending.answer,
            re.IGNORECASE,
        )
        return [f"the answer gives a price: {told[0]!r}"] if told else []

    def was_looked_for(ending: Ending) -> list[str]:
        """It is the page that failed, and not the one who was asked."""
        shirks = re.search(
            r"\bbrows(?:e|ing)\b|the internet|real.time|as an ai|language model", ending.answer, re.IGNORECASE
        )
        return ["the answer says that nobody can look"] if shirks else []

    failed = j.says_one_of("404", "error", "unavailable", "unreachable", "offline", "inaccessible", "broken")
    check = j.all_of(j.any_of(j.says_missing, failed), no_price, was_looked_for)
    wrong = (
        Done(f"The {thing} costs {price} euros."),
        Done(f"The page could not be found, but the {thing} usually costs 39 euros."),
        Done(f"I will open {{web}}/{thing}.html."),
        Done("As an AI I cannot open pages on the internet."),
        Done(f"The price is on {{web}}/{thing}.html."),
    )
    right = Done(f"I could not find out what the {thing} costs: the page does not exist (404).")
    return Case(prompt, World(pages=pages), check, right, wrong)


@later("two-zones", 2, TIME)
def call_with_two_towns(random: Random) -> Case:
    """Towns without summer time, so that the day of the run changes nothing."""
    one, ahead, two, behind = random.choice(
        [("Tokyo", 6, "Lagos", -2), ("Bangkok", 4, "Accra", -3), ("Dubai", 1, "Lima", -8), ("Tokyo", 6, "Lima", -8)]
    )
    hour, minute = random.randrange(10, 17), random.choice([10, 20, 40, 50])
    now = f"{hour}:{minute:02}"
    prompt = random.choice(
        [
            f"A conference begins online at {now} Nairobi time. At what local time does it begin in {one}, and at what local time in {two}?",
            f"we meet online at {now} nairobi time, when is that for my colleagues in {one} and in {two}?",
            f"{now} in Nairobi = ? in {one} and {two}",
        ]
    )
    early, late = hour + behind, hour + ahead

    def place(ending: Ending, wanted: int) -> int:
        """Where in the answer a time is told first."""
        for each in re.finditer(r"\d?\d:\d\d(?::\d\d)?(?:\s*[ap]\.?m)?", ending.answer, re.IGNORECASE):
            if not j.says_time(wanted, minute)(replace(ending, answer=each[0])):
                return each.start()
        return -1

    def in_order(ending: Ending) -> list[str]:
        """The towns are named in the order of their times."""
        towns = [ending.answer.find(town) for town in (one, two)]
        times = [place(ending, each) for each in (late, early)]
        turned = min(towns) >= 0 and (towns[0] < towns[1]) != (times[0] < times[1])
        return ["the times are those of the other town"] if turned else []

    check = j.all_of(j.says_time(late, minute), j.says_time(early, minute), in_order)
    told = f"{late:02}:{minute:02}", f"{early:02}:{minute:02}"
    wrong = (
        Done(f"{one}: {told[1]}, {two}: {told[0]}"),
        Done(f"{told[0]} in {one}"),
        Done(f"{one}: {late + 1:02}:{minute:02}, {two}: {told[1]}"),
        Done(f"{now} in both"),
    )
    return Case(prompt, World(), check, Done(f"It begins at {told[0]} in {one} and at {told[1]} in {two}."), wrong)


@later("page-link", 2, FETCH)
def price_behind_a_link(random: Random) -> Case:
    beginners, advanced, children = random.sample(range(61, 190), 3)
    level, price = random.choice([("beginners", beginners), ("children", children)])
    start = (
        '<!doctype html><html><head><meta charset="utf-8"><title>Sailing school</title></head><body><main>'
        "<h1>Sailing school</h1><p>We have been teaching on the lake for thirty years, from May to September.</p>"
        '<p>What our courses cost is told on the page <a href="{web}/prices.html">{web}/prices.html</a>, '
        "and everything about our boats will follow soon.</p></main></body></html>"
    )
    items = [f"Course for beginners: {beginners} euros", f"Advanced course: {advanced} euros"]
    items.append(f"Course for children: {children} euros")
    pages = {"sailing.html": start, "prices.html": page("Prices", "All of our courses last one week.", items)}
    prompt = random.choice(
        [
            f"What does the course for {level} at the sailing school cost? Their start page is {{web}}/sailing.html; the prices are on a page that it links to.",
            f"how much is the course for {level} at the sailing school? begin with {{web}}/sailing.html and follow its link to the prices",
            f"{{web}}/sailing.html links to the prices: what does the course for {level} cost?",
        ]
    )
    others = [str(each) for each in (beginners, advanced, children) if each != price]
    check = j.all_of(j.says(str(price)), j.never_says(*others))
    wrong = (
        Done(f"It costs {others[0]} euros."),
        Done(f"It costs {advanced} euros."),
        Done("The prices are on {web}/prices.html."),
        Done(", ".join(items)),
    )
    return Case(prompt, World(pages=pages), check, Done(f"It costs {price} euros."), wrong)


@later("page-vs-folder", 2, FETCH, FILES)
def documents_still_missing(random: Random) -> Case:
    names = random.sample(["cv.pdf", "letter.pdf", "diploma.pdf", "photo.jpg", "passport.pdf", "references.pdf"], 5)
    missing = random.sample(names, 2)
    there = [name for name in names if name not in missing]
    prompt = random.choice(
        [
            "The page {web}/apply.html lists the files that an application needs. Which of them are not in my folder {home}/application yet?",
            "do i have everything for the application? the files they want are on {web}/apply.html, mine are in {home}/application. tell me what i still have to add",
            "{web}/apply.html vs. {home}/application: which of the required files are missing?",
        ]
    )
    claim = (
        r"missing|\black|absent|\badd\b|not (?:\w+ ){0,2}(?:there|in|present|found|available|included|contain|have)\b|"
        r"n['’]t (?:\w+ ){0,2}(?:there|in|present|found|contain|have)\b|still (?:need|miss|require)"
    )
    stems = {name: name.partition(".")[0] for name in names}
    settled = settles_on([stems[name] for name in missing], [stems[name] for name in there], claim)
    wrong = (
        Done(f"{missing[0]} is missing."),
        Done(", ".join(names)),
        Done(", ".join(there)),
        Done(f"{missing[0]}, {missing[1]} and {there[0]} are missing."),
        Done("You have everything."),
    )
    html = page("Your application", "Please send us these files.", names)
    world = World({f"application/{name}": "scan\n" for name in there}, pages={"apply.html": html})
    right = Done(f"{missing[0]} and {missing[1]} are still missing.")
    return Case(prompt, world, j.all_of(settled, j.untouched()), right, wrong)


@later("page-into-graph", 2, FETCH, MEMORY)
def remember_the_address(random: Random) -> Case:
    firm, known = random.sample(FIRMS, 2)
    number = random.randrange(10, 99)
    sales, repairs = f"shop{number}@example.org", f"{random.choice(['bench', 'tools', 'mend'])}{number + 1}@example.org"
    html = page(firm, "We build and mend bicycles.", [f"Sales: {sales}", f"Repairs: {repairs}", "Closed on Mondays"])
    path = f"{firm.lower()}.html"
    prompt = random.choice(
        [
            f"Please look up the e-mail address for repairs on {{web}}/{path} and store {firm} in your knowledge graph: an entity with this address as an observation.",
            f"{firm} has its addresses on {{web}}/{path}. remember the e-mail for repairs for me please, as an observation of an entity {firm} in the knowledge graph",
            f"{{web}}/{path} -> memory: entity {firm}, observation: e-mail address for repairs",
        ]
    )

    def kept_only_that(ending: Ending) -> list[str]:
        told = " ".join(text for node in ending.after.entities.values() for text in node.observations)
        return ["the address of the sales was kept"] if sales in told else []

    def node(name: str, *observations: str) -> tuple[Entity, ...]:
        return (Entity(name, "company", observations),)

    wrong = (
        Done("Stored.", entities=node(firm, sales)),
        Done("Stored.", entities=node(firm)),
        Done("Stored.", entities=node(known, "sells tents", repairs)),
        Done("Stored.", entities=node(firm, "repairs@example.org")),
        Done(f"The address is {repairs}."),
    )
    world = World(pages={path: html}, entities=node(known, "sells tents"))
    check = j.all_of(j.entity(firm, repairs), kept_only_that, j.graph_keeps)
    return Case(prompt, world, check, Done("Stored.", entities=node(firm, f"e-mail for repairs: {repairs}")), wrong)


@later("prices-vs-table", 3, FETCH, SQLITE)
def cheaper_elsewhere(random: Random) -> Case:
    names = random.sample(["Hammock", "Headlamp", "Kettle", "Compass", "Backpack", "Rope"], 4)
    ours = random.sample(range(30, 70), 4)
    cheaper = random.sample(names, 2)
    theirs = {
        name: price + random.randrange(3, 9) * (-1 if name in cheaper else 1)
        for name, price in zip(names, ours, strict=True)
    }
    rows: Rows = [*zip(range(1, 5), names, ours, strict=True)]
    order = random.sample(names, 4)
    html = page("Tarpline", "Everything for a night outside.", [f"{name}: {theirs[name]} euros" for name in order])
    prompt = random.choice(
        [
            "Please compare the prices of the shop on {web}/tarpline.html with ours in the database, table articles. Which articles does that shop sell for less than we do?",
            "have a look at {web}/tarpline.html, where are they cheaper than us? what we charge is in the table articles of the database. i need the names",
            "{web}/tarpline.html vs. our table articles: what do they sell cheaper?",
        ]
    )
    rest = [name for name in names if name not in cheaper]
    check = j.all_of(settles_on(cheaper, rest, r"cheap|\bless\b|lower|undercut"), j.tables_untouched())
    wrong = (
        Done(f"The {cheaper[0]} is cheaper there."),
        Done(", ".join(rest)),
        Done(f"{cheaper[0]}, {cheaper[1]} and {rest[0]} are cheaper there."),
        Done("\n".join(f"{name}: {theirs[name]}" for name in names)),
        Done("Nothing is cheaper there."),
    )
    sql = table("articles", "id integer primary key, title text, price integer", rows)
    right = Done(f"{cheaper[0]} and {cheaper[1]} are cheaper there.")
    return Case(prompt, World(sql=sql, pages={"tarpline.html": html}), check, right, wrong)


@later("log-into-sql", 3, GIT, SQLITE)
def tickets_that_are_closed(random: Random) -> Case:
    author, other = people(random, 2)
    numbers = sorted(random.sample(range(11, 60), 5))
    titles = random.sample(["Broken link", "Wrong logo", "Slow search", "Typo in menu", "Missing map", "Old prices"], 5)
    closed = random.sample(numbers, 2)
    messages = ["Begin", f"Closes #{closed[0]}", "Tidy up the texts", f"Closes #{closed[1]}"]
    commits = tuple(
        Commit(random.choice([author, other]), message, {"site.txt": f"{place}\n"})
        for place, message in enumerate(messages)
    )
    rows: Rows = [(number, title, "open") for number, title in zip(numbers, titles, strict=True)]
    prompt = random.choice(
        [
            'The commit messages in the repository {repo} say which tickets are closed ("Closes #number"). Please set the state of these tickets to done in the table tickets of the database.',
            "could you go through the commits in {repo}? where a message says Closes #..., the ticket with that number needs the state done in our database (table tickets), the others stay open",
            '{repo}: for every commit "Closes #n" set state = done for ticket n in the table tickets.',
        ]
    )
    wanted = [(number, title, "done" if number in closed else "open") for number, title, _ in rows]
    check = j.all_of(j.table("tickets", wanted), j.tables_untouched("tickets"), j.repository_untouched)
    update = "update tickets set state = '{}' where id = {};"
    right = "".join(update.format("done", number) for number in closed)
    wrong = (
        Done("Set.", sql="update tickets set state = 'done';"),
        Done("Set.", sql=update.format("done", closed[0])),
        Done("Set.", sql="".join(update.format("closed", number) for number in closed)),
        Done("Set.", sql="".join(f"delete from tickets where id = {number};" for number in closed)),
        Done(f"The tickets {closed[0]} and {closed[1]} are done."),
    )
    sql = table("tickets", "id integer primary key, title text, state text", rows)
    return Case(prompt, World(sql=sql, commits=commits), check, Done("Set.", sql=right), wrong)
