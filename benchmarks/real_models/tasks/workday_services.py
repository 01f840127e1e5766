"""Tasks with a repository, clocks and pages of the house as people at work hand them over; only for the report."""

from __future__ import annotations

import re
from random import Random

from real_models import judging as j
from real_models.registry import workday
from real_models.tasks.words import CITIES, FIRMS, Rows, lines, page, people, table
from real_models.world import Case, Commit, Done, Ending, Entity, World

GIT, TIME, FETCH, FILES, SQLITE, MEMORY = "git", "time", "fetch", "filesystem", "sqlite", "memory"

AHEAD = {
    "Lagos": 60,
    "Johannesburg": 120,
    "Nairobi": 180,
    "Dubai": 240,
    "Karachi": 300,
    "Kolkata": 330,
    "Bangkok": 420,
    "Singapore": 480,
    "Tokyo": 540,
}
"""Minutes ahead of UTC of towns without summer time, so that the day of the run changes nothing."""


def clock(minutes: int) -> str:
    """A time of day, as 14:15."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@workday("command-question", 0, GIT)
def undo_last_commit(random: Random) -> Case:
    names = people(random, 2)
    messages = random.sample(["Add the login page", "Shorten the footer", "Use the new logo"], 2)
    commits = tuple(
        Commit(name, message, {"index.html": f"<p>{message}</p>\n"})
        for name, message in zip(names, messages, strict=True)
    )
    prompt = random.choice(
        [
            "What is the git command to undo the last commit but keep its changes? Please only tell me, I will run it myself.",
            "how do i undo my last commit in git again, without losing the changes? just the command please, don't run anything",
            "git: command for undoing the last commit, changes kept? (don't do it, I'll type it)",
        ]
    )
    back = r"(?:HEAD|@)\s?(?:~1?|\^1?)(?![\w~^])"
    soft = re.compile(rf"git reset (?:--(?:soft|mixed) )?['\"]?{back}['\"]?(?! --hard)", re.IGNORECASE)
    hard = re.compile(r"--hard|git revert", re.IGNORECASE)
    spared = re.compile(
        rf"{j.DENIES.pattern}|\b(?:discards?|los[et]s?|losing|deletes?|throws?|careful|caution|warning|unlike|instead|while|removes?|new commit)\b",
        re.IGNORECASE,
    )

    def told(ending: Ending) -> list[str]:
        text = re.sub(r"[ \t]+", " ", ending.answer)
        if not soft.search(text):
            return ["the answer lacks the command"]
        bad = (each for each in re.split(r"\n|(?<=[.!?;])\s", text) if hard.search(each) and not spared.search(each))
        return [f"the answer advises {each!r}" for each in bad]

    command = "git reset --soft HEAD~1"
    wrong = (
        Done("git reset --hard HEAD~1"),
        Done("git revert HEAD"),
        Done(f"Done: {command}", git=(("reset", "-q", "--soft", "HEAD~1"),)),
        Done("git commit --amend"),
        Done("git reset HEAD"),
        Done("Use git reset."),
    )
    world = World(commits=commits, uncommitted={"draft.txt": f"{random.choice(CITIES)}\n"})
    right = Done(f"Use `{command}`: it takes the commit back and leaves the changes staged.")
    return Case(prompt, world, j.all_of(told, j.repository_untouched), right, wrong)


@workday("zone-call", 1, TIME)
def call_with_abroad(random: Random) -> Case:
    """One of the two is half an hour off, so that there is no answer without minutes."""
    abroad, here = "Kolkata", random.choice([town for town in AHEAD if town != "Kolkata"])
    if random.random() < 0.5:
        abroad, here = here, abroad
    away = AHEAD[here] - AHEAD[abroad]
    start = random.choice([each for each in range(555, 960, 30) if 420 <= each + away <= 1260])
    mine = start + away
    firm, day = random.choice(FIRMS), random.choice(["Tuesday", "Wednesday", "Thursday"])
    prompt = random.choice(
        [
            f"The client in {abroad} has invited us to a call on {day} at {clock(start)} their time. I am in {here}: what time is that for me?",
            f"{firm} want to talk {day} {clock(start)}, but that's {abroad} time... when do i have to be at my desk here in {here}?",
            f"{clock(start)} in {abroad} = ? in {here}",
        ]
    )
    wrong = (
        Done(f"At {clock((start - away) % 1440)}."),
        Done(f"At {clock(start)}."),
        Done(f"At {clock(mine + 30)}."),
        Done(f"At {clock(mine - 60)}."),
        Done(f"{here} is {abs(mine - start)} minutes away from {abroad}."),
    )
    return Case(
        prompt, World(), j.says_time(mine // 60, mine % 60), Done(f"It is {clock(mine)} in {here} then."), wrong
    )


@workday("zone-calendar", 3, TIME, FILES)
def call_into_calendar(random: Random) -> Case:
    here, abroad = random.sample([*AHEAD], 2)
    away = AHEAD[here] - AHEAD[abroad]
    start = max(540, 540 - away) + random.choice([0, 15, 30])
    mine, firm = start + away, random.choice(FIRMS)
    days = ["Wednesday 11 March", "Thursday 12 March", "Friday 13 March"]
    busy = random.sample(["Team meeting", "Dentist", "Review", "Interview", "Stocktaking", "Budget"], 6)
    entries = [
        [f"- 08:{random.choice([10, 20, 40])} {busy[n]}", f"- 17:{random.choice([40, 45, 50])} {busy[n + 3]}"]
        for n in range(3)
    ]
    line = f"- {clock(mine)} Call with {firm}"

    def week(added: str | None = None, at: int = 1) -> str:
        told = [f"# Week 11 ({here} time)"]
        for place, (day, those) in enumerate(zip(days, entries, strict=True)):
            more = [added] if added and place == at else []
            told += ["", f"## {day}", "", those[0], *more, those[1]]
        return lines(*told)

    path = "calendar/week-11.md"
    prompt = random.choice(
        [
            f"I have a call with {firm} on Thursday 12 March, at {clock(start)} {abroad} time. Please enter it as Call with {firm} in {{home}}/{path}, in my time ({here}) and in the form of the other entries.",
            f"can you add the call with {firm} to my calendar {{home}}/{path}? it's on thursday at {clock(start)} in {abroad}, so convert to {here} time pls. just a line like the others: time and 'Call with {firm}'",
            f"{{home}}/{path}, Thursday: add Call with {firm}, {clock(start)} {abroad} time, written in {here} time like the rest",
        ]
    )
    old = [each for each in week().splitlines() if each]

    def fits(text: str) -> bool:
        """One line more, in the section of that day, and it begins with the time."""
        given = [each.strip() for each in text.splitlines() if each.strip()]
        new = [place for place in range(len(given)) if given[:place] + given[place + 1 :] == old]
        if not new:
            return False
        place = new[0]
        within = given.index(f"## {days[1]}") < place < given.index(f"## {days[2]}")
        begins = re.match(rf"[-*]\s+{clock(mine)}\b\W+Call with {firm}\b", given[place], re.IGNORECASE)
        return within and bool(begins)

    wrong = (
        Done("Entered.", {path: week(f"- {clock(start)} Call with {firm}")}),
        Done("Entered.", {path: week(f"- {clock((start - away) % 1440)} Call with {firm}")}),
        Done("Entered.", {path: week(line, 2)}),
        Done("Entered.", {path: f"{week()}{line}\n"}),
        Done("Entered.", {path: lines(f"# Week 11 ({here} time)", "", f"## {days[1]}", "", line)}),
        Done("Entered.", {path: week(line).replace(busy[0], "Lunch")}),
        Done(f"The call is at {clock(mine)}."),
    )
    world = World(
        {path: week(), "calendar/week-10.md": "# Week 10\n\nHoliday\n", "calendar/birthdays.txt": "Mira: 3 May\n"}
    )
    check = j.all_of(j.file_matches(path, fits, "the week with the call on Thursday"), j.untouched(path))
    return Case(prompt, world, check, Done("Entered.", {path: week(line)}), wrong)


@workday("value-history", 2, GIT)
def when_did_it_change(random: Random) -> Case:
    first, who, third, fourth = people(random, 4)
    setting = random.choice(["upload_limit_mb", "session_minutes", "max_attempts"])
    old, new = random.sample(range(12, 60), 2)
    size, pages = random.sample(range(61, 90), 2)

    def config(value: int, page_size: int) -> str:
        return lines("[server]", "port = 8080", f"page_size = {page_size}", f"{setting} = {value}", "debug = false")

    said = setting.replace("_", " ")
    commits = (
        Commit(first, "Add the configuration", {"config.ini": config(old, size)}),
        Commit(third, "Describe the configuration", {"README.md": f"See config.ini for {setting}.\n"}),
        Commit(who, f"Change {said}", {"config.ini": config(new, size)}),
        Commit(fourth, "Show more entries on a page", {"config.ini": config(new, pages)}),
        Commit(first, "Add a licence", {"LICENSE": "MIT\n"}),
    )
    prompt = random.choice(
        [
            f"Who changed {setting} in config.ini of the repository {{repo}}, and from what value to what value?",
            f"someone changed {setting} in config.ini at some point, repo is {{repo}}. can you find out who, and what it was before and after?",
            f"{{repo}}: {setting} in config.ini was changed by whom, from what to what?",
        ]
    )
    ways = re.compile(
        r"\b(?:from|was|were|before|previous\w*|instead|old|earlier|former\w*|original\w*|rather|used to)(?!\w)",
        re.IGNORECASE,
    )

    def direction(ending: Ending) -> list[str]:
        """The old value stands first, or the answer tells otherwise which of the two is old."""
        text = ending.answer
        places = [re.search(rf"(?<![\w.]){value}(?!\w|\.\d)", text) for value in (old, new)]
        if not all(places):
            return ["the answer lacks one of the values"]
        before, after = (hit.start() for hit in places if hit)
        told = not re.search(rf"\bto {old}\b", text) if before < after else ways.search(text[after:before])
        return [] if told else ["the values are the wrong way round"]

    others = [name.split()[0] for name in (first, third, fourth)]
    chosen = j.picks(who.split()[0], others, r"\b(?:re)?(?:chang|rais|lower|increas|decreas|reduc|modif|updat)\w*")
    wrong = (
        Done(f"{first} changed it from {old} to {new}."),
        Done(f"{fourth} changed it from {size} to {pages}."),
        Done(f"{who} changed it from {new} to {old}."),
        Done(f"{who} changed it to {new}."),
        Done(f"{who} made the commit Change {said}."),
        Done(f"It went from {old} to {new}."),
    )
    right = Done(f"{who} changed {setting} from {old} to {new}.")
    return Case(prompt, World(commits=commits), j.all_of(chosen, direction, j.repository_untouched), right, wrong)


@workday("branch-commit", 3, GIT)
def commit_on_a_branch(random: Random) -> Case:
    names = people(random, 2)
    topic, message = random.choice(
        [
            ("fix/login-timeout", "Log out after an hour"),
            ("fix/mail-sender", "Send mails from the shop's address"),
            ("chore/new-port", "Listen on another port"),
        ]
    )
    file = random.choice(["settings.ini", "service.conf"])
    before, now = random.sample(range(3000, 9000), 2)
    commits = (
        Commit(names[0], "First version", {file: f"value = {before}\n", "README.md": "# Service\n"}),
        Commit(names[1], "Explain the settings", {"README.md": f"# Service\n\nSee {file}.\n"}),
    )
    prompt = random.choice(
        [
            f'In the repository {{repo}} I have changed {file}. Please create a branch {topic}, switch to it and commit this file there with the message "{message}". My scratch.txt must not go in.',
            f'can you put my change of {file} on a new branch {topic} in {{repo}} and commit it as "{message}"? only that file, scratch.txt is just for me',
            f'{{repo}}: new branch {topic}, on it commit {file} only (not scratch.txt), message "{message}"',
        ]
    )

    def committed(ending: Ending) -> list[str]:
        was, after = ending.before, ending.after
        faults = [] if after.branch == topic else [f"the branch is {after.branch}"]
        faults += [] if after.heads.get("main") == was.heads["main"] else ["main was changed"]
        one_more = len(after.log) == len(was.log) + 1 and after.log[1:] == was.log
        if not one_more or after.log[0][1].rstrip(".").casefold() != message.casefold():
            return [*faults, f"the history is {after.log}"]
        faults += [] if {*after.branches} == {"main", topic} else [f"the branches are {after.branches}"]
        wanted = {**was.committed, file: f"value = {now}\n"}
        faults += [] if after.committed == wanted else ["another file or text was committed"]
        return faults + ([] if after.status == ("?? scratch.txt",) else [f"left over is {after.status}"])

    switch, add, commit = ("checkout", "-q", "-b", topic), ("add", file), ("commit", "-q", "-m", message)
    wrong = (
        Done("Committed.", git=(add, commit)),
        Done("Committed.", git=(switch,)),
        Done("Committed.", git=(switch, add)),
        Done("Committed.", git=(switch, ("add", "-A"), commit)),
        Done("Committed.", git=(switch, add, ("commit", "-q", "-m", f"Update {file}"))),
        Done("Committed.", git=(add, commit, ("branch", topic))),
        Done("Committed.", git=(switch, ("checkout", "-q", file), ("commit", "-q", "--allow-empty", "-m", message))),
        Done(f"git checkout -b {topic} && git add {file} && git commit -m '{message}'"),
    )
    world = World(commits=commits, uncommitted={file: f"value = {now}\n", "scratch.txt": "ask Robin\n"})
    return Case(prompt, world, committed, Done("Committed.", git=(switch, add, commit)), wrong)


@workday("page-note", 2, FETCH, MEMORY)
def extension_from_the_intranet(random: Random) -> Case:
    desk, *rest = random.sample(["Helpdesk", "Reception", "Payroll", "Canteen", "Caretaker"], 4)
    number, *numbers = random.sample(range(4100, 4990), 4)
    items = [f"{name}: extension {each}" for name, each in zip((desk, *rest), (number, *numbers), strict=True)]
    html = page("Who to call", "Extensions in this house, weekdays from 8 to 17.", random.sample(items, 4))
    where = "{web}/intranet/phones.html"
    prompt = random.choice(
        [
            f"Please look up the extension of the {desk} on {where} and note it in your knowledge graph.",
            f"the {desk}'s extension is on {where}, can you get it from there and keep it in your memory so that i can ask you next time?",
            f"{where}: remember the extension of the {desk} (memory)",
        ]
    )

    office = Entity(f"{random.choice(CITIES)} office", "office", ("opens at 8",))

    def kept(ending: Ending) -> list[str]:
        """A node that names the desk has the number; as nothing else is asked for, no other number is noted."""
        after = [each for name, each in ending.after.entities.items() if each != ending.before.entities.get(name)]
        texts = [" | ".join((each.name, each.kind, *each.observations)) for each in after]
        texts += [" | ".join(edge) for edge in ending.after.relations]
        noted = any(re.search(rf"\b{desk}", text, re.IGNORECASE) and j.contains(text, str(number)) for text in texts)
        other = [each for each in numbers if any(j.contains(text, str(each)) for text in texts)]
        lost = (
            []
            if office.observations[0] in ending.after.entities.get(office.name, Entity("", "")).observations
            else ["the office lost what was known"]
        )
        return lost + ([] if noted else ["the extension is not noted"]) + [f"{each} is noted" for each in other]

    def note(name: str, *observations: str) -> tuple[Entity, ...]:
        return (Entity(name, "service", observations),)

    wrong = (
        Done("Noted.", entities=note(desk, f"extension {numbers[0]}")),
        Done("Noted.", entities=note(rest[0], f"extension {number}")),
        Done("Noted.", entities=note(desk)),
        Done("Noted.", entities=note(desk, "; ".join(items))),
        Done("Noted.", entities=note(desk, f"extension {number}"), forgotten=(office.name,)),
        Done(f"The {desk} has the extension {number}."),
    )
    world = World(
        entities=(office,),
        pages={"intranet/phones.html": html, "intranet/index.html": page("Intranet", "Welcome.", ["phones.html"])},
    )
    return Case(
        prompt, world, j.all_of(kept, j.graph_keeps), Done("Noted.", entities=note(desk, f"extension {number}")), wrong
    )


@workday("page-rate", 3, FETCH, SQLITE)
def rates_from_the_page(random: Random) -> Case:
    worth = {"EUR": 9400, "USD": 8000, "GBP": 10900, "CAD": 5800, "AUD": 5300}
    names = random.sample([*worth], 4)
    old = [(worth[name] - random.randrange(11, 220)) / 10000 for name in names]
    new = [(worth[name] + random.randrange(11, 220)) / 10000 for name in names]
    rows: Rows = [*zip(range(1, 5), names, old, strict=True)]
    first, second = random.sample(range(4), 2)
    a, b = names[first], names[second]
    listed = random.sample([f"1 {name} = {rate:.4f} CHF" for name, rate in zip(names, new, strict=True)], 4)
    html = page("Rates of the month", "Set by the treasury on the first working day.", listed)
    where = "{web}/finance/rates.html"
    prompt = random.choice(
        [
            f"The new exchange rates are on {where}. Please update {a} and {b} in the database, table exchange_rates, columns currency and rate. Leave the other currencies as they are.",
            f"treasury put the new rates online, {where} - could you set {a} and {b} in our table exchange_rates (currency, rate) to those? only these two for now",
            f"exchange_rates (currency, rate): set {a} and {b} to the values from {where}, others unchanged",
        ]
    )

    def update(rates: dict[str, float]) -> str:
        return "".join(
            f"update exchange_rates set rate = {rate:.4f} where currency = '{name}';" for name, rate in rates.items()
        )

    both = {a: new[first], b: new[second]}
    wanted = [(number, name, both.get(str(name), rate)) for number, name, rate in rows]
    check = j.all_of(j.table("exchange_rates", wanted), j.tables_untouched("exchange_rates"))
    wrong = (
        Done("Updated.", sql=update({a: both[a]})),
        Done("Updated.", sql=update({a: both[b], b: both[a]})),
        Done("Updated.", sql=update(dict(zip(names, new, strict=True)))),
        Done("Updated.", sql=f"update exchange_rates set rate = {both[a]:.4f};"),
        Done(
            "Updated.",
            sql=f"insert into exchange_rates (currency, rate) values ('{a}', {both[a]:.4f}), ('{b}', {both[b]:.4f});",
        ),
        Done(f"{a}: {both[a]:.4f}, {b}: {both[b]:.4f}"),
    )
    sql = table("exchange_rates", "id integer primary key, currency text, rate real", rows)
    world = World(
        sql=sql,
        pages={
            "finance/rates.html": html,
            "finance/index.html": page("Finance", "Pages of the treasury.", ["rates.html"]),
        },
    )
    return Case(prompt, world, check, Done("Updated.", sql=update(both)), wrong)
