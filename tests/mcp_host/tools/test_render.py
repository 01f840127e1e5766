"""Every kind of content as the text that a model reads."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmbridge.mcp_host.tools.render import cleaned, rendered
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
    ]
    assert [(image.data, image.media_type) for image in shown.images] == [(PIXEL, "image/png")]
    assert "meta" not in shown.text
    assert "unused" not in shown.text
    assert not shown.failed


def test_structured_content_is_shown_where_no_text_says_it() -> None:
    assert text(structuredContent={"rows": [1]}) == '{\n  "rows": [\n    1\n  ]\n}'
    assert text({"type": "text", "text": "one row"}, structuredContent={"rows": [1]}) == "one row"


@pytest.mark.parametrize("raw", [{}, {"content": []}, {"content": None}, {"content": [{"type": "text", "text": ""}]}])
def test_an_empty_result_says_so(raw: dict[str, Any]) -> None:
    assert rendered(raw).text == "(no content)"


def test_a_failure_of_the_tool_is_told_apart() -> None:
    assert rendered({"content": [{"type": "text", "text": "no"}], "isError": True}).failed
    assert not rendered({"content": [{"type": "text", "text": "no"}], "isError": "false"}).failed


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
    rendered(raw).text.encode()


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
    rendered({"content": content}).text.encode()
