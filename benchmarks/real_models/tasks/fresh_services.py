"""Tasks with clocks, a repository and pages of a web server, of kinds that no other part has; only for the report."""

from __future__ import annotations

import re
from random import Random

from real_models import judging as j
from real_models.registry import fresh
from real_models.tasks.words import lines, page, people
from real_models.world import Case, Commit, Done, Ending, Entity, World

TIME, GIT, FETCH, FILES, MEMORY = "time", "git", "fetch", "filesystem", "memory"


@fresh("zone-offset", 1, TIME)
def hours_ahead(random: Random) -> Case:
    """Towns without summer time, so that the day of the run changes nothing."""
    east, west, hours = random.choice(
        [
            ("Bangkok", "Lagos", 6),
            ("Manila", "Karachi", 3),
            ("Perth", "Nairobi", 5),
            ("Jakarta", "Accra", 7),
            ("Brisbane", "Dubai", 6),
        ]
    )
    prompt = random.choice(
        [
            f"I often call my cousin in {east} from {west}. By how many hours is {east} ahead?",
            f"whats the time difference between {west} and {east} in hours",
            f"How many hours later is it in {east} than in {west}?",
        ]
    )
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"]

    def hours_said(ending: Ending) -> list[str]:
        """The number as 6, 6.0, +6h or six, and no other number of hours."""
        number = rf"(?<![\w.,:]){hours}(?:[.,]0)?(?!\d|[.,:]\d)|\b{words[hours]}\b"
        other = r"(?<![\w.,:])(\d+(?:[.,]\d+)?)\s*-?\s*h(?:ou)?r?s?\b"
        told = [float(each.replace(",", ".")) for each in re.findall(other, ending.answer, re.IGNORECASE)]
        faults = [] if re.search(number, ending.answer, re.IGNORECASE) else [f"the answer lacks {hours} hours"]
        return faults + [f"the answer says {each:g} hours" for each in told if each != hours]

    def not_reversed(ending: Ending) -> list[str]:
        """The town in the east is not said to be behind."""
        behind = rf"{east}\W+is\b(?:(?!{west})[^.,;\n])*\bbehind\b|{west}\W+is\b(?:(?!{east})[^.,;\n])*\bahead\b"
        return ["the answer has it the wrong way round"] if re.search(behind, ending.answer) else []

    wrong = (
        Done(f"{hours + 1} hours"),
        Done(f"{words[hours - 1]} hours"),
        Done(f"{east} is {hours} hours behind {west}."),
        Done(f"It is {hours:02}:00 in {west}."),
        Done("They are in different time zones."),
    )
    right = Done(f"{east} is {hours} hours ahead of {west}.")
    return Case(prompt, World(), j.all_of(hours_said, not_reversed), right, wrong)


@fresh("git-diff", 1, GIT)
def number_i_changed(random: Random) -> Case:
    rooms = random.sample(["kitchen", "bedroom", "office", "hallway", "bathroom"], 4)
    old, new, *rest = random.sample(range(15, 27), 5)
    what = rooms[2]

    def text(value: int) -> str:
        degrees = (rest[0], rest[1], value, rest[2])
        return lines("# degrees", *(f"{room}: {each}" for room, each in zip(rooms, degrees, strict=True)))

    commits = (
        Commit(people(random, 1)[0], "Set the heating", {"heating.txt": text(old), "lights.txt": "hallway: on\n"}),
    )
    prompt = random.choice(
        [
            "I changed one number in heating.txt in {repo} and didn't commit it. What was it before, and what is it now?",
            "what did i change in {repo} since the last commit? tell me the old value and the new one",
            "There's an uncommitted change in {repo}, of a single number. I need the number as it was and as it is now.",
        ]
    )

    def right_way_round(ending: Ending) -> list[str]:
        turned = (
            rf"\bfrom {new}\b[^.\n]*\bto {old}\b|\bwas(?: at| set to)? {new}\b|"
            rf"\b(?:before|(?:old|previous|original)(?: value| number| one)?)(?: is| was| it was)?:? {new}\b(?! now)|"
            rf"\b(?:now|(?:new|current)(?: value| number| one)?)(?: is| it is)?:? {old}\b"
        )
        return ["old and new are the wrong way round"] if re.search(turned, ending.answer, re.IGNORECASE) else []

    check = j.all_of(j.says(str(old), str(new)), j.never_says(*map(str, rest)), right_way_round, j.repository_untouched)
    wrong = (
        Done(f"The {what} was changed from {new} to {old}."),
        Done(f"It was {new} before and is {old} now."),
        Done(f"It is {new} now."),
        Done("heating.txt was changed."),
        Done(f"It was {old}, now it is {new}.", git=(("checkout", "-q", "heating.txt"),)),
        Done(f"It was {old}, now it is {new}.", git=(("commit", "-q", "-a", "-m", "Change"),)),
    )
    world = World(commits=commits, uncommitted={"heating.txt": text(new)})
    return Case(prompt, world, check, Done(f"The {what} was at {old} and is at {new} now."), wrong)


@fresh("git-old-value", 2, GIT)
def fee_in_the_beginning(random: Random) -> Case:
    fees = sorted(random.sample(range(31, 60), 3))
    key = random.randrange(61, 90)
    messages = random.sample(["Raise the fee", "Next year's fee", "Fee as decided", "Correct the fee"], 2)
    commits = tuple(
        Commit(
            author, message, {"rules.txt": lines("Rowing club", f"Yearly fee: {fee} euros", f"Deposit: {key} euros")}
        )
        for author, message, fee in zip(people(random, 3), ["Write down the rules", *messages], fees, strict=True)
    )
    prompt = random.choice(
        [
            "How high was the yearly fee in the very first version of rules.txt? The history is in the git repository {repo}.",
            "look at the oldest commit in {repo}: what was the yearly fee back then?",
            "The yearly fee in rules.txt (repository {repo}) was changed twice. What was it at the start, in the first commit?",
        ]
    )
    check = j.all_of(j.says(str(fees[0])), j.never_says(str(fees[1]), str(fees[2]), str(key)), j.repository_untouched)
    wrong = (
        Done(f"{fees[2]} euros"),
        Done(f"{fees[1]} euros"),
        Done(f"{fees[0]}, {fees[1]} or {fees[2]} euros"),
        Done("The first commit is called: Write down the rules."),
    )
    return Case(prompt, World(commits=commits), check, Done(f"It was {fees[0]} euros."), wrong)


@fresh("git-commit-on", 3, GIT)
def commit_on_that_branch(random: Random) -> Case:
    """The change is made already and goes along to the other branch."""
    branch = random.choice(["autumn", "next-issue", "redesign"])
    message = random.choice(["Add the interview", "Shorten the text", "New closing words"])
    author, other = people(random, 2)
    text = f"Page {random.randrange(3, 20)}\nOur interview\n"
    commits = (
        Commit(author, "First draft", {"story.txt": "Page 1\n", "cover.txt": "Spring\n"}),
        Commit(other, "New cover", {"cover.txt": "Summer\n"}),
    )
    prompt = random.choice(
        [
            f'I edited story.txt in {{repo}} but it belongs on the branch {branch}. Switch to it and commit the file there with the message "{message}".',
            f"{{repo}}: go to branch {branch}, then commit my change of story.txt there (not on main!). commit message: {message}",
        ]
    )

    def judged(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        heads = {name: said.strip("\"' .") if name == branch else said for name, said in after.heads.items()}
        faults = [] if heads == {**before.heads, branch: message} else [f"the branches are {dict(after.heads)}"]
        faults += [] if after.branch == branch else [f"the branch is {after.branch}"]
        faults += [] if len(after.log) == 2 else [f"the log is {after.log}"]
        faults += [] if after.committed.get("story.txt") == text else ["the change was not committed there"]
        return faults + ([] if not after.status else [f"left over: {after.status}"])

    switch, add, commit = ("checkout", "-q", branch), ("add", "story.txt"), ("commit", "-q", "-m", message)
    wrong = (
        Done("Committed.", git=(add, commit)),
        Done("Switched.", git=(switch,)),
        Done("Committed.", git=(add, commit, switch)),
        Done("Committed.", git=(switch, add)),
        Done("Committed.", git=(("checkout", "-q", "-b", f"{branch}-2"), add, commit)),
        Done(f"git checkout {branch} && git commit -am '{message}'"),
    )
    world = World(commits=commits, branches={branch: 0}, uncommitted={"story.txt": text})
    return Case(prompt, world, judged, Done("Committed.", git=(switch, add, commit)), wrong)


@fresh("page-lacks", 1, FETCH)
def price_not_on_the_page(random: Random) -> Case:
    """The page gives prices, but none for those who are asked about."""
    who = random.choice(["students", "seniors", "groups"])
    children, adults, family = sorted(random.sample(range(6, 30), 3))
    items = [f"Adults: {adults} euros", f"Children: {children} euros", f"Family ticket: {family} euros"]
    html = page("Mill museum", "Open from Tuesday to Sunday, ten to five.", items)
    prompt = random.choice(
        [
            f"What do {who} pay at the mill museum? {{web}}/museum.html",
            f"does {{web}}/museum.html say how much it costs for {who}? if yes how much",
            f"I'd like to know the price of a ticket for {who} - it should be on {{web}}/museum.html.",
        ]
    )

    def none_given(ending: Ending) -> list[str]:
        """No sentence gives them a price, and one speaks of them."""
        stem = who[:-1]
        sentences = j.SENTENCES.split(re.sub(r"^\W*no\b", "", ending.answer, flags=re.IGNORECASE))
        about = [each for each in sentences if stem in each.casefold()]
        return [f"the answer says {each!r}" for each in about if re.search(r"\d", each) and not j.DENIES.search(each)]

    verbs = r"(?:mention(?:ed)?|says?|said|state[ds]?|list(?:ed)?|specif\w+|given?|gave|provided?|include[ds]?|shown?|offer\w*|tell|contain|ha[sd]|have|find|found|see|there|available|on the page)"
    check = j.all_of(j.says_none("prices?|tickets?|information|mention|fees?|rates?|details?|entry", verbs), none_given)
    wrong = (
        Done(f"{who.title()} pay {children} euros."),
        Done(f"{adults} euros"),
        Done(f"No, {who} pay {adults - 2} euros."),
        Done(f"The ticket for {who} costs {family} euros. There is no other price."),
        Done("I could not open the page."),
        Done("I will look at the page."),
    )
    right = Done(f"The page does not give a price for {who}; adults pay {adults} euros.")
    return Case(prompt, World(pages={"museum.html": html}), check, right, wrong)


@fresh("page-and-graph", 2, FETCH, MEMORY)
def friends_in_the_race(random: Random) -> Case:
    names = people(random, 9)
    ran, away, strangers = names[:2], names[2:4], names[4:]
    order = random.sample([*ran, *strangers], 7)
    items = [f"{place}. {name}, {37 + 2 * place}:{random.randrange(10, 60)}" for place, name in enumerate(order, 1)]
    html = page("Lake run", "Thank you all for running!", items)
    entities = tuple(Entity(name, "friend", ("likes running",)) for name in random.sample([*ran, *away], 4))
    prompt = random.choice(
        [
            "The results of the lake run are on {web}/results.html. Which of my friends took part? You have my friends in your memory.",
            "did any of my friends run? you remember who they are, results: {web}/results.html. names please",
            "Which people in the result list {web}/results.html are friends of mine, according to your knowledge graph?",
        ]
    )
    claim = r"\bran\b|took part|participat|finish|\bplace"
    check = j.all_of(j.names_those(ran, [*away, *strangers], claim), j.graph_untouched)
    wrong = (
        Done(ran[0]),
        Done(", ".join(order)),
        Done(", ".join([*ran, *away])),
        Done(f"{ran[0]} and {strangers[0]} took part."),
        Done(f"{ran[0]} took part, {ran[1]} did not."),
        Done("None of your friends took part."),
    )
    world = World(pages={"results.html": html}, entities=entities)
    return Case(prompt, world, check, Done(f"{ran[0]} and {ran[1]}."), wrong)


@fresh("either-or", 3, FETCH, FILES)
def umbrella_or_sunscreen(random: Random) -> Case:
    """What is done depends on what the page says, and that on the seed."""
    rain = random.random() < 0.5
    friday, saturday, sunday = random.sample(range(8, 27), 3)
    skies = {"Friday": "cloudy", "Saturday": "rain" if rain else "sunny", "Sunday": "sunny" if rain else "rain"}
    items = [
        f"{day}: {sky}, {degrees} degrees"
        for (day, sky), degrees in zip(skies.items(), (friday, saturday, sunday), strict=True)
    ]
    html = page("Weather for the lake", "Made this morning.", items)
    things = random.sample(["tent", "torch", "cups", "rope", "matches", "blanket"], 4)
    prompt = random.choice(
        [
            "We go to the lake on Saturday. If {web}/weather.html says rain for that day, add umbrella as the last line of {home}/lake/packing.txt, otherwise add sunscreen. And how many degrees will it have on Saturday?",
            "check {web}/weather.html for saturday: how warm does it get? and if there's rain that day put umbrella on a line of its own at the end of {home}/lake/packing.txt, if not put sunscreen there instead",
        ]
    )
    path = "lake/packing.txt"
    needed, useless = ("umbrella", "sunscreen") if rain else ("sunscreen", "umbrella")
    right = {path: lines(*things, needed)}
    check = j.all_of(
        j.says_one_of(str(saturday), f"{saturday}C"),
        j.never_says(str(friday), str(sunday)),
        j.file_is(path, right[path]),
        j.untouched(path),
    )
    told = f"Saturday will have {saturday} degrees."
    wrong = (
        Done(told),
        Done(told, {path: lines(*things, useless)}),
        Done(told, {path: lines(*things, needed, useless)}),
        Done(told, {path: lines(needed)}),
        Done(told, {path: lines(*things, needed, needed)}),
        Done(f"It will have {sunday} degrees.", right),
        Done("Done.", right),
    )
    world = World({path: lines(*things)}, pages={"weather.html": html})
    return Case(prompt, world, check, Done(told, right), wrong)
