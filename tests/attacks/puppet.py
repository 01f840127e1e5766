"""A server that is what a file says, read anew at each request; it shows what it was started with, in any form that is asked for.

    python puppet.py FILE [WORDS…]

`FILE` is a JSON object: `tools`, as `tools/list` gives them, and `answers`, from a tool's name to its text; an answer that begins
with `!` is an error; `results`, from a tool's name to its whole result; `greeting`, what `initialize` answers beside the usual. The tool `show` takes `what`, a variable's name or the number of a word, and `form`.
"""

import base64
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, shifted": lambda text: base64.b64encode(b"x=" + text.encode()).decode(),
    "base64 for addresses, bare": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes((text * 3).encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "hex, upper case": lambda text: text.encode().hex().upper(),
    "hex with colons": lambda text: text.encode().hex(":"),
    "percent, all of it": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "decoded": unquote,
    "upper case": str.upper,
    "first half": lambda text: text[: len(text) // 2],
    "second half": lambda text: text[len(text) // 2 :],
    "as JSON's escapes": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "in quotation marks of the shell": lambda text: f"'{text}'",
    "with a blank in the middle": lambda text: f"{text[:9]} {text[9:]}",
    "base64 behind two more bytes": lambda text: base64.b64encode(b"id" + text.encode() + b";x").decode(),
    "hex with blanks, upper case": lambda text: text.encode().hex(" ").upper(),
    "base64 of base64": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "cases swapped": str.swapcase,
    "percent, small letters, half of it": lambda text: "".join(
        f"%{ord(sign):02x}" if n % 2 else sign for n, sign in enumerate(text)
    ),
    "second half in hex": lambda text: text[len(text) // 2 :].encode().hex(),
    "first half in base64": lambda text: base64.b64encode(text[: (len(text) // 2)].encode()).decode(),
    "as signs of a page": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "in a sentence, with its end": lambda text: f"The value is {text}, mind it.",
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base64 of letters of two bytes": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "octal escapes": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()),
    "escapes of bytes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "as a mail writes bytes": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "in groups of four": lambda text: "-".join(text[n : n + 4] for n in range(0, len(text), 4)),
    "broken into lines": lambda text: "\n".join(text[n : n + 6] for n in range(0, len(text), 6)),
}


def shown(what: str, form: str) -> str:
    text = sys.argv[int(what)] if what.isdigit() else os.environ[what]
    return FORMS[form](text)


def answered(asked: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if given["name"] in asked.get("results", {}):
        return asked["results"][given["name"]]
    arguments = given.get("arguments") or {}
    text = shown(**arguments) if given["name"] == "show" else asked.get("answers", {}).get(given["name"], "ok")
    return {"content": [{"type": "text", "text": text.removeprefix("!")}], "isError": text.startswith("!")}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        asked = json.loads(Path(sys.argv[1]).read_text())
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        match message.get("method"):
            case "initialize":
                info = {"name": "puppet", "version": "1"}
                answer["result"] = {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {"tools": {}},
                    "serverInfo": info,
                    **asked.get("greeting", {}),
                }
            case "tools/list":
                answer["result"] = {"tools": asked["tools"]}
            case "tools/call":
                answer["result"] = answered(asked, message["params"])
            case "ping":
                answer["result"] = {}
            case _:
                answer["error"] = {"code": -32601, "message": "no such method"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
