"""An argument `to` makes a tool one that reaches somebody only beside what somebody gets, or by the tool's own word."""

from __future__ import annotations

import pytest

from lmbridge.mcp_host.gate.labels import labels


@pytest.mark.parametrize(
    ("name", "arguments", "open_world"),
    [
        ("shift", ("event_id", "to"), None),
        ("set_state", ("key", "to"), None),
        ("transfer", ("from", "to", "amount"), None),
        ("write", ("to", "text"), True),
        ("send_template", ("to", "template_id"), True),
        ("note", ("channel", "id"), True),
        ("open", ("url",), True),
    ],
)
def test_who_gets_something_is_told_by_what_stands_beside(
    name: str, arguments: tuple[str, ...], open_world: bool | None
):
    schema = {"type": "object", "properties": {each: {"type": "string"} for each in arguments}}
    assert labels({"name": name, "inputSchema": schema}).open_world is open_world
