"""What servers in the field answer, played over the whole bridge: the model sees it whole, and nothing vouches for a failure."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from lmbridge.testing import call, say
from support.stubs import Played, carried_out, played, stub, tool

CASES = Path(__file__).parent.parent / "data" / "field"
PATH = {"type": "string"}


def case(name: str) -> dict[str, Any]:
    """A case rebuilt from a public report (tests/data/field/README.md)."""
    return dict(json.loads((CASES / f"{name}.result.json").read_text()))


async def play(folder: Path, name: str) -> Played:
    made = case(name)
    kind = made["tool"]["name"]
    server = stub(folder, [made["tool"]], results={kind: made["result"]})
    return await played(folder, {"s": server}, call(kind, **made["arguments"]), say(made["answer"]))


async def answered(folder: Path, result: Any, answer: str = "Seen.", *, reads: bool = True) -> Played:
    """A run whose only tool answers this."""
    server = stub(folder, [tool("act", reads=reads, path=PATH)], results={"act": result})
    return await played(folder, {"s": server}, call("act", path="a.txt"), say(answer))


async def test_data_beside_a_summary_reach_the_model(tmp_path: Path) -> None:
    [told] = (await play(tmp_path, "summary_and_structured")).told
    assert "list_projects returned 2 item(s)." in told
    assert all(each in told for each in ("p1", "alpha", "p2", "beta"))


async def test_data_without_text_reach_the_model(tmp_path: Path) -> None:
    [told] = (await play(tmp_path, "only_structured")).told
    assert json.loads(told) == {"total": 36}


async def test_a_result_without_content_is_told_as_such_with_what_came(tmp_path: Path) -> None:
    [told] = (await play(tmp_path, "no_content_key")).told
    assert "no `content`" in told
    assert json.loads(told.partition("\n")[2]) == {"rows": [1, 2, 3]}


async def test_items_of_a_content_in_place_of_a_result_reach_the_model(tmp_path: Path) -> None:
    made = await answered(tmp_path, [{"type": "text", "text": "x"}])
    assert (made.told, made.report.status) == (["x"], "done")


async def test_a_failure_without_words_is_told_as_a_failure(tmp_path: Path) -> None:
    made = await play(tmp_path, "flag_without_text")
    assert "failed" in made.told[0]
    assert "does not say why" in made.told[0]
    assert [write.outcome for write in made.report.writes] == ["error"]


async def test_a_failure_whose_words_do_not_say_so_is_told_as_one(tmp_path: Path) -> None:
    flagged = {"content": [{"type": "text", "text": "a.txt"}], "isError": True}
    [told] = (await answered(tmp_path, flagged)).told
    assert told.startswith("The call failed.")
    assert told.endswith("a.txt")


async def test_a_write_whose_result_reads_like_a_failure_is_not_vouched_for(tmp_path: Path) -> None:
    made = await play(tmp_path, "error_text_without_flag")
    assert [write.outcome for write in made.report.writes] == ["ok"]
    assert any("reads like a failure" in warning and "permission denied" in warning for warning in made.report.warnings)
    assert any("I wrote a.txt" in warning for warning in made.report.warnings)


FAILURES = [
    '{"success": false, "message": "quota"}',
    '{"ok": false}',
    '{"status": "error", "detail": "locked"}',
    '{"error": {"code": 7}}',
    '[{"success": true}, {"success": false}]',
    '{"result": "Error: locked"}',
    "Database error: no such table: t",
    "Failed to write a.txt",
    "❌ Could not save",
    "ValueError: bad",
    "a.txt does not exist",
    "Permission denied",
    "Command finished.\nExit code: 1",
    "Error executing tool act: locked",
    "Sorry, a.txt could not be written.",
    "I was unable to write it.",
    "No space left on device",
    '{"code": 403, "message": "Forbidden"}',
    '{"code": -1, "msg": "permission denied"}',
]


@pytest.mark.parametrize("text", FAILURES)
async def test_whatever_form_a_server_gives_a_failure_a_claim_is_not_backed_by_it(tmp_path: Path, text: str) -> None:
    made = await answered(tmp_path, {"content": [{"type": "text", "text": text}]}, "I have saved `a.txt`.", reads=False)
    assert any("reads like a failure" in warning for warning in made.report.warnings)
    assert any(warning.startswith("The answer says") for warning in made.report.warnings)


async def test_a_failure_that_stands_in_the_structured_content_alone_is_seen(tmp_path: Path) -> None:
    result = {
        "content": [{"type": "text", "text": "Done."}],
        "structuredContent": {"success": False, "reason": "quota"},
    }
    made = await answered(tmp_path, result, "I have saved `a.txt`.", reads=False)
    assert any("reads like a failure" in warning for warning in made.report.warnings)


@pytest.mark.parametrize(
    "text",
    [
        "Successfully wrote to a.txt",
        "Wrote 5 bytes to error.log",
        '{"success": true, "errors": []}',
        '{"error": null, "id": 3}',
        "Added error handling to a.txt",
        "12 passed, 0 failed",
        "Sorry for the delay; wrote a.txt.",
        "No errors. Wrote a.txt",
        '{"code": 200, "message": "ok"}',
        '{"code": 404, "name": "Area"}',
    ],
)
async def test_a_success_is_vouched_for_whatever_words_are_in_it(tmp_path: Path, text: str) -> None:
    made = await answered(tmp_path, {"content": [{"type": "text", "text": text}]}, "I have saved `a.txt`.", reads=False)
    assert made.report.warnings == ()


@pytest.mark.parametrize("text", ["[{'affected_rows': 0}]", "0 rows affected", "UPDATE 0", '{"modifiedCount": 0}'])
async def test_a_write_that_found_nothing_to_change_backs_no_claim(tmp_path: Path, text: str) -> None:
    made = await answered(
        tmp_path, {"content": [{"type": "text", "text": text}]}, "I have updated `a.txt`.", reads=False
    )
    assert any("no result of a call says so" in warning for warning in made.report.warnings)


async def test_a_write_whose_answer_cannot_be_read_is_unknown_with_a_warning(tmp_path: Path) -> None:
    server = stub(tmp_path, [tool("act")], lines={"act": '{"jsonrpc": "2.0", "id": ID, "result": {"content": ['})
    made = await played(tmp_path, {"s": server}, call("act"), say("I have saved it."))
    assert [write.outcome for write in made.report.writes] == ["unknown"]
    assert any("unknown whether s__act was carried out" in warning for warning in made.report.warnings)
    assert "unknown whether it was carried out" in made.told[0]
    assert len(carried_out(tmp_path)) == 1


async def test_the_data_of_a_json_rpc_error_reach_the_model(tmp_path: Path) -> None:
    error = {"code": -32602, "message": "Invalid params:\n  path: required", "data": {"allowed": ["/srv/a"]}}
    server = stub(tmp_path, [tool("act")], errors={"act": error})
    [told] = (await played(tmp_path, {"s": server}, call("act"), say("No."))).told
    assert "path: required" in told
    assert "/srv/a" in told


async def test_a_run_whose_every_call_failed_says_so(tmp_path: Path) -> None:
    server = stub(tmp_path, [tool("act", reads=True)], errors={"act": {"code": -32000, "message": "down"}})
    made = await played(tmp_path, {"s": server}, call("act"), call("act", again=1), say("All is well."))
    assert any("calls of this run failed" in warning for warning in made.report.warnings)


@pytest.mark.parametrize("name", ["draft4_bounds", "dotnet_union_items", "no_properties"])
async def test_tools_with_schemas_of_other_generators_are_offered_plainly_and_called(tmp_path: Path, name: str) -> None:
    made = await play(tmp_path, name)
    assert carried_out(tmp_path) == [(case(name)["tool"]["name"], case(name)["arguments"])]
    sent = made.offered[0]
    assert sent["function"]["name"] == case(name)["tool"]["name"]
    assert not any(isinstance(kind, list) for kind in types_in(sent["function"]["parameters"]))
    assert '"exclusiveMinimum": true' not in json.dumps(sent)


def types_in(schema: Any) -> list[Any]:
    """Every `type` of a schema."""
    if isinstance(schema, list):
        return [found for item in schema for found in types_in(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["type"]] if "type" in schema and not isinstance(schema["type"], dict) else []
    return own + [found for value in schema.values() for found in types_in(value)]


async def test_source_in_a_blob_reaches_the_model_as_text(tmp_path: Path) -> None:
    blob = base64.b64encode(b"key: value\nlist:\n  - one\n").decode()
    resource = {"uri": "file:///a.yaml", "blob": blob, "mimeType": "application/yaml"}
    [told] = (await answered(tmp_path, {"content": [{"type": "resource", "resource": resource}]})).told
    assert told == "[resource file:///a.yaml]\nkey: value\nlist:\n  - one\n"


async def test_an_empty_file_is_told_as_empty_and_not_as_json(tmp_path: Path) -> None:
    result = {"content": [{"type": "text", "text": ""}], "structuredContent": {"content": ""}}
    assert (await answered(tmp_path, result)).told == ["(empty)"]


async def test_every_server_that_fails_is_in_the_report_also_when_none_is_left(tmp_path: Path) -> None:
    servers = {"one": {"command": "no-such-program"}, "two": {"command": "no-such-other"}}
    report = (await played(tmp_path, servers, say("Never."))).report
    assert report.status == "failed"
    assert [(line.name, line.status) for line in report.servers] == [("one", "failed"), ("two", "failed")]
    assert all(any(f"'{name}'" in warning for warning in report.warnings) for name in servers)


@pytest.mark.parametrize(
    ("result", "shown"), [("[1, 2, 77]", "a list instead of a result: [1, 2, 77]"), ('"77 rows"', "77 rows")]
)
async def test_what_came_in_place_of_a_result_is_shown(tmp_path: Path, result: str, shown: str) -> None:
    server = stub(
        tmp_path, [tool("act", reads=True)], lines={"act": f'{{"jsonrpc": "2.0", "id": ID, "result": {result}}}'}
    )
    [told] = (await played(tmp_path, {"s": server}, call("act"), say("No."))).told
    assert shown in told
