"""A hand-written server as beginners write them, run as a program: `naive_server.py WHAT`.

`answers_errors` and `answers_results` answer notifications too, as `message.get("id")` makes them; its tools hang
when told `hang`, send 400 notes of a log when told `burst`, and one of 3 MB when told `huge note`.
"""

import sys

from lmbridge.testing.faulty_server.protocol import Message, Server, text_result


def note(text: str) -> Message:
    return {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": text}}


class Naive(Server):
    def noticed(self, message: Message) -> None:
        if self.argument == "answers_errors":
            self.send({"jsonrpc": "2.0", "id": None, "error": {"code": -32601, "message": "Method not found"}})
        elif self.argument == "answers_results":
            self.send({"jsonrpc": "2.0", "id": None, "result": {}})

    def call(self, message: Message) -> None:
        match message["params"]["arguments"].get("text"):
            case "hang":
                token = message["params"]["_meta"]["progressToken"]
                params = {"progressToken": token, "progress": 0, "message": "hanging"}
                self.send({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
                return
            case "burst":
                for _ in range(400):
                    self.send(note("busy"))
            case "huge note":
                self.send(note("y" * 3 * 2**20))
            case "large":
                self.answer(message, text_result("z" * 4 * 2**20))
                return
        super().call(message)


if __name__ == "__main__":
    Naive(*sys.argv[1:]).serve()
