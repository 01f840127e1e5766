"""What a server's refusal is, and how it is told in few words."""

from __future__ import annotations


class RefusedError(Exception):
    """What a remote server's HTTP side did with a request instead of answering it.

    Args:
        text: What happened, as the end of a sentence that begins with the server's name.
        sent: Whether the request may have been carried out.
        code: The code of the failure, where the server as a whole is concerned.
        repeat: Whether sending it again may help.
        wait_s: Seconds to wait before that.
        fatal: Whether the session is of no further use.
        status: The HTTP status, where there was one.
    """

    def __init__(
        self,
        text: str,
        *,
        sent: bool,
        code: str | None = None,
        repeat: bool = False,
        wait_s: float = 0.0,
        fatal: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(text)
        self.sent = sent
        self.code = code
        self.repeat = repeat
        self.wait_s = wait_s
        self.fatal = fatal
        self.status = status


def short(error: BaseException) -> str:
    """The first line of an error's text, cut."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200].rstrip(".")
