"""`lmbridge engine`: the embedded llama.cpp engine as an endpoint, and the models it can run."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from lmbridge import platform
from lmbridge.cli.common import echo, json_option, print_json, remark, run_async, with_settings
from lmbridge.cli.table import Column, table, terminal_width
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.engine.catalog import ListedModel
    from lmbridge.engine.serving import Serving


@click.group()
def engine() -> None:
    """The embedded llama.cpp engine: serve it as an OpenAI-compatible endpoint, list and fetch models."""


@engine.command("serve")
@click.option("--model", metavar="FILE|NAME", help="GGUF file or known name; the demo model when left out.")
@click.option("--port", type=click.IntRange(0, 65535), default=1235, show_default=True, help="Port on 127.0.0.1.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, show_default=True, help="Requests at once.")
@click.option("--embedding", is_flag=True, help="Make embeddings as well.")
@with_settings
def engine_serve(settings: Settings, model: str | None, port: int, parallel: int, embedding: bool) -> int:
    """Serve a model until Ctrl-C; prints base URL, API key and model as one JSON line on stdout.

    The two lines that a shell needs to use it (base URL, key) go to stderr, and so does that it is loading.
    """
    from lmbridge.engine.serving import serve
    from lmbridge.observe import logging

    logging.configure(settings)
    remark(f"Loading {model or settings.engine_model or 'the demo model'} …")
    return run_async(serve(settings, model=model, port=port, parallel=parallel, embedding=embedding, tell=_tell))


def _tell(serving: Serving) -> None:
    click.echo(json.dumps(asdict(serving)))
    remark(f"Serving {serving.model}; Ctrl-C ends it. In the shell that is to use it:")
    for name, value in (("LMSTUDIO_BASE_URL", serving.base_url), ("LM_API_TOKEN", serving.key)):
        remark(f"set {name}={value}" if platform.WINDOWS else f"export {name}={shlex.quote(value)}")


@engine.command("list")
@json_option
@with_settings
def engine_list(settings: Settings, as_json: bool) -> int:
    """List the models the engine can run: those here, and those `pull` can fetch."""
    from lmbridge.engine.serving import listing

    lines = [_line(model) for model in listing(settings)]
    if as_json:
        print_json({"models": lines})
        return 0
    rows = [
        (line["name"], "yes" if line["here"] else "no", _size(line["gigabytes"]), line["licence"], line["why"])
        for line in lines
    ]
    for row in table(_COLUMNS, rows, terminal_width()):
        echo(row)
    return 0


_COLUMNS = (
    Column("model", least=20),
    Column("here"),
    Column("size", right=True),
    Column("licence", least=6, optional=True),
    Column("why", least=12, optional=True),
)


def _size(gigabytes: float | None) -> str:
    if not gigabytes:
        return "?"
    return f"{gigabytes:.2f} GB" if gigabytes >= 0.1 else f"{gigabytes * 1000:.1f} MB"


def _line(model: ListedModel) -> dict[str, Any]:
    size = model.size / 1e9 if model.size else (model.known.gigabytes if model.known else None)
    return {
        "name": model.name,
        "here": model.here,
        "path": str(model.path) if model.path else None,
        "gigabytes": size,
        "licence": model.licence,
        "why": model.why,
        "repository": model.known.repository if model.known else None,
    }


@engine.command("pull")
@click.argument("name")
@click.option("--hub", help="Address of the hub or of a mirror.")
@with_settings
def engine_pull(settings: Settings, name: str, hub: str | None) -> int:
    """Fetch the known model NAME, with progress; goes on where an earlier try was cut off."""
    return run_async(_pull(settings, name, hub))


async def _pull(settings: Settings, name: str, hub: str | None) -> int:
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from lmbridge.engine.catalog import HUB
    from lmbridge.engine.serving import PullProgress, pull

    err = Console(stderr=True)
    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(f"fetching {name}", total=None, visible=False)  # a refused name shows none

        def tell(at: PullProgress) -> None:
            doing = "checking" if at.checking else "fetching"
            progress.update(task, completed=at.done, total=at.total, description=f"{doing} {name}", visible=True)

        pulled = await pull(settings, name, hub=hub or HUB, tell=tell)
    if not pulled.checked:
        err.print("The hub named no checksum to compare with.")
    click.echo(str(pulled.path))
    err.print(f"Use it: LMBRIDGE_BACKEND=embedded LMBRIDGE_ENGINE_MODEL={name}", markup=False)
    return 0
