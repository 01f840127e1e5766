"""Tasks with repositories, clocks and pages that one thinks of first; only for the report."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from real_models import judging as j
from real_models.registry import everyday
from real_models.tasks.words import lines, page, people
from real_models.values import file_items, items, says_afternoon
from real_models.world import Case, Check, Commit, Done, Ending, World

FILES, GIT, TIME, FETCH = "filesystem", "git", "time", "fetch"
ZONES = {"Tokyo": 540, "Singapore": 480, "Mumbai": 330, "Dubai": 240, "Nairobi": 180, "Phoenix": -420}
"""Minutes ahead of UTC, of places that never change their clocks."""


def clock(minutes: int) -> str:
    """A time of day, from minutes since midnight."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def says_clock(minutes: int) -> Check:
    """The answer names the time of day, from minutes since midnight."""
    return j.says_time(minutes // 60 % 24, minutes % 60)


@everyday("time-abroad", 1, TIME)
def call_abroad(random: Random) -> Case:
    here, there = random.sample(list(ZONES), 2)
    start = random.randrange(8, 19) * 60 + random.choice([10, 20, 40, 50])
    shift = ZONES[there] - ZONES[here]
    when = clock(start)
    prompt = random.choice(
        [
            f"Our meeting starts at {when} in {here}. What time is that in {there}?",
            f"meeting is at {when} {here} time, when do the people in {there} have to dial in?",
            f"{when} {here} -> {there} time?",
        ]
    )
    wrong = (
        Done(f"It is {clock(start - shift)} in {there}."),
        Done(f"It is {clock(start + shift + 60)} in {there}."),
        Done(f"It is {when} in {there}."),
        Done(f"{there} is {abs(shift) // 60} hours away from {here}."),
        Done("I cannot know that."),
    )
    right = Done(f"That is {clock(start + shift)} in {there}.")
    return Case(prompt, World(), says_clock(start + shift), right, wrong)


@everyday("page-fact", 1, FETCH)
def library_on_saturday(random: Random) -> Case:
    town = random.choice(["Lindenau", "Altstetten", "Seefeld", "Rosental"])
    late, short = random.randrange(18, 20), random.randrange(14, 17)
    past, minutes = random.sample([15, 30, 45], 2)
    hours = [
        "Monday: closed",
        f"Tuesday to Friday: 10:00 to {late}:{past}",
        f"Saturday: 9:30 to {short}:{minutes}",
        "Sunday and public holidays: closed",
    ]
    prompt = random.choice(
        [
            "Until what time is the library open on Saturdays? Its page is {web}/library.html.",
            "how long is the libary open on saturday? see {web}/library.html",
            "{web}/library.html - closing time on Saturday?",
        ]
    )
    check = j.all_of(says_afternoon(short, minutes), j.never_says(f"{late}:{past}", f"{late - 12}:{past}"))
    wrong = (
        Done(f"The library closes at {late}:{past}."),
        Done("The library is closed on Saturdays."),
        Done("It opens at 9:30."),
        Done("; ".join(hours)),
        Done(f"Until {short}:00."),
        Done("I cannot open web pages."),
    )
    library = page(f"Library {town}", "Books, films and games for everybody.", [*hours, "Phone 031 555 24 24"])
    world = World(
        pages={"library.html": library, "museum.html": page("Museum", "Old trams.", ["Saturday: 11:00 to 17:00"])}
    )
    right = Done(f"On Saturdays the library is open until {short}:{minutes}.")
    return Case(prompt, world, check, right, wrong)


@everyday("note-to-time", 2, FILES, TIME)
def call_in_my_notes(random: Random) -> Case:
    here, one, two = random.sample(list(ZONES), 3)
    starts = [random.randrange(8, 19) * 60 + minute for minute in random.sample([5, 15, 25, 35, 45, 55], 2)]
    firms = random.sample(["Orchid Foods", "Kestrel Maps", "Blue Anchor", "Marula Labs"], 2)
    note = lines(
        *("# Calls next week", ""),
        *(
            f"- {firm} ({city}): {day}, {clock(start)} {city} time"
            for firm, city, day, start in zip(firms, (one, two), ("Tuesday", "Thursday"), starts, strict=True)
        ),
        *("", "Prepare slides until Monday."),
    )
    prompt = random.choice(
        [
            f"In {{home}}/notes/calls.md you find when I have a call with {firms[0]}. The time there is that of {one}; what time is it for me, in {here}?",
            f"im in {here} next week. at what time do i have the call with {firms[0]}, my time? its in {{home}}/notes/calls.md but in {one} time",
            f"{{home}}/notes/calls.md: call with {firms[0]} in {here} time?",
        ]
    )
    shift, other = ZONES[here] - ZONES[one], ZONES[here] - ZONES[two]
    wrong = (
        Done(f"The call is at {clock(starts[0])}."),
        Done(f"The call is at {clock(starts[0] - shift)} in {here}."),
        Done(f"The call is at {clock(starts[1] + other)} in {here}."),
        Done(f"The call is at {clock(starts[0] + shift - 60)} in {here}."),
        Done("The call is on Tuesday."),
        Done(f"{clock(starts[0] + shift)}", {"notes/calls.md": f"{firms[0]}: {clock(starts[0] + shift)}\n"}),
    )
    check = j.all_of(says_clock(starts[0] + shift), j.untouched())
    world = World({"notes/calls.md": note, "notes/ideas.md": "# Ideas\n\n- a map of benches\n"})
    return Case(prompt, world, check, Done(f"The call is at {clock(starts[0] + shift)} in {here}."), wrong)


@everyday("page-into-file", 2, FETCH, FILES)
def ingredients_to_keep(random: Random) -> Case:
    dish = random.choice(["pancakes", "waffles", "crepes"])
    amounts = [
        f"{random.randrange(20, 40) * 10} g flour",
        f"{random.randrange(2, 6)} eggs",
        f"{random.randrange(3, 7)} dl milk",
    ]
    amounts += random.sample([f"{random.randrange(2, 5)} tablespoons sugar", "1 pinch of salt", "50 g butter"], 2)
    steps = ["Mix everything and let it rest for half an hour.", "Heat the pan.", "Bake on both sides until golden."]
    path = f"recipes/{dish}.txt"
    prompt = random.choice(
        [
            f"Please get the ingredients of the recipe at {{web}}/{dish}.html and save them in {{home}}/{path}, one ingredient per line with its amount, without the preparation.",
            f"can you grab just the ingredients from {{web}}/{dish}.html and put them in {{home}}/{path}? one per line, i dont need the steps",
            f"{{web}}/{dish}.html -> {{home}}/{path}: ingredients only, one per line",
        ]
    )
    wrong = (
        Done("Saved.", {path: lines(*amounts[:4])}),
        Done("Saved.", {path: lines(*amounts, *steps)}),
        Done("Saved.", {path: lines(*(each.split()[-1] for each in amounts))}),
        Done("Saved.", {path: lines("200 g flour", "1 egg", "1 dl milk", "1 banana")}),
        Done("Saved.", {path: lines("[ingredients]")}),
        Done("Saved.", {f"{dish}.txt": lines(*amounts)}),
        Done("\n".join(amounts)),
    )
    check = j.all_of(file_items(path, amounts, ["ingredients", dish]), j.untouched(path))
    world = World(
        {"recipes/soup.txt": lines("1 onion", "1 l water", "3 carrots")},
        pages={f"{dish}.html": recipe(f"Grandma's {dish}", amounts, steps)},
    )
    return Case(prompt, world, check, Done("Saved.", {path: lines(*amounts)}), wrong)


def recipe(title: str, amounts: list[str], steps: list[str]) -> str:
    """A page with a list of ingredients and one of steps."""
    first, second = ("".join(f"<li>{each}</li>" for each in part) for part in (amounts, steps))
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body><main><h1>{title}</h1>'
        f"<p>For four people, ready in an hour. A recipe that everybody in our family loves.</p><h2>Ingredients</h2><ul>{first}</ul>"
        f"<h2>Preparation</h2><ol>{second}</ol></main></body></html>"
    )


def history(random: Random) -> tuple[Commit, ...]:
    """Six commits of a small site by two people."""
    authors = people(random, 2)
    messages = random.sample(
        [
            "Add page about parking",
            "Correct prices of tickets",
            "Use larger photos",
            "Remove old news",
            "Translate menu into French",
            "Speed up search",
            "Explain how to get here",
            "Add dark colours",
        ],
        6,
    )
    contact, about = "<h1>Contact</h1>\n<p>mail@example.org</p>\n", "<h1>About</h1>\n<p>Founded in 1987.</p>\n"
    return tuple(
        Commit(
            random.choice(authors), message, {"contact.html": contact, "about.html": about, "changes.txt": f"{at}\n"}
        )
        for at, message in enumerate(messages, 1)
    )


@everyday("log-into-file", 2, GIT, FILES)
def last_commits_for_the_report(random: Random) -> Case:
    commits = history(random)
    count = random.choice([2, 3])
    messages = [commit.message for commit in reversed(commits)]
    path = "reports/week.md"
    word = {2: "two", 3: "three"}[count]
    prompt = random.choice(
        [
            f"Please write the messages of the last {word} commits of the repository {{repo}} into the file {{home}}/{path}, one per line.",
            f"need the last {count} commits for my weekly report. take the messages from the git log of {{repo}} and save them to {{home}}/{path}, one on each line",
            f"last {count} commit messages of {{repo}} -> {{home}}/{path}, one per line",
        ]
    )

    def listed(ending: Ending) -> list[str]:
        given = items(ending.after.files.get(path, ""))
        faults = [
            f"{path} lacks {each!r}" for each in messages[:count] if sum(each.casefold() in line for line in given) != 1
        ]
        faults += [
            f"{path} names {each!r}" for each in messages[count:] if any(each.casefold() in line for line in given)
        ]
        extra = [line for line in given if not any(each.casefold() in line for each in messages)]
        return faults + [f"{path} also holds {line!r}" for line in extra if "commit" not in line]

    wrong = (
        Done("Saved.", {path: lines(*messages[: count - 1])}),
        Done("Saved.", {path: lines(*messages[: count + 1])}),
        Done("Saved.", {path: lines(*messages[-count:])}),
        Done("Saved.", {path: lines("Fix bug", "Update readme", "Add tests")}),
        Done("Saved.", {"week.md": lines(*messages[:count])}),
        Done("Saved.", {path: lines(*messages[:count])}, git=(("commit", "-q", "--allow-empty", "-m", "Report"),)),
        Done("\n".join(messages[:count])),
    )
    check = j.all_of(listed, j.untouched(path), j.repository_untouched)
    world = World({"reports/last-week.md": "# Last week\n\n- Moved to the new server\n"}, commits=commits)
    return Case(prompt, world, check, Done("Saved.", {path: lines(*messages[:count])}), wrong)


def changed(random: Random) -> dict[str, str]:
    """Files of the site of `history` with changes that are not committed."""
    return {
        "contact.html": f"<h1>Contact</h1>\n<p>mail@example.org</p>\n<p>031 555 {random.randrange(10, 99)} 18</p>\n",
        "about.html": f"<h1>About</h1>\n<p>Founded in 1987, {random.randrange(3, 90)} members.</p>\n",
    }


def commit_on_top(branch: str, message: str, files: Mapping[str, str]) -> Check:
    """The branch has one commit more, with this message and these files as they are now; nothing is left uncommitted."""

    def check(ending: Ending) -> list[str]:
        after = ending.after
        said = after.heads.get(branch, "").strip(" .\"'")
        faults = [] if said.casefold() == message.casefold() else [f"the newest commit of {branch} is {said!r}"]
        faults += [f"left uncommitted: {line}" for line in after.status]
        if after.branch == branch:
            faults += [f"{path} is not committed" for path, text in files.items() if after.committed.get(path) != text]
            faults += [] if after.log[1:] == ending.before.log else ["there is not just one commit more"]
        return faults

    return check


@everyday("commit", 2, GIT)
def commit_my_changes(random: Random) -> Case:
    commits, files = history(random), changed(random)
    message = random.choice(["Update contact and about page", "New phone number and members", "Refresh both pages"])
    prompt = random.choice(
        [
            f'Please commit all changes in the repository {{repo}} with the message "{message}".',
            f'im done with the pages in {{repo}}, pls commit everything. message: "{message}"',
            f'{{repo}}: add all + commit -m "{message}"',
        ]
    )

    def done(*paths: str, said: str = message) -> tuple[tuple[str, ...], ...]:
        return (("add", *paths), ("commit", "-q", "-m", said))

    wrong = (
        Done("Committed.", git=(("add", "-A"),)),
        Done("Committed.", git=done("contact.html")),
        Done("Committed.", git=done("-A", said="Update")),
        Done("Committed.", git=(*done("contact.html"), *done("about.html"))),
        Done("Committed.", git=(("commit", "-q", "--allow-empty", "-m", message), ("checkout", "-q", "."))),
        Done("Committed.", git=(("checkout", "-q", "-b", "update"), *done("-A"))),
        Done(f'All changes were committed with the message "{message}".'),
    )

    def same_branches(ending: Ending) -> list[str]:
        same = ending.before.branches == ending.after.branches and ending.after.branch == "main"
        return [] if same else ["the branches were changed"]

    check = j.all_of(commit_on_top("main", message, files), same_branches)
    world = World(commits=commits, uncommitted=files)
    return Case(prompt, world, check, Done("Committed.", git=done("-A")), wrong)


@everyday("branch-and-commit", 3, GIT)
def not_on_main(random: Random) -> Case:
    commits, files = history(random), {"contact.html": changed(random)["contact.html"]}
    branch = random.choice(["new-phone", "contact-phone", "phone-number"])
    message = random.choice(["Add phone number", "Show our phone number"])
    prompt = random.choice(
        [
            f'The change in {{repo}} should not go to main yet. Please create the branch {branch}, switch to it and commit the change there with the message "{message}".',
            f'can you put what i changed in {{repo}} on a new branch {branch}? commit message "{message}", main should stay as it is',
            f'{{repo}}: new branch {branch}, commit the change in contact.html there, message "{message}"',
        ]
    )
    switch, save = ("checkout", "-q", "-b", branch), (("add", "contact.html"), ("commit", "-q", "-m", message))

    def main_stays(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        faults = [] if after.heads.get("main") == before.heads["main"] else ["main was changed"]
        return faults + ([] if {*after.branches} == {*before.branches, branch} else [f"branches: {after.branches}"])

    wrong = (
        Done("Done.", git=(switch,)),
        Done("Done.", git=(switch, save[0])),
        Done("Done.", git=(("branch", branch), *save)),
        Done("Done.", git=(*save, switch)),
        Done("Done.", git=(("checkout", "-q", "-b", "feature"), *save)),
        Done("Done.", git=(switch, save[0], ("commit", "-q", "-m", "Update contact.html"))),
        Done(f"The change is committed on the branch {branch}."),
    )
    check = j.all_of(commit_on_top(branch, message, files), main_stays)
    world = World(commits=commits, uncommitted=files)
    return Case(prompt, world, check, Done("Done.", git=(switch, *save)), wrong)
