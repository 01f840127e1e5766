"""The names, addresses and keys of several backends: read from every place, and refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmbridge.errors import SettingsError
from lmbridge.observe.logging import settings_secrets
from lmbridge.settings import load, rows


def read(tmp_path: Path, toml: str = "", **variables: str):
    file = tmp_path / "config.toml"
    file.write_text(toml)
    return load({f"LMBRIDGE_{name}": value for name, value in variables.items()}, file=file)


def test_names_and_addresses_come_from_the_environment_or_from_a_list_or_table_of_the_file(tmp_path: Path):
    wanted = ("mac=http://mac.local:1234/v1", "pc=http://10.0.0.7:8080/v1")
    given = "mac=http://mac.local:1234, pc=http://10.0.0.7:8080/v1/"
    assert read(tmp_path, BACKENDS=given).backends == wanted
    assert read(tmp_path, 'backends = ["mac=http://mac.local:1234", "pc=http://10.0.0.7:8080"]').backends == wanted
    table = '[backends]\nmac = "http://mac.local:1234"\npc = "http://10.0.0.7:8080"\n'
    assert read(tmp_path, table).backends == wanted


def test_a_key_belongs_to_one_backend_and_is_never_shown(tmp_path: Path):
    settings = read(tmp_path, BACKENDS="mac=http://mac:1,pc=http://pc:1", BACKEND_KEYS="pc=sk-12=34")
    assert [each.token for each in settings.named_backends] == [None, "sk-12=34"]
    assert "sk-12" not in repr(settings) + str(settings.named_backends) + str(rows(settings))
    assert "sk-12=34" in settings_secrets(settings).values()
    table = '[backends]\nmac = "http://mac:1"\npc = "http://pc:1"\n[backend_keys]\npc = "a,b"\n'
    assert read(tmp_path, table).named_backends[1].token == "a,b"


def test_one_backend_is_what_the_base_url_is(tmp_path: Path):
    settings = read(tmp_path, BACKENDS="mac=http://mac:1", BACKEND_KEYS="mac=key")
    assert (settings.url, settings.token) == ("http://mac:1/v1", "key")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"BACKENDS": "mac=http://a:1,Mac=http://b:1"}, "the name 'mac' stands there twice"),
        ({"BACKENDS": "mac=http://a:1,pc=http://a:1/v1/"}, "mac and pc are the same address"),
        ({"BACKENDS": "mac=ftp://a"}, "'ftp://a' of mac is not a usable base URL: the scheme must be http or https"),
        ({"BACKENDS": "mac="}, "'' of mac is not a usable base URL"),
        ({"BACKENDS": "http://a:1"}, "a part of it has no '='"),
        ({"BACKENDS": "m c=http://a:1"}, "'m c' is no name of a backend"),
        ({"BACKENDS": "mac=http://me:secret@a:1"}, "use LMBRIDGE_BACKEND_KEYS"),
        ({"BACKENDS": "mac=http://a:1", "BACKEND_KEYS": "pc=secret"}, "no backend of that name (mac)"),
        ({"BACKEND_KEYS": "pc=secret"}, "no backend of that name (none)"),
        ({"BACKENDS": "mac=http://a:1", "BACKEND_KEYS": "mac="}, "the key of mac is empty"),
        ({"BACKENDS": "mac=http://a:1", "BACKEND": "embedded"}, "cannot go with backend = 'embedded'"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place_and_without_secrets(
    tmp_path: Path, variables: dict[str, str], told: str
):
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, **variables)
    assert told in str(raised.value)
    assert "LMBRIDGE_BACKEND" in str(raised.value)
    assert "secret" not in str(raised.value)
