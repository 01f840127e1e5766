"""Random names, paths, sentences and values. Held-out worlds draw from words and zones that training never uses."""

from __future__ import annotations

import random
import re
import string
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

WORDS = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").split()
PLAIN_WORDS = [
    "files", "file", "data", "docs", "text", "texts", "notes", "folder", "folders", "lines", "line", "list", "lists", "tables", "table",
    "time", "report", "reports", "test", "tests", "src", "logs", "log", "config", "backup", "images", "names", "values", "keys", "count",
    "directory", "read", "write", "move", "search", "old", "new", "project", "documents", "database", "rows", "todo", "readme",
]  # fmt: skip  # names that are also words of the tasks: people have such folders
TASK_WORDS = [
    "files",
    "file",
    "text",
    "folder",
    "directory",
    "list",
    "lines",
    "tables",
    "time",
    "search",
    "write",
    "notes",
]
"""Those that name what is asked for: in a path they must not decide the tool."""
HELD_OUT_SHARE = 6  # one word in six is kept for the evaluation
EXTENSIONS = [
    "txt",
    "md",
    "json",
    "csv",
    "py",
    "log",
    "yaml",
    "html",
    "toml",
    "sql",
    "js",
    "css",
    "ini",
    "xml",
    "pdf",
    "png",
]
ZONES = [
    "Africa/Cairo",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Africa/Tunis",
    "America/Anchorage",
    "America/Bogota",
    "America/Caracas",
    "America/Chicago",
    "America/Denver",
    "America/Havana",
    "America/Jamaica",
    "America/Lima",
    "America/Los_Angeles",
    "America/New_York",
    "America/Phoenix",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Toronto",
    "America/Vancouver",
    "Asia/Baghdad",
    "Asia/Baku",
    "Asia/Bangkok",
    "Asia/Beirut",
    "Asia/Dhaka",
    "Asia/Dubai",
    "Asia/Hong_Kong",
    "Asia/Jakarta",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Manila",
    "Asia/Riyadh",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Taipei",
    "Asia/Tashkent",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Atlantic/Reykjavik",
    "Australia/Adelaide",
    "Australia/Brisbane",
    "Australia/Perth",
    "Australia/Sydney",
    "Europe/Amsterdam",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Brussels",
    "Europe/Bucharest",
    "Europe/Budapest",
    "Europe/Dublin",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "Europe/Kyiv",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Moscow",
    "Europe/Oslo",
    "Europe/Paris",
    "Europe/Prague",
    "Europe/Riga",
    "Europe/Rome",
    "Europe/Sofia",
    "Europe/Stockholm",
    "Europe/Vienna",
    "Europe/Warsaw",
    "Europe/Zurich",
    "Indian/Mauritius",
    "Pacific/Auckland",
    "Pacific/Fiji",
    "Pacific/Honolulu",
    "UTC",
    "America/Halifax",
    "Asia/Tbilisi",
    "Africa/Accra",
    "America/Montevideo",
    "Asia/Colombo",
]
CITIES = {
    "Tokyo": "Asia/Tokyo", "New York": "America/New_York", "London": "Europe/London", "Paris": "Europe/Paris",
    "Berlin": "Europe/Berlin", "Sydney": "Australia/Sydney", "Los Angeles": "America/Los_Angeles", "Chicago": "America/Chicago",
    "Dubai": "Asia/Dubai", "Singapore": "Asia/Singapore", "Shanghai": "Asia/Shanghai", "Moscow": "Europe/Moscow",
    "Madrid": "Europe/Madrid", "Rome": "Europe/Rome", "Cairo": "Africa/Cairo", "Toronto": "America/Toronto",
    "Amsterdam": "Europe/Amsterdam", "Vienna": "Europe/Vienna", "Zurich": "Europe/Zurich", "Seoul": "Asia/Seoul", "Delhi": "Asia/Kolkata",
    "Mumbai": "Asia/Kolkata", "Beijing": "Asia/Shanghai", "San Francisco": "America/Los_Angeles", "Boston": "America/New_York",
    "Sao Paulo": "America/Sao_Paulo", "Mexico City": "America/Mexico_City", "Istanbul": "Europe/Istanbul", "Dublin": "Europe/Dublin",
    "Hong Kong": "Asia/Hong_Kong", "Nairobi": "Africa/Nairobi", "Lagos": "Africa/Lagos", "Auckland": "Pacific/Auckland",
}  # fmt: skip


def _held(text: str) -> bool:
    return zlib.crc32(text.encode()) % HELD_OUT_SHARE == 0


class Names:
    """A seeded source of everything in a task that varies."""

    def __init__(
        self, rng: random.Random, *, held_out: bool = False, base: str | None = None, pieces: Sequence[str] = ()
    ) -> None:
        self.rng = rng
        self.held_out = held_out
        self.pieces = [piece for piece in pieces if piece.isalnum()]  # of the vocabulary, so that all can be copied
        self.base = base  # where every root lies, for worlds that are really made
        self.words = [word for word in WORDS if _held(word) == held_out]
        cities = set(CITIES.values())  # people ask for these by the city, so they belong to the training
        self.zones = [zone for zone in ZONES if (_held(zone) and zone not in cities) == held_out]

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.rng.random() < share

    def word(self) -> str:
        """A word."""
        return self.rng.choice(self.words)

    def scrap(self, low: int = 2, high: int = 7, alphabet: str = string.ascii_lowercase + string.digits) -> str:
        """Random characters."""
        return "".join(self.rng.choices(alphabet, k=self.rng.randint(low, high)))

    def syllables(self) -> str:
        """An invented word."""
        pairs = (
            (self.rng.choice("bcdfghjklmnprstvwz"), self.rng.choice("aeiou")) for _ in range(self.rng.randint(2, 4))
        )
        return "".join(consonant + vowel for consonant, vowel in pairs) + self.rng.choice(
            ["", "", "n", "r", "s", "l", "x"]
        )

    def piece(self) -> str:
        """A part of a name."""
        draw = self.rng.random()
        if self.pieces and draw < 0.06:
            return "".join(self.rng.choices(self.pieces, k=self.rng.randint(1, 3)))
        if draw < 0.2:
            return self.rng.choice(TASK_WORDS if self.chance(0.4) else PLAIN_WORDS)
        if draw < 0.7:
            return self.word()
        if draw < 0.86:
            return self.syllables()
        if draw < 0.94:
            return self.scrap(2, 5)
        return self.word().capitalize() if draw < 0.98 else self.word().upper()

    def identifier(self) -> str:
        """A name of one to three parts."""
        parts = [self.piece() for _ in range(self.rng.choice([1, 1, 1, 1, 1, 1, 2, 2, 3]))]
        name = self.rng.choice(["_", "_", "-", ""]).join(parts)
        if self.chance(0.15):
            name += self.rng.choice(["", "_", "-"]) + str(self.rng.randint(0, 2030))
        return name

    def table(self) -> str:
        """A name of a database table."""
        name = "_".join(
            self.word() if self.chance(0.8) else self.syllables() for _ in range(self.rng.choice([1, 1, 1, 2]))
        )
        return name + self.rng.choice(["", "s"])

    def file(self, extension: str | None = None) -> str:
        """A name of a file."""
        return f"{self.identifier()}.{extension or self.rng.choice(EXTENSIONS)}"

    def root(self) -> str:
        """A path to work under, as a rule an absolute one."""
        if self.base:
            return f"{self.base}/{self.scrap(3, 6)}/{self.identifier()}"
        mixed = string.ascii_letters + string.digits
        choices: list[Callable[[], str]] = [
            lambda: f"/tmp/{self.scrap(3, 9)}/{self.identifier()}",
            lambda: f"/tmp/tmp{self.scrap(8, 8, string.ascii_lowercase + string.digits + '_')}",
            lambda: f"/tmp/tmp.{self.scrap(10, 10, mixed)}",
            lambda: f"/tmp/{self.identifier()}-{self.scrap(4, 9)}",
            lambda: f"/tmp/pytest-of-{self.word()}/pytest-{self.rng.randint(0, 9)}/test_{self.word()}0",
            lambda: f"/home/{self.word()}/{self.identifier()}",
            lambda: f"/home/{self.word()}",
            lambda: f"/tmp/{self.scrap(3, 8)}",
            lambda: f"/tmp/{self.word()}{self.scrap(0, 4)}",
            lambda: f"/Users/{self.word()}/{self.rng.choice(['Documents', 'Desktop', 'Projects'])}/{self.identifier()}",
            lambda: f"/var/folders/{self.scrap(2, 2)}/{self.scrap(6, 12)}/T/{self.scrap(4, 8)}",
            lambda: (
                f"/{self.rng.choice(['data', 'srv', 'mnt', 'opt', 'root', 'work', 'private/tmp'])}/{self.identifier()}"
            ),
            lambda: "/" + "/".join(self.identifier() for _ in range(self.rng.randint(1, 2))),
            lambda: self.rng.choice(["", "./"]) + self.identifier(),
        ]
        return self.rng.choice(choices)()

    def folder(self, root: str) -> str:
        """A folder in the root, or the root itself."""
        depth = self.rng.choice([0, 0, 0, 1, 1, 2])
        return "/".join([root, *(self.identifier() for _ in range(depth))])

    def sentence(self, low: int = 1, high: int = 6) -> str:
        """A line of text."""
        words = [self.word() if self.chance(0.85) else self.piece() for _ in range(self.rng.randint(low, high))]
        if self.chance(0.06):
            words.append(words[-1])  # the same word twice is copied twice
        text = " ".join(words)
        if self.chance(0.4):
            text = text[0].upper() + text[1:]
        if self.chance(0.15):
            text = text.replace(" ", self.rng.choice([", ", ": ", " - ", " & "]), 1)
        if self.chance(0.15):
            text += f" {self.rng.randint(0, 9999)}"
        return text + (self.rng.choice([".", "!", "?"]) if self.chance(0.15) else "")

    def value(self) -> str:
        """A value as it may stand in any configuration format, never quoted."""
        draw = self.rng.random()
        if draw < 0.3:
            return str(self.rng.choice([self.rng.randint(0, 99), self.rng.randint(100, 99999)]))
        if draw < 0.36:
            return f"{self.rng.randint(0, 99)}.{self.rng.randint(0, 99)}"
        if draw < 0.44:
            return self.rng.choice(["true", "false"])
        if draw < 0.8:
            return self.identifier()
        return re.sub(r"[^\w .-]", "", " ".join(self.piece() for _ in range(self.rng.randint(1, 3)))).strip()

    def different(self, draw: Callable[[], str], count: int) -> list[str]:
        """So many draws, all different, whatever their case."""
        found: dict[str, str] = {}
        while len(found) < count:
            item = draw()
            found.setdefault(item.lower(), item)
        return list(found.values())
