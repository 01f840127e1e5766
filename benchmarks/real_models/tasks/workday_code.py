"""Tasks with the files of a program as developers hand them over; only for the report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

from real_models import judging as j
from real_models.clauses import settles_on
from real_models.registry import workday
from real_models.tasks.words import lines
from real_models.tasks.workday_files import filled_lines
from real_models.world import Case, Check, Done, Ending, World

FILES = "filesystem"


def stems(wanted: Iterable[str], what: str) -> Check:
    """The answer has words that begin so; `what` they stand for, for the fault."""
    those = [*wanted]

    def check(ending: Ending) -> list[str]:
        left = [each for each in those if not re.search(rf"\b{each}", ending.answer, re.IGNORECASE)]
        return [f"the answer lacks the {what} about {each!r}" for each in left]

    return check


# What is left to do about it, and what is only remarked on it.
REMARKS = {
    "gift": ("support gift cards", "gift cards are handled in vouchers.py"),
    "VAT": ("check the VAT number with the tax office", "VAT is part of the price already"),
    "currenc": ("round per currency", "every currency has two decimals here"),
    "timeout": ("make the timeout of pay() a setting", "the timeout of pay() is 30 s"),
    "language": ("send the mail in the customer's language", "the language comes from the account"),
    "warehouse": ("lock the pieces in the warehouse while paying", "the warehouse counts the pieces"),
}


def checkout_module(comments: list[str]) -> str:
    """A module with five comments at their places."""
    return lines(
        '"""From a cart to a paid order."""',
        "",
        "from decimal import Decimal",
        "",
        "from shop.orders import Order",
        "",
        f"# {comments[0]}",
        "",
        "",
        "def total(lines: list[tuple[Decimal, int]]) -> Decimal:",
        f"    # {comments[1]}",
        "    return sum((price * count for price, count in lines), Decimal(0))",
        "",
        "",
        "def check_out(order: Order) -> None:",
        f"    # {comments[2]}",
        "    amount = total(order.lines)",
        "    order.pay(amount)",
        f"    # {comments[3]}",
        "    order.confirm()",
        "",
        "",
        "def cancel(order: Order) -> None:",
        f"    # {comments[4]}",
        "    order.refund()",
    )


@workday("todo-comments", 1, FILES)
def todos_of_a_module(random: Random) -> Case:
    keys = random.sample([*REMARKS], 6)
    open_ones, remarked, elsewhere = keys[:3], keys[3:5], keys[5]
    comments = [f"TODO: {REMARKS[key][0]}" for key in open_ones] + [f"NOTE: {REMARKS[key][1]}" for key in remarked]
    random.shuffle(comments)
    prompt = random.choice(
        [
            "Which TODOs are left in {home}/shop/src/checkout.py?",
            "quick one before standup: what TODOs do we still have in {home}/shop/src/checkout.py? just list them",
            "list the TODO comments in {home}/shop/src/checkout.py please",
        ]
    )

    def nothing_else(ending: Ending) -> list[str]:
        told = filled_lines(ending.answer)
        spared = re.compile(rf"{j.DENIES.pattern}|\bNOTEs?\b", re.IGNORECASE)
        named = [
            key
            for key in (*remarked, elsewhere)
            for line in told
            if re.search(rf"\b{key}", line, re.IGNORECASE) and not spared.search(line)
        ]
        dumped = ["the answer is the whole file"] if "def check_out" in ending.answer else []
        return dumped + [f"the answer counts {key!r} among them" for key in named]

    def told(some: Iterable[str]) -> str:
        return "\n".join(f"- {REMARKS[key][0]}" for key in some)

    text = checkout_module(comments)
    wrong = (
        Done(told(open_ones[:2])),
        Done(told([*open_ones, elsewhere])),
        Done(f"{told(open_ones)}\n" + "\n".join(f"- {REMARKS[key][1]}" for key in remarked)),
        Done(f"There are three TODOs in the file:\n{told([elsewhere])}"),
        Done(text),
        Done("There are 3 TODOs in checkout.py."),
        Done("No TODOs found."),
    )
    files = {
        "shop/README.md": "# Shop\n\nRun `make test`.\n",
        "shop/src/checkout.py": text,
        "shop/src/orders.py": f"# TODO: {REMARKS[elsewhere][0]}\nclass Order:\n    lines = []\n",
        "shop/tests/test_checkout.py": "from shop.checkout import total\n",
    }
    check = j.all_of(stems(open_ones, "TODO"), nothing_else, j.untouched())
    return Case(prompt, World(files), check, Done(f"Three are left:\n{told(open_ones)}"), wrong)


TESTS = [
    "test_rounds_totals",
    "test_empty_cart",
    "test_sends_receipt",
    "test_refund_twice",
    "test_login_expires",
    "test_unknown_currency",
]


def one_broken(broken: str, others: list[str]) -> Check:
    """The answer says of this test only that it failed; "a failed and b passed" says two things."""
    settled = settles_on([broken], others, r"fail|broke|red\b|wrong|culprit|assert")

    def check(ending: Ending) -> list[str]:
        passed = r"(?:pass|succe|rerun)"
        text = re.sub(rf"((?:fail|broke)\w*) and (?=\W*test_\w+\W+(?:\w+ )?{passed})", r"\1; ", ending.answer)
        text = re.sub(rf"({passed}[^.;\n]*?),? and ", r"\1; ", text)
        return settled(replace(ending, answer=text))

    return check


@workday("build-log", 1, FILES)
def red_build(random: Random) -> Case:
    broken, flaky, *fine = random.sample(TESTS, 6)
    modules = dict(zip((broken, flaky, *fine), random.choices(["billing", "cart", "mail", "users"], k=6), strict=True))
    modules[flaky] = next(name for name in ("stock", "search") if name != modules[broken])
    number, at = random.randrange(4100, 4990), random.randrange(31, 59)
    elsewhere = at + random.randrange(60, 90)

    def of(test: str) -> str:
        return f"tests/test_{modules[test]}.py"

    day = random.randrange(10, 28)
    clock = (f"2026-03-{day}T07:{minute:02}:{random.randrange(10, 60)}Z " for minute in range(60))
    packages = ["attrs 25.3.0", "certifi 2026.1.4", "idna 3.10", "requests 2.32.3", "urllib3 2.3.0", "pytest 8.3.5"]
    ran = [f"{of(test)}::{test} PASSED" for test in fine]
    ran.insert(1, f"{of(flaky)}::{flaky} RERUN")
    ran.insert(2, f"{of(flaky)}::{flaky} PASSED")
    ran.insert(random.randrange(3, len(ran) + 1), f"{of(broken)}::{broken} FAILED")
    log = [
        f"Run #{number} on main",
        *(f"Installing {package}" for package in packages),
        "WARNING: The script chardetect is not on PATH",
        f"collected {len(ran) - 1} items",
        *ran,
        f"src/{modules[flaky]}.py:{elsewhere}: DeprecationWarning: utcnow() is deprecated",
        f"{of(broken)}:{at}: AssertionError",
        f"1 failed, {len(ran) - 2} passed, 1 rerun, 1 warning in 12.41s",
        "Process completed with exit code 1",
    ]
    path = f"ci/build-{number}.log"
    prompt = random.choice(
        [
            f"The build is red. {{home}}/{path} is the log: which test failed, and at which line of its file?",
            f"hey, ci broke again :( can you look into {{home}}/{path} and tell me which test it was, and the line in the test file where it went wrong",
            f"{{home}}/{path}: failing test, and the line in its file?",
        ]
    )
    check = j.all_of(
        j.says(broken, str(at)),
        one_broken(broken, [flaky, *fine]),
        j.untouched(),
    )
    wrong = (
        Done(f"{flaky} failed, in {of(flaky)} at line {at}."),
        Done(f"{broken} failed at line {elsewhere}."),
        Done(f"{broken} in {of(broken)} failed."),
        Done(f"An AssertionError at {of(broken)}:{at}"),
        Done(f"{flaky} and {broken} failed, the latter at line {at}."),
        Done("All tests passed."),
    )
    files = {
        path: lines(*(f"{next(clock)}{each}" for each in log)),
        f"ci/build-{number - 1}.log": lines(
            f"Run #{number - 1} on main", f"{of(fine[0])}::{fine[0]} FAILED", f"{of(fine[0])}:{at + 1}: AssertionError"
        ),
        "ci/README.txt": "Logs are kept for thirty days.\n",
    }
    right = Done(f"{broken} failed: {of(broken)}, line {at} (AssertionError).")
    return Case(prompt, World(files), check, right, wrong)


@workday("where-defined", 2, FILES)
def home_of_a_function(random: Random) -> Case:
    function = random.choice(["apply_discount", "format_price", "split_address", "next_delivery_day"])
    names = random.sample(["api.py", "cart.py", "mailer.py", "pricing.py", "tools.py", "views.py"], 6)
    home, *users = names
    argument = random.choice(["value", "order", "item"])
    body = {
        home: lines(f"def {function}({argument}):", '    """What the shop shows."""', f"    return {argument}.strip()"),
        users[0]: lines(
            f"from webshop.{home[:-3]} import {function}", "", "", "def show(order):", f"    return {function}(order)"
        ),
        users[1]: lines(
            f"# {function} is called by the view.", "", "", "def load(path):", "    return open(path).read()"
        ),
        users[2]: lines(
            f"from webshop import {home[:-3]}", "", "", "def send(order):", f"    return {home[:-3]}.{function}(order)"
        ),
        users[3]: lines("def add(cart, item):", "    return [*cart, item]"),
        users[4]: lines(f"def {function}_of_all(orders):", "    return list(orders)"),
    }
    prompt = random.choice(
        [
            f"Which file in {{home}}/webshop/src defines the function {function}?",
            f"new here, where is {function} actually defined? somewhere in {{home}}/webshop/src",
            f"Find the definition of {function} in {{home}}/webshop/src. File name is enough.",
        ]
    )
    claim = r"\b(?:re)?defin\w*|\bdeclar\w*|\bimplement\w*"

    def alone(ending: Ending) -> list[str]:
        if re.search(claim, ending.answer, re.IGNORECASE):
            return j.picks(home, users, claim)(ending)
        return [*j.says(home)(ending), *j.never_says(*users)(ending)]

    wrong = (
        Done(f"{function} is defined in {users[0]}."),
        Done(f"{users[4]} defines it."),
        Done(", ".join(names)),
        Done(f"It is in {home} or {users[2]}."),
        Done(f"{function} was not found in that folder."),
        Done("\n\n".join(f"{name}\n{text}" for name, text in body.items())),
    )
    files = {f"webshop/src/{name}": text for name, text in sorted(body.items())} | {"webshop/README.md": "# Webshop\n"}
    right = Done(f"It is defined in webshop/src/{home}; {users[0]} and {users[2]} only use it.")
    return Case(prompt, World(files), j.all_of(alone, j.untouched()), right, wrong)


def settings_of(text: str) -> dict[str, str] | None:
    """The settings of an .env file; None where a line is none, or a name stands there twice."""
    given = [line for line in filled_lines(text) if not line.startswith("#")]
    pairs = [line.removeprefix("export ").partition("=") for line in given]
    found = {name.strip(): value.strip().strip("\"'") for name, sign, value in pairs if sign}
    return found if len(found) == len(given) else None


@workday("env-copy", 2, FILES)
def local_settings(random: Random) -> Case:
    port, mine = random.sample(range(8001, 8999), 2)
    host, local = f"db{random.randrange(1, 9)}.intern.example", random.choice(["localhost", "127.0.0.1"])
    example = lines(
        "# Copy this to .env",
        f"DB_HOST={host}",
        "DB_PORT=5432",
        "DB_NAME=portal",
        f"CACHE_HOST=cache{random.randrange(1, 9)}.intern.example",
        f"PORT={port}",
        f"METRICS_PORT={random.randrange(9001, 9999)}",
        f"LOG_LEVEL={random.choice(['info', 'warning'])}",
    )
    prompt = random.choice(
        [
            f"Please make a {{home}}/portal/.env from {{home}}/portal/.env.example, but with DB_HOST={local} and PORT={mine}. Everything else stays as in the example.",
            f"set up my local env: copy {{home}}/portal/.env.example to {{home}}/portal/.env and put {local} as DB_HOST and {mine} as PORT there, rest unchanged",
            f"{{home}}/portal/.env.example -> {{home}}/portal/.env with DB_HOST {local}, PORT {mine}",
        ]
    )

    def changed(text: str, *pairs: tuple[str, str]) -> str:
        for name, value in pairs:
            text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        return text

    both = (("DB_HOST", local), ("PORT", str(mine)))
    right = changed(example, *both)
    path, source = "portal/.env", "portal/.env.example"
    wrong = (
        Done("Done.", {path: example}),
        Done("Done.", {path: changed(example, both[0])}),
        Done("Done.", {path: changed(right, ("METRICS_PORT", str(mine)))}),
        Done("Done.", {path: lines(*(f"{name}={value}" for name, value in both))}),
        Done("Done.", {path: right, source: right}),
        Done("Done.", {path: f"{example}DB_HOST={local}\nPORT={mine}\n"}),
        Done(right),
    )
    world = World({source: example, "portal/README.md": "# Portal\n", "portal/.gitignore": ".env\n"})
    wanted = settings_of(right)
    fits = j.file_matches(path, lambda text: settings_of(text) == wanted, "the settings that it should be")
    return Case(prompt, world, j.all_of(fits, j.untouched(path)), Done("Done.", {path: right}), wrong)


def holds_json(wanted: object) -> Callable[[str], bool]:
    """Whether a text is JSON for this value, however it is laid out."""

    def fits(text: str) -> bool:
        try:
            return bool(json.loads(text) == wanted)
        except ValueError:
            return False

    return fits


@workday("release-bump", 3, FILES)
def cut_a_release(random: Random) -> Case:
    major, minor, patch = random.randrange(1, 5), random.randrange(2, 9), random.randrange(1, 6)
    old, new = f"{major}.{minor}.{patch}", f"{major}.{minor + 1}.0"
    package = {
        "name": random.choice(["date-picker", "map-widget", "price-table"]),
        "engines": {"node": ">=20"},
        "version": old,
        "dependencies": {"tiny-emitter": "2.1.0", "lit": f"^{old}", "zod": "3.24.1"},
    }
    changes = random.sample(
        ["Keyboard navigation", "A dark theme", "Dates before 1970", "Smaller icons", "No flicker on load"], 3
    )
    changelog = lines(
        "# Changelog",
        "",
        "## Unreleased",
        "",
        f"- {changes[0]}",
        f"- {changes[1]}",
        "",
        f"## {old}",
        "",
        f"- {changes[2]}",
    )
    manifest = json.dumps(package, indent=2) + "\n"
    prompt = random.choice(
        [
            f"Let's release {new} of {{home}}/widget: please set the version in package.json, and rename the section Unreleased of CHANGELOG.md to {new}.",
            f"time for {new}! in {{home}}/widget, bump the version in package.json pls and turn the Unreleased heading in CHANGELOG.md into {new}",
            f"{{home}}/widget: version {new} in package.json; in CHANGELOG.md the heading Unreleased becomes {new}.",
        ]
    )

    json_path, log_path = "widget/package.json", "widget/CHANGELOG.md"
    released = changelog.replace("## Unreleased", f"## {new}")
    bumped = manifest.replace(f'"version": "{old}"', f'"version": "{new}"')
    check = j.all_of(
        j.file_matches(json_path, holds_json({**package, "version": new}), "the manifest with the new version"),
        j.file_is(log_path, released, released.replace(f"## {new}", f"## [{new}]")),
        j.untouched(json_path, log_path),
    )
    wrong = (
        Done("Done.", {json_path: bumped}),
        Done("Done.", {log_path: released}),
        Done("Done.", {json_path: manifest.replace(old, new), log_path: released}),
        Done("Done.", {json_path: bumped, log_path: changelog.replace(f"## {old}", f"## {new}")}),
        Done("Done.", {json_path: f'{{"version": "{new}"}}\n', log_path: released}),
        Done("Done.", {json_path: bumped, log_path: f"# Changelog\n\n## {new}\n"}),
        Done(f"Version {new} is ready."),
    )
    files = {
        json_path: manifest,
        log_path: changelog,
        "widget/README.md": "# Widget\n\nNeeds node 20.\n",
        "widget/src/index.js": "export {};\n",
    }
    return Case(prompt, World(files), check, Done("Done.", {json_path: bumped, log_path: released}), wrong)
