"""Every kind of content as the text that a model reads."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmbridge.mcp_host.tools.render import cleaned, rendered
from lmbridge.mcp_host.tools.reported_failure import reported_failure
from lmbridge.testing.faulty_server.calling_faults import AllContent
from lmbridge.testing.faulty_server.protocol import PIXEL


def text(*content: Any, **more: Any) -> str:
    return rendered({"content": list(content), **more}).text


def test_every_kind_of_content_is_shown_in_its_order() -> None:
    shown = rendered(AllContent().result("echo", {}))
    assert shown.text.splitlines() == [
        "first red",
        "[picture, image/png, 1 kB]",
        "[audio, audio/wav, 1 kB; it cannot be played here]",
        "[resource file:///a.txt]",
        "in a file",
        "[resource file:///a.bin, application/zip, 1 kB; its bytes cannot be shown]",
        "[resource b: file:///b.txt (another file)]",
        "{",
        '  "type": "hologram",',
        '  "depth": 3',
        "}",
        "bare text",
        "last",
        "[structured content]",
        "{",
        '  "unused": true',
        "}",
    ]
    assert [(image.data, image.media_type) for image in shown.images] == [(PIXEL, "image/png")]
    assert "meta" not in shown.text
    assert not shown.failed


ROWS = {"rows": [{"id": number, "name": f"the name of {number}"} for number in range(30)]}
SAME = [
    # the text items of a result, and structured content that says no more
    (['{"total": 36}'], {"total": 36}),
    (['{\n  "a": [1, 2]\n}'], {"a": [1, 2]}),
    (["36"], {"result": 36}),
    (["True"], {"result": True}),
    (["plain"], {"result": "plain"}),
    (["whole file\n"], {"content": "whole file\n"}),
    (["one", "two"], {"result": ["one", "two"]}),
    (['{"id": 1}', '{"id": 2}'], {"result": [{"id": 1}, {"id": 2}]}),
    (['Found these:\n{"id": 1, "tags": ["x"]}'], {"id": 1, "tags": ["x"]}),
    (["\n".join(f"| {row['id']} | {row['name']} |" for row in ROWS["rows"])], ROWS),
    (["done"], {}),
    (["done"], {"content": ""}),
]
MORE = [
    (["one row"], {"rows": [1]}),
    (["list_projects returned 2 item(s)."], {"projects": [{"id": "p1"}, {"id": "p2"}]}),
    (["Found 12 results."], {"ids": [12]}),
    (["30 rows were found."], ROWS),
    (["1"], {"ok": True}),
    (["a"], {"result": ["a", "b"]}),
    (["done"], {"stdout": "", "code": 0}),
]


@pytest.mark.parametrize(("texts", "data"), SAME)
def test_structured_content_that_the_text_says_too_is_shown_once(texts: list[str], data: Any) -> None:
    shown = text(*({"type": "text", "text": each} for each in texts), structuredContent=data)
    assert shown == "\n".join(texts)


@pytest.mark.parametrize(("texts", "data"), MORE)
def test_structured_content_is_shown_where_no_text_says_the_same(texts: list[str], data: Any) -> None:
    shown = text(*({"type": "text", "text": each} for each in texts), structuredContent=data)
    said, _, rest = shown.partition("\n[structured content]\n")
    assert (said, json.loads(rest)) == ("\n".join(texts), data)


def test_structured_content_alone_is_shown_as_json() -> None:
    assert text(structuredContent={"rows": [1]}) == '{\n  "rows": [\n    1\n  ]\n}'
    assert rendered({"content": [], "structured_content": {"rows": [1]}}).text == text(structuredContent={"rows": [1]})


@pytest.mark.parametrize("data", [{"content": ""}, {"content": []}, {"result": None}, {"text": "  "}, {}])
def test_an_empty_value_is_told_as_empty(data: Any) -> None:
    assert text({"type": "text", "text": ""}, structuredContent=data) == "(empty)"
    assert text(structuredContent=data) == "(empty)"


@pytest.mark.parametrize(
    ("kind", "data", "shown"),
    [
        ("text/plain", b"plain", "plain"),
        ("text/plain; charset=iso-8859-1", "gr\u00fcn".encode("latin-1"), "gr\u00fcn"),
        ("text/csv", "a;\u20ac".encode("cp1252"), "a;\u20ac"),
        ("application/json", b'{"a": 1}', '{"a": 1}'),
        ("application/vnd.api+json; charset=utf-8", b"[]", "[]"),
        ("image/svg+xml", b"<svg/>", "<svg/>"),
        ("application/x-python", b"print()", "print()"),
        ("application/octet-stream", "na\u00efve".encode(), "na\u00efve"),
        ("", b"no type", "no type"),
        ("text/plain", "\ufeffmarked".encode(), "marked"),
        ("text/plain", "wide".encode("utf-16"), "wide"),
    ],
)
def test_text_in_a_blob_is_text(kind: str, data: bytes, shown: str) -> None:
    blob = {"uri": "file:///x", "blob": base64.b64encode(data).decode(), "mimeType": kind}
    assert text({"type": "resource", "resource": blob}) == f"[resource file:///x]\n{shown}"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/octet-stream", b"\x00\x01\x02"),
        ("application/pdf", b"%PDF-1.7 looks like text"),
        ("application/zip", b"PK plain"),
        ("audio/wav", b"RIFF"),
        ("", b"\xff\xfe\xfd"),
    ],
)
def test_bytes_in_a_blob_are_not_shown(kind: str, data: bytes) -> None:
    blob = {"uri": "file:///x", "blob": base64.b64encode(data).decode(), "mimeType": kind}
    assert "cannot be shown" in text({"type": "resource", "resource": blob})


def test_a_picture_with_parameters_or_a_data_uri_is_a_picture() -> None:
    given_image = {"type": "image", "data": f"data:image/png;base64,{PIXEL}", "mimeType": "image/PNG; q=1"}
    [image] = rendered({"content": [given_image]}).images
    assert (image.data, image.media_type) == (PIXEL, "image/png")


@pytest.mark.parametrize("raw", [{}, {"content": []}, {"content": None}, {"content": [{"type": "text", "text": ""}]}])
def test_an_empty_result_says_so(raw: dict[str, Any]) -> None:
    assert rendered(raw).text == "(no content)"


def test_a_failure_of_the_tool_is_told_apart() -> None:
    assert rendered({"content": [{"type": "text", "text": "no"}], "isError": True}).failed
    assert not rendered({"content": [{"type": "text", "text": "no"}], "isError": "false"}).failed
    assert rendered({"content": [], "isError": "true"}).failed
    assert rendered({"content": [], "is_error": True}).failed


@pytest.mark.parametrize(
    "result", [{}, {"content": []}, {"content": [{"type": "text", "text": " "}]}, {"content": None}]
)
def test_a_failure_without_words_says_that_it_is_one(result: dict[str, Any]) -> None:
    assert rendered({**result, "isError": True}).text == "The call failed, and the server does not say why."


@pytest.mark.parametrize("words", ["Error: no", "Permission denied", '{"success": false}'])
def test_a_failure_that_says_so_is_shown_in_its_own_words(words: str) -> None:
    assert text({"type": "text", "text": words}, isError=True) == words


def test_a_tool_that_asks_for_more_input_has_failed() -> None:
    assert rendered({"resultType": "input_required", "inputRequests": {}}).failed


def test_a_picture_of_an_unknown_kind_is_told_with_its_size() -> None:
    shown = rendered({"content": [{"type": "image", "data": "A" * 4 * 2**20, "mimeType": "image/x-odd"}]})
    assert (shown.text, shown.images) == ("[picture, image/x-odd, 3.0 MB; it cannot be shown]", ())


def test_a_picture_in_a_resource_is_a_picture() -> None:
    blob = {"type": "resource", "resource": {"uri": "ui://chart", "blob": PIXEL, "mimeType": "image/png"}}
    assert len(rendered({"content": [blob]}).images) == 1


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("safe\u202eevil", "safeevil"),
        ("hidden" + "".join(chr(0xE0000 + ord(c)) for c in "order"), "hidden"),
        ("half \ud800 pair", "half  pair"),
        ("one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        ("👩\u200d👩\u200d👧 naïve 数据", "👩\u200d👩\u200d👧 naïve 数据"),
    ],
)
def test_control_and_hidden_characters_are_taken_out_and_nothing_else(given_text: str, shown: str) -> None:
    assert cleaned(given_text) == shown


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["content", "structuredContent", "isError", "x"]), JSON))
def test_nothing_that_a_server_answers_makes_showing_it_fail(raw: dict[str, Any]) -> None:
    shown = rendered(raw).text
    assert shown.encode().decode() == shown
    assert cleaned(shown) == shown


@settings(max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["text", "image", "audio", "resource", "resource_link", "odd"])},
            optional=dict.fromkeys(("text", "data", "mimeType", "resource", "uri", "name", "title"), JSON),
        )
    )
)
def test_no_content_item_however_odd_makes_showing_it_fail(content: list[Any]) -> None:
    shown = rendered({"content": content}).text
    assert shown.encode().decode() == shown
    assert cleaned(shown) == shown


def test_items_that_stand_in_the_structured_content_as_well_are_shown_once() -> None:
    """server-filesystem 2026.10: `read_media_file` gives its blob twice."""
    items = [
        {
            "type": "resource",
            "resource": {"uri": "file:///a.log", "mimeType": "application/octet-stream", "blob": "AAEC"},
        }
    ]
    shown = text(*items, structuredContent={"content": items})
    assert "AAEC" not in shown
    assert "structured" not in shown


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ({"type": "text", "text": 5}, "5"),
        ({"type": "text", "text": 0}, "0"),
        ({"type": "text", "text": False}, "false"),
        ({"type": "text", "text": {"a": 1}}, '{\n  "a": 1\n}'),
        ({"type": "text", "text": ["a"]}, '[\n  "a"\n]'),
        ({"type": "text", "value": "hi"}, "hi"),
        ({"type": "text", "content": "hi", "annotations": {"priority": 1}}, "hi"),
        ({"type": "text", "lines": 2, "words": 3}, '{\n  "lines": 2,\n  "words": 3\n}'),
        ({"type": "Text", "text": "hi"}, "hi"),
        ({"text": "hi"}, "hi"),
        ({"type": "text", "text": None}, "(no content)"),
    ],
)
def test_a_text_that_is_none_is_shown_as_what_came_in_its_place(item: dict[str, Any], shown: str) -> None:
    assert text(item) == shown


@pytest.mark.parametrize("flag", [{"isError": 1}, {"isError": "yes"}, {"iserror": True}, {"IsError": "True"}])
def test_the_flag_of_a_failure_counts_however_it_is_written(flag: dict[str, Any]) -> None:
    shown = rendered({"content": [{"type": "text", "text": "boom"}], **flag})
    assert (shown.failed, shown.text) == (True, "The call failed. The server says:\nboom")


def test_an_error_beside_content_is_shown_and_read_as_one() -> None:
    result = {"content": [{"type": "text", "text": "ok"}], "error": "disk full"}
    assert rendered(result).text == 'ok\n[the result has an `error` beside its content]\n{\n  "error": "disk full"\n}'
    assert reported_failure(rendered(result).text) == "error: disk full"
    assert rendered({**result, "error": None}).text == "ok"


FAILED = [
    "Die Datei wurde nicht gefunden.", "Zugriff verweigert", "Error al escribir el archivo", "Échec de l'écriture", "Accès refusé",
    "Acceso denegado", "Errore: file non trovato", "Fout: bestand niet gevonden", "文件不存在", "写入失败", "ファイルが見つかりません", "Success: false",
    "success=false", "status: error", "Unsuccessful", "Rate limit exceeded", "Too many requests", "Session has expired", "Login required",
    "Not logged in", "Cancelled", "User declined", "1 validation error for Path", "[Errno 2] No such file or directory", "Segmentation fault",
    '{"ok": 0}', '{"success": 0, "id": 3}', "The file is locked by another process",
]  # fmt: skip
FINE = [
    "Success: true", "success=1", "status: ok", "Cancelled event 5.", "Declined the invitation.", "Rate limit: 5 a minute", "2 errors fixed",
    "Die Datei wurde geschrieben.", "文件已写入", '{"ok": 1}', '{"success": true, "failed": 0}', "El archivo existe.", "Error-free.",
    "Session 5 created", "Login page updated",
]  # fmt: skip


@pytest.mark.parametrize("words", FAILED)
def test_a_failure_that_only_words_tell_is_read_in_more_than_one_language(words: str) -> None:
    assert reported_failure(words)


@pytest.mark.parametrize("words", FINE)
def test_a_success_is_not_read_as_a_failure(words: str) -> None:
    assert reported_failure(words) is None


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        (["a\nb", "c"], "a\nb\n\nc"),
        (["a\nb\n", "c\n"], "a\nb\n\nc"),
        (["a", "b", "c"], "a\nb\nc"),
        (["a\n", "b\n"], "a\n\nb\n"),
        (["a\nb"], "a\nb"),
    ],
)
def test_texts_of_several_lines_are_kept_apart(items: list[str], shown: str) -> None:
    """The Python SDK (mcp 2.3.0) makes a text of each entry of a list that a tool returns."""
    assert text(*({"type": "text", "text": each} for each in items)) == shown
