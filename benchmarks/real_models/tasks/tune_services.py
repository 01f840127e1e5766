"""Tasks with clocks, a repository and pages of a web server, for tuning."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.registry import tune
from real_models.tasks.words import CITIES, people
from real_models.world import Case, Commit, Done, World

TIME, GIT, FETCH, FILES = "time", "git", "fetch", "filesystem"


def page(title: str, *paragraphs: str) -> str:
    """A small HTML page."""
    body = "".join(f"<p>{each}</p>" for each in paragraphs)
    return f"<!doctype html><html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


@tune("convert-time", 1, TIME)
def tokyo_to_nairobi(random: Random) -> Case:
    hour, minute = random.randrange(10, 23), random.choice([5, 15, 30, 45])
    prompt = random.choice(
        [
            f"It is {hour}:{minute:02} in Tokyo. What time is it in Nairobi then?",
            f"A meeting starts at {hour}:{minute:02} Tokyo time. When is that in Nairobi?",
        ]
    )
    there = hour - 6
    wrong = (Done(f"{hour + 1}:{minute:02}"), Done(f"{there + 1:02}:{minute:02}"))
    return Case(prompt, World(), j.says_time(there, minute), Done(f"It is {there:02}:{minute:02} in Nairobi."), wrong)


@tune("git-read", 1, GIT)
def last_commit(random: Random) -> Case:
    authors = people(random, 3)
    message = random.choice(["Correct the price of soup", "Add the winter menu", "Remove the old banner"])
    commits = (
        Commit(authors[0], "First version", {"index.html": "<h1>Inn</h1>\n"}),
        Commit(authors[1], "Add the address", {"address.txt": "Lake Road 4\n"}),
        Commit(authors[2], message, {"index.html": "<h1>The Inn</h1>\n"}),
    )
    prompt = random.choice(
        [
            "Who made the last commit in the repository {repo}, and what does its message say?",
            "Tell me the author and the message of the newest commit in {repo}.",
        ]
    )
    check = j.all_of(j.says(authors[2], message), j.never_says(authors[0], authors[1]), j.no_new_commit)
    wrong = (Done(f"{authors[0]}: First version"),)
    return Case(prompt, World(commits=commits), check, Done(f"{authors[2]}: {message}"), wrong)


@tune("git-write", 2, GIT)
def commit_change(random: Random) -> Case:
    hours = f"Open {random.randrange(7, 10)} to {random.randrange(16, 20)}\n"
    message = random.choice(["Fix opening hours", "New opening hours", "Change the hours"])
    commits = (
        Commit(people(random, 1)[0], "First version", {"hours.txt": "Open 10 to 12\n", "index.html": "<h1>Inn</h1>\n"}),
    )
    prompt = random.choice(
        [
            f'I changed hours.txt in the git repository {{repo}}. Commit it with the message "{message}".',
            f'Please stage hours.txt in {{repo}} and commit it, message: "{message}".',
        ]
    )

    def committed(ending: j.Ending) -> list[str]:
        after = ending.after
        faults = [] if [said for _, said in after.log] == [message, "First version"] else [f"the log is {after.log}"]
        return faults + ([] if after.committed.get("hours.txt") == hours else ["the change was not committed"])

    world = World(commits=commits, uncommitted={"hours.txt": hours})
    right = Done("Committed.", git=(("add", "hours.txt"), ("commit", "-q", "-m", message)))
    return Case(prompt, world, committed, right, (Done("Committed.", git=(("add", "hours.txt"),)),))


@tune("fetch-read", 1, FETCH)
def page_price(random: Random) -> Case:
    kettle, toaster = random.sample(range(20, 150), 2)
    text = page(
        "Kitchen",
        f"The kettle Vesta costs {kettle} francs.",
        f"The toaster Brio costs {toaster} francs.",
        "We deliver within three days.",
    )
    prompt = random.choice(
        [
            "What does the kettle cost on {web}/kitchen.html?",
            "Look at the page {web}/kitchen.html and tell me the price of the kettle.",
        ]
    )
    check = j.all_of(j.says(str(kettle)), j.never_says(str(toaster)))
    return Case(
        prompt, World(pages={"kitchen.html": text}), check, Done(f"{kettle} francs"), (Done(f"{toaster} francs"),)
    )


@tune("fetch-into-file", 2, FETCH, FILES)
def price_into_file(random: Random) -> Case:
    city = random.choice(CITIES)
    code = f"{random.randrange(1000, 9999)}-{random.choice('KLMN')}{random.randrange(10, 99)}"
    text = page("Parcel", f"Your parcel to {city} is on its way.", f"Tracking number: {code}", "It arrives tomorrow.")
    prompt = random.choice(
        [
            "Get the tracking number from {web}/parcel.html and save it (only the number) in {home}/tracking.txt.",
            "The page {web}/parcel.html shows a tracking number. Write that number into the file {home}/tracking.txt.",
        ]
    )
    check = j.all_of(j.file_is("tracking.txt", code), j.untouched("tracking.txt"))
    world = World({"readme.txt": "hello\n"}, pages={"parcel.html": text})
    wrong = (Done("Saved.", {"tracking.txt": "1234"}), Done(f"The tracking number is {code}."))
    return Case(prompt, world, check, Done("Saved.", {"tracking.txt": code}), wrong)


@tune("time-into-file", 2, TIME, FILES)
def meeting_into_file(random: Random) -> Case:
    hour, minute = random.randrange(11, 22), random.choice([10, 20, 40, 50])
    there = f"{hour - 3 - 5:02}:{minute:02}"
    prompt = random.choice(
        [
            f"A call is at {hour}:{minute:02} Nairobi time. Write the time it is in Bogota then into {{home}}/call.txt, as HH:MM and nothing else.",
            f"What is {hour}:{minute:02} in Nairobi as Bogota time? Save just the time as HH:MM to {{home}}/call.txt.",
        ]
    )
    check = j.all_of(j.file_is("call.txt", there), j.untouched("call.txt"))
    wrong = (Done("Saved.", {"call.txt": f"{hour}:{minute:02}"}), Done(there))
    return Case(prompt, World({"readme.txt": "hello\n"}), check, Done("Saved.", {"call.txt": there}), wrong)


@tune("fetch-compare", 2, FETCH)
def cheaper_shop(random: Random) -> Case:
    shops = random.sample(["Velora", "Montis", "Pedalo", "Radix"], 2)
    prices = random.sample(range(300, 900), 2)
    pages = {
        f"{shop.lower()}.html": page(shop, "Everything for your tour.", f"The tent Polar costs {price} francs here.")
        for shop, price in zip(shops, prices, strict=True)
    }
    both = " and ".join(f"{{web}}/{path}" for path in pages)
    prompt = random.choice(
        [
            f"Two shops sell the tent Polar: {both}. What does it cost in each of them?",
            f"Compare the price of the tent Polar on {both}: tell me both prices.",
        ]
    )
    check = j.says(*map(str, prices))
    wrong = (Done(f"{prices[0]} in both"), Done("They cost the same."))
    return Case(prompt, World(pages=pages), check, Done(f"{prices[0]} and {prices[1]} francs"), wrong)
