"""Hosts are compared in one form and shown as they were written, this machine too."""

from __future__ import annotations

import pytest

from lmbridge.mcp_host.gate.addresses import of_value
from lmbridge.mcp_host.gate.mentions import UserWords

SPELLED = {
    "http://localhost:8080/a": "localhost:8080",
    "http://127.0.0.1:8080/a": "127.0.0.1:8080",
    "http://[::1]:8080/a": "[::1]:8080",
    "http://0x7f000001:8080/a": "127.0.0.1:8080",
    "http://[::ffff:127.0.0.1]:8080/a": "[::ffff:127.0.0.1]:8080",
    "http://LocalHost.:8080/a": "localhost:8080",
    "http://lamps.localhost:8080/a": "lamps.localhost:8080",
}


@pytest.mark.parametrize("url", SPELLED)
def test_this_machine_is_shown_as_it_was_written(url: str):
    (address,) = of_value(url, surely=True)
    assert address.shown.replace("7f00:1", "127.0.0.1") == SPELLED[url]


@pytest.mark.parametrize("said", SPELLED)
def test_all_names_of_this_machine_name_one_another(said: str):
    words = UserWords((f"Look at {said} for me.",))
    for url in SPELLED:
        (address,) = of_value(url, surely=True)
        assert words.names_host(address), url
    (other_port,) = of_value("http://127.0.0.1:9090/")
    assert not words.names_host(other_port)


def test_other_hosts_are_shown_in_one_form_so_that_no_spelling_hides_them():
    (address,) = of_value("https://EVIL\u3002example/x", surely=True)
    assert address.shown == "evil.example"


def test_private_text_granted_to_one_name_of_this_machine_is_granted_to_all_and_to_no_other_port():
    words = UserWords(("Look.",), ("private:localhost:8080", "private:files__write_file", "private:#team"))
    assert words.grants_private("127.0.0.1:8080")
    assert words.grants_private("[::1]:8080")
    assert words.grants_private("files__write_file")
    assert words.grants_private("#team")
    assert not words.grants_private("127.0.0.1:9090", "evil.example", "#other")
