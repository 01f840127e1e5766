"""Tasks with clocks, a repository and pages of a web server, only for the report."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.registry import held_out
from real_models.tasks.words import people
from real_models.world import Case, Commit, Done, World

TIME, GIT, FETCH, FILES = "time", "git", "fetch", "filesystem"


def page(title: str, *parts: str) -> str:
    """A small HTML page."""
    body = "".join(f"<li>{each}</li>" for each in parts)
    return f"<!doctype html><html><head><title>{title}</title></head><body><main><h2>{title}</h2><p>Welcome.</p><ul>{body}</ul></main></body></html>"


@held_out("convert-time", 1, TIME)
def bogota_to_kolkata(random: Random) -> Case:
    hour, minute = random.randrange(5, 13), random.choice([0, 15])
    prompt = random.choice(
        [
            f"My colleague in Bogota calls at {hour}:{minute:02} her time. What time is that for me in Kolkata?",
            f"{hour}:{minute:02} in Bogota is what o'clock in Kolkata?",
        ]
    )
    total = hour * 60 + minute + 10 * 60 + 30
    there = divmod(total, 60)
    wrong = (Done(f"{hour}:{minute:02}"), Done(f"{there[0] - 1:02}:{there[1]:02}"))
    return Case(prompt, World(), j.says_time(*there), Done(f"{there[0]:02}:{there[1]:02}"), wrong)


@held_out("git-read", 1, GIT)
def uncommitted_file(random: Random) -> Case:
    names = random.sample(["menu.txt", "prices.txt", "about.txt", "team.txt", "legal.txt"], 4)
    commits = (Commit(people(random, 1)[0], "Start", {name: f"{name}\n" for name in names}),)
    prompt = random.choice(
        [
            "Which file have I changed in {repo} without committing it?",
            "There's an uncommitted change in the git repository {repo}. What file is it in?",
        ]
    )
    world = World(commits=commits, uncommitted={names[1]: "changed\n"})
    others = [name for name in names if name != names[1]]
    check = j.all_of(j.says(names[1]), j.never_says(*others), j.no_new_commit)
    return Case(prompt, world, check, Done(names[1]), (Done(names[0]), Done("Nothing is changed.")))


@held_out("git-write", 2, GIT)
def new_branch(random: Random) -> Case:
    name = random.choice(["spring-sale", "new-logo", "faq-page"])
    commits = (Commit(people(random, 1)[0], "Start", {"index.html": "<h1>Shop</h1>\n"}),)
    prompt = random.choice(
        [
            f"Create a branch named {name} in the repository {{repo}} and switch to it.",
            f"I want to work on a new branch {name} in {{repo}}: make it and check it out.",
        ]
    )

    def on_branch(ending: j.Ending) -> list[str]:
        after = ending.after
        faults = [] if sorted(after.branches) == sorted(["main", name]) else [f"the branches are {after.branches}"]
        faults += [] if after.branch == name else [f"{after.branch} is checked out"]
        return faults + ([] if after.log == ending.before.log else ["there are new commits"])

    right = Done("Done.", git=(("checkout", "-q", "-b", name),))
    return Case(
        prompt,
        World(commits=commits),
        on_branch,
        right,
        (Done("Done.", git=(("branch", name),)), Done(f"Run git checkout -b {name}")),
    )


@held_out("fetch-read", 1, FETCH)
def museum_hours(random: Random) -> Case:
    opens, closes = random.randrange(8, 12), random.randrange(16, 21)
    other = random.randrange(12, 15)
    text = page(
        "Clock museum",
        f"Tuesday to Friday: {opens}:30 to {closes}:30",
        f"Sunday: {other}:00 to 15:45",
        "Monday: closed",
    )
    prompt = random.choice(
        [
            "From when to when is the museum open on a Wednesday? Their page is {web}/museum.html",
            "Read {web}/museum.html and tell me the opening hours on Thursdays.",
        ]
    )
    check = j.all_of(j.says_time(opens, 30), j.says_time(closes, 30))
    return Case(
        prompt,
        World(pages={"museum.html": text}),
        check,
        Done(f"{opens}:30 to {closes}:30"),
        (Done(f"{other}:00 to 15:45"), Done("10:00 to 18:00")),
    )


@held_out("fetch-into-file", 2, FETCH, FILES)
def forecast_into_file(random: Random) -> Case:
    saturday, sunday = random.sample(range(-9, 30), 2)
    sky = random.sample(["sunny", "cloudy", "rainy", "foggy"], 2)
    text = page("Forecast", f"Saturday: {sky[0]}, {saturday} degrees", f"Sunday: {sky[1]}, {sunday} degrees")
    prompt = random.choice(
        [
            "How will the weather be on Sunday according to {web}/forecast.html? Write that line of the forecast to {home}/sunday.txt.",
            "Please put Sunday's weather from {web}/forecast.html into a text file {home}/sunday.txt (what the sky is like and how many degrees).",
        ]
    )
    path = "sunday.txt"

    def fits(written: str) -> bool:
        return all(j.contains(written, each) for each in (sky[1], str(sunday))) and not j.contains(written, sky[0])

    check = j.all_of(j.file_matches(path, fits, "Sunday's weather"), j.untouched(path))
    right = Done("Written.", {path: f"Sunday: {sky[1]}, {sunday} degrees\n"})
    wrong = (Done("Written.", {path: f"Saturday: {sky[0]}, {saturday} degrees\n"}), Done(f"{sky[1]}, {sunday} degrees"))
    return Case(prompt, World({"old.txt": "old\n"}, pages={"forecast.html": text}), check, right, wrong)


@held_out("time-into-file", 2, TIME, FILES)
def flight_into_file(random: Random) -> Case:
    hour, minute = random.randrange(9, 20), random.choice([5, 25, 35, 55])
    there = f"{hour - 6:02}:{minute:02}"
    prompt = random.choice(
        [
            f"My flight lands at {hour}:{minute:02} Tokyo time. Make a file {{home}}/landing.txt that says when that is in Nairobi (only the time, HH:MM).",
            f"Convert {hour}:{minute:02} from Tokyo to Nairobi time, then keep the result in {{home}}/landing.txt, as HH:MM without any other words.",
        ]
    )
    check = j.all_of(j.file_is("landing.txt", there), j.untouched("landing.txt"))
    wrong = (Done("Done.", {"landing.txt": f"{hour}:{minute:02}"}), Done("Done.", {"landing.txt": f"It is {there}."}))
    return Case(prompt, World({"old.txt": "old\n"}), check, Done("Done.", {"landing.txt": there}), wrong)


@held_out("fetch-compare", 2, FETCH)
def two_capacities(random: Random) -> Case:
    halls = random.sample(["north", "south", "east", "west"], 2)
    seats = random.sample(range(120, 980), 2)
    pages = {
        f"hall-{hall}.html": page(
            f"The {hall} hall", "has a stage and a bar", f"holds up to {count} people", "is heated"
        )
        for hall, count in zip(halls, seats, strict=True)
    }
    first, second = (f"{{web}}/{path}" for path in pages)
    prompt = random.choice(
        [
            f"How many people fit in each of the two halls described at {first} and {second}?",
            f"For our party I'm choosing between {first} and {second}. Tell me for how many people each hall is.",
        ]
    )
    wrong = (Done(f"{halls[0]}: {seats[0]}, {halls[1]}: {seats[0]}"), Done("Both are large."))
    return Case(
        prompt,
        World(pages=pages),
        j.says(*map(str, seats)),
        Done(f"{halls[0]}: {seats[0]}, {halls[1]}: {seats[1]}"),
        wrong,
    )
