"""`lmbridge runs open`: starts the page on loopback and opens it in the browser."""

from __future__ import annotations

import contextlib
import webbrowser
from typing import TYPE_CHECKING

from lmbridge.cli.common import echo
from lmbridge.errors import UnknownRunError
from lmbridge.map.ids import is_map_id
from lmbridge.server.transport.page import serve_page
from lmbridge.server.transport.shutdown import leave_now

if TYPE_CHECKING:
    from lmbridge.observe.journal.journal import Journals
    from lmbridge.settings import Settings


def open_page(
    settings: Settings, journals: Journals, run_id: str | None, *, port: int, browser: bool, idle_s: float
) -> int:
    """Serves the page until nobody looks at it any more.

    Args:
        settings: The settings.
        journals: The runs.
        run_id: The run to open; what goes on now when None.
        port: On loopback; 0: a free one.
        browser: Whether to start one.
        idle_s: Seconds without a look after which it ends.

    Raises:
        InvalidArgumentsError: It is no run id.
        UnknownRunError: There is no such run.
        SettingsError: The port is taken.
    """
    if run_id and not is_map_id(run_id) and not journals.path(run_id).exists():
        raise UnknownRunError(f"There is no run {run_id}.", hint="`lmbridge runs list` shows what is kept.")

    def shown(for_browser: str, for_person: str) -> None:
        opened = False
        if browser:
            with contextlib.suppress(webbrowser.Error, OSError):
                opened = webbrowser.open(for_browser)
        told = (
            "The page is open in your browser; once more, elsewhere:" if opened else "Open this link, it is good once:"
        )
        echo(f"{told}\n  {for_person}\nCtrl-C ends it, as does {idle_s:g} s without a look.")

    path = f"/runs/{run_id}" if run_id else "/"
    quiet = settings.model_copy(update={"log_level": "warning"})
    leave_now(serve_page(quiet, port, path=path, idle_s=idle_s, shown=shown))
