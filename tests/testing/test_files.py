"""The file server: what it offers, what it answers, and that nothing gets out of its directories."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import sys
import unicodedata
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from lmbridge.testing.files.confined import Allowed
from lmbridge.testing.files.diffs import unified_diff
from lmbridge.testing.files.globs import matches
from lmbridge.testing.files.server import called
from support.servers import Entry, npm_server, python_server

Call = tuple[str, dict[str, Any]]
TEXT = "one\n  two\n\n    three\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve"


def furnish(top: Path) -> None:
    """Fill a directory, always the same way."""
    shutil.rmtree(top, ignore_errors=True)
    for folder in ("sub/deep", "empty", ".hidden", "Zeta", "node_modules/x"):
        (top / folder).mkdir(parents=True)
    (top / "a.txt").write_text(TEXT)
    (top / "crlf.txt").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    (top / "binary.bin").write_bytes(bytes(range(256)))
    (top / "pixel.PNG").write_bytes(b"\x89PNG")
    (top / "nothing.txt").write_text("")
    (top / "ümläut 🙂.md").write_text("grüße 🙂\n")
    (top / unicodedata.normalize("NFD", "café.txt")).write_text("decomposed")
    (top / "fence.md").write_text("```\ncode\n```\n")
    for name in ("sub/b.md", "sub/deep/c.md", "sub/deep/C.py", ".hidden/d.md", "_x.py", "1.py", "B.py", "b-c.py"):
        (top / name).write_text("x" * 3000)
    (top / "node_modules/x/index.js").write_text("1")
    (top / "inside").symlink_to(top / "a.txt")
    (top / "loop").symlink_to(top / "loop")


def calls_for(top: Path) -> list[Call]:
    """The calls that both servers must answer alike, in this order (some change the files)."""
    t = str(top)
    a, none = f"{t}/a.txt", f"{t}/none/such.txt"
    globs = [
        "*",
        "**",
        "**/*",
        "*.md",
        "**/*.md",
        "sub/**",
        "*.{md,py}",
        "[a-b]*",
        "[!a-b]*",
        "?.py",
        ".*",
        "**/deep/*",
    ]
    globs += [
        "!*.md",
        "#x",
        "sub",
        "sub/",
        "**/c.md",
        "@(a|crlf).txt",
        "!(a|crlf).txt",
        "*(x|_)*",
        "a*t",
        "**.md",
        "",
        "s**",
    ]
    return [
        *(("read_text_file", {"path": path}) for path in (a, "a.txt", "./sub/../a.txt", f"{t}/inside", f"{t}//a.txt")),
        *(("read_text_file", {"path": path}) for path in (t, none, f"{a}/x", f"{t}/../x", "../x", "", "C:\\x", "a\0b")),
        *(("read_text_file", {"path": f"{t}/{name}"}) for name in ("crlf.txt", "binary.bin", "nothing.txt", "loop")),
        ("read_file", {"path": f"{t}/café.txt"}),
        ("read_file", {"path": f"{t}/ümläut 🙂.md"}),
        *(("read_text_file", {"path": a, "head": count}) for count in (1, 3, 100, 0, -1, 2.5)),
        *(("read_text_file", {"path": a, "tail": count}) for count in (1, 3, 100, 0, 2.5)),
        ("read_text_file", {"path": f"{t}/crlf.txt", "head": 2}),
        ("read_text_file", {"path": f"{t}/crlf.txt", "tail": 2}),
        ("read_text_file", {"path": f"{t}/nothing.txt", "tail": 2}),
        ("read_text_file", {"path": a, "head": 1, "tail": 1}),
        *(("read_media_file", {"path": f"{t}/{name}"}) for name in ("pixel.PNG", "binary.bin", "ümläut 🙂.md", "none")),
        ("read_multiple_files", {"paths": [a, none, "sub/b.md", "../x", t]}),
        *(("list_directory", {"path": path}) for path in (t, "sub", "empty", none, a)),
        *(("list_directory_with_sizes", {"path": t, **more}) for more in ({}, {"sortBy": "size"}, {"sortBy": "name"})),
        *(("directory_tree", {"path": path}) for path in (t, f"{t}/sub", ".", a, none)),
        *(
            ("directory_tree", {"path": t, "excludePatterns": [each]})
            for each in ("node_modules", "*.md", "deep/*", "**/deep")
        ),
        *(("search_files", {"path": t, "pattern": each}) for each in globs),
        ("search_files", {"path": t, "pattern": "**/*.md", "excludePatterns": ["sub/deep", ".hidden/**"]}),
        ("search_files", {"path": a, "pattern": "*"}),
        *(("get_file_info", {"path": path}) for path in (a, t, none)),
        ("list_allowed_directories", {}),
        # What does not fit the schema.
        ("read_file", {}),
        ("read_file", {"path": 5, "head": "x"}),
        ("read_file", {"path": None}),
        ("list_directory_with_sizes", {"path": t, "sortBy": "date"}),
        ("read_multiple_files", {"paths": []}),
        ("read_multiple_files", {"paths": ["a.txt", 1]}),
        ("edit_file", {"path": a, "edits": [{"oldText": 1}], "dryRun": "no"}),
        ("edit_file", {"path": a, "edits": {}}),
        ("no_such_tool", {}),
        *random_edits(a, 40),
        # What changes something.
        ("edit_file", {"path": a, "edits": [{"oldText": "two", "newText": "2"}], "dryRun": True}),
        (
            "edit_file",
            {"path": a, "edits": [{"oldText": "two", "newText": "zwei"}, {"oldText": "ten", "newText": "zehn"}]},
        ),
        ("edit_file", {"path": a, "edits": [{"oldText": "zwei\n\nthree", "newText": "  2\n\n      3\nmore"}]}),
        (
            "edit_file",
            {"path": a, "edits": [{"oldText": "twelve", "newText": "12\n"}, {"oldText": "one\n", "newText": ""}]},
        ),
        ("edit_file", {"path": a, "edits": []}),
        ("edit_file", {"path": a, "edits": [{"oldText": "", "newText": "first\n"}]}),
        ("edit_file", {"path": a, "edits": [{"oldText": "not there", "newText": "x"}]}),
        ("edit_file", {"path": f"{t}/fence.md", "edits": [{"oldText": "code", "newText": "$& more"}]}),
        ("edit_file", {"path": f"{t}/crlf.txt", "edits": [{"oldText": "two\r\n", "newText": "zwei\r\n"}]}),
        ("edit_file", {"path": none, "edits": []}),
        ("read_text_file", {"path": a}),
        ("write_file", {"path": f"{t}/new.txt", "content": "grüße\r\n🙂"}),
        ("write_file", {"path": "inside", "content": "through the link"}),
        ("write_file", {"path": none, "content": "x"}),
        ("write_file", {"path": f"{t}/sub", "content": "x"}),
        ("write_file", {"path": f"{t}/../out.txt", "content": "x"}),
        ("read_text_file", {"path": a}),
        ("create_directory", {"path": f"{t}/p/q/r"}),
        ("create_directory", {"path": f"{t}/p"}),
        ("create_directory", {"path": a}),
        ("move_file", {"source": f"{t}/new.txt", "destination": "p/moved.txt"}),
        ("move_file", {"source": f"{t}/p", "destination": f"{t}/sub"}),
        ("move_file", {"source": none, "destination": f"{t}/x"}),
        ("move_file", {"source": f"{t}/p", "destination": f"{t}/no/where"}),
        ("directory_tree", {"path": t}),
    ]


def random_edits(path: str, count: int) -> list[Call]:
    """Edits of a text whose lines repeat, so that there are many ways to tell the difference."""
    dice = random.Random(7)
    words = ["one", "  two", "", "    three", "four", "`", "}"]
    made: list[Call] = []
    for _ in range(count):
        old = dice.choice(TEXT.split("\n"))
        new = "\n".join(dice.choices(words, k=dice.randint(0, 6)))
        edits = [{"oldText": old, "newText": new}, {"oldText": "nine", "newText": dice.choice(words)}]
        made.append(("edit_file", {"path": path, "edits": edits, "dryRun": True}))
    return made


@asynccontextmanager
async def connected(entry: Entry, errors: Path) -> AsyncGenerator[Client]:
    parameters = StdioServerParameters(
        command=entry["command"], args=entry["args"], env={**os.environ, **entry.get("env", {})}
    )
    with errors.open("w") as stderr:
        async with Client(stdio_client(parameters, errlog=stderr)) as client:
            yield client


async def answers(client: Client, calls: list[Call]) -> list[tuple[str, bool, str, Any]]:
    """What a server says to each call, without what differs from run to run."""
    given = []
    for name, arguments in calls:
        result = await client.call_tool(name, arguments)
        blocks = [block.model_dump(exclude_none=True, by_alias=True) for block in result.content]
        text = json.dumps(blocks, ensure_ascii=False)
        text = re.sub(r"\.[0-9a-f]{32}\.tmp", ".TMP", re.sub(r"(created|accessed|modified): [^\\]*", r"\1: DATE", text))
        given.append((f"{name} {arguments}", result.is_error or False, text, result.structured_content is None))
    return given


def comparable(tool: Any) -> dict[str, Any]:
    """A listed tool without its words."""
    shown = tool.model_dump(by_alias=True, exclude_none=True)
    return {key: _wordless(shown.get(key)) for key in ("name", "title", "annotations", "inputSchema", "outputSchema")}


def _wordless(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _wordless(each) for key, each in value.items() if not (key == "description" and isinstance(each, str))
        }
    return [_wordless(each) for each in value] if isinstance(value, list) else value


@pytest.mark.npm
@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges there, and paths are written differently")
async def test_it_answers_as_the_official_server_does(tmp_path: Path) -> None:
    top = tmp_path / "files"
    heard = {}
    for who, entry in (
        ("official", npm_server("mcp-server-filesystem", str(top))),
        ("ours", python_server("lmbridge.testing.files", str(top))),
    ):
        furnish(top)
        async with connected(entry, tmp_path / f"{who}.stderr") as client:
            listed = [comparable(tool) for tool in (await client.list_tools()).tools]
            heard[who] = (listed, await answers(client, calls_for(top)))
    assert heard["ours"][0] == heard["official"][0]
    different = [pair for pair in zip(heard["official"][1], heard["ours"][1], strict=True) if pair[0] != pair[1]]
    assert not different, "\n".join(f"{official}\n{ours}\n" for official, ours in different)


async def test_it_works_in_both_eras_of_the_protocol(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("alpha")
    entry = python_server("lmbridge.testing.files", str(tmp_path))
    for mode in ("legacy", "2026-07-28"):
        parameters = StdioServerParameters(command=entry["command"], args=entry["args"])
        async with Client(parameters, mode=mode) as client:
            result = await client.call_tool("read_text_file", {"path": "a.txt"})
            assert result.structured_content == {"content": "alpha"}


async def test_it_ends_at_once_where_no_directory_can_be_used() -> None:
    for args, said in ((["/no/such/folder"], b"no such directory"), ([], b"usage")):
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lmbridge.testing.files", *args, stdin=pipe, stdout=pipe, stderr=pipe
        )
        out, err = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 1
        assert out == b""
        assert said in err


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory that nobody may touch, beside the allowed one."""
    secret = tmp_path / "files-of-others"
    secret.mkdir()
    (secret / "secret.txt").write_text("secret")
    return secret


@pytest.fixture
def do(tmp_path: Path) -> Callable[..., str]:
    """Make a call in the allowed directory and return its text, with `ERROR` before that of a failure."""
    (tmp_path / "files").mkdir()
    allowed = Allowed.of([str(tmp_path / "files")])

    def act(name: str, **arguments: Any) -> str:
        result = called(allowed, name, arguments)
        (block,) = result.content
        return ("ERROR " if result.is_error else "") + getattr(block, "text", str(block))

    return act


def snapshot(folder: Path) -> dict[str, str]:
    return {str(path): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges there")
def test_no_call_gets_out_by_dots_links_or_names_that_begin_alike(
    do: Callable[..., str], outside: Path, tmp_path: Path
) -> None:
    top = tmp_path / "files"
    (top / "own.txt").write_text("own")
    (top / "file").symlink_to(outside / "secret.txt")
    (top / "folder").symlink_to(outside)
    (top / "dangling").symlink_to(outside / "new.txt")
    before = snapshot(outside)
    ways_in = (
        "file",
        "folder/secret.txt",
        "../files-of-others/secret.txt",
        str(outside / "secret.txt"),
        "folder/../file",
    )
    for way in ways_in:
        for name, more in (
            ("read_text_file", {}),
            ("read_media_file", {}),
            ("get_file_info", {}),
            ("write_file", {"content": "x"}),
            ("edit_file", {"edits": [{"oldText": "secret", "newText": "x"}]}),
        ):
            assert do(name, path=way, **more).startswith("ERROR Access denied"), (name, way)
        assert do("move_file", source=way, destination="mine.txt").startswith("ERROR Access denied")
    for way in ("folder", "../files-of-others", str(outside), "..", "/"):
        for name in ("list_directory", "directory_tree", "list_directory_with_sizes"):
            assert do(name, path=way).startswith("ERROR Access denied"), (name, way)
        assert do("search_files", path=way, pattern="**").startswith("ERROR Access denied")
        assert do("create_directory", path=f"{way}/made").startswith("ERROR")
        assert do("move_file", source="own.txt", destination=f"{way}/own.txt").startswith("ERROR")
    assert do("write_file", path="dangling", content="x").startswith("ERROR Parent directory does not exist")
    assert "secret" not in do("read_multiple_files", paths=["file", "folder/secret.txt"]).replace("secret.txt", "")
    assert snapshot(outside) == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges there")
def test_looking_around_follows_no_link_out(do: Callable[..., str], outside: Path, tmp_path: Path) -> None:
    (tmp_path / "files" / "folder").symlink_to(outside)
    (tmp_path / "files" / "file").symlink_to(outside / "secret.txt")
    assert do("search_files", path=".", pattern="**") == "No matches found"
    assert "secret" not in do("directory_tree", path=".")
    sizes = do("list_directory_with_sizes", path=".")
    assert re.search(r"\[FILE\] file +0 B", sizes)
    assert "Combined size: 0 B" in sizes


def test_what_is_no_file_or_directory_is_no_allowed_directory(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert Allowed.of([str(tmp_path / "a.txt"), str(tmp_path / "none")]).directories == ()


@pytest.mark.parametrize(
    ("pattern", "fits", "not_fits"),
    [
        ("*.md", ["a.md", ".md"], ["a.txt", "sub/a.md"]),
        ("**/*.md", ["a.md", "x/y/a.md", ".x/a.md"], ["a.mdx"]),
        ("sub/**", ["sub/a", "sub/x/y"], ["sub", "other/a"]),
        ("{a,b}/*.{md,txt}", ["a/x.md", "b/y.txt"], ["c/x.md", "a/x.py"]),
        ("[!a-c]?", ["dx", "zz"], ["ax", "d"]),
        ("!*.md", ["a.txt"], ["a.md"]),
        ("a\\*b", ["a*b"], ["axb"]),
        ("\\{a,b}", ["{a,b}"], ["a", "b"]),
        ("a//b", ["a/b"], ["a", "b"]),
        ("[", ["["], ["x"]),
        ("{a", ["{a"], ["a"]),
    ],
)
def test_globs_mean_what_minimatch_means(pattern: str, fits: list[str], not_fits: list[str]) -> None:
    assert [path for path in fits if not matches(path, pattern)] == []
    assert [path for path in not_fits if matches(path, pattern)] == []


def test_a_diff_of_texts_that_have_little_in_common_is_whole_and_quick() -> None:
    before = "".join(f"line {number}\n" for number in range(4000))
    after = "".join(f"other {number}\n" if number % 7 else f"line {number}\n" for number in range(4000))
    shown = unified_diff(before, after, "f").splitlines()
    removed = [line[1:] for line in shown if line.startswith(("-", " "))][1:]
    added = [line[1:] for line in shown if line.startswith(("+", " "))][1:]
    assert "\n".join(removed) + "\n" == before
    assert "\n".join(added) + "\n" == after
