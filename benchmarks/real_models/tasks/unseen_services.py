"""Tasks with clocks, a repository and pages of a web server, of kinds that neither half has; only for the report."""

from __future__ import annotations

import re
from random import Random

from real_models import judging as j
from real_models.registry import unseen
from real_models.tasks.words import lines, page, people
from real_models.world import Case, Commit, Done, Ending, World

TIME, GIT, FETCH, FILES = "time", "git", "fetch", "filesystem"


@unseen("duration", 1, TIME)
def time_in_the_air(random: Random) -> Case:
    """Towns without summer time, so that the day of the run changes nothing."""
    start, end, ahead = random.choice(
        [
            ("Singapore", "Dubai", -4),
            ("Johannesburg", "Dubai", 2),
            ("Manila", "Dubai", -4),
            ("Dubai", "Johannesburg", -2),
        ]
    )
    leaves, lasts = random.randrange(7, 10) * 60 + random.choice([10, 25, 40, 50]), random.randrange(12, 18) * 30
    lands = leaves + lasts + 60 * ahead
    told = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (leaves, lands)]
    prompt = random.choice(
        [
            f"My flight leaves {start} at {told[0]} and lands in {end} at {told[1]} on the same day, both in local time. How long is it in the air?",
            f"how long does a flight take that departs {start} {told[0]} local and arrives {end} {told[1]} local, same date?",
        ]
    )
    naive = lands - leaves
    right = f"{lasts // 60} hours {lasts % 60} minutes"
    wrong = (
        Done(f"{naive // 60} hours {naive % 60} minutes"),
        Done(told[1]),
        Done(f"{lasts // 60 + 1} hours {lasts % 60} minutes"),
    )
    return Case(prompt, World(), j.says_duration(*divmod(lasts, 60)), Done(right), wrong)


@unseen("file-and-clock", 2, FILES, TIME)
def kickoff_time(random: Random) -> Case:
    there, here, ahead = random.choice(
        [("Lima", "Karachi", 10), ("Phoenix", "Johannesburg", 9), ("Singapore", "Dubai", -4)]
    )
    hour, minute = random.randrange(6, 13), random.choice([5, 20, 35, 50])
    text = lines(
        "Kickoff Harbour project",
        "Day: Thursday",
        f"Start: {hour:02}:{minute:02} ({there} time)",
        "Please bring your laptop.",
    )
    prompt = random.choice(
        [
            f"When does the kickoff begin for me? I'm in {here}. The invitation is {{home}}/mail/kickoff.txt",
            f"{{home}}/mail/kickoff.txt has the start of the kickoff, what time is that in {here}",
        ]
    )
    start = hour + ahead
    check = j.all_of(j.says_time(start, minute), j.untouched())
    wrong = (Done(f"{hour:02}:{minute:02}"), Done(f"{start - 1:02}:{minute:02} in {here}"), Done(f"Use {here} time."))
    return Case(prompt, World({"mail/kickoff.txt": text}), check, Done(f"At {start:02}:{minute:02}."), wrong)


@unseen("git-branch-at", 1, GIT)
def branch_off_release(random: Random) -> Case:
    author, other = people(random, 2)
    version, name = (
        f"release-{random.randrange(2, 9)}.{random.randrange(1, 9)}",
        random.choice(["hotfix-login", "fix-vat", "patch-export"]),
    )
    commits = (
        Commit(author, "First version", {"app.py": "print(1)\n"}),
        Commit(author, "Prepare the release", {"app.py": "print(2)\n"}),
        Commit(other, "Begin the rewrite", {"app.py": "print(3)\n"}),
    )
    prompt = random.choice(
        [
            f"In {{repo}}, create a branch {name} that starts from the branch {version}, not from main.",
            f"need a new branch {name} off {version} in {{repo}}",
        ]
    )

    def at_release(ending: Ending) -> list[str]:
        wanted = {**ending.before.heads, name: "Prepare the release"}
        return [] if ending.after.heads == wanted else [f"the branches are {dict(ending.after.heads)}"]

    wrong = (
        Done("Created.", git=(("branch", name),)),
        Done("Created.", git=(("checkout", "-q", version),)),
        Done(f"Run git branch {name} {version}."),
    )
    right = Done("Created.", git=(("branch", name, version),))
    return Case(prompt, World(commits=commits, branches={version: 1, "docs": 0}), at_release, right, wrong)


@unseen("git-partial", 3, GIT)
def commit_all_but_one(random: Random) -> Case:
    names = random.sample(["index.html", "style.css", "shop.js", "faq.md", "contact.md"], 3)
    left, message = names[0], random.choice(["Spring update", "Refresh the texts", "Small corrections"])
    commits = (Commit(people(random, 1)[0], "Start", {name: f"old {name}\n" for name in names}),)
    world = World(commits=commits, uncommitted={name: f"new {name}\n" for name in names})
    prompt = random.choice(
        [
            f'Commit my changes in {{repo}} with the message "{message}", but leave {left} out, I\'m not done with it.',
            f"commit everything I changed in {{repo}} except {left}. message: {message}",
        ]
    )

    def judged(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        faults = [] if after.log[1:] == before.log else ["there is not one new commit"]
        faults += [] if after.log[0][1].strip("\"' .") == message else [f"the message is {after.log[0][1]!r}"]
        faults += [f"{name} is not committed" for name in names[1:] if after.committed.get(name) != f"new {name}\n"]
        faults += [] if after.committed.get(left) == f"old {left}\n" else [f"{left} was committed"]
        return faults + ([] if [line[3:] for line in after.status] == [left] else [f"left over: {after.status}"])

    commit = ("commit", "-q", "-m", message)
    wrong = (
        Done("Committed.", git=(("add", "-A"), commit)),
        Done("Committed.", git=(("add", names[1]), commit)),
        Done("Staged.", git=(("add", *names[1:]),)),
        Done("Committed.", git=(("add", *names[1:]), commit, ("checkout", "-q", left))),
    )
    return Case(prompt, world, judged, Done("Committed.", git=(("add", *names[1:]), commit)), wrong)


@unseen("git-who-changed", 3, GIT)
def who_raised_the_price(random: Random) -> Case:
    names = people(random, 4)
    dishes = random.sample(["soup", "lasagne", "espresso", "salad", "curry"], 4)
    prices = dict(zip(dishes, random.sample(range(4, 20), 4), strict=True))
    what = dishes[0]
    old, culprit = prices[what], ""
    commits = [
        Commit(names[0], "Add the menu", {"menu.txt": lines(*(f"{dish}: {price}" for dish, price in prices.items()))})
    ]
    messages = random.sample(["Update menu", "Edit menu.txt", "Changes for this week"], 3)
    for dish, author, message in zip(random.sample(dishes[:3], 3), names[1:], messages, strict=True):
        prices[dish] += random.randrange(21, 30)
        text = lines(*(f"{each}: {price}" for each, price in prices.items()))
        commits.append(Commit(author, message, {"menu.txt": text}))
        culprit = author if dish == what else culprit
    prompt = random.choice(
        [
            f"Somebody changed the price of the {what} from {old} to {prices[what]} in menu.txt, in the repository {{repo}}. Who was it?",
            f"who put the {what} up to {prices[what]} in {{repo}}/menu.txt? look at the git history",
        ]
    )
    others = [name for name in names if name != culprit]
    check = j.all_of(
        j.says_one_of(culprit, culprit.split()[0]),
        j.never_says(*others, *(name.split()[0] for name in others)),
        j.no_new_commit,
    )
    wrong = (Done(others[0]), Done(others[2]), Done(", ".join(names)))
    return Case(prompt, World(commits=tuple(commits)), check, Done(f"It was {culprit}."), wrong)


@unseen("git-into-file", 2, GIT, FILES)
def changes_since(random: Random) -> Case:
    author, other = people(random, 2)
    messages = random.sample(
        [
            "Add a dark theme",
            "Fix the login page",
            "Translate the menu",
            "Remove old banners",
            "Speed up search",
            "Show prices in euros",
        ],
        5,
    )
    commits = tuple(
        Commit(random.choice([author, other]), message, {"app.txt": f"{place}\n"})
        for place, message in enumerate(messages)
    )
    newest = messages[:-4:-1]
    path = "release/CHANGES.txt"
    prompt = random.choice(
        [
            "Write the messages of the last three commits in {repo} into {home}/release/CHANGES.txt: newest first, each on its own line and starting with '- '.",
            'I need {home}/release/CHANGES.txt with the 3 latest commit messages of {repo}, one per line like "- message", newest on top',
        ]
    )
    right = lines(*(f"- {message}" for message in newest))
    check = j.all_of(j.file_is(path, right), j.untouched(path), j.no_new_commit)
    wrong = (
        Done("Written.", {path: lines(*(f"- {message}" for message in newest[::-1]))}),
        Done("Written.", {path: lines(*(f"- {message}" for message in messages[::-1]))}),
        Done("Written.", {path: lines(*(f"- Commit: {message}" for message in newest))}),
        Done(right),
    )
    world = World({"release/": "", "todo.txt": "announce\n"}, commits=commits)
    return Case(prompt, world, check, Done("Written.", {path: right}), wrong)


@unseen("fetch-filter", 1, FETCH)
def talleres_completos(random: Random) -> Case:
    """In Spanish: those of a list that have a property."""
    names = random.sample(["Acuarela", "Mosaico", "Grabado", "Bordado", "Origami", "Macram\u00e9"], 5)
    full = random.sample(names, 2)
    items = [f"{name}: {'completo' if name in full else f'quedan {random.randrange(2, 9)} plazas'}" for name in names]
    prompt = random.choice(
        [
            "¿Qué talleres de {web}/talleres.html ya están llenos?",
            "mira {web}/talleres.html y dime en cuáles talleres ya no hay sitio, porfa",
        ]
    )

    def ways(name: str) -> tuple[str, str]:
        return (name, name.replace("\u00e9", "e"))

    others = [way for name in names if name not in full for way in ways(name)]
    check = j.all_of(*(j.says_one_of(*ways(name)) for name in full), j.never_says(*others))
    wrong = (Done(", ".join(names)), Done(full[0]), Done(", ".join(name for name in names if name not in full)))
    world = World(pages={"talleres.html": page("Talleres de primavera", "Todos empiezan en abril.", items)})
    return Case(prompt, world, check, Done(" y ".join(full)), wrong)


@unseen("up-to-date", 2, FETCH, FILES)
def newer_version(random: Random) -> Case:
    program = random.choice(["Rookery", "Tidepool", "Birchmail"])
    major, minor = random.randrange(2, 7), random.randrange(3, 9)
    mine, previous, new = f"{major}.{minor}.2", f"{major}.{minor}.4", f"{major}.{minor + 2}.1"
    html = page(
        f"{program} releases", "Thank you for using it.", [f"{new}: current version", f"{previous}: previous version"]
    )
    folder = program.lower()
    prompt = random.choice(
        [
            f"Is my {program} up to date? What I have is in {{home}}/apps/{folder}/version.txt, their releases are listed on {{web}}/{folder}.html. If there's something newer, which version should I install?",
            f"compare {{home}}/apps/{folder}/version.txt with {{web}}/{folder}.html, do i have the current {program}? if not tell me the number of the current one",
        ]
    )

    def behind(ending: Ending) -> list[str]:
        """It does not say that nothing is to be done."""
        content = re.search(
            r"^\W*yes\b(?!.{0,40}newer)|\b(?:is|are|already) (?:already )?(?:up.to.date|current\b(?! version))",
            ending.answer,
            re.IGNORECASE,
        )
        return [f"the answer says {content[0]!r}"] if content else []

    check = j.all_of(j.says_one_of(new, f"v{new}"), j.never_says(previous), behind, j.untouched())
    world = World({f"apps/{folder}/version.txt": f"{mine}\n"}, pages={f"{folder}.html": html})
    wrong = (
        Done(f"Yes, {new} is what you have."),
        Done("Your version is up to date."),
        Done(f"Install {previous}."),
        Done(f"You have {mine}."),
    )
    return Case(prompt, world, check, Done(f"No, you have {mine}; the current version is {new}."), wrong)
