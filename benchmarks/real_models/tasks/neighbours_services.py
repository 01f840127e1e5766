"""A neighbourhood's web site, clocks and bus: a repository, two time zones and a page; only for the report."""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from real_models import judging as j
from real_models.registry import neighbours
from real_models.tasks.chores_services import clocked
from real_models.tasks.words import lines, page, people
from real_models.values import says_afternoon
from real_models.world import Case, Commit, Done, Ending, World

CHANGES = [
    "Announce the seed swap",
    "Say when the shop is closed",
    "Add photos of the choir",
    "Correct the phone number",
    "Describe the bus trip",
    "Make the titles larger",
    "Thank the bakery",
    "Shorten the front page",
]


@neighbours("commits-of-one-author", 1, "git")
def what_did_they_change(random: Random) -> Case:
    """The messages of one author's commits, and of nobody else's."""
    asked, *others = people(random, 3)
    messages = random.sample(CHANGES, 6)
    own, rest = messages[:2], messages[2:]
    order = [(asked, each) for each in own] + [(others[at % 2], each) for at, each in enumerate(rest)]
    random.shuffle(order)
    commits = tuple(Commit(who, what, {"news.html": f"{at}: {what}\n"}) for at, (who, what) in enumerate(order))
    prompt = random.choice(
        [
            f"What has {asked} changed on our web site {{repo}}? Please give me the commit messages of {asked}, all of them.",
            f"{{repo}} - commit messages by {asked} only",
            f"We meet tomorrow and I would like to thank {asked} for the work on our little site. Could you see in the git repository {{repo}} which commits are by {asked}, and tell me their messages?",
        ]
    )

    def told(some: list[str]) -> str:
        return f"{asked} made these commits:\n" + "\n".join(f"- {each}" for each in some)

    theirs = [what for who, what in order if who == others[0]]
    wrong = (
        Done(told(own[:1])),
        Done(told([*own, rest[0]])),
        Done(told(messages)),
        Done(told(theirs)),
        Done(f"{asked} made two commits."),
        Done(f"{asked} has made no commits."),
        Done(told(own), git=(("reset", "-q", "--hard", "HEAD~1"),)),
    )
    check = j.all_of(j.says(*own), j.never_says(*rest), j.repository_untouched)
    return Case(prompt, World(commits=commits), check, Done(told(own)), wrong)


@neighbours("branch-and-switch", 2, "git")
def try_a_new_look(random: Random) -> Case:
    """A branch is made and is the current one afterwards; nothing is committed."""
    authors = people(random, 2)
    branch = random.choice(["new-look", "summer-fair", "flyer-autumn"])
    first, last = random.sample(CHANGES, 2)
    prompt = random.choice(
        [
            f"Please make a branch {branch} in {{repo}} from what main has now, and switch to it.",
            f"{{repo}}: new branch {branch} off main + check it out",
            f"A neighbour wants to try something on our web site without breaking it. Could you create a branch named {branch} from main in {{repo}} and change over to it, so that she can start at once?",
        ]
    )
    commits = (
        Commit(authors[0], first, {"index.html": "Welcome\n"}),
        Commit(authors[1], last, {"index.html": "Welcome to our street\n"}),
    )

    def switched(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        faults = [] if after.branch == branch else [f"the current branch is {after.branch}"]
        if after.heads != {**before.heads, branch: last}:
            faults.append(f"the branches are {after.heads}")
        same = (before.log, before.committed, before.status) == (after.log, after.committed, after.status)
        return faults + ([] if same else ["something was committed or changed"])

    make = ("switch", "-q", "-c", branch)
    wrong = (
        Done("Done.", git=(("branch", branch),)),
        Done("Done.", git=(("switch", "-q", "old-site"),)),
        Done("Done.", git=(("switch", "-q", "-c", f"{branch}-2"),)),
        Done("Done.", git=(("switch", "-q", "-c", branch, "old-site"),)),
        Done("Done.", git=(make, ("commit", "-q", "--allow-empty", "-m", "Start"))),
        Done("Done.", git=(make, ("branch", "-q", "-D", "main"))),
        Done(f"The branch {branch} was created and is checked out."),
    )
    world = World(commits=commits, branches={"old-site": 0})
    return Case(prompt, world, switched, Done("Done.", git=(make,)), wrong)


AWAY = {"Lima": "America/Lima", "Bogotá": "America/Bogota"}
HERE = {
    "Nairobi": "Africa/Nairobi",
    "Dubai": "Asia/Dubai",
    "Johannesburg": "Africa/Johannesburg",
}
"""None of them changes its clock in summer."""


def _here(hour: int, minute: int, town: str, here: str) -> tuple[int, int]:
    """The time of day here when it is so late in the town."""
    now = datetime(2026, 3, 2, hour, minute, tzinfo=ZoneInfo(AWAY[town])).astimezone(ZoneInfo(HERE[here]))
    return now.hour, now.minute


@neighbours("blank-time", 3, "time", "filesystem")
def time_on_the_flyer(random: Random) -> Case:
    """The blank on a flyer is filled in with a time as it is elsewhere."""
    town, here = random.choice([*AWAY]), random.choice([*HERE])
    hour, minute = random.randrange(7, 13), random.choice([0, 15, 30, 45])
    at = _here(hour, minute, town, here)
    path = random.choice(["flyers/choir-stream.txt", "choir/flyer.txt"])
    prompt = random.choice(
        [
            f"On the flyer {{home}}/{path} the time for {here} is still missing (__:__). Please fill it in; the time in {town} stands there.",
            f"{{home}}/{path}: replace __:__ by the right {here} time ({town} time is on the flyer)",
            f"Our twin choir in {town} streams a concert, and I am making a flyer for our street here in {here}. In {{home}}/{path} I left a blank, __:__, because I am hopeless with time zones. Could you put in when it begins here? Don't change anything else.",
        ]
    )

    def flyer(shown: str) -> str:
        begins = f"Begins in {town}: {hour:02}:{minute:02}"
        return lines(
            "Concert of our twin choir", "", begins, f"Begins in {here}: {shown}", "", "Tea and cake in the hall!"
        )

    def clock(hours: int, minutes: int) -> str:
        return f"{hours:02}:{minutes:02}"

    ready = flyer(clock(*at))
    wrong = (
        Done("Filled in.", {path: flyer(clock((at[0] + 1) % 24, at[1]))}),
        Done("Filled in.", {path: flyer(clock(hour, minute))}),
        Done("Filled in.", {path: flyer(clock((2 * hour - at[0]) % 24, minute))}),
        Done("Filled in.", {path: f"Begins in {here}: {clock(*at)}\n"}),
        Done("Filled in.", {path: f"{flyer('__:__')}Begins in {here}: {clock(*at)}\n"}),
        Done("Filled in.", {"flyer-new.txt": ready}),
        Done(f"It begins at {clock(*at)} in {here}."),
    )

    def fits(text: str) -> bool:
        return clocked(j.tidy(text)) == j.tidy(ready)

    check = j.all_of(j.file_matches(path, fits, "the flyer with that time"), j.untouched(path))
    world = World({path: flyer("__:__"), "choir/tea.txt": "12 cups\n"})
    return Case(prompt, world, check, Done("Filled in.", {path: ready}), wrong)


@neighbours("office-hours-here", 3, "time", "filesystem")
def when_can_i_ring_them_up(random: Random) -> Case:
    """From when until when an office elsewhere is open, in one's own time."""
    town, here = random.choice([*AWAY]), random.choice([*HERE])
    opens, closes = (random.choice([7, 8]), random.choice([15, 45])), (random.choice([11, 12]), random.choice([15, 45]))
    begin, end = _here(*opens, town, here), _here(*closes, town, here)
    path = random.choice(["twin-town/office.txt", "club/twin-town.txt"])
    prompt = random.choice(
        [
            f"The opening hours of the office of our twin town {town} are in {{home}}/{path}, in their time. From when until when can I ring them up, in {here} time?",
            f"office of {town} ({{home}}/{path}): open from - to in {here} time?",
            f"I have to ring up our twin town because of the visit in autumn. Their opening hours are in {{home}}/{path}, but of course that is the time in {town}, and I am in {here}. Between which times of mine is somebody there?",
        ]
    )

    def told(*times: tuple[int, int]) -> str:
        return "They are there from {:02}:{:02} to {:02}:{:02}.".format(*times[0], *times[1])

    late = [((hour + 1) % 24, minute) for hour, minute in (begin, end)]
    wrong = (
        Done(told(opens, closes)),
        Done(told(*late)),
        Done(told(begin, closes)),
        Done(told(begin, late[1])),
        Done("They open at {:02}:{:02}.".format(*begin)),
        Done("The file does not say when the office is open."),
        Done(told(begin, end), {path: told(begin, end) + "\n"}),
    )
    hours = "Monday to Friday {:02}:{:02} - {:02}:{:02} ({} time)".format(*opens, *closes, town)
    text = lines(f"Twin town office, {town}", f"Open: {hours}", "Phone: +00 555 01 20", "Ask for Señora Quispe")
    check = j.all_of(says_afternoon(*begin), says_afternoon(*end), j.untouched())
    world = World({path: text, "club/visit.txt": "Visit: 14 people\n"})
    return Case(prompt, world, check, Done(told(begin, end)), wrong)


BUSES = ["Swallow", "Stork", "Heron", "Falcon", "Wren"]


@neighbours("smallest-that-fits", 2, "fetch", "filesystem")
def bus_for_all_of_us(random: Random) -> Case:
    """The smallest bus of a page that has room for as many people as a file says."""
    seats = sorted(random.sample(range(14, 58, 4), 5))
    names = random.sample(BUSES, 5)
    fits = random.randrange(1, 4)
    people_ = random.randrange(seats[fits - 1] + 1, seats[fits] + 1)
    wanted, others = names[fits], [*names[:fits], *names[fits + 1 :]]
    items = [f"{name}: {count} seats" for name, count in zip(names, seats, strict=True)]
    random.shuffle(items)
    path = random.choice(["trip/signed-up.txt", "bus-trip/list.txt"])
    prompt = random.choice(
        [
            f"Which is the smallest bus on {{web}}/buses.html that has seats for all of us? How many we are stands in {{home}}/{path}.",
            f"bus trip: number of people in {{home}}/{path}, buses on {{web}}/buses.html. smallest one with enough seats = ?",
            f"I have to book a bus for our trip today. In {{home}}/{path} you find how many people are coming, and the firm's buses with their seats are listed on {{web}}/buses.html. We don't want to pay for more seats than we have to, so which one should I take?",
        ]
    )
    families = random.sample(["Keller", "Vogt", "Rossi", "Sato", "Larsen", "Haas"], 3)
    signed = [f"Family {families[0]}", f"Family {families[1]}", f"Family {families[2]}", "The choir", "The shop team"]
    parts = _parts(random, people_, len(signed))
    listed = lines(
        *(f"{who}: {count}" for who, count in zip(signed, parts, strict=True)), f"Together: {people_} people"
    )
    wrong = (
        Done(f"The smallest bus that fits is the {names[fits - 1]}."),
        Done(f"You should take the {names[fits + 1]}."),
        Done(f"You should take the {names[0]}, it is the smallest."),
        Done("No bus has enough seats."),
        Done(f"You need a bus with at least {people_} seats."),
        Done(f"You should take the {wanted}.", {path: listed + f"Bus: {wanted}\n"}),
    )
    claim = r"\b(?:smallest|enough|suitable|book|take|fits?|need|choose|recommend\w*)\b"

    def chosen(ending: Ending) -> list[str]:
        return j.picks(wanted, others, claim)(ending)

    world = World({path: listed}, pages={"buses.html": page("Our buses", "All with driver.", items)})
    right = Done(f"You should take the {wanted}.")
    return Case(prompt, world, j.all_of(chosen, j.untouched()), right, wrong)


def _parts(random: Random, whole: int, count: int) -> list[int]:
    """So many numbers from one on with this sum."""
    cuts = sorted(random.sample(range(1, whole), count - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]
